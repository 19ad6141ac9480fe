"""Means of many columns at once, each with its interval; what every comparison here comes down to.

An interval is the bootstrap-t over clusters (Efron 1979; Hall 1988): what is drawn anew is not the
mean but how many of its own standard errors it lies from the truth. Its bounds lie halfway between
those of its two kinds, of which the symmetric one finds too few differences where most pairs are
equal (.02 to .03 at a level of .05) and the lopsided one too many (.08 to .11). Three clusters have
ten different draws, which say nothing; there the steps are those of normal values in clusters of
such sizes (Student's t where they are equal), and from three to `ENOUGH` clusters the draws come to
count little by little. Where too few clusters tell anything, the mean says so (`stats.rough`).
What each setting reaches stands in docs/log/audit.md (`benchmarks/intervals.py`).
"""

import math
from collections.abc import Collection, Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tahdhib.stats.clusters import (
    Floats,
    Groups,
    Spread,
    draws,
    groups,
    normal_steps,
    spread,
)
from tahdhib.stats.rough import commonest, telling, why_rough
from tahdhib.stats.student import t_quantile

LEVEL = 0.95
POWER = 0.8
ENOUGH = 10
"""Clusters from which the draws alone decide."""
_NORMAL_DRAWS = 4000
_REACH = 3.0
"""A draw counts at most so many t quantiles: of mostly equal values some draws have no spread."""
_ROUNDING = 1e-12
"""Spread below this share of the largest value is rounding, not spread."""


class Mean(NamedTuple):
    """A mean, its bounds, and the smallest value of its own that would be told from zero in four of
    five trials; unbounded and infinite where one thing says nothing about spread.

    `rough`: why the bounds cannot be relied on (`stats.rough`), or empty.
    """

    value: float
    low: float
    high: float
    detectable: float
    rough: str = ""


def means(
    columns: ArrayLike,
    *,
    seed: int,
    repetitions: int,
    clusters: Sequence[Hashable] | None = None,
    changes: Collection[int] = (),
) -> list[Mean]:
    """The means of `columns` (N, M), all over the same draws of clusters (by default each row its
    own).

    Args:
        columns: one row per document.
        seed: seed of the draws.
        repetitions: draws.
        clusters: the cluster of each row.
        changes: numbers of the columns that are held against zero.

    Raises:
        ValueError: a value is not finite, or `clusters` has another length.
    """
    table = finite(columns)
    if table.ndim != 2:
        raise ValueError(f"columns of shape {table.shape}: expected (rows, columns)")
    found = groups(len(table), clusters)
    is_change = np.isin(np.arange(table.shape[1]), list(changes))
    if found.number < 2:
        values = table.mean(axis=0) if len(table) else np.zeros(table.shape[1])
        return [
            Mean(float(value), -math.inf, math.inf, math.inf, _why(found.number, is_one))
            for value, is_one in zip(values, is_change, strict=True)
        ]
    known = spread(table, found)
    flat = np.ptp(table, axis=0) <= _ROUNDING * np.abs(table).max(axis=0)
    below = above = _normal_reach(known, found, seed)
    weight = min(1.0, (found.number - 3) / (ENOUGH - 3))
    if weight > 0 and not flat.all():
        drawn = _drawn_reach(known, found, seed, repetitions)
        below, above = ((1 - weight) * below + weight * one for one in drawn)
    errors = np.where(flat, 0.0, known.errors)
    lows, highs = known.means - below * errors, known.means + above * errors
    tell = telling(table, found, np.where(is_change, 0.0, commonest(table)))
    reach = (below + above) / 2 + t_quantile(POWER, found.number - 1)
    bounds = zip(known.means, lows, highs, reach * errors, strict=True)
    why = [_why(one, held) for one, held in zip(tell, is_change, strict=True)]
    return [
        Mean(float(value), float(low), float(high), float(detectable), rough)
        for (value, low, high, detectable), rough in zip(bounds, why, strict=True)
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


def _why(tells: float, is_change: bool) -> str:
    what = "a change" if is_change else "a value apart from most"
    return why_rough(tells, f"clusters with {what}")


def _normal_reach(known: Spread, found: Groups, seed: int) -> Floats:
    """Standard errors (M,) that hold a normal mean with `LEVEL`."""
    student = t_quantile((1 + LEVEL) / 2, found.number - 1)
    if found.number >= ENOUGH or np.ptp(found.sizes) == 0:
        return np.full(len(known.means), student)
    steps = normal_steps(known.expected, found, seed=seed, repetitions=_NORMAL_DRAWS)
    return np.asarray(np.quantile(np.abs(steps), LEVEL, axis=0), dtype=np.float64)


def _drawn_reach(
    known: Spread, found: Groups, seed: int, repetitions: int
) -> tuple[Floats, Floats]:
    """Standard errors (M,) below and above the mean that hold the truth of `LEVEL` of the draws."""
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
        steps = off / np.maximum(error, np.maximum(rounding, np.finfo(float).tiny))
        parts.append(np.clip(np.where(np.abs(off) <= rounding, 0.0, steps), -most, most))
    drawn = np.concatenate(parts)
    alike = np.quantile(np.abs(drawn), LEVEL, axis=0)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return (high + alike) / 2, (alike - low) / 2
