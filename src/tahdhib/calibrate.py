"""The rewrites by which the gate is calibrated, read from files or made of what the package holds.

Without files: rewrites that people wrote of toxic sentences (English), and the demo's articles
(Egyptian Arabic) as the rules leave them; faults are planted into texts that the rules are done
with. So its figures are about short English and middling Arabic texts: name files of your own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import yaml

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.rewrite import removable, rewrite
from tahdhib.errors import DataError
from tahdhib.gate.calibration import Calibration, Sample
from tahdhib.gate.change import change
from tahdhib.gate.faults import planted
from tahdhib.progress import Progress
from tahdhib.protect.shelter import Shelter
from tahdhib.protect.shield import spare
from tahdhib.readers import Fault, find_sources, read_records
from tahdhib.records import Rewrite
from tahdhib.stats.draw import rank
from tahdhib.store.shards import write_text
from tahdhib.teachers.pairs import pair_of
from tahdhib.text.edits import diff

PEOPLE = "data/pairs/paradetox.jsonl.gz"
ARTICLES = "data/raw-*.jsonl.gz"
MOST = 4_000
"""So many rewrites of a group are enough: on half of them a rate of .05 is known to .01."""
PLANTED = 500
"""Texts to plant faults into."""
_MAX_RECORD_BYTES = 64 << 20


class _Named(NamedTuple):
    group: str
    source: str
    rewrite: Rewrite


@dataclass(frozen=True, slots=True)
class Given:
    """Files of pairs, by what they show; empty: made of what the package holds."""

    people: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def samples(
    given: Given, conduct: Conduct, shelter: Shelter, seed: int, progress: Progress
) -> list[Sample]:
    """Read or make the rewrites, and lay them out for the checks.

    Raises:
        DataError: a file cannot be read, holds no pair, or a fault says no kind.
    """
    if given.passages:
        harmless = _pairs(given.passages, "passages")
    else:
        harmless = _edited(_texts(_builtin(ARTICLES)), conduct, shelter)
    people = _pairs(given.people or (_builtin(PEOPLE),), "people")
    kept = _drawn(people, seed) + _drawn(harmless, seed)
    wrong = list(_pairs(given.faults, None) if given.faults else _faulty(kept, conduct, seed))
    find_removable = partial(removable, conduct=conduct)
    found = []
    with progress.task("read", len(kept) + len(wrong), "rewrites") as task:
        for is_fault, rows in ((False, kept), (True, wrong)):
            for one in rows:
                seen = change(one.source, one.rewrite, find_removable, shelter.spans)
                found.append(Sample(one.group, is_fault, seen))
                task.advance(1)
    return found


def write_fragment(found: Calibration, out: Path) -> None:
    """Write the section `gate` of a recipe: the thresholds, and what was measured at them."""
    gate = {**found.thresholds, "measured": found.errors().model_dump(mode="json")}
    head = (
        f"# Made by `tahdhib gate calibrate` for a rate of {found.rate:g}. Take it as it is:\n"
        "# what was measured holds for these thresholds alone. A share is [estimate, lower bound,\n"
        "# upper bound, n].\n"
    )
    leaves_in_a_row = None
    told = yaml.safe_dump(
        {"gate": gate},
        sort_keys=False,
        allow_unicode=True,
        width=100,
        default_flow_style=leaves_in_a_row,
    )
    write_text(out, head + told)


def _pairs(paths: Sequence[str], group: str | None) -> Iterator[_Named]:
    """Source and rewrite of each record; the group is that, or the record's own `kind`."""
    for source in find_sources(paths, "--people, --passages, --faults"):
        count = 0
        records = read_records(source, max_record_bytes=_MAX_RECORD_BYTES, on_bytes=lambda _: None)
        for record in records:
            where = f"{source.path}:{record.place}"
            if isinstance(record.content, Fault):
                raise DataError(f"{where}: {record.content.detail}. Correct or remove it.")
            pair = pair_of(dict(record.content), where)
            kind = group or record.content.get("kind")
            if not isinstance(kind, str) or not kind:
                raise DataError(
                    f"{where}: a faulty rewrite without a `kind`; expected the name of what is "
                    "wrong, such as negation. Add the field."
                )
            for text in pair.rewrites[:1]:
                count += 1
                yield _Named(kind, pair.source, Rewrite(text, diff(pair.source, text, "people")))
        if not count:
            raise DataError(f"{source.path}: holds no pair; expected rows of source and rewrite.")


def _builtin(name: str) -> str:
    return str(files("tahdhib.demo").joinpath(name))


def _texts(path: str) -> Iterator[str]:
    """The demo's texts; its broken records are left out."""
    for source in find_sources([path]):
        for record in read_records(
            source, max_record_bytes=_MAX_RECORD_BYTES, on_bytes=lambda _: None
        ):
            if not isinstance(record.content, Fault):
                yield str(record.content.get("text", ""))


def _edited(texts: Iterable[str], conduct: Conduct, shelter: Shelter) -> Iterator[_Named]:
    """Texts as the rules leave them, where they change something; protected spans spared."""
    for text in texts:
        done = rewrite(text, conduct)
        if done.drop_reason is None and done.text != text:
            yield _Named("passages", text, spare(text, done, shelter))


def _faulty(kept: Sequence[_Named], conduct: Conduct, seed: int) -> Iterator[_Named]:
    """Faults in what the rewrites say, where the rules have nothing left to do."""
    texts = dict.fromkeys(
        one.rewrite.text
        for one in kept
        if one.rewrite.text.strip() and not rewrite(one.rewrite.text, conduct).edits
    )
    chosen = sorted(texts, key=lambda text: rank("planted faults", seed, text))[:PLANTED]
    for kind, text, faulty in planted(chosen, seed):
        yield _Named(kind, text, Rewrite(faulty, diff(text, faulty, "fault")))


def _drawn(rows: Iterable[_Named], seed: int) -> list[_Named]:
    return sorted(rows, key=lambda one: rank("gate calibration sample", seed, one.source))[:MOST]
