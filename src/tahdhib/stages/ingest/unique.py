"""One document per id, whatever order they came in."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

Row = dict[str, Any]


def settle_ids(rows: Sequence[Mapping[str, Any]]) -> tuple[list[Row], list[Row]]:
    """Sort `rows` by id and keep one of each: (kept, dropped).

    Of several with one id the lowest text (then metadata) is kept: a choice that depends on
    nothing but the rows. The others are dropped as `repeated_record` where the text is the same,
    as `duplicate_id` where it is not.
    """
    kept: list[Row] = []
    dropped: list[Row] = []
    ordered = sorted(rows, key=lambda row: (row["id"], row["text"], row["metadata"]))
    for document_id, group in groupby(ordered, key=lambda row: row["id"]):
        first, *others = group
        kept.append(dict(first))
        for other in others:
            is_same = other["text"] == first["text"]
            dropped.append(
                {
                    **other,
                    "reason": "repeated_record" if is_same else "duplicate_id",
                    "detail": "same id and text" if is_same else "same id, another text",
                    "other": document_id,
                }
            )
    return kept, dropped
