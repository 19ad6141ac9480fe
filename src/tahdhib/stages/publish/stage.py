"""Publish: the corpus as Parquet and JSONL, ordered by id, with a dataset card.

Published files carry no clock, host, input path or number of processes: equal documents under an
equal recipe give equal bytes.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tahdhib.gate.gate import Gate
from tahdhib.protect.shelter import open_shelter
from tahdhib.stages.contract import Workplace
from tahdhib.stages.publish.card import Card, dataset_card
from tahdhib.stages.publish.formats import WRITERS
from tahdhib.stages.publish.rows import by_id, to_published
from tahdhib.stages.publish.undo import undone
from tahdhib.store.ledger import Ledger, count_rows, count_values
from tahdhib.store.shards import whole, write_text

_MERGE_ROWS = 64
"""Rows read ahead per bucket while buckets are merged: what bounds the memory."""

_GROUP_ROWS = 1000
"""Rows per Parquet row group."""


def work(place: Workplace) -> Ledger:
    """Write everything that leaves the run; see the module."""
    rewritten = place.run.stage("rewrite")
    total = count_rows(rewritten.shards("documents"))
    shards = max(1, -(-total // place.recipe.publish.shard_rows))
    rows = by_id(_stream(shard) for shard in rewritten.shards("documents"))
    states: Counter[str] = Counter()
    taken_back: Counter[str] = Counter()
    rows = _counted(place, rows, states, taken_back)
    with place.progress.task("publish", total, "documents") as task:
        for index in range(shards):
            part = islice(rows, place.recipe.publish.shard_rows)
            for written in _write_part(place, f"part-{index:05d}-of-{shards:05d}", part):
                task.advance(written)
    _check_rows(place, total)
    write_text(place.run.corpus / "README.md", dataset_card(_card(place, total, states)))
    return Ledger(
        stage="publish",
        unit="documents",
        came_in=total,
        went_out=total,
        notes={"files": shards * len(place.recipe.publish.formats), **taken_back},
    )


def _counted(
    place: Workplace,
    rows: Iterator[dict[str, Any]],
    states: Counter[str],
    taken_back: Counter[str],
) -> Iterator[dict[str, Any]]:
    """The rows with the edits undone that the recipe names; counts what goes by: documents by
    state, and of those that changed here what became of them."""
    without = frozenset(place.recipe.publish.without)
    shelter = open_shelter(place.recipe.protect)
    gate = Gate(place.recipe.gate, place.conduct, shelter.spans)
    undo = partial(undone, without=without, gate=gate)
    for row in rows:
        result = undo(row) if without else row
        states[result["state"]] += 1
        if result is not row and result["edits"] != row["edits"]:
            taken_back["undone_edits"] += len(row["edits"]) - len(result["edits"])
            taken_back["undone_documents"] += 1
            taken_back["undone_by_the_gate"] += result["state"] == "kept"
        yield result


def _stream(shard: Path) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(shard).iter_batches(batch_size=_MERGE_ROWS):
        yield from batch.to_pylist()


def _write_part(place: Workplace, name: str, rows: Iterator[dict[str, Any]]) -> Iterator[int]:
    """Write one published file per format, group by group, yielding the rows of each group."""
    with ExitStack() as stack:
        writers = []
        for kind in place.recipe.publish.formats:
            ending, writer = WRITERS[kind]
            path = place.run.corpus / kind / f"{name}{ending}"
            writers.append(stack.enter_context(writer(stack.enter_context(whole(path)))))
        while group := [to_published(row) for row in islice(rows, _GROUP_ROWS)]:
            for write in writers:
                write(group)
            yield len(group)


def _check_rows(place: Workplace, total: int) -> None:
    """Count what lies in the Parquet files against what was to be published."""
    if "parquet" in place.recipe.publish.formats:
        published = count_rows(sorted((place.run.corpus / "parquet").glob("*.parquet")))
        if published != total:
            raise RuntimeError(f"publish: {published} rows were written, {total} expected")


def _card(place: Workplace, total: int, states: Counter[str]) -> Card:
    cleaned = () if place.recipe.clean is None else ("clean",)
    ways = ("ingest", "dedup", *cleaned, "rewrite")
    accounts = [place.run.stage(name).account() for name in ways]
    rewritten = place.run.stage("rewrite")
    hashes = count_values(rewritten.shards("documents"), "worker_hash")
    return Card(
        name=place.recipe.name,
        licence=place.recipe.publish.licence,
        documents=total,
        states=states,
        accounts=tuple(accounts),
        conduct=place.conduct,
        worker=place.recipe.worker.kind,
        worker_hash=next(iter(hashes), ""),
        seed=place.recipe.seed,
        formats=place.recipe.publish.formats,
        without=place.recipe.publish.without,
    )
