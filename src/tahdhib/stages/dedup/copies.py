"""Copies: documents with the same text, or with the same folded words.

Documents are told by rank here: their place in the order of ids. So the lowest id of a group is
its lowest number.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class RankGroups(NamedTuple):
    """Groups of ranks: group `i` is `members[starts[i]:starts[i + 1]]`."""

    members: NDArray[np.int64]
    starts: NDArray[np.int64]


class Copies(NamedTuple):
    """Per rank: the rank of its original (its own where it is no copy), and the kind of copy."""

    originals: NDArray[np.int64]
    is_same_text: NDArray[np.bool_]


def find_copies(count: int, same_text: RankGroups, same_form: RankGroups) -> Copies:
    """Tell the copies among `count` ranks from their originals.

    A copy to the letter names the lowest document with its text, even where that one is itself a
    copy in other spelling: `decide` follows the names to the end.
    """
    by_text, by_form = _lowest(count, same_text), _lowest(count, same_form)
    is_same_text = by_text != np.arange(count)
    return Copies(np.where(is_same_text, by_text, by_form), is_same_text)


def _lowest(count: int, groups: RankGroups) -> NDArray[np.int64]:
    lowest = np.arange(count, dtype=np.int64)
    if len(groups.members):
        first = np.minimum.reduceat(groups.members, groups.starts[:-1])
        lowest[groups.members] = np.repeat(first, np.diff(groups.starts))
    return lowest
