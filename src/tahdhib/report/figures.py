"""The audit's summary and the worker's card, from the JSON that their stages leave."""

from collections.abc import Mapping
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
    WitnessLanguage,
)
from tahdhib.report.visible import visible
from tahdhib.store.shards import read_json

_GROUPS = {
    "all": "all documents",
    "kind=rules": "all documents, with only the edits that a rule makes too",
    "rewritten": "rewritten documents",
    "kind=people": "all documents, with only the edits that no rule makes",
}
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
    witness = summary.get("witness") or {}
    languages = tuple(
        WitnessLanguage(
            language=code,
            words=words.language(code),
            auroc=_auroc(card),
            is_evidence=bool(card.get("is_evidence", True)),
        )
        for code, card in sorted((witness.get("languages") or {}).items())
    )
    weak = {line.language for line in languages if not line.is_evidence}
    return Audit(
        witness=visible(f"{witness.get('name', '')} {witness.get('version', '')}".strip()),
        n=int(summary.get("n") or 0),
        seed=int(summary.get("seed") or 0),
        repetitions=int(summary.get("repetitions") or 0),
        languages=languages,
        measures=tuple(_measure(item, weak) for item in summary.get("measures") or []),
    )


def read_card(path: Path) -> Card | None:
    """The worker's card, or None where there is none."""
    if not path.exists():
        return None
    card = read_json(path)
    kind = str(card.get("kind", ""))
    figures = tuple(
        CardFigure(
            group=group,
            words=_CARD_GROUPS.get(group, visible(group)),
            precision=to_interval(values.get("precision")),
            recall=to_interval(values.get("recall")),
        )
        for group, values in (card.get("figures") or {}).items()
    )
    order = list(_CARD_GROUPS)
    ordered = sorted(
        figures,
        key=lambda line: (order.index(line.group) if line.group in order else 9, line.group),
    )
    facts = tuple(
        (key.replace("_", " "), visible(_fact(value)))
        for key, value in sorted(card.items())
        if key != "kind" and isinstance(value, int | float | str)
    )
    return Card(kind, words.worker(kind), tuple(ordered), facts)


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


def _measure(item: Mapping[str, Any], weak: set[str]) -> Measure:
    group = str(item.get("group", "all"))
    arms = {
        arm: to_interval((values or {}).get("difference"))
        for arm, values in (item.get("arms") or {}).items()
    }
    language = group.removeprefix("language=") if group.startswith("language=") else ""
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


def _auroc(card: Mapping[str, Any]) -> Interval | None:
    if card.get("auroc") is None:
        return None
    return to_interval({**card, "estimate": card["auroc"]})


def _fact(value: float | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return words.count(value)
    return words.figure(value) if isinstance(value, float) else value
