"""From shared keys to copies and to the pairs that are worth comparing."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tahdhib.match.candidates import Pairs, candidate_pairs, distinct_pairs
from tahdhib.match.engine import Groups
from tahdhib.stages.dedup.copies import Copies, RankGroups, find_copies
from tahdhib.stages.dedup.tables import CANDIDATES, MEMBERS, Positions, are_known


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


def find_candidates(shared: Shared, sharers: pa.Table) -> Found:
    """Tell copies from originals, and pair the originals that share a band.

    `sharers` holds `position`, `id` and `weight` of `shared.positions`, in their order. The work
    is done on ranks, so that neither buckets nor the order of rows can show in the result.
    """
    positions = sharers["position"].to_numpy()
    is_known = are_known(positions)
    by_rank = in_order_of_keeping(sharers, is_known)
    ranks = np.empty(len(positions), np.int64)
    ranks[by_rank] = np.arange(len(positions))
    known_count = int(is_known.sum())

    def ranked(groups: Groups) -> RankGroups:
        return RankGroups(ranks[np.searchsorted(positions, groups.members)], groups.starts)

    copies = find_copies(len(positions), ranked(shared.text), ranked(shared.form))
    pairs = np.empty((0, 2), np.int64)
    for groups in shared.bands:
        found = candidate_pairs(*_originals(ranked(groups), copies))
        found = found[found[:, 1] >= known_count]  # known ones among themselves are nobody's matter
        pairs = distinct_pairs(np.concatenate((pairs, found)))
    ordered = positions[by_rank]
    members = pa.table(
        {
            "position": positions,
            "id": sharers["id"],
            "rank": ranks,
            "original": ordered[copies.originals][ranks],
            "is_same_text": copies.is_same_text[ranks],
            "is_compared": np.isin(np.arange(len(positions)), pairs)[ranks],
        },
        schema=MEMBERS,
    )
    return Found(members, _candidates(ordered, pairs))


def in_order_of_keeping(sharers: pa.Table, is_known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rows in the order of who is kept rather: the known ones, more weight, the lower id."""
    table = sharers.append_column("is_known", pa.array(is_known))
    keys = [("is_known", "descending"), ("weight", "descending"), ("id", "ascending")]
    order: NDArray[np.int64] = pc.sort_indices(table, sort_keys=keys).to_numpy().astype(np.int64)
    return order


def _originals(groups: RankGroups, copies: Copies) -> RankGroups:
    """The groups without copies: those go where their original goes."""
    is_original = copies.originals[groups.members] == groups.members
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(is_original)))
    return RankGroups(groups.members[is_original], before[groups.starts])


def _candidates(ordered: Positions, pairs: Pairs) -> pa.Table:
    at = np.sort(ordered[pairs], axis=1)
    at = at[np.lexsort((at[:, 1], at[:, 0]))]
    return pa.table({"left": at[:, 0], "right": at[:, 1]}, schema=CANDIDATES)
