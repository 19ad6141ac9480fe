"""From the tables of members and matches to the table of decisions, and on to the texts."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tahdhib.match.shingles import Overlap
from tahdhib.stages.dedup.clusters import Clusters, Link, decide
from tahdhib.stages.dedup.tables import DECISIONS, rows_of
from tahdhib.store.schemas import DROPS


class Decided(NamedTuple):
    """The stage's table `decisions`, and the clusters behind it."""

    table: pa.Table
    clusters: Clusters


class Parted(NamedTuple):
    """A bucket's documents, sorted out."""

    documents: pa.Table
    drops: pa.Table


def make_decisions(members: pa.Table, matches: pa.Table) -> Decided:
    """Translate positions to ranks in the order of ids, decide, and translate back."""
    members = members.sort_by("id")
    positions = members["position"].to_numpy()
    by_position = np.argsort(positions)

    def ranks(column: pa.ChunkedArray) -> list[int]:
        found = by_position[np.searchsorted(positions, column.to_numpy(), sorter=by_position)]
        return [int(rank) for rank in found]

    overlaps = map(Overlap, matches["shared"].to_pylist(), matches["total"].to_pylist())
    clusters = decide(
        members["id"].to_pylist(),
        ranks(members["original"]),
        members["is_same_text"].to_pylist(),
        map(Link, ranks(matches["left"]), ranks(matches["right"]), overlaps),
    )
    gone = clusters.decisions
    table = pa.table(
        {
            "position": positions[[decision.rank for decision in gone]],
            "reason": [decision.reason for decision in gone],
            "detail": [decision.detail for decision in gone],
            "other": [decision.other for decision in gone],
        }
        if gone
        else DECISIONS.empty_table().to_pydict(),
        schema=DECISIONS,
    )
    return Decided(table.sort_by("position"), clusters)


def part(documents: pa.Table, decisions: pa.Table) -> Parted:
    """Part a bucket's documents by the decisions about them; both keep their order."""
    rows = rows_of(decisions["position"].to_numpy())
    is_kept = np.ones(len(documents), np.bool_)
    is_kept[rows] = False
    drops = documents.take(pa.array(rows))
    for name in ("reason", "detail", "other"):
        drops = drops.append_column(name, decisions[name])
    return Parted(documents.filter(pa.array(is_kept)), drops.cast(DROPS))
