"""Every interval and test of the project, once: shares, means, paired differences, AUROC, F1.

All are two-sided with `LEVEL` coverage. Rows that depend on each other (one site, one template, one
near-duplicate group) are given as clusters. `benchmarks/intervals.py` simulates what each covers:
.93 to .97, but where an interval says of itself that it is `rough` (`stats.rough`).

What too few rows give: no row, estimate 0 and the widest interval there is; one cluster, its own
estimate and the widest interval there is, since one thing says nothing about spread.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tahdhib.records import Interval
from tahdhib.stats.clusters import Floats, groups
from tahdhib.stats.means import LEVEL, Mean, finite, means
from tahdhib.stats.rough import why_few_faults, why_rough
from tahdhib.stats.student import NORMAL, t_quantile

_Z = NORMAL.inv_cdf((1 + LEVEL) / 2)
_BOTH = "clusters with the rarer label"
_FEW = 60
"""Up to so many clusters each can be left out in turn."""
_ROUNDING = 1e-12
"""Spread below this share of the largest value is rounding, not spread."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of `a - b` over pairs.

    `is_found`: 0 lies outside the interval, and the interval can be relied on. `detectable`: the
    smallest difference, in the unit of the values, that so many pairs would have found in four of
    five trials; infinite for fewer than two clusters, 0 where all pairs differ by the same.
    """

    interval: Interval
    is_found: bool
    detectable: float

    def words(self, unit: str = "") -> str:
        """The finding as one clause, for the report and the command line."""
        n, unit = self.interval.n, f" {unit}" if unit else ""
        if n == 0:
            return "nothing was compared"
        if self.detectable == 0 and self.interval.estimate == 0:
            return f"no difference was found; all {n:,} pairs are equal"
        if self.interval.rough:
            return f"no difference is claimed; {self.interval.rough} (n={n:,})"
        if self.is_found:
            low, high = self.interval.low, self.interval.high
            return (
                f"a difference of {self.interval.estimate:+.3g}{unit} was found "
                f"({low:+.3g} to {high:+.3g}, n={n:,})"
            )
        if math.isinf(self.detectable):
            return f"no difference was found; n={n:,} is too few to have found one"
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
    return _wilson(successes / n, n, n)


def stratified_share(parts: Sequence[tuple[float, float, int]]) -> Interval:
    """A share of a whole that was sampled by strata: Wilson's interval at the number of rows that
    would know it as well, drawn without strata (Kish 1965, section 11.7).

    Args:
        parts: of each stratum its weight, the share seen there and the rows that it was seen on.
            Strata without rows are left out and the weights of the others go for theirs.
    """
    seen = [(weight, share, n) for weight, share, n in parts if n > 0 and weight > 0]
    whole = sum(weight for weight, _, _ in seen)
    if not seen:
        return Interval(0.0, 0.0, 1.0, 0, LEVEL)
    share = sum(weight * part for weight, part, _ in seen) / whole
    effective = 1 / sum((weight / whole) ** 2 / n for weight, _, n in seen)
    return _wilson(min(max(share, 0.0), 1.0), effective, sum(n for _, _, n in seen))


def _wilson(share: float, n: float, rows: int) -> Interval:
    scale = 1 + _Z**2 / n
    centre = (share + _Z**2 / (2 * n)) / scale
    reach = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / scale
    low = 0.0 if share == 0 else max(0.0, centre - reach)
    high = 1.0 if share == 1 else min(1.0, centre + reach)
    return Interval(share, low, high, rows, LEVEL)


def bootstrap_mean(
    values: ArrayLike,
    *,
    seed: int,
    repetitions: int,
    clusters: Sequence[Hashable] | None = None,
) -> Interval:
    """Interval of the mean of `values`, over clusters (each value its own by default).

    Raises:
        ValueError: a value is not finite, or `clusters` has another length.
    """
    array = finite(values).reshape(-1)
    (found,) = means(array[:, None], seed=seed, repetitions=repetitions, clusters=clusters)
    return as_interval(found, len(array))


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
    left, right = finite(a).reshape(-1), finite(b).reshape(-1)
    if len(left) != len(right):
        raise ValueError(f"{len(left)} values against {len(right)}: pairs need equal lengths")
    change = left - right
    if len(change):
        change[np.abs(change) <= _ROUNDING * max(np.abs(left).max(), np.abs(right).max())] = 0.0
    (found,) = means(
        change[:, None], seed=seed, repetitions=repetitions, clusters=clusters, changes=(0,)
    )
    return as_difference(found, len(change))


def as_interval(found: Mean, n: int) -> Interval:
    """A mean of `n` rows as an interval."""
    return Interval(found.value, found.low, found.high, n, LEVEL, found.rough)


def as_difference(found: Mean, n: int) -> Difference:
    """A mean change over `n` pairs as a difference; a rough one is not found."""
    is_found = not found.rough and not found.low <= 0 <= found.high
    return Difference(as_interval(found, n), is_found, found.detectable)


def auroc(
    scores: ArrayLike,
    labels: ArrayLike,
    *,
    seed: int = 0,
    repetitions: int = 0,
    clusters: Sequence[Hashable] | None = None,
) -> Interval:
    """Area under the ROC curve of `scores` for true `labels`; a tie counts one half.

    The interval is a t interval of the area's log-odds, with DeLong's variance, for clusters as in
    Obuchowski (Biometrics 1997), or, of few clusters with both labels, that of leaving out each in
    turn, and degrees of freedom as Welch counts them: resampling, which `seed` and `repetitions`
    were for, covered .46 to .90 with few clusters or areas near one.

    Without rows of both kinds: estimate 0.5 in [0, 1]; a single cluster: its own in [0, 1].

    Raises:
        ValueError: a score is not finite, or the lengths differ.
    """
    values = finite(scores).reshape(-1)
    truth = np.asarray(labels, dtype=bool).reshape(-1)
    if len(values) != len(truth):
        raise ValueError(f"{len(values)} scores for {len(truth)} labels")
    if truth.all() or not truth.any():
        return Interval(0.5, 0.0, 1.0, len(values), LEVEL, why_rough(0, _BOTH))
    member = groups(len(values), clusters).member
    ups = _side(_placements(values[truth], values[~truth]), member[truth])
    downs = _side(-_placements(values[~truth], values[truth]), member[~truth])
    area = ups.mean
    count = len(np.union1d(ups.cluster, downs.cluster))
    rough = why_rough(min(ups.effective, downs.effective), _BOTH)
    if count < 2:
        return Interval(area, 0.0, 1.0, len(values), LEVEL, rough)
    few = min(len(ups.cluster), len(downs.cluster))
    if not 0 < area < 1:  # told apart without a fault: as many right of so many
        certain = wilson(few, few)
        low, high = (certain.low, 1.0) if area == 1 else (0.0, 1 - certain.low)
        return Interval(area, low, high, len(values), LEVEL, rough)
    both = np.bincount(ups.cluster, ups.parts, member.max() + 1)
    both += np.bincount(downs.cluster, downs.parts, member.max() + 1)
    have_both = len(ups.cluster) + len(downs.cluster) - count
    is_few = count <= _FEW and 2 * have_both >= count
    error = _left_out_error(values, truth, member) if is_few else None
    if error is None:
        error = math.sqrt(float((both**2).sum())) / (area * (1 - area))
    reach = t_quantile((1 + LEVEL) / 2, _welch((ups, downs), count)) * error
    odds = math.log(area / (1 - area))
    low, high = _logistic(odds - reach), _logistic(odds + reach)
    return Interval(area, low, high, len(values), LEVEL, rough)


def _left_out_error(
    values: Floats, truth: NDArray[np.bool_], member: NDArray[np.int64]
) -> float | None:
    """Standard error of the area's log-odds, by leaving out each cluster in turn; None where one
    cluster holds all rows of a label."""
    half = 0.25 / min(truth.sum(), (~truth).sum())  # half a pair of the rarer label's rows
    odds = []
    for one in np.unique(member):
        stays = member != one
        ups, downs = values[stays & truth], values[stays & ~truth]
        if not len(ups) or not len(downs):
            return None
        area = min(max(float(_placements(ups, downs).mean()), half), 1 - half)
        odds.append(math.log(area / (1 - area)))
    return math.sqrt((len(odds) - 1) ** 2 / len(odds) * float(np.var(odds, ddof=1)))


def _welch(sides: "Sequence[_Side]", count: int) -> float:
    """Degrees of freedom of the sum of both sides' variances."""
    parts = [(float((side.parts**2).sum()), side.effective - 1) for side in sides]
    below = sum(part**2 / max(degrees, 0.5) for part, degrees in parts)
    whole = sum(part for part, _ in parts)
    return float(np.clip(whole**2 / below if below else 1.0, 1, count - 1))


