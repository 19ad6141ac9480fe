"""The audit's summary and the worker's card, from the JSON that their stages leave."""

import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from tahdhib.records import Interval
from tahdhib.report import words
from tahdhib.report.parts import (
    Against,
    Audit,
    Card,
    CardFigure,
    Domain,
    Drift,
    Histogram,
    Human,
    HumanQuestion,
    KindShare,
    Measure,
    Spread,
    WitnessSet,
    Word,
)
from tahdhib.report.visible import direction, language, visible
from tahdhib.score.card import Card as ScorerCard
from tahdhib.score.card import from_json
from tahdhib.store.run_folder import StageFolder
from tahdhib.store.shards import read_json

_GROUPS = {
    "all": "all documents",
    "kind=rules": "all documents, with only the edits that a rule makes too",
    "rewritten": "rewritten documents",
    "kind=people": "all documents, with only the edits that no rule makes",
}
_CARDS = ("card.json", "model/card.json")
_CARD_GROUPS = {
    "all": "All held-out pairs",
    "rules": "Pairs of the rules",
    "people": "Pairs written by people",
}


def read_audit(here: StageFolder) -> Audit | None:
    """The audit's summary with the audit by people, or None where the audit has not run."""
    path = here.file("summary.json")
    if not path.exists():
        return None
    summary = read_json(path)
    entries = summary.get("measures") or []
    witness = summary.get("witness") or {}
    card = from_json(json.dumps(witness)) if "measured" in witness else None
    seen = {_language(str(entry.get("group", ""))) for entry in entries} - {""}
    languages = sorted(seen or set(card.languages if card else ()))
    weak = [code for code in languages if card is None or not card.holds(code)]
    score = str(summary.get("score") or "toxicity")
    clusters = summary.get("clusters") or {}
    domain = summary.get("domain")
    return Audit(
        witness=visible(f"{card.name} {card.version}") if card else "unnamed",
        n=int(summary.get("n") or 0),
        seed=int(summary.get("seed") or 0),
        repetitions=int(summary.get("repetitions") or 0),
        sets=_sets(card),
        no_evidence=tuple(weak),
        measures=tuple(_measure(entry, card, languages, score) for entry in entries),
        score=visible(score),
        clusters=(int(clusters.get("number") or 0), int(clusters.get("largest") or 0)),
        cluster_by=tuple(visible(str(name)) for name in clusters.get("by") or ()),
        drift=_drift(summary.get("drift")),
        domain=Domain(**domain) if domain else None,
        human=read_human(here.file("human.json")),
    )


def measured_columns(here: StageFolder) -> tuple[str, str]:
    """The columns of the audit's table with the witness's main score, before and after."""
    path = here.file("summary.json")
    score = (read_json(path).get("score") if path.exists() else None) or "toxicity"
    return f"before_{score}", f"after_{score}"


def read_human(path: Path) -> Human | None:
    """What people said of a sample, or None where nobody was asked."""
    if not path.exists():
        return None
    said = read_json(path)
    return Human(
        tasks=int(said["tasks"]),
        annotators=len(said["annotators"]),
        answers=int(said["answers"]),
        questions=tuple(
            HumanQuestion(
                name=visible(str(one["name"])),
                words=visible(str(one["words"])),
                answered=int(one["answered"]),
                rates=tuple(
                    (visible(str(rate["label"])), Interval(**rate["rate"])) for rate in one["rates"]
                ),
                agreement=Interval(**one["agreement"]) if one["agreement"] else None,
                twice=int(one["twice"]),
            )
            for one in said["questions"]
        ),
    )


def read_card(here: StageFolder) -> Card | None:
    """The card of a worker that learned, beside its stage or its weights; None without one."""
    path = next((path for path in map(here.file, _CARDS) if path.exists()), None)
    if path is None:
        return None
    card = read_json(path)
    kind = str(card.get("kind", ""))
    held_out = card.get("held_out") or card.get("figures") or {}
    order = [*_CARD_GROUPS, *sorted(held_out.keys() - _CARD_GROUPS.keys())]
    figures = tuple(
        CardFigure(
            group=group,
            words=_CARD_GROUPS.get(group, f"Pairs of {visible(group)}"),
            precision=to_interval(held_out[group].get("precision")),
            recall=to_interval(held_out[group].get("recall")),
        )
        for group in order
        if group in held_out
    )
    pairs = {f"pairs: {part}": number for part, number in (card.get("pairs") or {}).items()}
    facts = tuple(
        (key.replace("_", " "), visible(_fact(value)))
        for key, value in sorted({**card, **pairs}.items())
        if key != "kind" and isinstance(value, int | float | str)
    )
    return Card(kind, words.worker(kind), figures, facts)


