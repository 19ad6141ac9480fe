"""The total of a finite whole from a part of it, where a size of every unit is known beforehand.

Lengths of texts have heavy tails, so a few long documents cost as much as all others: the mean of a
plain sample then says little. So units are drawn in proportion to their size, without replacement
and with as many as asked (Pareto sampling: Rosén, J. Stat. Plan. Inference 1997), those so large
that they would be drawn more than once are all taken, and the rest is reckoned from the ratio of
what was seen to what was known. What is uncertain is then the noise of that ratio alone.

The variance is Hájek's (1964), which knows that the part lies in the whole: nothing is uncertain
where all was seen. On the side to which what was seen is skewed, the t interval reaches further, by
Edgeworth's first term (Hall 1992); the other side is left as it is, since skewness is seen badly in
so few. `benchmarks/forecast.py` simulates what it covers.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tahdhib.records import Interval
from tahdhib.stats.draw import share
from tahdhib.stats.student import t_quantile

Floats = NDArray[np.float64]
EVEN = 0.2
"""So much of each chance is the same for all: what costs something besides its size is not missed
among the small."""


def inclusion(sizes: ArrayLike, count: int) -> Floats:
    """The probability (N,) with which each unit is to be drawn so that `count` are: mostly in
    proportion to its size, 1 for the largest.

    Raises:
        ValueError: a size is not above 0.
    """
    array = np.asarray(sizes, dtype=np.float64)
    if not (array > 0).all():
        raise ValueError("sizes: expected all above 0")
    if count >= len(array):
        return np.ones(len(array))
    array = (1 - EVEN) * array / array.mean() + EVEN
    is_sure = np.zeros(len(array), dtype=bool)
    while True:
        left = count - int(is_sure.sum())
        rest = float(array[~is_sure].sum())
        found = np.where(is_sure, 1.0, left * array / rest)
        if not (found[~is_sure] >= 1).any():
            return found
        is_sure |= found >= 1


def draw_by_size(chances: ArrayLike, uniform: ArrayLike) -> NDArray[np.int64]:
    """Places of the units that are drawn with these chances (N,), which sum to a whole number;
    `uniform` (N,) in (0, 1) decides."""
    wanted, luck = np.asarray(chances, np.float64), np.asarray(uniform, np.float64)
    count = round(float(wanted.sum()))
    luck = np.clip(luck, 1e-12, 1 - 1e-12)
    odds = np.full(len(wanted), -1.0)  # sure ones come first
    part = wanted < 1
    odds[part] = luck[part] / (1 - luck[part]) * (1 - wanted[part]) / wanted[part]
    return np.sort(np.argsort(odds, kind="stable")[:count])


def luck(purpose: str, seed: int, identities: Sequence[str]) -> Floats:
    """For each unit a number in [0, 1) that depends on its id alone."""
    return np.array([share(purpose, seed, identity) for identity in identities], np.float64)


def total(
    known: ArrayLike,
    chances: ArrayLike,
    seen: ArrayLike,
    values: ArrayLike,
    *,
    level: float,
) -> Interval:
    """The total of a quantity over the whole, with an interval.

    Args:
        known: (N,) a number above 0 per unit to which the quantity is about proportional.
        chances: (N,) as `inclusion` gave them.
        seen: (n,) places of the units that were looked at, as `draw_by_size` gave them.
        values: (n,) the quantity of these, not below 0.
        level: coverage to aim at.

    Returns:
        `n` is the number of units seen. The interval never goes below what was seen; with fewer
        than two units of the rest it has no upper bound, and none at all where all were seen.
    """
    size, chance = np.asarray(known, np.float64), np.asarray(chances, np.float64)
    places, found = np.asarray(seen, np.int64), np.asarray(values, np.float64)
    spent = float(found.sum())
    if len(places) == len(size):
        return Interval(spent, spent, spent, len(places), level)
    is_rest = chance[places] < 1
    own, weight = found[is_rest], 1 / chance[places][is_rest]
    near = size[places][is_rest]
    whole = float(size[chance < 1].sum())
    sure = float(found[~is_rest].sum())
    count = len(own)
    if count == 0:
        return Interval(sure, spent, math.inf, len(places), level)
    ratio = float((own * weight).sum() / (near * weight).sum())
    estimate = sure + ratio * whole
    if count < 2:
        return Interval(max(estimate, spent), spent, math.inf, len(places), level)
    left = 1 - chance[places][is_rest]
    parts = (own - ratio * near) * weight * (whole / float((near * weight).sum()))
    parts = parts - float((left * parts).sum() / left.sum())
    variance = count / (count - 1) * float((left * parts**2).sum())
    error = math.sqrt(variance)
    reach = t_quantile((1 + level) / 2, count - 1)
    shift = 0.0
    if variance > 0:
        third = count**2 / max(1, (count - 1) * (count - 2)) * float((left * parts**3).sum())
        shift = error * third / variance**1.5 * (1 + 2 * reach**2) / 6
    low = max(spent, estimate - reach * error + min(0.0, shift))
    high = estimate + reach * error + max(0.0, shift)
    return Interval(max(estimate, spent), low, max(high, spent), len(places), level)
