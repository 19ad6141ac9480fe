"""The card in a worker's folder, as model hubs read it: made from the worker's record, whatever
its kind.

The record is what training knows: no clock, no host and no path, so that a worker trained again
has the same card, byte for byte.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tahdhib.store.shards import write_json, write_text
from tahdhib.text.markdown import code, table

RECORD = "card.json"
CARD = "README.md"

HUB_LICENCES = frozenset(
    [
        "apache-2.0",
        "bsd-3-clause",
        "cc0-1.0",
        "cc-by-3.0",
        "cc-by-4.0",
        "cc-by-sa-3.0",
        "cc-by-sa-4.0",
        "cc-by-nc-4.0",
        "cc-by-nc-sa-4.0",
        "gfdl",
        "mit",
        "odc-by",
        "openrail",
        "pddl",
    ]
)
"""Licences by the names that model hubs know, as far as texts carry them."""

_OTHER = "other"
"""What a hub calls a licence that is none of its list."""


class Way(NamedTuple):
    """One way to open the folder: with what, and the code, in which FOLDER stands for it."""

    title: str
    language: str
    code: str


class Kind(NamedTuple):
    """What all workers of a kind share: a sentence on what they do, the task that hubs file them
    under, the ways to open one, and what it cannot do."""

    says: str
    task: str
    tags: Sequence[str]
    ways: Sequence[Way]
    limits: Sequence[str]


_LIMITS = (
    "It makes the edits of its teachers, mistakes included: the figures above say how often it "
    "agrees with them, not how often either is right.",
    "They are of pairs like those that it learned from. On other text, and in other languages, "
    "nothing is known of it.",
    "Nothing that it writes should replace its source unread: a run sends every rewrite through a "
    "gate, and `tahdhib polish` shows what that says.",
)


def write_card(folder: Path, record: Mapping[str, Any], kind: Kind) -> None:
    """Write the record, and the card that is made from it, beside the weights."""
    write_json(folder / RECORD, record)
    write_text(folder / CARD, readme(record, kind))


def readme(record: Mapping[str, Any], kind: Kind) -> str:
    """The card as Markdown, its front matter as hubs read it.

    Of the record it reads `kind`, `version`, `conduct` (name, version), `conduct_hash`,
    `pairs_hash`, `pairs` (number by part), `drops` (number by reason), `languages` (share of the
    pairs), `licences` (pairs by licence), `settings`, `seed`, `threads`, `parameters`, `held_out`
    (by teacher: `pairs` and measures, each an interval or None) and, where there was one, `base`
    (`name`, `revision`). What is missing is left out.
    """
    sections = (
        ("What it was made from", _origin(record)),
        ("Licences", _licences(record.get("licences", {}))),
        ("Training", _settings(record)),
        ("On pairs that it never saw", _held_out(record.get("held_out", {}))),
        ("How to open it", _ways(kind.ways)),
        ("Known limits", (f"- {limit}" for limit in (*kind.limits, *_LIMITS))),
    )
    lines = [*_front_matter(record, kind), f"# Alignment worker: {record['kind']}", "", kind.says]
    for title, section in sections:
        lines += ["", f"## {title}", "", *section]
    return "\n".join(lines) + "\n"


def _front_matter(record: Mapping[str, Any], kind: Kind) -> Iterator[str]:
    yield "---"
    languages = sorted(record.get("languages", {}))
    if languages:
        yield from ("language:", *(f"  - {language}" for language in languages))
    licence = _licence(record.get("licences", {}))
    yield f"license: {licence}"
    if licence == _OTHER:
        yield "license_name: by-pair"
    yield "library_name: tahdhib"
    yield f"pipeline_tag: {kind.task}"
    if record.get("base"):
        yield f"base_model: {record['base']['name']}"
    yield from ("tags:", *(f"  - {tag}" for tag in ("tahdhib", "native-alignment", *kind.tags)))
    yield from ("---", "")


def _licence(licences: Mapping[str, int]) -> str:
    """The one licence of all pairs as a hub writes it, or that there are several."""
    names = {name.lower() for name in licences}
    return names.pop() if len(names) == 1 and names <= HUB_LICENCES else _OTHER


def _origin(record: Mapping[str, Any]) -> Iterator[str]:
    parts = ", ".join(f"{count:,} {part}" for part, count in _commonest(record.get("pairs", {})))
    drops = ", ".join(f"{name} {count:,}" for name, count in _commonest(record.get("drops", {})))
    conduct = record.get("conduct", {})
    base = record.get("base")
    shares = _commonest(record.get("languages", {}))
    facts = {
        "pairs": parts.replace("_", " "),
        "left out": drops.replace("_", " "),
        "their languages": ", ".join(f"{language} {share:.0%}" for language, share in shares),
        "their hash": code(record.get("pairs_hash")),
        "code of conduct": f"{conduct['name']}, version {conduct['version']}" if conduct else "",
        "its hash": code(record.get("conduct_hash")),
        "started from": f"{base['name']} at {base['revision']}" if base else "",
        "parameters": f"{record['parameters']:,}" if "parameters" in record else "",
        "Tahdhib": record.get("version", ""),
    }
    yield from table(("", ""), [(name, text) for name, text in facts.items() if text])


def _commonest(counts: Mapping[str, float]) -> list[tuple[str, Any]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _licences(licences: Mapping[str, int]) -> Iterator[str]:
    if not licences:
        yield "Nothing is known of the licences of the pairs."
        return
    yield from table(
        ("licence of the text", "pairs"),
        [(code(name), f"{count:,}") for name, count in _commonest(licences)],
        numbers=1,
    )
    yield ""
    yield (
        "The weights were made from these texts, each under its own licence; `unknown` is text "
        "whose source states none. What that asks of whoever passes the weights on is theirs to "
        "judge."
    )


def _settings(record: Mapping[str, Any]) -> Iterator[str]:
    settings = dict(sorted(record.get("settings", {}).items()))
    settings |= {name: record.get(name) for name in ("seed", "threads")}
    rows = [(f"`{name}`", f"`{value}`") for name, value in settings.items() if value is not None]
    yield from table(("setting", "value"), rows)


def _held_out(held_out: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    if not held_out:
        yield "Nothing was held out."
        return
    measures = sorted(
        {name for one in held_out.values() for name, value in one.items() if _is_interval(value)}
    )
    rows = [
        (teacher, f"{one['pairs']:,}", *(interval_text(one.get(name)) for name in measures))
        for teacher, one in sorted(held_out.items())
    ]
    yield from table(("teacher", "pairs", *measures), rows, numbers=1 + len(measures))
    yield ""
    yield "Each figure with its 95 % interval, and of how many edits or pairs it is the figure."


def _is_interval(value: object) -> bool:
    return isinstance(value, Mapping) and {"estimate", "low", "high", "n"} <= value.keys()


def interval_text(one: Mapping[str, Any] | None) -> str:
    """A figure with its interval (`estimate`, `low`, `high`, `n`) and that it is rough, if so."""
    if one is None:
        return "–"
    figures = f"{one['estimate']:.3f} ({one['low']:.3f} to {one['high']:.3f}), n = {one['n']:,}"
    return f"{figures}, rough" if one.get("rough") else figures


def _ways(ways: Sequence[Way]) -> Iterator[str]:
    for number, way in enumerate(ways, start=1):
        yield from (f"{number}. {way.title}", "", f"```{way.language}", way.code, "```", "")
