"""Ingest: input files in, documents with unique ids in buckets out.

Each file becomes a *part* (its documents spread over buckets by a hash of their id, its faults in
quarantine); then each bucket is gathered from all parts and sorted by id. So neither the number of
files nor their order, nor the number of processes, leaves a trace in the result.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tahdhib.config import Recipe
from tahdhib.config.recipe import Ingest
from tahdhib.errors import DataError
from tahdhib.readers import SourceFile, find_sources
from tahdhib.records import Document
from tahdhib.stages.contract import Workplace, over_buckets, tick
from tahdhib.stages.ingest.pieces import read_piece, write_piece
from tahdhib.stages.ingest.read import Read, read_file
from tahdhib.stages.ingest.unique import settle_ids
from tahdhib.store.ledger import Ledger, count_rows, count_values
from tahdhib.store.run_folder import StageFolder
from tahdhib.store.schemas import DOCUMENTS, DROPS, QUARANTINE
from tahdhib.store.shards import (
    bucket_of,
    metadata_json,
    read_json,
    write_json,
    write_rows,
    write_table,
)

_BUFFER_CHARACTERS = 16_000_000
"""Text held before it is flushed to disk: what bounds the memory of reading."""

_MOSTLY = 0.5
"""A share of documents with somebody else's id from which the id field is no id."""


@dataclass(frozen=True, slots=True)
class _Job:
    """What a process needs to read a part or gather a bucket."""

    here: StageFolder
    settings: Ingest
    sources: tuple[SourceFile, ...]


def reads(recipe: Recipe) -> list[str]:
    """The files that the recipe's input names."""
    return [source.path for source in find_sources(recipe.ingest.paths)]


def work(place: Workplace) -> Ledger:
    """Read everything that the recipe names; see the module."""
    settings = place.recipe.ingest
    sources = tuple(find_sources(settings.paths))
    job = _Job(place.here, settings, sources)
    totals = place.here.file("records.json")
    if not totals.exists():
        _read_parts(place, job)
        parts = [_part(job, index) for index in range(len(sources)) if _is_read(job, index)]
        done = [read_json(part / "done.json") for part in parts]
        records = sum(part["records"] for part in done)
        _check_any_document(job, records)
        over_buckets(
            place,
            partial(_gather, job),
            range(settings.buckets),
            label="ingest: sort",
            total=records,
        )
        _check_ids(job)
        write_json(totals, {"records": records, "skipped": sum(part["skipped"] for part in done)})
    shutil.rmtree(place.here.file("parts"), ignore_errors=True)
    quarantine = count_values(place.here.shards("quarantine"))
    counts = read_json(totals)
    notes = {"files": len(sources), "quarantined": sum(quarantine.values())}
    if counts["skipped"]:  # of web archives: requests, redirects, pictures
        notes["not_documents"] = counts["skipped"]
    return Ledger(
        stage="ingest",
        unit="documents",
        came_in=counts["records"],
        went_out=count_rows(place.here.shards("documents")),
        drops={**quarantine, **count_values(place.here.shards("drops"))},
        notes=notes,
    )


def _read_parts(place: Workplace, job: _Job) -> None:
    waiting = [index for index in range(len(job.sources)) if not _is_read(job, index)]
    if place.recipe.limit is not None:
        _read_limited(place, job, place.recipe.limit)
        return
    over_buckets(
        place,
        partial(_read_part, job),
        waiting,
        label="ingest: read",
        total=sum(job.sources[index].size for index in waiting),
        unit="bytes",
    )


def _read_limited(place: Workplace, job: _Job, limit: int) -> None:
    """Read the first `limit` records in file order: one file after the other, whatever the
    number of processes."""
    left = limit
    with place.progress.task("ingest: read", limit, "documents") as task:
        for index in range(len(job.sources)):
            if left <= 0:
                return
            if not _is_read(job, index):
                _read_part(job, index, left)
            records = read_json(_part(job, index) / "done.json")["records"]
            task.advance(records)
            left -= records


def _part(job: _Job, index: int) -> Path:
    return job.here.file("parts") / f"part-{index:06d}"


def _is_read(job: _Job, index: int) -> bool:
    return (_part(job, index) / "done.json").exists()


