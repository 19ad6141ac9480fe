"""How far people who judged the same things agree, beyond chance."""

from collections.abc import Hashable, Sequence

import numpy as np

from tahdhib.records import Interval
from tahdhib.stats.clusters import Floats, draws
from tahdhib.stats.means import LEVEL
from tahdhib.stats.rough import why_rough


def krippendorff(
    answers: Sequence[Sequence[Hashable]], *, seed: int, repetitions: int
) -> Interval | None:
    """Krippendorff's alpha for labels without order (Krippendorff 2011, section D): 1 is full
    agreement, 0 what chance gives. The percentile interval is over units drawn anew.

    Args:
        answers: the labels that each unit was given, by any number of people; units with fewer
            than two say nothing and are left out.
        seed: seed of the draws.
        repetitions: draws.

    Returns:
        None where no unit has two answers. Where all answers are one label, 1 in [-1, 1]: nothing
        could have disagreed.
    """
    units = [list(unit) for unit in answers if len(unit) > 1]
    if not units:
        return None
    labels = sorted({label for unit in units for label in unit}, key=repr)
    counts = np.array([[unit.count(label) for label in labels] for unit in units], float)
    size = counts.sum(axis=1)
    # Of each unit: pairs of unequal answers by answer, and answers by label.
    apart = (size**2 - (counts**2).sum(axis=1)) / (size - 1)
    table = np.column_stack([apart, counts])
    rough = why_rough(len(units), "tasks with several answers")
    estimate = float(_alpha(table.sum(axis=0, keepdims=True))[0])
    if len(labels) < 2 or len(units) < 2:
        return Interval(estimate, -1.0, 1.0, len(units), LEVEL, rough)
    drawn = np.concatenate(
        [_alpha(picks @ table) for picks in draws(len(units), seed=seed, repetitions=repetitions)]
    )
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(estimate, float(low), float(high), len(units), LEVEL, rough)


def krippendorff_of_numbers(
    answers: Sequence[Sequence[float]], *, seed: int, repetitions: int
) -> Interval | None:
    """Krippendorff's alpha for numbers, whose disagreement is the square of their distance
    (Krippendorff 2011, the interval metric); arguments and result as of `krippendorff`, and None
    also where all numbers are one, since nothing can be said of agreement then."""
    units = [np.asarray(unit, dtype=np.float64) for unit in answers if len(unit) > 1]
    if not units:
        return None
    centre = float(np.concatenate(units).mean())
    rows = []
    for unit in units:
        own, size = unit - centre, len(unit)
        apart = 2 * (size * float((own**2).sum()) - float(own.sum()) ** 2) / (size - 1)
        rows.append((apart, size, float(own.sum()), float((own**2).sum())))
    table = np.array(rows)
    if float(table[:, 3].sum()) == 0:
        return None
    estimate = float(_alpha_of_numbers(table.sum(axis=0, keepdims=True))[0])
    if len(units) < 2:
        return Interval(estimate, -1.0, 1.0, len(units), LEVEL)
    drawn = np.concatenate(
        [
            _alpha_of_numbers(picks @ table)
            for picks in draws(len(units), seed=seed, repetitions=repetitions)
        ]
    )
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(estimate, float(low), float(high), len(units), LEVEL)


def _alpha_of_numbers(sums: Floats) -> Floats:
    """Alpha (R,) of sums (R, 4): disagreement, answers, their sum, the sum of their squares."""
    apart, size, total, squares = sums.T
    by_chance = 2 * (size * squares - total**2) / np.maximum(size - 1, 1)
    ratio = np.divide(apart, by_chance, out=np.zeros_like(apart), where=by_chance > 1e-12)
    return np.asarray(1 - ratio, dtype=np.float64)


def _alpha(sums: Floats) -> Floats:
    """Alpha (R,) of sums (R, 1 + labels) of disagreement and of answers by label."""
    observed, labels = sums[:, 0], sums[:, 1:]
    total = labels.sum(axis=1)
    by_chance = (total**2 - (labels**2).sum(axis=1)) / np.maximum(total - 1, 1)
    ratio = np.divide(observed, by_chance, out=np.zeros_like(observed), where=by_chance > 0)
    return np.asarray(1 - ratio, dtype=np.float64)