def to_interval(value: Mapping[str, Any] | None) -> Interval | None:
    """An interval from JSON, or None where there is no estimate."""
    if not value or value.get("estimate") is None:
        return None
    estimate = float(value["estimate"])
    return Interval(
        estimate=estimate,
        low=float(value["low"]) if value.get("low") is not None else estimate,
        high=float(value["high"]) if value.get("high") is not None else estimate,
        n=int(value.get("n") or 0),
        level=float(value.get("level") or 0.95),
        rough=visible(str(value.get("rough") or "")),
    )


def _measure(
    item: Mapping[str, Any], card: ScorerCard | None, languages: Collection[str], score: str
) -> Measure:
    group = str(item.get("group", "all"))
    arms = {
        arm: to_interval((values or {}).get("difference"))
        for arm, values in (item.get("arms") or {}).items()
    }
    code = _language(group)
    measure = str(item.get("measure", ""))
    return Measure(
        measure=visible(measure),
        unit=str(item.get("unit", "")),
        group=group,
        words=_group_words(group),
        n=int(item.get("n") or 0),
        before=to_interval(item.get("before")),
        after=to_interval(item.get("after")),
        arms={arm: difference for arm, difference in arms.items() if difference is not None},
        against=tuple(_against(item)),
        histogram=_histogram(item.get("histogram")),
        is_evidence=_is_evidence(measure, [code] if code else languages, card, score),
        family=str(item.get("family") or ""),
        tells=visible(str(item.get("tells") or "")),
        changed=to_interval(item.get("changed")),
        counts=tuple((item.get("spread") or {}).get("counts") or ()),
    )


def _is_evidence(
    measure: str, languages: Collection[str], card: ScorerCard | None, main: str
) -> bool:
    """Whether the witness can read any of these languages well enough for a score of its own;
    other measures are what they are."""
    own = {one.name for one in card.scores} if card else {main}
    if measure not in own or not languages:
        return True
    name = None if measure == main else measure
    return card is not None and any(card.holds(code, name) for code in languages)


def _group_words(group: str) -> str:
    kind, _, value = group.partition("=")
    if kind == "language":
        return f"documents in {words.language(value)}"
    if kind == "dialect":
        return words.dialect(value)
    return _GROUPS.get(group) or visible(value or group)


def _drift(found: Mapping[str, Any] | None) -> Drift | None:
    if not found:
        return None
    dialects, topics, vocabulary = found["dialects"], found["topics"], found["vocabulary"]
    return Drift(
        dialects=_spread(dialects, words.dialect),
        to_standard=Interval(**dialects["to_standard"]),
        moves=tuple(
            (words.dialect(move["from"]), words.dialect(move["to"]), int(move["n"]))
            for move in dialects["moves"]
        ),
        topics=_spread(topics, visible),
        words=(int(vocabulary["words"]["before"]), int(vocabulary["words"]["after"])),
        kinds=(int(vocabulary["kinds"]["before"]), int(vocabulary["kinds"]["after"])),
        overlap=float(vocabulary["overlap"]),
        lost=tuple(_word(word) for word in vocabulary["lost"]),
        gained=tuple(_word(word) for word in vocabulary["gained"]),
    )


def _spread(found: Mapping[str, Any], say: Callable[[str], str]) -> Spread:
    return Spread(
        n=int(found["n"]),
        shares=tuple(
            KindShare(
                say(str(share["name"])),
                *(Interval(**share[side]) for side in ("before", "after", "change")),
            )
            for share in found["shares"]
        ),
        distance=Interval(**found["distance"]),
        moved=Interval(**found["moved"]),
    )


def _word(found: Mapping[str, Any]) -> Word:
    word = str(found["word"])
    return Word(
        visible(word), direction(word), language(word), int(found["before"]), int(found["after"])
    )


def _against(item: Mapping[str, Any]) -> list[Against]:
    found = []
    for arm, values in (item.get("against") or {}).items():
        difference = to_interval(values.get("difference"))
        if difference is not None:
            smallest = float(values.get("smallest") or 0)
            found.append(Against(arm, difference, bool(values.get("found")), smallest))
    return found


def _histogram(value: Mapping[str, Any] | None) -> Histogram | None:
    if not value or len(value.get("edges") or []) < 2:
        return None
    return Histogram(tuple(value["edges"]), tuple(value["before"]), tuple(value["after"]))


def _sets(card: ScorerCard | None) -> tuple[WitnessSet, ...]:
    """The sets of the witness's first score, which is the one that the claim is about."""
    if card is None:
        return ()
    measured = [one for one in card.measured if one.score == card.scores[0].name]
    return tuple(
        WitnessSet(
            language=one.language,
            words=words.upper_first(words.language(one.language)),
            dataset=visible(one.dataset),
            is_natural=one.natural,
            auroc=one.auroc,
        )
        for one in sorted(measured, key=lambda one: (one.language, one.auroc.estimate))
    )


def _language(group: str) -> str:
    return group.removeprefix("language=") if group.startswith("language=") else ""


def _fact(value: float | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return words.count(value)
    return words.figure(value) if isinstance(value, float) else value
