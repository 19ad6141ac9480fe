"""Which documents the teacher is given: at random, by strata, from one end of a score, far apart.

All of it is a function of ids, what is told of each document, and the seed: no order, shard or
process matters. Nothing here holds more than the chosen documents, a bounded draw, and a number per
stratum.
"""

import heapq
import math
import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from tahdhib.stats.draw import rank, share

PURPOSE = "annotate"
"""As in every draw: the same documents stand first here and in the paper's random sample."""
MOST_STRATA = 10_000
QUANTILE_ROWS = 50_000
"""Documents, drawn at random, from which the quantiles of a score are read."""
DIMENSIONS = 256
"""Places of a vector to which words and pairs of words are hashed; one more tells a text without
words from all others."""
BLOCK = 20_000
"""Candidates that are held against each other; of more, blocks are made that each give their
share. With it, choosing takes memory for the vectors and time for candidates x choices."""
_LENGTH = 127
"""Length of a vector: its parts are then whole numbers of a byte, and all sums are exact in
float32, whatever the order in which they are made."""

Stratum = tuple[str, int]
"""The value of a metadata field (empty: none), and the bin of a score (-1: none)."""


class Weighed(NamedTuple):
    """What the choice knows of a document; `value` is None where the score means nothing."""

    id: str
    group: str = ""
    value: float | None = None


class Picked(NamedTuple):
    """A chosen document. `place` in [0, 1) is its turn: whoever takes only the first of these
    still has every stratum in its share."""

    id: str
    place: float
    stratum: str = ""
    value: float | None = None


Rows = Callable[[], Iterable[Weighed]]
"""All documents, as often as they are wanted."""
_Entry = TypeVar("_Entry", bound=tuple[Any, ...])


class TooManyStrata(ValueError):
    """The field names documents rather than kinds of them."""


def stratified(
    rows: Rows, *, count: int, bins: int, allocation: Literal["proportional", "equal"], seed: int
) -> list[Picked]:
    """Choose from each stratum, at random inside it.

    Args:
        rows: the documents; strata are their groups, and within these the quantile bins of their
            values, where they have any.
        count: documents to choose; all where there are fewer.
        bins: bins of equal frequency over the whole corpus; equal values lie in one bin.
        allocation: as `allotted`.
        seed: seed of the draw.

    Raises:
        TooManyStrata: more than `MOST_STRATA`.
    """
    borders = quantiles(rows(), [step / bins for step in range(1, bins)], seed)
    sizes: Counter[Stratum] = Counter()
    for row in rows():
        sizes[_stratum(row, borders)] += 1
        if len(sizes) > MOST_STRATA:
            raise TooManyStrata
    shares = allotted(sizes, count, allocation)
    heaps: dict[Stratum, list[tuple[int, str, float | None]]] = {name: [] for name in shares}
    for row in rows():
        name = _stratum(row, borders)
        if shares.get(name):
            entry = (-rank(PURPOSE, seed, row.id), row.id, row.value)
            _keep(heaps[name], entry, shares[name])
    picked = []
    for (group, bin_), heap in heaps.items():
        named = " · ".join(part for part in (group, f"bin {bin_ + 1}" * (bin_ >= 0)) if part)
        for turn, (_, identity, value) in enumerate(sorted(heap, key=lambda one: -one[0])):
            place = (turn + share(f"{PURPOSE} turn", seed, identity)) / len(heap)
            picked.append(Picked(identity, place, named or "–", value))
    return sorted(picked, key=lambda one: (one.place, one.id))


def from_one_end(
    rows: Rows, *, count: int, end: Literal["high", "low"], among: float, seed: int
) -> list[Picked]:
    """Choose at random among the documents at one end of a score.

    Args:
        rows: the documents; those without a value come last.
        count: documents to choose; all where there are fewer.
        end: which end of the score.
        among: the end's share of the corpus; where it has fewer documents than `count`, those
            next to it join in, the nearest first.
        seed: seed of the draw.
    """
    sign = 1.0 if end == "low" else -1.0
    (border,) = quantiles(rows(), [among if end == "low" else 1 - among], seed) or (0.0,)
    heap: list[tuple[float, float, str, float | None]] = []
    for row in rows():
        chance = share(PURPOSE, seed, row.id)
        if row.value is None:
            key = (-2.0, -chance)
        elif sign * row.value <= sign * border:
            key = (0.0, -chance)
        else:
            key = (-1.0, -sign * row.value)
        _keep(heap, (*key, row.id, row.value), count)
    chosen = sorted(heap, key=lambda one: rank(PURPOSE, seed, one[2]))
    return [
        Picked(identity, turn / len(chosen), end, value)
        for turn, (_, _, identity, value) in enumerate(chosen)
    ]


