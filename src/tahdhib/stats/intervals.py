"""Every interval and test of the project, once: shares, means, paired differences, AUROC.

All are two-sided with `LEVEL` coverage. Resampling is by cluster where rows depend on each other
(one site, one template, one near-duplicate group). With few clusters a plain percentile interval
is too short; its percentiles are widened as Hesterberg proposes (arXiv 1411.5279, section 3.2), so
that it is as long as a t interval where a t interval is right.

What too few rows give: no row, estimate 0 and the widest interval there is; one cluster, its own
estimate and the widest interval there is, since one thing says nothing about spread.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tahdhib.records import Interval

LEVEL = 0.95
POWER = 0.8
_NORMAL = NormalDist()
_Z = _NORMAL.inv_cdf((1 + LEVEL) / 2)
_Z_POWER = _NORMAL.inv_cdf(POWER)
_DRAWS_AT_ONCE = 4_000_000
_ROUNDING = 1e-12
"""Spread below this share of the largest value is rounding, not spread."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of `a - b` over pairs.

    `is_found`: 0 lies outside the interval. `detectable`: the smallest difference, in the unit of
    the values, that so many pairs would have found in four of five trials; infinite for fewer than
    two clusters, 0 where all pairs differ by the same.
    """

    interval: Interval
    is_found: bool
    detectable: float

    def words(self, unit: str = "") -> str:
        """The finding as one clause, for the report and the command line."""
        n, unit = self.interval.n, f" {unit}" if unit else ""
        if n == 0:
            return "nothing was compared"
        if self.is_found:
            low, high = self.interval.low, self.interval.high
            return (
                f"a difference of {self.interval.estimate:+.3g}{unit} was found "
                f"({low:+.3g} to {high:+.3g}, n={n:,})"
            )
        if math.isinf(self.detectable):
            return f"no difference was found; n={n:,} is too few to have found one"
        if self.detectable == 0:
            return f"no difference was found; all {n:,} pairs are equal"
        return (
            f"no difference was found; a difference of {self.detectable:.3g}{unit} "
            f"or more would have been found (n={n:,})"
        )


def wilson(successes: int, n: int) -> Interval:
    """Wilson's score interval of a share; n = 0 gives estimate 0 in [0, 1].

    Raises:
        ValueError: successes outside 0..n.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n}: expected 0 <= successes <= n")
    if n == 0:
        return Interval(0.0, 0.0, 1.0, 0, LEVEL)
    share = successes / n
    scale = 1 + _Z**2 / n
    centre = (share + _Z**2 / (2 * n)) / scale
    reach = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / scale
    low = 0.0 if successes == 0 else max(0.0, centre - reach)
    high = 1.0 if successes == n else min(1.0, centre + reach)
    return Interval(share, low, high, n, LEVEL)


def bootstrap_mean(
    values: ArrayLike,
    *,
    seed: int,
    repetitions: int,
    clusters: Sequence[Hashable] | None = None,
) -> Interval:
    """Interval of the mean of `values` by resampling clusters (each value its own by default).

    Raises:
        ValueError: a value is not finite, or `clusters` has another length.
    """
    array = _finite(values)
    if len(array) == 0:
        return Interval(0.0, -math.inf, math.inf, 0, LEVEL)
    groups = _groups(array, clusters)
    if len(groups.sums) < 2:
        return Interval(float(array.mean()), -math.inf, math.inf, len(array), LEVEL)
    means = _resampled_means(groups, seed, repetitions)
    low, high = _bounds(means, len(groups.sums))
    return Interval(float(array.mean()), low, high, len(array), LEVEL)


