"""Interpolated modified Kneser-Ney over sequences of numbers, in numpy: words and letters alike.

    P_n(w | h) = a(hw) + g(h) P_{n-1}(w | h'),   P_0 = 1 / V
    a(hw) = (c(hw) - D(c(hw))) / C(h),   g(h) = 1 - sum of a(hw) over the w that are kept

h' is h without its oldest element; c are counts in the highest order and of n-grams at the start
of a line, else numbers of different elements before the n-gram; C(h) their sum over w; D three
discounts per order for counts 1, 2 and above (Chen and Goodman 1998, section 3, as in KenLM). The
mass of an n-gram that is pruned goes to the lower order, so that the probabilities of what can
follow always sum to 1, but for the rounding of a and g to half floats of their logarithms.

A sequence is cut into lines by the number 0, which starts and ends it; 0 is predicted at the end
of a line, and no n-gram reaches over it. N-grams are told by 64-bit hashes, in the tables by 32
bits and their bucket: one look-up in some billions finds a stranger.

Axes: T positions of a sequence, G n-grams of a table.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]

_FIRST = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(31)
_LEAST_DISCOUNT, _MOST_DISCOUNT = 0.1, 0.9
"""Bounds of the discount per count, so that a tiny or odd reference leaves some mass to the lower
order and takes none that is not there."""


class Table(NamedTuple):
    """Values by hash: entries lie sorted in buckets of the hash's first bits.

    `sizes` (2 ** bits,) entries per bucket; `remainders` (G,) the next 32 bits of each hash;
    `logarithms` (G,) base 2 of the values.
    """

    sizes: NDArray[np.uint8]
    remainders: NDArray[np.uint32]
    logarithms: NDArray[np.float16]


class Order(NamedTuple):
    """One order of a model: a(hw) by n-gram, g(h) by context."""

    grams: Table
    contexts: Table


class Model(NamedTuple):
    """A whole model, lowest order first; `base` is the probability of any element, unseen."""

    orders: tuple[Order, ...]
    base: float


def count(ids: Integers, *, order: int, base: float, keep: Sequence[int]) -> Model:
    """The model of a sequence (T,) of numbers that starts and ends with 0.

    Args:
        ids: the sequence; never two 0 in a row.
        order: longest n-gram.
        base: probability of any element at order 0.
        keep: least count, by order, of the n-grams that stay.
    """
    hashes = _hashes(ids, order)
    reach = _reach(ids)
    tables: list[Order] = []
    position = np.flatnonzero(reach >= order)
    _, first, counts = _types(hashes[order][position])
    position = position[first]
    for length in range(order, 0, -1):
        tables.append(_order(hashes, length, position, counts, keep[length - 1]))
        if length == 1:
            break
        shorter = length - 1
        _, first, counts = _types(hashes[shorter][position])
        position = position[first]
        opening = np.flatnonzero(reach == shorter)
        if len(opening):
            _, first, raw = _types(hashes[shorter][opening])
            position, counts = np.r_[position, opening[first]], np.r_[counts, raw]
    return Model(tuple(reversed(tables)), base)


def bits(ids: Integers, opened: "Opened") -> Floats:
    """-log2 P of each element (T,) after what stands before it in its line; 0.0 for the first."""
    return surprise(ids, opened)[0]


def surprise(ids: Integers, opened: "Opened") -> tuple[Floats, Floats]:
    """Bits (T,) of each element after what stands before it in its line, and its bits (T,) by the
    lowest order alone, which sees nothing of that; 0.0 for the first."""
    hashes = _hashes(ids, len(opened.orders))
    reach = _reach(ids)
    probability = np.full(len(ids), opened.base)
    lowest = probability.copy()
    for length, (grams, contexts) in enumerate(opened.orders, start=1):
        where = np.flatnonzero(reach >= length)
        if len(where) == 0:
            break
        context = hashes[length - 1][where - 1]
        probability[where] *= contexts.values(context, missing=1.0)
        probability[where] += grams.values(hashes[length][where], missing=0.0)
        if length == 1:
            lowest = probability.copy()
    for each in (probability, lowest):
        each[:1] = 1.0
    return -np.log2(probability), -np.log2(lowest)


class Index:
    """A table made ready for look-ups."""

    def __init__(self, table: Table) -> None:
        self._bits = np.uint64(max(1, len(table.sizes)).bit_length() - 1)
        self._starts = np.zeros(len(table.sizes) + 1, dtype=np.int64)
        np.cumsum(table.sizes, out=self._starts[1:])
        self._deepest = int(table.sizes.max(initial=0))
        self._remainders = table.remainders
        self._values = np.exp2(table.logarithms.astype(np.float64))

    def values(self, keys: Hashes, *, missing: float) -> Floats:
        """The value of each hash (T,), `missing` where it has none."""
        found = np.full(len(keys), missing)
        bucket, wanted = _split(keys, self._bits)
        place, end = self._starts[bucket], self._starts[bucket + 1]
        open_ = np.flatnonzero(place < end)
        for depth in range(self._deepest):
            at = place[open_] + depth
            hit = self._remainders[at] == wanted[open_]
            found[open_[hit]] = self._values[at[hit]]
            open_ = open_[~hit]
            open_ = open_[place[open_] + depth + 1 < end[open_]]
            if len(open_) == 0:
                break
        return found


class Opened(NamedTuple):
    """A model made ready for look-ups: the indexes of n-grams and of contexts by order."""

    orders: tuple[tuple[Index, Index], ...]
    base: float


def opened(model: Model) -> Opened:
    """Make a model ready for look-ups."""
    return Opened(
        tuple((Index(order.grams), Index(order.contexts)) for order in model.orders), model.base
    )


def _hashes(ids: Integers, order: int) -> list[Hashes]:
    """By length n, the hash of the n elements that end at each position; where there are fewer
    the value means nothing."""
    hashes = [np.zeros(len(ids), dtype=np.uint64)]
    element = _mixed(ids.astype(np.uint64) + np.uint64(1))
    for length in range(1, order + 1):
        before = np.zeros(len(ids), dtype=np.uint64)
        if length > 1:
            before[1:] = hashes[-1][:-1]
        hashes.append(_mixed(before * _SECOND + element + np.uint64(length)))
    return hashes


def _mixed(values: Hashes) -> Hashes:
    values = (values ^ (values >> _SHIFT)) * _FIRST
    values = (values ^ (values >> _SHIFT)) * _SECOND
    return np.asarray(values ^ (values >> _SHIFT), dtype=np.uint64)


def _reach(ids: Integers) -> Integers:
    """Elements (T,) of the longest n-gram that ends at each position; 0 for the first of all."""
    places = np.arange(len(ids), dtype=np.int64)
    border = np.maximum.accumulate(np.where(ids == 0, places, 0))
    reach = np.zeros(len(ids), dtype=np.int64)
    reach[1:] = places[1:] - border[:-1] + 1
    return reach


def _types(hashes: Hashes) -> tuple[Hashes, Integers, Integers]:
    """Different hashes, the place of each one's first, and how often each stands there."""
    return np.unique(hashes, return_index=True, return_counts=True)


