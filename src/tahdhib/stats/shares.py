"""How documents spread over kinds, before and after: shares, and how far they lie apart."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tahdhib.records import Interval
from tahdhib.stats.clusters import draws, groups, sums
from tahdhib.stats.means import LEVEL


def total_variation(
    before: ArrayLike,
    after: ArrayLike,
    *,
    seed: int,
    repetitions: int,
    clusters: Sequence[Hashable] | None = None,
) -> Interval:
    """Half the sum of the changes of all shares, 0..1, of rows whose kind is a number before and
    after: the share of documents that would have to change back.

    Drawn rows lie further apart than the rows themselves, since chance never brings shares closer
    than they are; the percentiles are moved back by that. No row: 0 in [0, 1].

    Raises:
        ValueError: the lengths differ.
    """
    old, new = np.asarray(before), np.asarray(after)
    if len(old) != len(new):
        raise ValueError(f"{len(old)} rows against {len(new)}: expected as many")
    if not len(old):
        return Interval(0.0, 0.0, 1.0, 0, LEVEL)
    kinds = np.union1d(old, new)
    change = np.stack([(new == kind).astype(float) - (old == kind) for kind in kinds], axis=1)
    estimate = _distance(change.mean(axis=0, keepdims=True))[0]
    found = groups(len(old), clusters)
    if found.number < 2:
        return Interval(float(estimate), 0.0, 1.0, len(old), LEVEL)
    summed = sums(change, found)
    drawn = np.concatenate(
        [
            _distance((picks @ summed) / (picks @ found.sizes)[:, None])
            for picks in draws(found.number, seed=seed, repetitions=repetitions)
        ]
    )
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) + estimate - drawn.mean()
    return Interval(
        float(estimate),
        float(np.clip(low, 0, estimate)),
        float(np.clip(high, estimate, 1)),
        len(old),
        LEVEL,
    )


def _distance(changes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.abs(changes).sum(axis=1) / 2, dtype=np.float64)