def paired_difference(
    a: ArrayLike,
    b: ArrayLike,
    *,
    seed: int,
    repetitions: int,
    clusters: Sequence[Hashable] | None = None,
) -> Difference:
    """Is the mean of `a` another than that of `b`, pair by pair?

    Where all pairs differ by the same the interval is that point; 0 is then "not found".

    Raises:
        ValueError: a value is not finite, or the lengths differ.
    """
    left, right = _finite(a), _finite(b)
    if len(left) != len(right):
        raise ValueError(f"{len(left)} values against {len(right)}: pairs need equal lengths")
    change = left - right
    if len(change) == 0:
        return Difference(Interval(0.0, -math.inf, math.inf, 0, LEVEL), False, math.inf)
    groups = _groups(change, clusters)
    count = len(groups.sums)
    mean = float(change.mean())
    if count < 2:
        return Difference(Interval(mean, -math.inf, math.inf, len(change), LEVEL), False, math.inf)
    scale = float(max(np.abs(left).max(), np.abs(right).max()))
    if float(np.ptp(change)) <= _ROUNDING * scale:
        return Difference(
            Interval(mean, mean, mean, len(change), LEVEL), abs(mean) > _ROUNDING * scale, 0.0
        )
    means = _resampled_means(groups, seed, repetitions)
    low, high = _bounds(means, count)
    error = float(means.std()) * math.sqrt(count / (count - 1))
    interval = Interval(mean, low, high, len(change), LEVEL)
    return Difference(interval, not low <= 0 <= high, (_Z + _Z_POWER) * error)


def auroc(
    scores: ArrayLike,
    labels: ArrayLike,
    *,
    seed: int,
    repetitions: int,
    clusters: Sequence[Hashable] | None = None,
) -> Interval:
    """Area under the ROC curve of `scores` for true `labels`; a tie counts one half.

    Without rows of both kinds: estimate 0.5 in [0, 1]; a single cluster: its own in [0, 1].

    Raises:
        ValueError: a score is not finite, or the lengths differ.
    """
    values = _finite(scores)
    truth = np.asarray(labels, dtype=bool)
    if len(values) != len(truth):
        raise ValueError(f"{len(values)} scores for {len(truth)} labels")
    if truth.all() or not truth.any():
        return Interval(0.5, 0.0, 1.0, len(values), LEVEL)
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(values[order]) > 0])
    positive = truth[order].astype(np.float64)
    groups = _groups(values, clusters).member[order]
    count = int(groups.max()) + 1
    estimate = float(_weighted_areas(np.ones((1, len(values))), positive, starts)[0])
    if count < 2:
        return Interval(estimate, 0.0, 1.0, len(values), LEVEL)
    generator = np.random.default_rng(seed)
    areas = []
    for rows in _chunks(repetitions, len(values)):
        picks = generator.multinomial(count, np.full(count, 1 / count), size=rows)
        areas.append(_weighted_areas(picks[:, groups].astype(np.float64), positive, starts))
    drawn = np.concatenate(areas)
    low, high = _bounds(drawn[np.isfinite(drawn)], count)
    return Interval(estimate, low, high, len(values), LEVEL)


def macro_f1(
    confusion: ArrayLike,
    *,
    seed: int,
    repetitions: int,
    classes: Sequence[int] | None = None,
) -> Interval:
    """Mean F1 over `classes` (all by default) from counts (K, K), one row per true class.

    Drawing rows anew is drawing the cells of the table from their multinomial. A class that
    neither occurs nor is predicted has F1 0, so that a class of few rows widens the interval.

    Raises:
        ValueError: the table is not square, or holds a negative count.
    """
    table = _finite(np.ravel(confusion)).astype(np.int64)
    size = math.isqrt(len(table))
    if size * size != len(table) or (table < 0).any():
        raise ValueError(f"a table of shape {np.shape(confusion)}: expected K x K counts >= 0")
    chosen = list(range(size)) if classes is None else list(classes)
    n = int(table.sum())
    if n == 0:
        return Interval(0.0, 0.0, 1.0, 0, LEVEL)
    estimate = float(_mean_f1(table.reshape(1, size, size), chosen)[0])
    if n == 1:
        return Interval(estimate, 0.0, 1.0, n, LEVEL)
    drawn = np.random.default_rng(seed).multinomial(n, table / n, size=repetitions)
    low, high = _bounds(_mean_f1(drawn.reshape(-1, size, size), chosen), n)
    return Interval(estimate, max(low, 0.0), min(high, 1.0), n, LEVEL)


def _mean_f1(tables: NDArray[np.int64], classes: Sequence[int]) -> NDArray[np.float64]:
    """Mean F1 (R,) over classes of confusion tables (R, K, K)."""
    hits = np.diagonal(tables, axis1=1, axis2=2)
    either = tables.sum(axis=1) + tables.sum(axis=2)
    each = 2 * hits / np.maximum(either, 1)
    return np.asarray(each[:, list(classes)].mean(axis=1), dtype=np.float64)


