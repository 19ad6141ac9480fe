"""Shingles of a text as numbers, and how far two texts share them.

Hashes are the same in every process (Python's own `hash` is not), so that they may lie on disk.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Shingles = NDArray[np.uint64]
"""Distinct shingles of one text, ascending."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_HASH_BYTES = 8


class Overlap(NamedTuple):
    """How many shingles two texts share, and how many they have together."""

    shared: int
    total: int

    @property
    def jaccard(self) -> float:
        return self.shared / self.total if self.total else 0.0


def shingles(form: str, words: int) -> Shingles:
    """The distinct runs of `words` words of a folded text.

    A shorter text is one shingle, as it is for the engine's MinHash; an empty one has none.
    """
    tokens = [token.encode() for token in form.split()]
    if not tokens:
        return np.empty(0, np.uint64)
    return _distinct(_runs(_word_hashes(tokens), min(words, len(tokens))))


def shingles_of_all(forms: pa.Array, words: int) -> list[Shingles]:
    """`shingles` of many folded texts (large utf8): each distinct word is hashed once."""
    cut = pc.split_pattern(forms, " ")
    ends = np.cumsum(pc.list_value_length(cut).to_numpy(), dtype=np.int64)
    encoded = cut.flatten().dictionary_encode()
    hashes = _word_hashes(encoded.dictionary.cast(pa.large_binary()).to_pylist())
    runs = _runs(hashes[encoded.indices.to_numpy()], words)
    return [
        _distinct(runs[start : end - words + 1])
        if end - start >= words
        else shingles(form.as_py(), words)
        for form, start, end in zip(forms, [0, *ends[:-1]], ends, strict=True)
    ]


def _runs(hashes: NDArray[np.uint64], width: int) -> NDArray[np.uint64]:
    """One number for each run of `width` words; none where there are fewer words."""
    count = max(0, len(hashes) - width + 1)
    runs = np.full(count, width, np.uint64)
    for offset in range(width):
        runs ^= hashes[offset : offset + count]
        runs *= _MULTIPLIER
        runs ^= runs >> _SHIFT  # without it a run's hash would be linear in its words
    return runs


def _distinct(runs: NDArray[np.uint64]) -> Shingles:
    """`np.unique`, which is made for longer arrays."""
    ascending = np.sort(runs)
    is_new = np.ones(len(ascending), np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=is_new[1:])
    return ascending[is_new]


def overlap(left: Shingles, right: Shingles) -> Overlap:
    """Compare two texts by their shingles."""
    if len(left) > len(right):
        left, right = right, left
    if not len(left):
        return Overlap(0, len(right))
    places = np.searchsorted(right, left)
    places[places == len(right)] = 0
    shared = int(np.count_nonzero(right[places] == left))
    return Overlap(shared, len(left) + len(right) - shared)


def _word_hashes(words: Sequence[bytes]) -> NDArray[np.uint64]:
    digests = [hashlib.blake2b(word, digest_size=_HASH_BYTES).digest() for word in words]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)
