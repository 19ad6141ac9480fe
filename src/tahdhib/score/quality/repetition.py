"""How much a text repeats itself: lines, paragraphs and word n-grams, as Gopher counts them.

After arXiv 2112.11446, table A1. An n-gram that stands once repeats nothing, so that a text of a
few words is not "its own top 2-gram" here.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

TOP_WORDS = (2, 3, 4)
DUPLICATE_WORDS = (5, 6, 7, 8, 9, 10)


class Repeats(NamedTuple):
    """Of a sequence of lines or paragraphs: how many were there before, and their characters."""

    parts: int
    characters: int


class NGrams(NamedTuple):
    """Characters of the commonest n-gram, all its occurrences together, for each of `TOP_WORDS`;
    characters in n-grams that stood in the text before, for each of `DUPLICATE_WORDS`."""

    top: tuple[int, ...]
    duplicate: tuple[int, ...]


def repeats(parts: Sequence[str]) -> Repeats:
    """Count the parts that stood in the sequence before."""
    if len(set(parts)) == len(parts):
        return Repeats(0, 0)
    seen: set[str] = set()
    count = characters = 0
    for part in parts:
        if part in seen:
            count += 1
            characters += len(part)
        seen.add(part)
    return Repeats(count, characters)


def n_grams(words: Sequence[str]) -> NGrams:
    """Measure the n-grams of `words`.

    An n-gram stands twice only if the n-grams one word shorter in it do: so each length looks at
    what the one before left, which of most texts is soon nothing. N-grams are numbered exactly,
    no hash is involved.
    """
    top = [0] * len(TOP_WORDS)
    duplicate = [0] * len(DUPLICATE_WORDS)
    numbers = {word: number for number, word in enumerate(dict.fromkeys(words))}
    numbers_i = np.fromiter(map(numbers.__getitem__, words), np.int64, len(words))
    ends = np.zeros(len(words) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, words), np.int64, len(words)), out=ends[1:])
    places = np.flatnonzero(np.bincount(numbers_i)[numbers_i] > 1)
    grams = _Repeated(places, numbers_i[places])
    for n in range(2, DUPLICATE_WORDS[-1] + 1):
        is_followed = grams.places[1:] - grams.places[:-1] == 1
        places = grams.places[:-1][is_followed]
        if not len(places):
            break
        keys = grams.numbers[:-1][is_followed] * len(numbers) + numbers_i[places + n - 1]
        grams = _repeated(places, keys)
        if not len(grams.places):
            break
        sizes = ends[grams.places + n] - ends[grams.places]
        if n in TOP_WORDS:
            top[n - TOP_WORDS[0]] = _top_characters(grams.numbers, sizes + n - 1)
        if n in DUPLICATE_WORDS:
            duplicate[n - DUPLICATE_WORDS[0]] = _duplicate_characters(grams, sizes, n)
    return NGrams(tuple(top), tuple(duplicate))


class _Repeated(NamedTuple):
    """The places of n-grams that stand twice or more, ascending, and which n-gram stands there."""

    places: NDArray[np.int64]
    numbers: NDArray[np.int64]


def _repeated(places: NDArray[np.int64], keys: NDArray[np.int64]) -> _Repeated:
    _, numbers, counts = np.unique(keys, return_inverse=True, return_counts=True)
    is_repeated = counts[numbers] > 1
    return _Repeated(places[is_repeated], numbers[is_repeated])


def _top_characters(numbers: NDArray[np.int64], sizes: NDArray[np.int64]) -> int:
    """Characters of the commonest n-gram, of several the one that comes first."""
    counts = np.bincount(numbers)
    first = int(np.argmax(counts[numbers]))
    return int(sizes[first] * counts[numbers[first]])


def _duplicate_characters(grams: _Repeated, sizes: NDArray[np.int64], n: int) -> int:
    """Characters of the n-grams that stood before, none counted in two of them."""
    seen: set[int] = set()
    total = free = 0
    for place, number, size in zip(*(a.tolist() for a in (*grams, sizes)), strict=True):
        if place < free:
            continue
        if number in seen:
            total += size
            free = place + n
        seen.add(number)
    return total