class _Groups(NamedTuple):
    """Sum and size of each of K clusters, and the cluster of each row."""

    sums: NDArray[np.float64]
    sizes: NDArray[np.float64]
    member: NDArray[np.int64]


def _finite(values: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64).reshape(-1)
    if not np.isfinite(array).all():
        bad = int((~np.isfinite(array)).sum())
        raise ValueError(f"{bad} of {len(array)} values are not finite")
    return array


def _groups(values: NDArray[np.float64], clusters: Sequence[Hashable] | None) -> _Groups:
    if clusters is None:
        return _Groups(values, np.ones(len(values)), np.arange(len(values), dtype=np.int64))
    if len(clusters) != len(values):
        raise ValueError(f"{len(values)} values in {len(clusters)} clusters: one cluster per value")
    numbering: dict[Hashable, int] = {}
    member = np.array(
        [numbering.setdefault(name, len(numbering)) for name in clusters], dtype=np.int64
    )
    sums = np.bincount(member, weights=values, minlength=len(numbering)).astype(np.float64)
    return _Groups(sums, np.bincount(member).astype(np.float64), member)


def _resampled_means(groups: _Groups, seed: int, repetitions: int) -> NDArray[np.float64]:
    """Means (R,) over clusters drawn with replacement; sums and sizes are drawn together."""
    generator = np.random.default_rng(seed)
    count = len(groups.sums)
    means = []
    for rows in _chunks(repetitions, count):
        picks = generator.integers(0, count, size=(rows, count), dtype=np.int32)
        means.append(groups.sums[picks].sum(axis=1) / groups.sizes[picks].sum(axis=1))
    return np.concatenate(means)


def _chunks(repetitions: int, width: int) -> list[int]:
    """Split `repetitions` so that no draw holds more than `_DRAWS_AT_ONCE` numbers."""
    if repetitions < 1:
        raise ValueError(f"{repetitions} repetitions: expected at least 1")
    step = max(1, _DRAWS_AT_ONCE // max(1, width))
    return [min(step, repetitions - start) for start in range(0, repetitions, step)]


def _bounds(drawn: NDArray[np.float64], count: int) -> tuple[float, float]:
    tail = _NORMAL.cdf(-math.sqrt(count / (count - 1)) * _t_quantile((1 + LEVEL) / 2, count - 1))
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)


def _t_quantile(probability: float, degrees: int) -> float:
    """Quantile of Student's t for `probability` > 1/2; Hill's algorithm 396 (CACM 1970), whose
    error is below one part in ten thousand."""
    both = 2 * (1 - probability)
    if degrees == 1:
        return math.tan(math.pi / 2 * (1 - both))
    if degrees == 2:
        return math.sqrt(2 / (both * (2 - both)) - 2)
    a = 1 / (degrees - 0.5)
    b = 48 / a**2
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * degrees
    y = (d * both) ** (2 / degrees)
    if y > 0.05 + a:
        x = _NORMAL.inv_cdf(both / 2)
        y = x**2
        if degrees < 5:
            c += 0.3 * (degrees - 4.5) * (x + 0.6)
        c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
        y = math.expm1(a * y**2)
    else:
        inner = 1 / (((degrees + 6) / (degrees * y) - 0.089 * d - 0.822) * (degrees + 2) * 3)
        y = ((inner + 0.5 / (degrees + 4)) * y - 1) * (degrees + 1) / (degrees + 2) + 1 / y
    return math.sqrt(degrees * y)


def _weighted_areas(
    weights: NDArray[np.float64], positive: NDArray[np.float64], starts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """AUROC (R,) of rows sorted by score under weights (R, N); `starts` (T,) opens each tie."""
    ups = np.add.reduceat(weights * positive, starts, axis=1)
    downs = np.add.reduceat(weights * (1 - positive), starts, axis=1)
    below = np.cumsum(downs, axis=1) - downs / 2
    pairs = ups.sum(axis=1) * downs.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray((ups * below).sum(axis=1) / np.where(pairs == 0, np.nan, pairs))
