"""From a proposed rewrite and the gate's verdict to the one state that a document ends in."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal, NamedTuple

from tahdhib.records import Rewrite, Verdict

Row = dict[str, Any]


class Outcome(NamedTuple):
    """Rows for the tables of the stage: either `document` or `drop` is set; `refusal` beside it
    where the gate said no."""

    document: Row | None = None
    drop: Row | None = None
    refusal: Row | None = None


def outcome_of(
    row: Mapping[str, Any], rewrite: Rewrite, verdict: Verdict, refused: Literal["keep", "drop"]
) -> Outcome:
    """Decide what becomes of the document in `row` (columns of DOCUMENTS)."""
    if rewrite.drop_reason is not None:
        return Outcome(
            drop=_dropped(row, f"conduct:{rewrite.drop_reason}", "the conduct says drop")
        )
    if not rewrite.edits:
        return Outcome(document=_document(row, row["text"], "untouched", [], verdict))
    edits = [asdict(edit) for edit in rewrite.edits]
    if verdict.accepted:
        return Outcome(document=_document(row, rewrite.text, "rewritten", edits, verdict))
    refusal = {
        "id": row["id"],
        "source": row["text"],
        "rewrite": rewrite.text,
        "edits": edits,
        "reasons": [reason.code for reason in verdict.reasons],
        "details": [reason.detail for reason in verdict.reasons],
    }
    if refused == "drop":
        first = verdict.reasons[0]
        return Outcome(drop=_dropped(row, f"gate:{first.code}", first.detail), refusal=refusal)
    return Outcome(document=_document(row, row["text"], "kept", [], verdict), refusal=refusal)


def _document(
    row: Mapping[str, Any], text: str, state: str, edits: list[Row], verdict: Verdict
) -> Row:
    return {
        "id": row["id"],
        "source": row["text"],
        "text": text,
        "metadata": row["metadata"],
        "state": state,
        "edits": edits,
        "reasons": [reason.code for reason in verdict.reasons],
    }


def _dropped(row: Mapping[str, Any], reason: str, detail: str) -> Row:
    return {**row, "reason": reason, "detail": detail, "other": None}
