"""Means of many columns at once, each with its interval; what every comparison here comes down to.

An interval is the symmetric bootstrap-t over clusters (Efron 1979; Hall 1988): what is drawn anew
is not the mean but how many of its own standard errors it lies from the truth. Its lopsided sister
finds differences that are not there where most pairs are equal (.08 to .14 at a level of .05), as
they are where few documents are rewritten. Three clusters have ten different draws, which say
nothing; there the steps are those of normal values in clusters of such sizes (Student's t where
they are equal), and from three to `ENOUGH` clusters the draws come to count little by little.
What each setting reaches stands in docs/log/audit.md (`benchmarks/intervals.py`).
"""

import math
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tahdhib.stats.clusters import Floats, Groups, Spread, draws, groups, normal_steps, spread
from tahdhib.stats.student import t_quantile

LEVEL = 0.95
POWER = 0.8
ENOUGH = 20
"""Clusters from which the draws alone decide."""
_NORMAL_DRAWS = 4000
_REACH = 3.0
"""A draw counts at most so many t quantiles: of mostly equal values some draws have no spread."""
_ROUNDING = 1e-12
"""Spread below this share of the largest value is rounding, not spread."""


class Mean(NamedTuple):
    """A mean, its bounds, and the smallest value of its own that would be told from zero in four of
    five trials; unbounded and infinite where one thing says nothing about spread."""

    value: float
    low: float
    high: float
    detectable: float


def means(
    columns: ArrayLike,
    *,
    seed: int,
    repetitions: int,
    clusters: Sequence[Hashable] | None = None,
) -> list[Mean]:
    """The means of `columns` (N, M), all over the same draws of clusters (by default each row its
    own).

    Raises:
        ValueError: a value is not finite, or `clusters` has another length.
    """
    table = finite(columns)
    if table.ndim != 2:
        raise ValueError(f"columns of shape {table.shape}: expected (rows, columns)")
    found = groups(len(table), clusters)
    if found.number < 2:
        values = table.mean(axis=0) if len(table) else np.zeros(table.shape[1])
        return [Mean(float(value), -math.inf, math.inf, math.inf) for value in values]
    known = spread(table, found)
    scale = np.abs(table).max(axis=0)
    flat = np.ptp(table, axis=0) <= _ROUNDING * scale
    reach = _normal_reach(known, found, seed)
    weight = min(1.0, (found.number - 3) / (ENOUGH - 3))
    far = reach
    if weight > 0 and not flat.all():
        far = (1 - weight) * reach + weight * _drawn_reach(known, found, seed, repetitions)
    errors = np.where(flat, 0.0, known.errors)
    return [
        Mean(*map(float, one))
        for one in zip(
            known.means,
            known.means - far * errors,
            known.means + far * errors,
            (far + t_quantile(POWER, found.number - 1)) * errors,
            strict=True,
        )
    ]


def finite(values: ArrayLike) -> Floats:
    """`values` as floats.

    Raises:
        ValueError: one is not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        bad = int((~np.isfinite(array)).sum())
        raise ValueError(f"{bad} of {array.size} values are not finite")
    return array


def _normal_reach(known: Spread, found: Groups, seed: int) -> Floats:
    """Standard errors (M,) that hold a normal mean with `LEVEL`."""
    student = t_quantile((1 + LEVEL) / 2, found.number - 1)
    if found.number >= ENOUGH or np.ptp(found.sizes) == 0:
        return np.full(len(known.means), student)
    steps = normal_steps(known.expected, found, seed=seed, repetitions=_NORMAL_DRAWS)
    return np.asarray(np.quantile(np.abs(steps), LEVEL, axis=0), dtype=np.float64)


def _drawn_reach(known: Spread, found: Groups, seed: int, repetitions: int) -> Floats:
    """Standard errors (M,) that hold the mean of `LEVEL` of the draws."""
    beyond, sizes = known.beyond, found.sizes
    squares = beyond**2
    crossed = beyond if found.is_trivial else beyond * sizes[:, None]
    rounding = _ROUNDING * known.errors
    most = _REACH * t_quantile((1 + LEVEL) / 2, found.number - 1)
    parts = []
    for picks in draws(found.number, seed=seed, repetitions=repetitions):
        rows = (picks @ sizes)[:, None]
        off = (picks @ beyond) / rows
        doubled = (picks @ sizes**2)[:, None]
        squared = picks @ squares - 2 * off * (picks @ crossed) + off**2 * doubled
        error = np.sqrt(np.maximum(squared, 0) * found.number / (found.number - 1)) / rows
        steps = np.abs(off) / np.maximum(error, np.maximum(rounding, np.finfo(float).tiny))
        parts.append(np.minimum(np.where(np.abs(off) <= rounding, 0.0, steps), most))
    return np.asarray(np.quantile(np.concatenate(parts), LEVEL, axis=0), dtype=np.float64)