def far_apart(vectors: NDArray[np.int8], count: int) -> list[int]:
    """Choose rows of `vectors` (N, D) so that each is as unlike those before it as any is: greedy
    k-centre (Gonzalez 1985), which covers all rows within twice the smallest radius that `count`
    choices can have. The first row is the start; ties go to the row that stands first.

    Returns:
        Places of at most `count` rows, in the order of choice; rows past `BLOCK` make blocks.
    """
    number = math.ceil(len(vectors) / BLOCK)
    parts = [np.arange(start, len(vectors), number) for start in range(number)]
    shares = [count // number + (at < count % number) for at in range(number)] if number else []
    found = [
        part[_spread(vectors[part].astype(np.float32), n)]
        for part, n in zip(parts, shares, strict=True)
    ]
    turns = [(turn, int(row)) for part in found for turn, row in enumerate(part)]
    return [row for _, row in sorted(turns)]


def vector(text: str) -> NDArray[np.int8]:
    """A text as a point on a sphere: how often its words and pairs of neighbours occur, damped by
    the logarithm, hashed with a sign, and cut to whole numbers."""
    words = text.split()
    counts = Counter(words)
    counts.update(map(" ".join, pairwise(words)))
    keys = [zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in counts]
    hashed = np.array(keys, dtype=np.int64)
    weights = 1 + np.log(np.fromiter(counts.values(), dtype=np.float64, count=len(keys)))
    signs = np.where(hashed & (1 << 31), -1.0, 1.0)
    sums = np.bincount(hashed % DIMENSIONS, weights=signs * weights, minlength=DIMENSIONS)
    length = float(np.sqrt((sums**2).sum()))
    found = np.zeros(DIMENSIONS + 1, dtype=np.int8)
    if length > 0:
        found[:DIMENSIONS] = np.rint(sums / length * _LENGTH)
    else:
        found[DIMENSIONS] = _LENGTH
    return found


def allotted(
    sizes: Mapping[Stratum, int], count: int, allocation: Literal["proportional", "equal"]
) -> dict[Stratum, int]:
    """How many of each stratum, none more than there are; together `count`, or all.

    `equal` gives each as many as any other that still has some. `proportional` rounds as Webster
    does; in both, every stratum has one where `count` is enough for that.
    """
    found = dict.fromkeys(sizes, 0)
    has_all = count >= len(sizes)

    def turn(name: Stratum) -> tuple[float, int, Stratum]:
        own = found[name]
        if allocation == "equal":
            weight = -float(own)
        else:
            weight = math.inf if has_all and not own else sizes[name] / (2 * own + 1)
        return (-weight, -sizes[name], name)

    queue = [turn(name) for name in sizes]
    heapq.heapify(queue)
    for _ in range(min(count, sum(sizes.values()))):
        name = heapq.heappop(queue)[2]
        found[name] += 1
        if found[name] < sizes[name]:
            heapq.heappush(queue, turn(name))
    return found


def affordable(costs: Sequence[float], budget: float) -> int:
    """How many of the first may be asked so that their costs stay within the budget."""
    spent = 0.0
    for number, cost in enumerate(costs):
        spent += cost
        if spent > budget:
            return number
    return len(costs)


def quantiles(rows: Iterable[Weighed], shares: Sequence[float], seed: int) -> tuple[float, ...]:
    """The values below which such shares of the corpus lie, read from a draw of `QUANTILE_ROWS`;
    none where no document has a value."""
    drawn = heapq.nsmallest(
        QUANTILE_ROWS,
        (
            (rank(f"{PURPOSE} quantiles", seed, row.id), row.value)
            for row in rows
            if row.value is not None
        ),
    )
    values = sorted(value for _, value in drawn)
    if not values:
        return ()
    return tuple(values[min(len(values) - 1, int(share * len(values)))] for share in shares)


def _keep(heap: list[_Entry], entry: _Entry, size: int) -> None:
    """Hold the `size` greatest entries."""
    if len(heap) < size:
        heapq.heappush(heap, entry)
    elif heap and heap[0] < entry:
        heapq.heapreplace(heap, entry)


def _stratum(row: Weighed, borders: Sequence[float]) -> Stratum:
    return (row.group, -1 if row.value is None else bisect_right(borders, row.value))


def _spread(vectors: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """`far_apart` for one block."""
    nearest = np.full(len(vectors), -np.inf, dtype=np.float32)
    chosen = np.zeros(min(count, len(vectors)), dtype=np.int64)
    for turn in range(len(chosen)):
        best = int(nearest.argmin())
        chosen[turn] = best
        np.maximum(nearest, vectors @ vectors[best], out=nearest)
        nearest[best] = np.inf
    return chosen
