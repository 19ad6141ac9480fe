"""From the tables of members and matches to the table of decisions, and on to the texts."""

import json
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tahdhib.match.shingles import Overlap
from tahdhib.stages.dedup.clusters import Clusters, Link, decide
from tahdhib.stages.dedup.tables import DECISIONS, SIZES, are_known, rows_of
from tahdhib.store.schemas import DOCUMENTS, DROPS
from tahdhib.store.shards import metadata_json

SIZE_FIELD = "cluster_size"
"""Metadata field of a kept document: how many of the corpus it stands for, itself included."""

_START = '{"'
_FIELD_FIRST = _START + SIZE_FIELD


class Decided(NamedTuple):
    """The stage's tables `decisions` and `sizes`, and the clusters behind them."""

    decisions: pa.Table
    sizes: pa.Table
    clusters: Clusters


class Parted(NamedTuple):
    """Documents of a bucket, sorted out."""

    documents: pa.Table
    drops: pa.Table


def make_decisions(members: pa.Table, matches: pa.Table) -> Decided:
    """Translate positions to ranks in the order of who is kept rather, decide, translate back."""
    members = members.sort_by("rank")
    positions = members["position"].to_numpy()
    by_position = np.argsort(positions)

    def ranks(column: pa.ChunkedArray) -> list[int]:
        found = by_position[np.searchsorted(positions, column.to_numpy(), sorter=by_position)]
        return [int(rank) for rank in found]

    overlaps = map(Overlap, matches["shared"].to_pylist(), matches["total"].to_pylist())
    left, right = ranks(matches["left"]), ranks(matches["right"])
    clusters = decide(
        members["id"].to_pylist(),
        ranks(members["original"]),
        members["is_same_text"].to_pylist(),
        map(Link, map(min, left, right), map(max, left, right), overlaps),
        known_count=int(are_known(positions).sum()),
    )
    gone = clusters.decisions
    columns = {
        "position": positions[[decision.rank for decision in gone]] if gone else [],
        "reason": [decision.reason for decision in gone],
        "detail": [decision.detail for decision in gone],
        "other": [decision.other for decision in gone],
    }
    kept = np.fromiter(clusters.sizes, np.int64, len(clusters.sizes))
    sizes = {"position": positions[kept], "size": list(clusters.sizes.values())}
    return Decided(
        pa.table(columns, schema=DECISIONS).sort_by("position"),
        pa.table(sizes, schema=SIZES).sort_by("position"),
        clusters,
    )


def part(documents: pa.Table, first_row: int, decisions: pa.Table, sizes: pa.Table) -> Parted:
    """Part documents of one bucket, from its row `first_row` on, by what was decided about them.

    Both parts keep their order; who is kept learns how many it stands for.
    """
    gone, is_gone = _here(decisions, first_row, len(documents))
    kept, is_kept = _here(sizes, first_row, len(documents))
    drops = documents.take(pa.array(gone))
    for name in ("reason", "detail", "other"):
        drops = drops.append_column(name, decisions[name].filter(pa.array(is_gone)))
    stands_for = np.ones(len(documents), np.int64)
    stands_for[kept] = sizes["size"].to_numpy()[is_kept]
    stays = np.ones(len(documents), np.bool_)
    stays[gone] = False
    documents = documents.filter(pa.array(stays))
    metadata = with_sizes(documents["metadata"].to_pylist(), stands_for[stays].tolist())
    columns = [documents["id"], documents["text"], pa.array(metadata, pa.string())]
    return Parted(pa.table(columns, schema=DOCUMENTS), drops.cast(DROPS))


def with_sizes(metadata: Sequence[str], sizes: Sequence[int]) -> list[str]:
    """Write the size of each cluster into the metadata of its document, which stays sorted.

    An object whose first field comes later in the alphabet is not parsed: the size goes before it.
    """
    return [
        f'{_FIELD_FIRST}":{size},{said[1:]}'
        if said > _FIELD_FIRST and said.startswith(_START) and not said.startswith(_FIELD_FIRST)
        else metadata_json({**json.loads(said), SIZE_FIELD: size})
        for said, size in zip(metadata, sizes, strict=True)
    ]


class _Here(NamedTuple):
    """Which rows of a table by position belong to some documents, and where they stand there."""

    places: NDArray[np.int64]
    rows: NDArray[np.bool_]


def _here(table: pa.Table, first_row: int, count: int) -> _Here:
    places = rows_of(table["position"].to_numpy()) - first_row
    is_here = (places >= 0) & (places < count)
    return _Here(places[is_here], is_here)
