"""The audit's summary and the worker's card, from the JSON that their stages leave."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from tahdhib.records import Interval
from tahdhib.report import words
from tahdhib.report.parts import (
    Against,
    Audit,
    Card,
    CardFigure,
    Histogram,
    Measure,
    WitnessSet,
)
from tahdhib.report.visible import visible
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


def read_audit(path: Path) -> Audit | None:
    """The audit's summary, or None where the audit has not run."""
    if not path.exists():
        return None
    summary = read_json(path)
    entries = summary.get("measures") or []
    witness = summary.get("witness") or {}
    card = from_json(json.dumps(witness)) if "measured" in witness else None
    seen = {_language(str(entry.get("group", ""))) for entry in entries} - {""}
    languages = sorted(seen or set(card.languages if card else ()))
    weak = [code for code in languages if card is None or not card.holds(code)]
    return Audit(
        witness=visible(f"{card.name} {card.version}") if card else "unnamed",
        n=int(summary.get("n") or 0),
        seed=int(summary.get("seed") or 0),
        repetitions=int(summary.get("repetitions") or 0),
        sets=_sets(card),
        no_evidence=tuple(weak),
        measures=tuple(_measure(entry, weak) for entry in entries),
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
    )


def _measure(item: Mapping[str, Any], weak: Collection[str]) -> Measure:
    group = str(item.get("group", "all"))
    arms = {
        arm: to_interval((values or {}).get("difference"))
        for arm, values in (item.get("arms") or {}).items()
    }
    language = _language(group)
    measure = str(item.get("measure", ""))
    return Measure(
        measure=measure,
        unit=str(item.get("unit", "")),
        group=group,
        words=f"documents in {words.language(language)}"
        if language
        else _GROUPS.get(group, visible(group)),
        n=int(item.get("n") or 0),
        before=to_interval(item.get("before")),
        after=to_interval(item.get("after")),
        arms={arm: difference for arm, difference in arms.items() if difference is not None},
        against=tuple(_against(item)),
        histogram=_histogram(item.get("histogram")),
        is_evidence=measure != "toxicity" or language not in weak,
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
    measured = card.measured if card else ()
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
