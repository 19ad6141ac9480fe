"""From a document's way up the ladder to the one state that it ends in."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from tahdhib.config.recipe import Rewrite as Settings
from tahdhib.stages.rewrite.ladder import Climber, Ladder, Try

Row = dict[str, Any]

SOURCE = "source"
"""Stands for the rung of a document that no worker could better."""


class Outcome(NamedTuple):
    """Rows for the tables of the stage: either `document` or `drop` is set; `refusal` beside it
    where the gate said no; `faults` where a worker gave no answer."""

    document: Row | None = None
    drop: Row | None = None
    refusal: Row | None = None
    faults: tuple[Row, ...] = ()

    @property
    def is_rewritten(self) -> bool:
        """Whether a rewrite goes on in place of its source."""
        return self.document is not None and self.document["state"] == "rewritten"

    @property
    def is_refused(self) -> bool:
        """Whether the gate refused what there was, so that no rewrite goes on."""
        return self.refusal is not None and not self.is_rewritten


def outcome_of(one: Climber, ladder: Ladder, settings: Settings) -> Outcome:
    """Decide what becomes of a document that has climbed."""
    by = one.end or one.best or (one.tries[-1] if one.tries else None)
    maker = by.rung if by is not None else ladder.rungs[0]
    stamp = {"worker": maker.name, "worker_hash": maker.hash}
    refusal = None if one.refused is None else _refusal(one.row, one.refused)
    faults = tuple(_fault(one.row, tried) for tried in one.faults)
    document, dropped = _end(one, ladder, settings)
    if dropped is not None:
        drop = {**one.row, "reason": dropped[0], "detail": dropped[1], "other": None, **stamp}
        return Outcome(None, drop, refusal, faults)
    return Outcome({**document, **stamp, "way": one.way}, None, refusal, faults)


def _end(one: Climber, ladder: Ladder, settings: Settings) -> tuple[Row, tuple[str, str] | None]:
    """The document's row, or why it goes: reason and detail."""
    end = one.end
    if end is not None and end.rewrite is not None:
        if end.rewrite.drop_reason is not None:
            return {}, (f"conduct:{end.rewrite.drop_reason}", "the conduct says drop")
        if end.rewrite.edits:
            return _document(one, "rewritten", end), None
        if one.refused is None:
            return _document(one, "untouched", end), None
    return _without_a_rewrite(one, ladder, settings)


def _without_a_rewrite(
    one: Climber, ladder: Ladder, settings: Settings
) -> tuple[Row, tuple[str, str] | None]:
    """Nothing better than the source was found, or than what `best` is."""
    reasons = _reasons(one)
    if one.needs_generating and settings.recontextualise == "drop":
        return {}, (reasons[0], _detail(one, reasons[0]))
    if one.best is not None and one.best.rewrite is not None and one.best.rewrite.edits:
        return _document(one, "rewritten", one.best, reasons), None
    if settings.refused == "drop" and one.best is None:
        first = reasons[0] if ":" in reasons[0] else f"gate:{reasons[0]}"
        return {}, (first, _detail(one, reasons[0]))
    most = settings.max_source_toxicity
    toxicity = 0.0 if most is None else ladder.judge.toxicity(one.row["text"])
    if most is not None and toxicity > most:
        return {}, (
            "source:toxicity",
            f"{toxicity:.2f} terms of the lexicon per 100 words; most {most:g}. "
            f"No rewrite: {', '.join(reasons)}",
        )
    return _document(one, "kept", None, reasons), None


def _reasons(one: Climber) -> list[str]:
    """Why no worker bettered it: whose it was to do so, what the gate said, who did not answer."""
    codes = [f"recontextualise:{rule}" for rule in one.rules]
    if one.is_handed_up and not codes:
        codes = ["recontextualise:toxicity"]
    if one.refused is not None:
        codes += [reason.code for reason in one.refused.verdict.reasons]
    codes += [f"worker:{tried.fault.kind}" for tried in one.faults if tried.fault is not None]
    return list(dict.fromkeys(codes))


def _detail(one: Climber, reason: str) -> str:
    details = [tried.fault.detail for tried in one.faults if tried.fault is not None]
    if one.refused is not None:
        details = [item.detail for item in one.refused.verdict.reasons if item.code == reason]
    return details[0] if details else "no generating worker of the ladder rewrote it"


def _document(one: Climber, state: str, tried: Try | None, reasons: list[str] | None = None) -> Row:
    source = one.row["text"]
    is_new = state == "rewritten" and tried is not None and tried.rewrite is not None
    rewrite = tried.rewrite if is_new and tried is not None else None
    return {
        "id": one.row["id"],
        "source": source,
        "text": source if rewrite is None else rewrite.text,
        "metadata": one.row["metadata"],
        "state": state,
        "edits": [] if rewrite is None else [asdict(edit) for edit in rewrite.edits],
        "reasons": reasons or [],
        "rung": SOURCE if tried is None else tried.name,
    }


def _refusal(row: Mapping[str, Any], tried: Try) -> Row:
    assert tried.rewrite is not None
    return {
        "id": row["id"],
        "source": row["text"],
        "rewrite": tried.rewrite.text,
        "edits": [asdict(edit) for edit in tried.rewrite.edits],
        "reasons": [reason.code for reason in tried.verdict.reasons],
        "details": [reason.detail for reason in tried.verdict.reasons],
        "worker": tried.rung.name,
        "worker_hash": tried.rung.hash,
    }


def _fault(row: Mapping[str, Any], tried: Try) -> Row:
    assert tried.fault is not None
    return {
        "id": row["id"],
        "worker": tried.rung.name,
        "kind": tried.fault.kind,
        "detail": tried.fault.detail,
    }
