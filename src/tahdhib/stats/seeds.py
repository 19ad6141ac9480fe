"""Figures of a few training runs: what three or five seeds can tell, and what they cannot.

A study repeats each arm with a few seeds. The spread between seeds decides what a figure is
worth, and from three of them it is known badly: the t quantile is 4.3, not 2. Nothing here
resamples, since three values have ten different resamples.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tahdhib.records import Interval
from tahdhib.stats.intervals import Difference
from tahdhib.stats.means import LEVEL, POWER, finite
from tahdhib.stats.student import t_quantile


def seeds(values: ArrayLike, *, step: float = 0.0) -> Interval:
    """Interval of the figure that further seeds would have on average, from one value per seed.

    `step` is the least by which two values can differ, such as 1/100 for a share of 100 items:
    values that are equal for want of finer steps are not without spread, which is taken to be no
    less than that of rounding (step² / 12). No seed: 0, unbounded; one: its value, unbounded.

    Raises:
        ValueError: a value is not finite.
    """
    array = finite(values).reshape(-1)
    if len(array) < 2:
        value = float(array[0]) if len(array) else 0.0
        return Interval(value, -math.inf, math.inf, len(array), LEVEL)
    reach = t_quantile((1 + LEVEL) / 2, len(array) - 1) * math.sqrt(_squared_error(array, step))
    mean = float(array.mean())
    return Interval(mean, mean - reach, mean + reach, len(array), LEVEL)


def seeds_difference(
    a: ArrayLike, b: ArrayLike, *, paired: bool = False, step: float = 0.0
) -> Difference:
    """Is arm `a` another than arm `b`, from one value per seed each?

    `paired`: value i of both comes from the same seed, data order or test items, so that what they
    share cancels out (a paired t test); otherwise Welch's, between his two degrees of freedom
    (1938, 1947): with three seeds the first finds too little (.034), the second too much (up to
    .072 where arms spread unequally). n is the number of values compared.

    Raises:
        ValueError: a value is not finite, or pairs have different lengths.
    """
    left, right = finite(a).reshape(-1), finite(b).reshape(-1)
    if paired and len(left) != len(right):
        raise ValueError(f"{len(left)} values against {len(right)}: pairs need equal lengths")
    fewest = min(len(left), len(right))
    n = fewest if paired else len(left) + len(right)
    if fewest == 0:
        return Difference(Interval(0.0, -math.inf, math.inf, 0, LEVEL), False, math.inf)
    mean = float(left.mean() - right.mean())
    if fewest < 2:
        return Difference(Interval(mean, -math.inf, math.inf, n, LEVEL), False, math.inf)
    if paired:
        parts: Sequence[tuple[float, int]] = [
            (_squared_error(left - right, math.sqrt(2) * step), fewest - 1)
        ]
    else:
        parts = [(_squared_error(one, step), len(one) - 1) for one in (left, right)]
    whole = sum(part for part, _ in parts)
    below = sum(part**2 / degrees for part, degrees in parts)
    degrees = max(1.0, whole**2 / below) if below else float(fewest - 1)
    if len(parts) > 1 and below:
        later = whole**2 / sum(part**2 / (own + 2) for part, own in parts) - 2
        degrees += (max(1.0, later) - degrees) / 3
    error = math.sqrt(whole)
    reach = t_quantile((1 + LEVEL) / 2, degrees)
    low, high = mean - reach * error, mean + reach * error
    detectable = (reach + t_quantile(POWER, degrees)) * error
    return Difference(Interval(mean, low, high, n, LEVEL), not low <= 0 <= high, detectable)


def _squared_error(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], step: float) -> float:
    """Of the mean of `values`, no less than that of rounding."""
    return max(float(values.var(ddof=1)), step**2 / 12) / len(values)
