"""From shared keys to copies and to the pairs that are worth comparing."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tahdhib.match.candidates import Pairs, candidate_pairs, distinct_pairs
from tahdhib.match.engine import Groups
from tahdhib.stages.dedup.copies import Copies, RankGroups, find_copies
from tahdhib.stages.dedup.tables import CANDIDATES, MEMBERS, Positions


class Shared(NamedTuple):
    """Who shares which kind of key: the text, its folded words, a band (in one or more passes)."""

    text: Groups
    form: Groups
    bands: list[Groups]

    @property
    def positions(self) -> Positions:
        """Everyone who shares a key, ascending."""
        members = [group.members for group in (self.text, self.form, *self.bands)]
        return np.unique(np.concatenate(members))


class Found(NamedTuple):
    """The stage's tables `members` and `candidates`."""

    members: pa.Table
    candidates: pa.Table


def find_candidates(shared: Shared, positions: Positions, ids: pa.Array) -> Found:
    """Tell copies from originals, and pair the originals that share a band.

    `ids` belong to `positions`, which are `shared.positions`. The work is done on ranks in the
    order of ids, so that neither buckets nor the order of rows can show in the result.
    """
    by_rank = pc.sort_indices(ids).to_numpy()
    ranks = np.empty(len(positions), np.int64)
    ranks[by_rank] = np.arange(len(positions))

    def ranked(groups: Groups) -> RankGroups:
        return RankGroups(ranks[np.searchsorted(positions, groups.members)], groups.starts)

    copies = find_copies(len(positions), ranked(shared.text), ranked(shared.form))
    pairs = np.empty((0, 2), np.int64)
    for groups in shared.bands:
        originals = _originals(ranked(groups), copies)
        pairs = distinct_pairs(np.concatenate((pairs, candidate_pairs(*originals))))
    ordered = positions[by_rank]
    members = pa.table(
        {
            "position": positions,
            "id": ids,
            "original": ordered[copies.originals][ranks],
            "is_same_text": copies.is_same_text[ranks],
            "is_compared": np.isin(np.arange(len(positions)), pairs)[ranks],
        },
        schema=MEMBERS,
    )
    return Found(members, _candidates(ordered, pairs))


def _originals(groups: RankGroups, copies: Copies) -> RankGroups:
    """The groups without copies: those go where their original goes."""
    is_original = copies.originals[groups.members] == groups.members
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(is_original)))
    return RankGroups(groups.members[is_original], before[groups.starts])


def _candidates(ordered: Positions, pairs: Pairs) -> pa.Table:
    at = np.sort(ordered[pairs], axis=1)
    at = at[np.lexsort((at[:, 1], at[:, 0]))]
    return pa.table({"left": at[:, 0], "right": at[:, 1]}, schema=CANDIDATES)