class _Side(NamedTuple):
    """The rows of one label: the mean of their placements, the clusters that they lie in, what each
    of these adds to the mean beyond its share, and to how many equal clusters they come."""

    mean: float
    cluster: NDArray[np.int64]
    parts: Floats
    effective: float


def _side(placements: Floats, member: NDArray[np.int64]) -> _Side:
    mean, rows = float(placements.mean()), len(placements)
    cluster, inverse, sizes = np.unique(member, return_inverse=True, return_counts=True)
    parts = np.bincount(inverse, weights=placements - mean, minlength=len(cluster)) / rows
    # A cluster's own rows pull the mean towards it; see `stats.clusters`.
    alone = np.sqrt(np.maximum(1 - sizes / rows, 1 / rows))
    return _Side(mean, cluster, parts / alone, rows**2 / float((sizes.astype(float) ** 2).sum()))


def _placements(values: Floats, others: Floats) -> Floats:
    """Share (N,) of `others` that lie below each value, a tie counting one half."""
    ranked = np.sort(others)
    below = np.searchsorted(ranked, values, "left") + np.searchsorted(ranked, values, "right")
    return below / (2 * len(ranked))


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0


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
    table = finite(np.ravel(confusion)).astype(np.int64)
    size = math.isqrt(len(table))
    if size * size != len(table) or (table < 0).any():
        raise ValueError(f"a table of shape {np.shape(confusion)}: expected K x K counts >= 0")
    chosen = list(range(size)) if classes is None else list(classes)
    n = int(table.sum())
    rough = why_few_faults(n - int(np.trace(table.reshape(size, size))))
    if n == 0:
        return Interval(0.0, 0.0, 1.0, 0, LEVEL, rough)
    estimate = float(_mean_f1(table.reshape(1, size, size), chosen)[0])
    if n == 1:
        return Interval(estimate, 0.0, 1.0, n, LEVEL, rough)
    drawn = np.random.default_rng(seed).multinomial(n, table / n, size=repetitions)
    low, high = _bounds(_mean_f1(drawn.reshape(-1, size, size), chosen), n)
    return Interval(estimate, max(low, 0.0), min(high, 1.0), n, LEVEL, rough)


def _mean_f1(tables: NDArray[np.int64], classes: Sequence[int]) -> Floats:
    """Mean F1 (R,) over classes of confusion tables (R, K, K)."""
    hits = np.diagonal(tables, axis1=1, axis2=2)
    either = tables.sum(axis=1) + tables.sum(axis=2)
    each = 2 * hits / np.maximum(either, 1)
    return np.asarray(each[:, list(classes)].mean(axis=1), dtype=np.float64)


def _bounds(drawn: Floats, count: int) -> tuple[float, float]:
    """Percentiles, widened as Hesterberg proposes (arXiv 1411.5279, section 3.2), so that they are
    as far apart as a t interval where a t interval is right."""
    far = math.sqrt(count / (count - 1)) * t_quantile((1 + LEVEL) / 2, count - 1)
    low, high = np.quantile(drawn, [NORMAL.cdf(-far), NORMAL.cdf(far)])
    return float(low), float(high)
