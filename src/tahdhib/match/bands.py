"""Bands and rows of locality-sensitive hashing, and the recall that they promise.

Two texts become a candidate pair when all rows of one band of their signatures agree. Rows make
that rarer for unlike texts, bands make it likelier for like ones.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WANTED_RECALL = 0.985
"""Share of the pairs exactly at the threshold that are to become candidates."""

_CHANCE = (0.01, 0.02, 0.05, 0.1)
"""Similarities of word 5-grams that documents on like matters have."""
_KEY_BYTES, _TEXT_KEY_BYTES = 8, 16

_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(31)


class Bands(NamedTuple):
    """How a signature is cut: `number` bands of `rows` hashes each."""

    number: int
    rows: int

    @property
    def hashes(self) -> int:
        """Hashes of a signature that are used."""
        return self.number * self.rows


def choose_bands(hashes: int, threshold: float) -> Bands:
    """The cut with the fewest chance candidates among those that reach the wanted recall.

    Where `hashes` are too few for it, one row per band comes nearest.
    """
    for rows in range(hashes, 1, -1):
        bands = Bands(hashes // rows, rows)
        if expected_recall(bands, threshold) >= WANTED_RECALL:
            return bands
    return Bands(hashes, 1)


def expected_recall(bands: Bands, jaccard: float) -> float:
    """Chance that two texts of this similarity become a candidate pair (the S-curve)."""
    return 1.0 - (1.0 - jaccard**bands.rows) ** bands.number


class Curve(NamedTuple):
    """What a cut costs and promises, said before anything is read."""

    bands: Bands
    recall: tuple[tuple[float, float], ...]
    """Similarity of a pair, and its chance to become a candidate."""
    key_bytes: int
    """What the keys of one document take before they are packed."""
    chance: tuple[tuple[float, float], ...]
    """Similarity that unlike documents have by chance, and how many candidate pairs such documents
    would give each document of the corpus."""


def curve(hashes: int, threshold: float, documents: int) -> Curve:
    """The expected curve and cost of looking for pairs of `threshold` among so many documents.

    Every candidate is compared shingle by shingle, so what is no match costs time and nothing else.
    """
    bands = choose_bands(hashes, threshold)
    likes = [step / 20 for step in range(6, 20)]
    pairs_each = (documents - 1) / 2
    return Curve(
        bands,
        tuple((like, expected_recall(bands, like)) for like in sorted({*likes, threshold})),
        bands.number * _KEY_BYTES + 2 * _TEXT_KEY_BYTES,
        tuple((like, expected_recall(bands, like) * pairs_each) for like in _CHANCE),
    )


def band_keys(signatures: NDArray[np.uint32], bands: Bands) -> NDArray[np.uint64]:
    """One number per text and band, equal where all rows of that band are.

    The band's own number goes into it, so that keys of different bands do not meet.
    """
    cut = signatures[:, : bands.hashes].reshape(len(signatures), bands.number, bands.rows)
    keys = np.tile(np.arange(1, bands.number + 1, dtype=np.uint64), (len(signatures), 1))
    for row in range(bands.rows):
        keys ^= cut[:, :, row]
        keys *= _MULTIPLIER
        keys ^= keys >> _SHIFT
    return keys
