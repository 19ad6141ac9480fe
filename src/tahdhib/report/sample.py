"""Draw rows from a stage's tables without holding more than one batch of a shard.

A draw is a function of the seed and the ids alone: the rows with the smallest hashes. So it does
not move with the number of shards or processes, and a report written twice is the same report.
"""

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tahdhib.stats.draw import rank

_BATCH_ROWS = 128
"""Rows held at once: with texts of the largest allowed size, still no more than memory has."""


@dataclass(slots=True)
class Draw:
    """The `size` ids with the smallest hashes among all that it was offered."""

    size: int
    seed: int
    _heap: list[tuple[int, str]] = field(default_factory=list)

    def offer(self, row_id: str) -> None:
        place = (-rank("report", self.seed, row_id), row_id)
        if len(self._heap) < self.size:
            heapq.heappush(self._heap, place)
        elif place > self._heap[0]:
            heapq.heapreplace(self._heap, place)

    @property
    def ids(self) -> list[str]:
        """The drawn ids, in the order of their hashes."""
        return [row_id for _, row_id in sorted(self._heap, reverse=True)]


@dataclass(frozen=True, slots=True)
class EditTotals:
    """What the accepted edits of a corpus come to."""

    edits: Mapping[str, int]
    """Rule or worker -> edits."""
    documents: Mapping[str, int]
    """Rule or worker -> documents with at least one of its edits."""
    states: Mapping[str, int]
    source_characters: int
    text_characters: int
    touched_characters: int
    """Characters of the sources that an edit removed or replaced."""
    drawn: tuple[str, ...]
    """Ids of the sample documents: every rule in turn gives one, until there are enough."""


def batches(shards: Iterable[Path], columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The shards' rows, a batch at a time, with the wanted columns only."""
    for shard in shards:
        with pq.ParquetFile(shard) as file:
            yield from file.iter_batches(batch_size=_BATCH_ROWS, columns=columns)


def rows_with(
    shards: Iterable[Path], ids: Collection[str], columns: list[str]
) -> Iterator[dict[str, Any]]:
    """The rows with these ids, one at a time: the other rows' texts never become Python objects,
    and a drawn one only for as long as its reader keeps it."""
    wanted = pa.array(sorted(set(ids)), pa.string())
    if not len(wanted):
        return
    for batch in batches(shards, columns):
        found = batch.filter(pc.is_in(batch["id"], value_set=wanted))
        for number in range(found.num_rows):
            yield found.slice(number, 1).to_pylist()[0]


def edit_totals(shards: list[Path], *, seed: int, samples: int, each: int) -> EditTotals:
    """Count the accepted edits of a `rewrite` table by who is behind them, and draw samples."""
    edits: dict[str, int] = {}
    documents: dict[str, int] = {}
    states: dict[str, int] = {}
    draws: dict[str, Draw] = {}
    source = text = touched = 0
    for batch in batches(shards, ["id", "state", "source", "text", "edits"]):
        _add(states, batch["state"])
        source += pc.sum(pc.utf8_length(batch["source"])).as_py() or 0
        text += pc.sum(pc.utf8_length(batch["text"])).as_py() or 0
        accepted = batch.filter(pc.equal(batch["state"], "rewritten"))
        parents = pc.list_parent_indices(accepted["edits"])
        flat = pc.list_flatten(accepted["edits"])
        by = pc.struct_field(flat, "by")
        lengths = pc.subtract(pc.struct_field(flat, "end"), pc.struct_field(flat, "start"))
        touched += pc.sum(lengths).as_py() or 0
        _add(edits, by)
        pairs = pa.table({"row": parents, "by": by}).group_by(["row", "by"]).aggregate([])
        _add(documents, pairs["by"])
        ids = accepted["id"].to_pylist()
        for row, name in zip(pairs["row"].to_pylist(), pairs["by"].to_pylist(), strict=True):
            draws.setdefault(name, Draw(each, seed)).offer(ids[row])
    drawn = _in_turn([draws[name].ids for name in sorted(draws)], samples)
    return EditTotals(edits, documents, states, source, text, touched, tuple(drawn))


def draw_by_value(
    shards: list[Path], column: str, *, seed: int, each: int
) -> tuple[dict[str, int], dict[str, list[str]]]:
    """How many rows hold each value of `column`, and ids drawn for each value.

    A row whose column is a list counts once under each value in it.
    """
    counts: dict[str, int] = {}
    draws: dict[str, Draw] = {}
    for batch in batches(shards, ["id", column]):
        for row_id, held in zip(batch["id"].to_pylist(), batch[column].to_pylist(), strict=True):
            for value in set(held) if isinstance(held, list) else {str(held)}:
                counts[value] = counts.get(value, 0) + 1
                draws.setdefault(value, Draw(each, seed)).offer(str(row_id))
    return dict(sorted(counts.items())), {value: draw.ids for value, draw in draws.items()}


def draw_places(
    shards: list[Path], *, seed: int, each: int
) -> tuple[dict[str, int], dict[str, list[dict[str, Any]]]]:
    """Like `draw_by_value` for the quarantine, whose rows have a file and a line but no id."""
    counts: dict[str, int] = {}
    draws: dict[str, Draw] = {}
    for batch in batches(shards, ["file", "line", "reason"]):
        for row in batch.to_pylist():
            counts[row["reason"]] = counts.get(row["reason"], 0) + 1
            draws.setdefault(row["reason"], Draw(each, seed)).offer(_place(row))
    wanted = {place for draw in draws.values() for place in draw.ids}
    rows: dict[str, list[dict[str, Any]]] = {}
    for batch in batches(shards, ["file", "line", "reason", "detail", "excerpt"]):
        for row in batch.to_pylist():
            if _place(row) in wanted:
                rows.setdefault(row["reason"], []).append(row)
    return dict(sorted(counts.items())), rows


def _add(totals: dict[str, int], values: pa.Array) -> None:
    for pair in pc.value_counts(values).to_pylist():
        totals[pair["values"]] = totals.get(pair["values"], 0) + pair["counts"]


def _in_turn(queues: list[list[str]], size: int) -> list[str]:
    """Take from each queue in turn, each id once, until `size` are taken."""
    taken: dict[str, None] = {}
    longest = max((len(queue) for queue in queues), default=0)
    for turn in range(longest):
        for queue in queues:
            if turn < len(queue) and len(taken) < size:
                taken.setdefault(queue[turn])
    return list(taken)


def _place(row: Mapping[str, Any]) -> str:
    return f"{row['line']}:{row['file']}"
