"""Which pairs of a group are worth comparing."""

import numpy as np
from numpy.typing import NDArray

PAIRED_IN_FULL = 32
"""Largest group in which everyone is compared with everyone. In a larger one (a template, a
licence page) each is compared with the lowest and with its neighbour, so that 100,000 copies cost
200,000 comparisons and not five milliards."""

Pairs = NDArray[np.int64]
"""Two columns, the lower number first; rows distinct and ascending."""


def candidate_pairs(members: NDArray[np.int64], starts: NDArray[np.int64]) -> Pairs:
    """The pairs of all groups; group `i` is `members[starts[i]:starts[i + 1]]`, in any order."""
    members = _sorted_within_groups(members, starts)
    sizes = np.diff(starts)
    found = [np.empty((0, 2), np.int64)]
    for size in np.unique(sizes[(sizes > 1) & (sizes <= PAIRED_IN_FULL)]):
        rows = members[starts[:-1][sizes == size][:, None] + np.arange(size)]
        left, right = np.triu_indices(size, 1)
        found.append(np.column_stack((rows[:, left].ravel(), rows[:, right].ravel())))
    for index in np.flatnonzero(sizes > PAIRED_IN_FULL):
        group = members[starts[index] : starts[index + 1]]
        found.append(np.column_stack((np.broadcast_to(group[0], len(group) - 1), group[1:])))
        found.append(np.column_stack((group[1:-1], group[2:])))
    return distinct_pairs(np.concatenate(found))


def distinct_pairs(pairs: NDArray[np.int64]) -> Pairs:
    """`pairs` of two different numbers, ascending, each once."""
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    if not len(pairs):
        return pairs
    ascending = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    is_new = np.ones(len(ascending), np.bool_)
    is_new[1:] = np.any(ascending[1:] != ascending[:-1], axis=1)
    return ascending[is_new]


def _sorted_within_groups(
    members: NDArray[np.int64], starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    group = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    return members[np.lexsort((members, group))]