def _read_part(job: _Job, index: int, limit: int | None = None) -> int:
    """Read file `index` into its part; `done.json`, written last, says that it is whole."""
    part = _part(job, index)
    shutil.rmtree(part, ignore_errors=True)
    source = job.sources[index]
    faults: list[dict[str, Any]] = []
    records = skipped = 0

    def skip(count: int) -> None:
        nonlocal skipped
        skipped += count

    buffer = _Buffer(part, job.settings.buckets)
    for read in _limited(read_file(source, job.settings, tick, skip), limit):
        records += 1
        if isinstance(read.outcome, Document):
            buffer.add(read.outcome)
        else:
            faults.append(
                {
                    "file": source.path,
                    "line": read.line,
                    "reason": read.outcome.reason,
                    "detail": _storable(read.outcome.detail),
                    "excerpt": read.excerpt,
                }
            )
    buffer.flush()
    write_rows(job.here.shard("quarantine", index), faults, QUARANTINE)
    write_json(part / "done.json", {"records": records, "skipped": skipped})
    return 0


def _limited(reads: Iterator[Read], limit: int | None) -> Iterator[Read]:
    for count, read in enumerate(reads):
        if limit is not None and count >= limit:
            return
        yield read


class _Buffer:
    """Documents on their way into a part's buckets, flushed when they grow too many."""

    def __init__(self, part: Path, buckets: int) -> None:
        self._part, self._buckets = part, buckets
        self._rows: dict[int, list[tuple[str, str, str]]] = {}
        self._characters = 0
        self._flushes = 0

    def add(self, document: Document) -> None:
        row = (document.id, document.text, _storable(metadata_json(document.metadata)))
        self._rows.setdefault(bucket_of(document.id, self._buckets), []).append(row)
        self._characters += len(document.text)
        if self._characters >= _BUFFER_CHARACTERS:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            write_piece(self._part / f"{self._flushes:06d}.arrow", self._rows)
        self._rows, self._characters = {}, 0
        self._flushes += 1


def _storable(text: str) -> str:
    """Without lone surrogates, which no file can hold."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def _gather(job: _Job, bucket: int) -> int:
    """Gather a bucket from all parts, sorted by id; the documents shard marks it as done."""
    if job.here.shard("documents", bucket).exists():
        return int(count_rows([job.here.shard("documents", bucket)]))
    table = pa.concat_tables([DOCUMENTS.empty_table(), *_pieces_of(job, bucket)])
    dropped: list[dict[str, Any]] = []
    if pc.count_distinct(table["id"]).as_py() == len(table):
        kept = table.take(pc.sort_indices(table["id"])).combine_chunks()
    else:  # rare, and a choice among rows
        rows, dropped = settle_ids(table.to_pylist())
        kept = pa.Table.from_pylist(rows, schema=DOCUMENTS)
    write_rows(job.here.shard("drops", bucket), dropped, DROPS)
    write_table(job.here.shard("documents", bucket), kept)
    return len(table)


def _pieces_of(job: _Job, bucket: int) -> Iterator[pa.Table]:
    for path in _piece_files(job):
        yield from read_piece(path, bucket)


def _piece_files(job: _Job) -> list[Path]:
    return sorted(job.here.file("parts").glob("part-*/*.arrow"))


def _check_any_document(job: _Job, records: int) -> None:
    if _piece_files(job):
        return
    reasons = count_values(job.here.shards("quarantine"))
    seen = ", ".join(f"{reason} {count:,}" for reason, count in reasons.items())
    where = job.sources[0].path if len(job.sources) == 1 else f"{len(job.sources)} files"
    raise DataError(
        f"{where}: none of {records:,} records became a document ({seen or 'the input is empty'}). "
        f"Check ingest.text (now {job.settings.text!r}) and ingest.id (now {job.settings.id!r}); "
        f"the records stand in {job.here.file('quarantine')}."
    )


def _check_ids(job: _Job) -> None:
    kept = count_rows(job.here.shards("documents"))
    clashes = count_values(job.here.shards("drops")).get("duplicate_id", 0)
    if clashes > _MOSTLY * (kept + clashes):
        raise DataError(
            f"ingest.id: {clashes:,} of {kept + clashes:,} documents have an id that another "
            f"document has, so the field {job.settings.id!r} is no id. Name a unique field, or "
            "use --set ingest.id=null to number documents by a hash of their text."
        )