def _order(
    hashes: list[Hashes], length: int, position: Integers, counts: Integers, keep: int
) -> Order:
    """Tables of one order from the places (G,) and counts (G,) of its n-grams."""
    contexts, owner = np.unique(hashes[length - 1][position - 1], return_inverse=True)
    totals = np.bincount(owner, weights=counts)
    discount = _discounts(counts)[np.minimum(counts, 3)]
    shares = np.log2((counts - discount) / totals[owner]).astype(np.float16)
    kept = counts >= keep
    held = np.exp2(shares[kept].astype(np.float64))
    left = 1.0 - np.bincount(owner[kept], weights=held, minlength=len(contexts))
    is_used = np.bincount(owner[kept], minlength=len(contexts)) > 0
    passed = np.log2(np.maximum(left[is_used], 2.0**-14)).astype(np.float16)
    return Order(
        _table(hashes[length][position[kept]], shares[kept]), _table(contexts[is_used], passed)
    )


def _discounts(counts: Integers) -> Floats:
    """Discounts (4,) of the counts 0, 1, 2 and above."""
    ones, twos, threes, fours = (float((counts == number).sum()) for number in (1, 2, 3, 4))
    common = ones / (ones + 2 * twos) if ones else 0.5
    found = np.zeros(4)
    for number, here, above in ((1, ones, twos), (2, twos, threes), (3, threes, fours)):
        raw = number - (number + 1) * common * above / here if here else 0.5 * number
        found[number] = min(max(raw, _LEAST_DISCOUNT), _MOST_DISCOUNT * number)
    return found


def _table(keys: Hashes, logarithms: NDArray[np.float16]) -> Table:
    for_bits = max(1, (2 * len(keys)).bit_length() - 1)
    bucket, remainder = _split(keys, np.uint64(for_bits))
    order = np.lexsort((remainder, bucket))
    sizes = np.bincount(bucket, minlength=1 << for_bits)
    return Table(sizes.astype(np.uint8), remainder[order], logarithms[order])


def _split(keys: Hashes, for_bits: np.uint64) -> tuple[Integers, NDArray[np.uint32]]:
    """The bucket of each hash, and what tells it from the others there."""
    bucket = (keys >> (np.uint64(64) - for_bits)).astype(np.int64)
    return bucket, ((keys << for_bits) >> np.uint64(32)).astype(np.uint32)
