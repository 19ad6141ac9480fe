"""Take out documents that the corpus holds twice, exactly or nearly.

Five steps, each of which writes its result whole, so that a killed run goes on where it was:

    sketches/*        keys of every document (text, folded words, bands of MinHash), by bucket
    members, candidates
                      who shares a key with whom; pairs that are worth comparing
    shingles/*, matches/*
                      the shingles of the candidates, removed at the end; the verified pairs
    decisions, figures
                      who goes, because of whom
    drops/*, documents/*
                      the texts, sorted out; a bucket's documents are written last

Only the second and fourth step see the whole corpus at once, and only its keys and candidates.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tahdhib.match.bands import Bands, choose_bands, expected_recall
from tahdhib.match.engine import groups
from tahdhib.match.shingles import Shingles, shingles
from tahdhib.stages.contract import Workplace, over_buckets
from tahdhib.stages.dedup import tables
from tahdhib.stages.dedup.candidates import Shared, find_candidates
from tahdhib.stages.dedup.decisions import make_decisions, part
from tahdhib.stages.dedup.sketches import sketch
from tahdhib.stages.dedup.verify import verify
from tahdhib.store.ledger import Ledger, count_rows, count_values
from tahdhib.store.run_folder import StageFolder
from tahdhib.store.schemas import DOCUMENTS
from tahdhib.store.shards import read_json, write_json, write_table, write_whole
from tahdhib.text.fold import match_form

_BATCH_ROWS = 1024
_KEYS_PER_PASS = 2_000_000
"""Keys that are grouped at once: a few bands of a large corpus, all bands of a small one."""
_SERIAL_BELOW = 10_000
"""For less work than this, starting processes takes longer than the work."""
_SHINGLE_BYTES = 8


@dataclass(frozen=True, slots=True)
class _Files:
    """The stage's input and its own folder; goes to other processes, so it holds paths only."""

    source: StageFolder
    here: StageFolder

    @property
    def documents(self) -> list[Path]:
        return self.source.shards("documents")

    @property
    def buckets(self) -> list[int]:
        return [int(shard.stem.removeprefix("bucket-")) for shard in self.documents]

    @property
    def members(self) -> Path:
        return self.here.file("members.parquet")

    @property
    def candidates(self) -> Path:
        return self.here.file("candidates.parquet")

    @property
    def decisions(self) -> Path:
        return self.here.file("decisions.parquet")

    @property
    def figures(self) -> Path:
        return self.here.file("figures.json")

    def numbers(self, bucket: int) -> Path:
        """The shingles of a bucket's candidates, end to end; the table says which is whose."""
        return self.here.shard("shingles", bucket).with_suffix(".u64")

    def missing(self, table: str) -> list[int]:
        """Buckets whose shard of `table` is still to be made."""
        return [bucket for bucket in self.buckets if not self.here.shard(table, bucket).exists()]


def work(place: Workplace) -> Ledger:
    """Write `documents` and `drops`; of documents that are the same the lowest id is kept."""
    settings = place.recipe.dedup
    files = _Files(place.run.stage("ingest"), place.here)
    bands = choose_bands(settings.hashes, settings.threshold) if settings.near else None
    if not files.decisions.exists():
        if not files.candidates.exists():
            _make_sketches(place, files, bands)
            _find_candidates(place, files, bands)
        _verify_candidates(place, files)
        _decide(files)
    _sort_out(place, files)
    # Only now: until every document is written, these may be needed again.
    shutil.rmtree(files.here.file("shingles"), ignore_errors=True)
    return Ledger(
        stage="dedup",
        unit="documents",
        came_in=count_rows(files.documents),
        went_out=count_rows(files.here.shards("documents")),
        drops=count_values(files.here.shards("drops")),
        notes=_notes(files, bands, settings.threshold),
    )


def _notes(files: _Files, bands: Bands | None, threshold: float) -> dict[str, int | float | str]:
    notes: dict[str, int | float | str] = dict(read_json(files.figures))
    if bands is not None:
        candidates = count_rows([files.candidates])
        verified = count_rows(files.here.shards("matches"))
        notes |= {
            "bands": bands.number,
            "rows_per_band": bands.rows,
            "expected_recall_at_threshold": round(expected_recall(bands, threshold), 4),
            "candidate_pairs": candidates,
            "verified_pairs": verified,
            "candidate_precision": round(verified / candidates, 4) if candidates else 1.0,
        }
    return notes


