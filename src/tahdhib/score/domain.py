"""Whether a corpus is like the texts on which a scorer was measured.

A scorer measured on tweets says little about a law or a poem. A `Profile` holds what the measured
texts looked like: the letter 4-grams that several of them share, how familiar an unseen one of
them is, and how long they are. It is small, holds no text, and travels with the weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.score.grams import SCRIPTS, buckets, letters, scripts

ORDER = 4
"""Letters of the n-grams that make a text familiar; a space between words counts as one."""
BITS = 20
"""The n-grams are hashed into 2**BITS places, of which a profile fills less than a third."""
COMMON = 3
"""An n-gram counts as known where so many measured texts hold it."""
OUTSIDE = 0.05
"""Share of the measured texts themselves that count as unlike by their words, as many again by
their length: what a corpus of the same kind gives."""
_AT_ONCE = 256


class Unlike(NamedTuple):
    """Shares of texts, 0..1: unlike by words, by length, by either."""

    words: float
    length: float
    either: float


@dataclass(frozen=True, slots=True)
class Profile:
    """What measured texts look like.

    `known` (2**BITS / 8,) uint8: packed bits of the hashed n-grams. `familiar` (scripts,): the
    share of known n-grams that all but `OUTSIDE` of unseen measured texts have, by the script of
    most of their letters; above 1 where the script was never measured. `lengths`: shortest and
    longest in letters and single spaces, `OUTSIDE` of the measured texts lying beyond.
    """

    known: NDArray[np.uint8]
    familiar: NDArray[np.float64]
    lengths: tuple[int, int]


def make_profile(texts: Sequence[str]) -> Profile:
    """The profile of at least two texts; one half says what is known, the other how familiar a
    text is that had no say in it. Texts in the order given, every other one to a half."""
    one, two = list(texts[0::2]), list(texts[1::2])
    counts = _counts(one)
    familiarity, script, size = _look(_packed(counts), two)
    familiar = np.full(len(SCRIPTS), 2.0)
    for row in range(len(SCRIPTS)):
        if (script == row).sum() >= 1 / OUTSIDE:
            familiar[row] = np.quantile(familiarity[script == row], OUTSIDE)
    low, high = np.quantile(size, (OUTSIDE / 2, 1 - OUTSIDE / 2)) if len(size) else (0, 0)
    return Profile(_packed(counts + _counts(two)), familiar, (int(low), int(np.ceil(high))))


def unlike(profile: Profile, texts: Sequence[str]) -> Unlike:
    """How many of `texts` are unlike the measured ones; texts without a letter do not count, and
    none at all gives 0."""
    familiarity, script, size = _look(profile.known, texts)
    is_read = script >= 0
    if not is_read.any():
        return Unlike(0.0, 0.0, 0.0)
    strange = familiarity < profile.familiar[np.maximum(script, 0)]
    low, high = profile.lengths
    beyond = (size < low) | (size > high)
    return Unlike(
        float(strange[is_read].mean()),
        float(beyond[is_read].mean()),
        float((strange | beyond)[is_read].mean()),
    )


def domain_distance(profile: Profile, texts: Sequence[str]) -> float:
    """Share of `texts`, 0..1, that are unlike what was measured in words or in length.

    About `2 * OUTSIDE` for a sample of the measured kind, 1 where every text is another kind.
    """
    return unlike(profile, texts).either


def _look(
    known: NDArray[np.uint8], texts: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Share of known n-grams, script (-1: no letter) and length of each text (N,)."""
    found = [_look_at_once(known, texts[at : at + _AT_ONCE]) for at in _starts(texts)]
    if not found:
        return np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64)
    familiarity, script, size = zip(*found, strict=True)
    return np.concatenate(familiarity), np.concatenate(script), np.concatenate(size)


def _look_at_once(
    known: NDArray[np.uint8], texts: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    codes, owner = letters(texts)
    bucket, window = buckets(codes, owner, ORDER, BITS)
    is_known = (known[bucket >> 3] >> (7 - (bucket & 7)).astype(np.uint8)) & 1
    total = np.bincount(window, minlength=len(texts))
    hits = np.bincount(window, weights=is_known, minlength=len(texts))
    size = np.bincount(owner, minlength=len(texts)).astype(np.int64)
    return hits / np.maximum(total, 1), scripts(codes, owner, len(texts)), size


def _counts(texts: Sequence[str]) -> NDArray[np.int64]:
    """In how many texts each hashed n-gram stands (2**BITS,)."""
    counts = np.zeros(1 << BITS, dtype=np.int64)
    for at in _starts(texts):
        bucket, window = buckets(*letters(texts[at : at + _AT_ONCE]), ORDER, BITS)
        pairs = np.unique((window << BITS) | bucket)
        counts += np.bincount(pairs & ((1 << BITS) - 1), minlength=1 << BITS)
    return counts


def _packed(counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    return np.packbits(counts >= COMMON)


def _starts(texts: Sequence[str]) -> range:
    return range(0, len(texts), _AT_ONCE)
