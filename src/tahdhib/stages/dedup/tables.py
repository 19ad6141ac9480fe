"""What the stage leaves behind on its way, and how a document is pointed at.

A document's position is one number, its shard and its row in there. Tables that would be large
with ids hold positions; only what is shown to people is told by id. The shards of the corpus are
its buckets; behind them stand those of the corpora that it is held against.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tahdhib.match.bands import Bands

FIRST_KNOWN = 1 << 16
"""Number of the first shard of known documents: behind every bucket that a recipe can have."""

_ROW_BITS = 32
_ROW_MASK = np.uint64((1 << _ROW_BITS) - 1)
_FIRST_KNOWN_POSITION = np.uint64(FIRST_KNOWN << _ROW_BITS)

Positions = NDArray[np.uint64]

FORMS = pa.schema(
    [
        ("text_key", pa.binary()),
        ("weight", pa.float64()),
        ("form", pa.large_string()),
        ("keys", pa.list_(pa.uint64())),
        ("sizes", pa.list_(pa.uint32())),
    ]
)
"""A document as it is compared, in the order of its shard. `weight` says how much it is worth
keeping, more being better. `form` is its folded words, line by line; where lines could be
boilerplate, `keys` and `sizes` are theirs, in characters."""

LINES = pa.schema([("key", pa.uint64()), ("site", pa.uint64()), ("documents", pa.int64())])
"""The lines of a bucket by key, the number of their site, and in how many documents they stand."""

SITES = pa.schema([("site", pa.uint64()), ("name", pa.string()), ("documents", pa.int64())])
"""The sites of a bucket by number, and how many of its documents are theirs."""

REPEATED = pa.schema([("key", pa.uint64()), ("site", pa.string()), ("least", pa.int64())])
"""Lines that stand in enough documents to be boilerplate, by key, and how many that is."""

FOUND = pa.schema(
    [
        ("key", pa.uint64()),
        ("site", pa.string()),
        ("documents", pa.int64()),
        ("position", pa.uint64()),
        ("id", pa.string()),
    ]
)
"""Lines that are boilerplate, by key, with the document of the lowest id to show them by."""

EXAMPLES = pa.schema([("key", pa.uint64()), ("line", pa.string())])
"""How lines that are boilerplate read in their example."""

MEMBERS = pa.schema(
    [
        ("position", pa.uint64()),
        ("id", pa.string()),
        ("rank", pa.int64()),
        ("original", pa.uint64()),
        ("is_same_text", pa.bool_()),
        ("is_compared", pa.bool_()),
    ]
)
"""Whoever shares a key with another document, by position. `rank` is the place in the order of
who is kept rather; `original` the position of the document it is a copy of, its own where it is
none; `is_same_text` tells copies to the letter from those whose folded words are equal."""

CANDIDATES = pa.schema([("left", pa.uint64()), ("right", pa.uint64())])
"""Pairs to verify, the lower position left, ascending."""

SHINGLES = pa.schema([("position", pa.uint64()), ("start", pa.int64()), ("count", pa.int64())])
"""Where in the shard's file of numbers the shingles of a document lie."""

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

SIZES = pa.schema([("position", pa.uint64()), ("size", pa.int64())])
"""Who is kept of several, and of how many, by position."""


class PositionRange(NamedTuple):
    """The positions `low <= position < high` of one shard."""

    low: int
    high: int


def sketches_schema(bands: Bands | None) -> pa.Schema:
    """Per document: keys of its text and of its folded words, and one per band."""
    keys = [
        ("position", pa.uint64()),
        ("id", pa.string()),
        ("weight", pa.float64()),
        ("text_key", pa.binary()),
    ]
    if bands is not None:
        keys += [("is_cut", pa.bool_()), ("form_key", pa.binary())]
        keys.extend((name, pa.uint64()) for name in band_columns(bands))
    return pa.schema(keys)


def band_columns(bands: Bands) -> list[str]:
    """Names of the columns of band keys."""
    return [f"band_{number:03d}" for number in range(bands.number)]


def positions_in(shard: int) -> PositionRange:
    """The range of positions of one shard."""
    return PositionRange(shard << _ROW_BITS, (shard + 1) << _ROW_BITS)


def positions(shard: int, first_row: int, count: int) -> Positions:
    """Positions of `count` rows in order, from `first_row` on."""
    low = positions_in(shard).low
    return np.arange(low + first_row, low + first_row + count, dtype=np.uint64)


def rows_of(places: Positions) -> NDArray[np.int64]:
    """Row of each position within its shard."""
    return (places & _ROW_MASK).astype(np.int64)


def shards_of(places: Positions) -> NDArray[np.int64]:
    """Number of the shard of each position."""
    return (places >> np.uint64(_ROW_BITS)).astype(np.int64)


def are_known(places: Positions) -> NDArray[np.bool_]:
    """Which positions are those of known documents."""
    known: NDArray[np.bool_] = places >= _FIRST_KNOWN_POSITION
    return known
