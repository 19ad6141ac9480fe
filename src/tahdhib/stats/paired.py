"""Two answers to each of the same questions: is one of the two who answered better?

`mcnemar` and `f1_difference` test by item; `holm` holds the level over several tests. Both give the
smallest difference that so many items would have told from none in four of five trials.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.records import Interval
from tahdhib.stats.intervals import Difference
from tahdhib.stats.means import LEVEL, POWER
from tahdhib.stats.rough import why_few_faults
from tahdhib.stats.student import NORMAL

_AT_ONCE = 4000


class Tested(NamedTuple):
    """A difference with its interval, and how likely one as large or larger is by chance."""

    difference: Difference
    p: float


def mcnemar(only_a: int, only_b: int) -> float:
    """Exact two-sided p of McNemar's test, from the items that only A or only B has right; 1
    without any (McNemar 1947; the binomial distribution with a half).

    Raises:
        ValueError: a count is negative.
    """
    if min(only_a, only_b) < 0:
        raise ValueError(f"{only_a} and {only_b} items: expected counts of at least 0")
    n, fewer = only_a + only_b, min(only_a, only_b)
    if n == 0:
        return 1.0
    logs = [
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2)
        for k in range(fewer + 1)
    ]
    return min(1.0, 2 * math.fsum(math.exp(one) for one in logs))


def sign_flips(differences: Sequence[float], *, seed: int, repetitions: int) -> float:
    """Two-sided p that the mean of differences is 0, by flipping their signs at random."""
    values = np.asarray(differences, dtype=np.float64)
    observed = abs(values.sum()) * (1 - 1e-12)
    generator = np.random.default_rng(seed)
    as_large = 0
    at_once = max(1, 1_000_000 // max(1, len(values)))
    for start in range(0, repetitions, at_once):
        count = min(at_once, repetitions - start)
        signs = generator.integers(0, 2, size=(count, len(values))) * 2 - 1
        as_large += int((np.abs(signs @ values) >= observed).sum())
    return (1 + as_large) / (1 + repetitions)


def holm(ps: Sequence[float]) -> list[float]:
    """Each p as it counts among all of them: below the level with a chance of at most the level
    that any is so without a difference (Holm 1979)."""
    adjusted, highest = [1.0] * len(ps), 0.0
    for rank, at in enumerate(sorted(range(len(ps)), key=lambda place: ps[place])):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[at]))
        adjusted[at] = highest
    return adjusted


def f1_difference(
    truth: Sequence[int],
    a: Sequence[int],
    b: Sequence[int],
    *,
    classes: int,
    seed: int,
    repetitions: int,
) -> Tested:
    """Mean F1 of A less that of B over `classes` classes; any other number is no class.

    The interval is the percentile one over items drawn anew, p that of exchanging A's and B's
    answers item by item at random. Items alike in truth and both answers are one cell of a table,
    so both are draws of counts.

    Raises:
        ValueError: the lengths differ.
    """
    if not len(truth) == len(a) == len(b):
        raise ValueError(f"{len(truth)} truths, {len(a)} and {len(b)} answers: expected as many")
    n = len(truth)
    rows = np.minimum(np.array([truth, a, b], dtype=np.int64).reshape(3, n), classes).T
    cells, counts = np.unique(rows, axis=0, return_counts=True)
    observed = _apart(cells, counts[None, :], counts[None, :], classes)[0] if n else 0.0
    rough = why_few_faults(int((rows[:, 1] != rows[:, 2]).sum()))
    if n < 2:
        return Tested(Difference(Interval(observed, -1, 1, n, LEVEL, rough), False, math.inf), 1.0)
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(n, counts / n, size=repetitions)
    found = np.concatenate(
        [_apart(cells, part, part, classes) for part in np.array_split(drawn, _parts(drawn))]
    )
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    stays = generator.binomial(counts, 0.5, size=(repetitions, len(counts)))
    by_chance = _exchanged(cells, stays, counts, classes)
    as_large = int((np.abs(by_chance) >= abs(observed) - 1e-12).sum())
    interval = Interval(float(observed), float(low), float(high), n, LEVEL, rough)
    reach = NORMAL.inv_cdf((1 + LEVEL) / 2) + NORMAL.inv_cdf(POWER)
    is_found = not rough and not low <= 0 <= high
    detectable = reach * float(found.std(ddof=1))
    return Tested(Difference(interval, is_found, detectable), (1 + as_large) / (1 + repetitions))


def mean_f1(truth: Sequence[int], said: Sequence[int], classes: int) -> float:
    """Mean F1 over `classes` classes of one who answered; any other number is no class."""
    ones = np.ones((1, len(truth)), dtype=np.int64)
    return float(_mean_f1(np.asarray(truth), np.asarray(said), ones, classes)[0])


def _parts(drawn: NDArray[np.int64]) -> int:
    return max(1, len(drawn) // _AT_ONCE)


def _apart(
    cells: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64], classes: int
) -> NDArray[np.float64]:
    """Mean F1 of A less that of B (R,) where each cell counts `a` and `b` times (R, cells)."""
    return _mean_f1(cells[:, 0], cells[:, 1], a, classes) - _mean_f1(
        cells[:, 0], cells[:, 2], b, classes
    )


def _exchanged(
    cells: NDArray[np.int64], stays: NDArray[np.int64], counts: NDArray[np.int64], classes: int
) -> NDArray[np.float64]:
    """The same (R,) where of each cell so many items keep who said what (R, cells)."""
    goes = counts - stays
    truth = np.concatenate([cells[:, 0], cells[:, 0]])
    as_a = np.concatenate([cells[:, 1], cells[:, 2]])
    as_b = np.concatenate([cells[:, 2], cells[:, 1]])
    table = np.concatenate([stays, goes], axis=1)
    return _mean_f1(truth, as_a, table, classes) - _mean_f1(truth, as_b, table, classes)


def _mean_f1(
    truth: NDArray[np.int64], said: NDArray[np.int64], counts: NDArray[np.int64], classes: int
) -> NDArray[np.float64]:
    """Mean F1 (R,) of cells with a truth and an answer that count so often (R, cells)."""
    found = np.zeros(len(counts))
    for one in range(classes):
        hits = counts[:, (truth == one) & (said == one)].sum(axis=1)
        either = counts[:, truth == one].sum(axis=1) + counts[:, said == one].sum(axis=1)
        found += 2 * hits / np.maximum(either, 1)
    return np.asarray(found / classes)
