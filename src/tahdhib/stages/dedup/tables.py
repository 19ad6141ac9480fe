"""What the stage leaves behind on its way, and how a document is pointed at.

A document's position is one number, its bucket and its row in there. Tables that would be large
with ids hold positions; only what is shown to people is told by id.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tahdhib.match.bands import Bands

_ROW_BITS = 32
_ROW_MASK = np.uint64((1 << _ROW_BITS) - 1)

Positions = NDArray[np.uint64]

MEMBERS = pa.schema(
    [
        ("position", pa.uint64()),
        ("id", pa.string()),
        ("original", pa.uint64()),
        ("is_same_text", pa.bool_()),
        ("is_compared", pa.bool_()),
    ]
)
"""Whoever shares a key with another document, by position. `original` is the position of the
document it is a copy of, its own where it is none; `is_same_text` tells copies to the letter from
those whose folded words are equal."""

CANDIDATES = pa.schema([("left", pa.uint64()), ("right", pa.uint64())])
"""Pairs to verify, the lower position left, ascending."""

SHINGLES = pa.schema([("position", pa.uint64()), ("start", pa.int64()), ("count", pa.int64())])
"""Where in the bucket's file of numbers the shingles of a document lie."""

MATCHES = pa.schema(
    [
        ("left", pa.uint64()),
        ("right", pa.uint64()),
        ("shared", pa.int64()),
        ("total", pa.int64()),
    ]
)
"""Verified pairs, with the shingles that they share and have together."""

DECISIONS = pa.schema(
    [
        ("position", pa.uint64()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("other", pa.string()),
    ]
)
"""Who goes, and why, by position."""


class PositionRange(NamedTuple):
    """The positions `low <= position < high` of one bucket."""

    low: int
    high: int


def sketches_schema(bands: Bands | None) -> pa.Schema:
    """Per document: keys of its text and of its folded words, and one per band."""
    keys = [("position", pa.uint64()), ("id", pa.string()), ("text_key", pa.binary())]
    if bands is not None:
        keys.append(("form_key", pa.binary()))
        keys.extend((name, pa.uint64()) for name in band_columns(bands))
    return pa.schema(keys)


def band_columns(bands: Bands) -> list[str]:
    """Names of the columns of band keys."""
    return [f"band_{number:03d}" for number in range(bands.number)]


def positions_in(bucket: int) -> PositionRange:
    """The range of positions of one bucket."""
    return PositionRange(bucket << _ROW_BITS, (bucket + 1) << _ROW_BITS)


def positions(bucket: int, first_row: int, count: int) -> Positions:
    """Positions of `count` rows in order, from `first_row` on."""
    low = positions_in(bucket).low
    return np.arange(low + first_row, low + first_row + count, dtype=np.uint64)


def rows_of(places: Positions) -> NDArray[np.int64]:
    """Row of each position within its bucket."""
    return (places & _ROW_MASK).astype(np.int64)


def buckets_of(places: Positions) -> NDArray[np.int64]:
    """Bucket of each position."""
    return (places >> np.uint64(_ROW_BITS)).astype(np.int64)
