"""From rows of the rewrite stage to rows of the published corpus."""

from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from typing import Any

import pyarrow as pa

Row = dict[str, Any]

EDIT = pa.struct(
    [
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("old", pa.string()),
        ("new", pa.string()),
        ("by", pa.string()),
    ]
)

PUBLISHED = pa.schema(
    [
        ("id", pa.string()),
        ("text", pa.string()),
        ("metadata", pa.string()),
        ("state", pa.string()),
        ("edits", pa.list_(EDIT)),
        ("worker", pa.string()),
        ("worker_hash", pa.string()),
        ("conduct_hash", pa.string()),
        ("rules_hash", pa.string()),
        ("reasons", pa.list_(pa.string())),
    ]
)
"""`edits` hold the replaced text (`old`) and places in the source (code points), so that the
source can be rebuilt from a published row alone; see `restored`."""


def by_id(buckets: Iterable[Iterable[Row]]) -> Iterator[Row]:
    """Merge buckets, each sorted by id, into one stream sorted by id."""
    return merge(*buckets, key=lambda row: row["id"])


def to_published(row: Mapping[str, Any]) -> Row:
    """A published row of a row of the rewrite stage."""
    source = row["source"]
    edits = [{**edit, "old": source[edit["start"] : edit["end"]]} for edit in row["edits"] or []]
    return {
        **{name: row[name] for name in PUBLISHED.names if name != "edits"},
        "edits": edits,
    }


def restored(row: Mapping[str, Any]) -> str:
    """The source text of a published row: its edits undone.

    Walks the edits in order: each stands in the rewrite at its place in the source, moved by what
    the edits before it added or took away.
    """
    pieces: list[str] = []
    text, position, shift = row["text"], 0, 0
    for edit in row["edits"]:
        start = edit["start"] + shift
        pieces += (text[position:start], edit["old"])
        position = start + len(edit["new"])
        shift += len(edit["new"]) - len(edit["old"])
    pieces.append(text[position:])
    return "".join(pieces)