# Step 1: sketches


def _make_sketches(place: Workplace, files: _Files, bands: Bands | None) -> None:
    missing = files.missing("sketches")
    _over(
        place,
        partial(_sketch_bucket, files, bands, place.recipe.dedup.shingle_words),
        missing,
        label="dedup: signatures",
        total=_rows(files.source, missing),
    )


def _sketch_bucket(files: _Files, bands: Bands | None, words: int, bucket: int) -> int:
    made = [tables.sketches_schema(bands).empty_table()]
    for first_row, batch in _batches(files.source.shard("documents", bucket), ["id", "text"]):
        positions = tables.positions(bucket, first_row, len(batch))
        ids, texts = batch["id"].to_pylist(), batch["text"].to_pylist()
        made.append(sketch(positions, ids, texts, bands, words))
    table = pa.concat_tables(made)
    write_table(files.here.shard("sketches", bucket), table)
    return len(table)


# Step 2: who may be the same as whom


def _find_candidates(place: Workplace, files: _Files, bands: Bands | None) -> None:
    sketches = files.here.shards("sketches")
    columns = [] if bands is None else tables.band_columns(bands)
    at_once = max(1, _KEYS_PER_PASS // max(1, count_rows(sketches)))
    passes = [columns[first : first + at_once] for first in range(0, len(columns), at_once)]
    with place.progress.task("dedup: candidates", len(columns) + 2, "keys") as task:
        shared = Shared(
            groups(sketches, ["text_key"], "position"),
            groups(sketches, [] if bands is None else ["form_key"], "position"),
            [],
        )
        task.advance(2)
        for names in passes:
            shared.bands.append(groups(sketches, names, "position"))
            task.advance(len(names))
    positions = shared.positions
    found = find_candidates(shared, positions, _ids_at(sketches, positions))
    write_table(files.members, found.members)
    write_table(files.candidates, found.candidates)


def _ids_at(sketches: list[Path], positions: tables.Positions) -> pa.Array:
    """Ids of the documents at `positions`; both ascend."""
    parts = [pa.array([], pa.string())]
    for shard in sketches:
        table = pq.read_table(shard, columns=["position", "id"])
        wanted = np.isin(table["position"].to_numpy(), positions, assume_unique=True)
        parts.append(table["id"].filter(pa.array(wanted)).combine_chunks())
    return pa.concat_arrays(parts)


# Step 3: the proof


def _verify_candidates(place: Workplace, files: _Files) -> None:
    settings = place.recipe.dedup
    pairs = count_rows([files.candidates])
    if not pairs or not files.missing("matches"):
        return
    missing = files.missing("shingles")
    compared = pq.read_table(files.members, columns=["is_compared"])["is_compared"]
    _over(
        place,
        partial(_shingle_bucket, files, settings.shingle_words),
        missing,
        label="dedup: shingles",
        total=pc.sum(compared).as_py() or 0,
    )
    _over(
        place,
        partial(_verify_bucket, files, settings.threshold),
        files.missing("matches"),
        label="dedup: verification",
        total=pairs,
        unit="pairs",
    )


def _shingle_bucket(files: _Files, words: int, bucket: int) -> int:
    members = _in_bucket(files.members, "position", bucket, ["position", "is_compared"])
    wanted = members["position"].filter(members["is_compared"]).to_numpy()
    counts: list[int] = []

    def write(path: Path) -> None:
        with path.open("wb") as handle:
            for text in _texts_at(files.source.shard("documents", bucket), wanted):
                numbers = shingles(match_form(text), words)
                counts.append(len(numbers))
                handle.write(numbers.tobytes())

    write_whole(files.numbers(bucket), write)
    ends = np.cumsum(np.array(counts, np.int64))
    columns = {"position": wanted, "start": ends - counts, "count": counts}
    write_table(files.here.shard("shingles", bucket), pa.table(columns, schema=tables.SHINGLES))
    return len(wanted)


def _texts_at(shard: Path, wanted: tables.Positions) -> Iterator[str]:
    rows = tables.rows_of(wanted)
    if not len(rows):
        return
    for first_row, batch in _batches(shard, ["text"]):
        here = rows[(rows >= first_row) & (rows < first_row + len(batch))] - first_row
        yield from batch["text"].take(pa.array(here)).to_pylist()


def _verify_bucket(files: _Files, threshold: float, bucket: int) -> int:
    pairs = _in_bucket(files.candidates, "left", bucket, ["left", "right"])
    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    made = [tables.MATCHES.empty_table()]
    with _ShingleFile.opened(files, bucket) as lefts:
        known = {position: lefts.read(position) for position in np.unique(left).tolist()}
    homes = tables.buckets_of(right)
    for home in np.unique(homes).tolist():
        there = homes == home
        with _ShingleFile.opened(files, home) as rights:
            made.append(
                verify(left[there], right[there], threshold, known.__getitem__, rights.read)
            )
    matches = pa.concat_tables(made).sort_by([("left", "ascending"), ("right", "ascending")])
    write_table(files.here.shard("matches", bucket), matches)
    return len(pairs)


@dataclass(frozen=True, slots=True)
class _ShingleFile:
    """A bucket's shingles, read one document at a time: a memory map would count as memory."""

    handle: IO[bytes]
    places: Mapping[int, tuple[int, int]]

    @classmethod
    @contextmanager
    def opened(cls, files: _Files, bucket: int) -> Iterator["_ShingleFile"]:
        table = pq.read_table(files.here.shard("shingles", bucket))
        position, start, count = (column.to_pylist() for column in table.columns)
        places = dict(zip(position, zip(start, count, strict=True), strict=True))
        with files.numbers(bucket).open("rb") as handle:
            yield cls(handle, places)

    def read(self, position: int) -> Shingles:
        start, count = self.places[position]
        self.handle.seek(start * _SHINGLE_BYTES)
        return np.frombuffer(self.handle.read(count * _SHINGLE_BYTES), np.uint64)


# Step 4: who goes


def _decide(files: _Files) -> None:
    shards = map(pq.read_table, files.here.shards("matches"))
    matches = pa.concat_tables([tables.MATCHES.empty_table(), *shards])
    decided = make_decisions(pq.read_table(files.members), matches)
    write_json(files.figures, decided.clusters.figures())
    write_table(files.decisions, decided.table)


# Step 5: the texts


def _sort_out(place: Workplace, files: _Files) -> None:
    missing = files.missing("documents")
    _over(
        place,
        partial(_sort_out_bucket, files),
        missing,
        label="dedup: writing",
        total=_rows(files.source, missing),
    )


def _sort_out_bucket(files: _Files, bucket: int) -> int:
    documents = pq.read_table(files.source.shard("documents", bucket), schema=DOCUMENTS)
    parted = part(documents, _in_bucket(files.decisions, "position", bucket, None))
    write_table(files.here.shard("drops", bucket), parted.drops)
    write_table(files.here.shard("documents", bucket), parted.documents)
    return len(documents)


def _over(
    place: Workplace,
    function: Callable[[int], int],
    buckets: list[int],
    *,
    label: str,
    total: int,
    unit: str = "documents",
) -> None:
    if total < _SERIAL_BELOW:
        place = replace(place, recipe=place.recipe.model_copy(update={"processes": 1}))
    over_buckets(place, function, buckets, label=label, total=total, unit=unit)


def _rows(source: StageFolder, buckets: list[int]) -> int:
    return count_rows(source.shard("documents", bucket) for bucket in buckets)


def _batches(shard: Path, columns: list[str]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The shard's rows, in order and in parts, each with the number of its first row."""
    first_row = 0
    with pq.ParquetFile(shard) as file:
        for batch in file.iter_batches(_BATCH_ROWS, columns=columns):
            yield first_row, batch
            first_row += len(batch)


def _in_bucket(path: Path, column: str, bucket: int, columns: list[str] | None) -> pa.Table:
    """The rows of a table in order of `column`, a position, that belong to one bucket."""
    low, high = tables.positions_in(bucket)
    return pq.read_table(path, columns=columns, filters=[(column, ">=", low), (column, "<", high)])
