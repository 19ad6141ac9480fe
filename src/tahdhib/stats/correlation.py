"""How far two measures of the same rows go together, with intervals over clusters."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tahdhib.records import Interval

LEVEL = 0.95
_DRAWS_AT_ONCE = 4_000_000


def correlation(
    a: ArrayLike,
    b: ArrayLike,
    *,
    seed: int,
    repetitions: int,
    clusters: Sequence[Hashable] | None = None,
    by_rank: bool = True,
) -> Interval:
    """Spearman's (`by_rank`) or Pearson's correlation with a percentile interval over clusters
    drawn anew (each row its own by default). Ranks are those of all rows.

    Where a measure is the same everywhere, or there are fewer than two clusters: 0 in [-1, 1].

    Raises:
        ValueError: a value is not finite, or the lengths differ.
    """
    return _interval(*_drawn([a], b, seed, repetitions, clusters, by_rank), len(np.ravel(b)))


def correlation_gap(
    a: ArrayLike,
    other: ArrayLike,
    target: ArrayLike,
    *,
    seed: int,
    repetitions: int,
    clusters: Sequence[Hashable] | None = None,
) -> Interval:
    """Spearman's correlation of `a` with `target` less that of `other`, on the same rows and
    draws.

    Raises:
        ValueError: a value is not finite, or the lengths differ.
    """
    estimate, drawn = _drawn([a, other], target, seed, repetitions, clusters, True)
    return _interval(
        estimate[:1] - estimate[1:], drawn[:, :1] - drawn[:, 1:], len(np.ravel(target)), 2.0
    )


def ranks(values: ArrayLike) -> NDArray[np.float64]:
    """Ranks (N,) from 1; ties share their mean."""
    array = np.asarray(values, dtype=np.float64)
    _, inverse, counts = np.unique(array, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], dtype=np.float64)


def _drawn(
    measures: Sequence[ArrayLike],
    target: ArrayLike,
    seed: int,
    repetitions: int,
    clusters: Sequence[Hashable] | None,
    by_rank: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Correlations (M,) of M measures with the target, and of drawn rows (R, M)."""
    columns = [np.asarray(one, dtype=np.float64).reshape(-1) for one in (*measures, target)]
    rows = len(columns[-1])
    if any(len(one) != rows for one in columns):
        raise ValueError(f"lengths {[len(one) for one in columns]}: expected equal ones")
    if not all(np.isfinite(one).all() for one in columns):
        raise ValueError("a value is not finite")
    if by_rank:
        columns = [ranks(one) for one in columns]
    table = np.column_stack([one - (one.mean() if rows else 0.0) for one in columns])
    names = list(clusters) if clusters is not None else list(range(rows))
    if len(names) != rows:
        raise ValueError(f"{rows} rows in {len(names)} clusters: one cluster per row")
    numbering = {name: number for number, name in enumerate(dict.fromkeys(names))}
    member = np.array([numbering[name] for name in names], dtype=np.int64)
    count = len(numbering)
    estimate = _pearson(np.ones((1, rows)), table)[0]
    if count < 2:
        return np.zeros(len(measures)), np.zeros((0, len(measures)))
    generator = np.random.default_rng(seed)
    step = max(1, _DRAWS_AT_ONCE // max(1, rows))
    found = []
    for start in range(0, repetitions, step):
        size = min(step, repetitions - start)
        picks = generator.multinomial(count, np.full(count, 1 / count), size=size)
        found.append(_pearson(picks[:, member].astype(np.float64), table))
    return estimate, np.concatenate(found)


def _pearson(weights: NDArray[np.float64], table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlations (R, M) of each column but the last with the last, under weights (R, N)."""
    total = np.maximum(weights.sum(axis=1, keepdims=True), 1.0)
    mean = weights @ table / total
    square = weights @ table**2 / total - mean**2
    product = weights @ (table[:, :-1] * table[:, -1:]) / total - mean[:, :-1] * mean[:, -1:]
    scale = np.sqrt(np.maximum(square[:, :-1] * square[:, -1:], 0.0))
    is_flat = scale <= 1e-12
    return np.asarray(np.where(is_flat, 0.0, product / np.where(is_flat, 1.0, scale)))


def _interval(
    estimate: NDArray[np.float64], drawn: NDArray[np.float64], rows: int, widest: float = 1.0
) -> Interval:
    if len(drawn) == 0:
        return Interval(0.0, -widest, widest, rows, LEVEL)
    low, high = np.quantile(drawn[:, 0], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(estimate[0]), float(low), float(high), rows, LEVEL)
