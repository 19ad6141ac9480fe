"""Take out documents that the corpus holds twice, exactly or nearly, or that another one holds.

Seven steps, each of which writes its result whole, so that a killed run goes on where it was:

    known/*           documents of files that the corpus is held against
    forms/*, lines/*, sites/*
                      every document as it is compared; how often its lines stand where
    repeated, found   lines that belong to a site and not to a document
    sketches/*        keys of every document (text, folded words, bands of MinHash)
    members, candidates
                      who shares a key with whom; pairs that are worth comparing
    shingles/*, matches/*
                      the shingles of the candidates; the verified pairs
    sizes, decisions, figures
                      who goes, because of whom
    drops/*, examples/*, documents/*
                      the texts, sorted out; a bucket's documents are written last
    boilerplate       the lines found, for people and for later stages

Only the third, fifth and seventh step see the whole corpus at once: its repeated lines, the keys
of a few bands, and whoever shares a key. What is large and no longer needed is removed at the end.
"""

import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tahdhib.config import Recipe
from tahdhib.errors import DataError
from tahdhib.match.bands import Bands, choose_bands, expected_recall
from tahdhib.match.boilerplate import BoilerplateLines
from tahdhib.match.engine import groups
from tahdhib.stages.contract import Workplace, over_buckets, tick
from tahdhib.stages.dedup import tables
from tahdhib.stages.dedup.boilerplate import (
    examples,
    find_boilerplate,
    known_lines,
    write_boilerplate,
)
from tahdhib.stages.dedup.candidates import Shared, find_candidates
from tahdhib.stages.dedup.decisions import make_decisions, part
from tahdhib.stages.dedup.files import Files, parts, read_forms, read_shard_rows
from tahdhib.stages.dedup.known import collect_known, find_known
from tahdhib.stages.dedup.proof import shingle_shard, verify_shard
from tahdhib.stages.dedup.reading import Reading, read_shard
from tahdhib.stages.dedup.sketches import Sketching, sketch
from tahdhib.store.ledger import Ledger, count_rows, count_values
from tahdhib.store.schemas import DOCUMENTS, DROPS
from tahdhib.store.shards import read_json, whole, write_json, write_table

_KEYS_PER_PASS = 2_000_000
"""Keys that are grouped at once: a few bands of a large corpus, all bands of a small one."""
_SERIAL_SECONDS = 1.0
"""For less work than this, starting processes takes as long as they save."""
_FOLDING, _SKETCHING, _SHINGLING, _VERIFYING, _WRITING = 80e-6, 40e-6, 1e-4, 5e-5, 2e-5
"""Seconds for one document or pair, roughly, on one core: documents of 2 kB."""
_WRITTEN_ROWS = 1 << 14
"""Documents in a row group of what is written."""
_WITHOUT_BANDS = ("text_key", "weight")
"""Columns of forms that exact matching needs."""
_PASSING = ("forms", "lines", "sites", "shingles", "examples", "known")
"""Tables that nothing needs once the stage is done."""


def reads(recipe: Recipe) -> list[str]:
    """The files that the recipe's `dedup.against` names."""
    return find_known(recipe).paths


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the steps work with."""

    place: Workplace
    files: Files
    reading: Reading
    bands: Bands | None
    known_faults: int

    @property
    def threshold(self) -> float:
        return self.reading.settings.threshold

    @property
    def words(self) -> int:
        return self.reading.settings.shingle_words

    def known_lines(self) -> BoilerplateLines:
        return known_lines(self.files, self.reading)

    def over(
        self,
        function: Callable[[int], int],
        shards: list[int],
        *,
        label: str,
        total: int,
        seconds_each: float,
        unit: str = "documents",
    ) -> None:
        """`over_buckets`, in this process where there is little to do."""
        place = self.place
        if total * seconds_each < _SERIAL_SECONDS:
            place = replace(place, recipe=place.recipe.model_copy(update={"processes": 1}))
        over_buckets(place, function, shards, label=f"dedup: {label}", total=total, unit=unit)


def work(place: Workplace) -> Ledger:
    """Write `documents` and `drops`: of documents that are the same, one is kept."""
    settings = place.recipe.dedup
    collected = collect_known(place)
    desk = _Desk(
        place,
        Files(place.run.stage("ingest"), place.here, collected.shards),
        Reading.of(settings),
        choose_bands(settings.hashes, settings.threshold) if settings.near else None,
        collected.faults,
    )
    files = desk.files
    if not files.decisions.exists():
        if not files.candidates.exists():
            _find_boilerplate(desk)
            _make_sketches(desk)
            _find_candidates(desk)
        _verify_candidates(desk)
        _decide(files)
    _sort_out(desk)
    if not files.boilerplate.exists():
        write_boilerplate(files, desk.known_lines())
    ledger = Ledger(
        stage="dedup",
        unit="documents",
        came_in=files.rows(files.own),
        went_out=count_rows(place.here.shards("documents")),
        drops=count_values(place.here.shards("drops")),
        notes=_notes(desk),
    )
    # Only now: until every document is written, these may be needed again.
    for table in _PASSING:
        shutil.rmtree(place.here.file(table), ignore_errors=True)
    return ledger


def _notes(desk: _Desk) -> dict[str, int | float | str]:
    files, bands = desk.files, desk.bands
    notes: dict[str, int | float | str] = dict(read_json(files.figures))
    if desk.reading.settings.against:
        notes |= {"known_documents": files.known_documents, "known_faults": desk.known_faults}
    else:
        del notes["duplicates_of_known"]
    if desk.reading.settings.boilerplate is not None:
        notes["boilerplate_lines"] = count_rows([files.boilerplate])
    if bands is not None:
        candidates = count_rows([files.candidates])
        verified = count_rows(files.made("matches"))
        notes |= {
            "bands": bands.number,
            "rows_per_band": bands.rows,
            "expected_recall_at_threshold": round(expected_recall(bands, desk.threshold), 4),
            "candidate_pairs": candidates,
            "verified_pairs": verified,
            "candidate_precision": round(verified / candidates, 4) if candidates else 1.0,
        }
    return notes


# Forms and boilerplate


def _make_forms(desk: _Desk) -> None:
    missing = desk.files.without_forms()
    desk.over(
        partial(read_shard, desk.files, desk.reading),
        missing,
        label="folding",
        seconds_each=_FOLDING,
        total=desk.files.rows(missing),
    )
    if missing and desk.reading.settings.keep == "best":
        _check_scores(desk)


def _check_scores(desk: _Desk) -> None:
    for shard in desk.files.own:
        for _, forms in read_forms(desk.files.forms(shard), ["weight"]):
            if pc.any(pc.greater(forms["weight"], -math.inf)).as_py():
                return
    if desk.files.rows(desk.files.own):
        raise DataError(
            f"dedup.score: no document has a number in the metadata field "
            f"{desk.reading.settings.score!r}, so none is the best. Name the field with the score, "
            "and carry it along with ingest.metadata."
        )


def _find_boilerplate(desk: _Desk) -> None:
    if desk.files.found.exists():
        return
    _make_forms(desk)
    total = desk.files.rows(desk.files.own)
    with desk.place.progress.task("dedup: boilerplate", total, "documents") as task:
        find_boilerplate(desk.files, desk.reading, task)


# Sketches


def _make_sketches(desk: _Desk) -> None:
    missing = desk.files.missing("sketches")
    if not missing:
        return
    _make_forms(desk)
    desk.over(
        partial(_sketch_shard, desk.files, desk.bands, desk.words, desk.known_lines()),
        missing,
        label="signatures",
        seconds_each=_SKETCHING,
        total=desk.files.rows(missing),
    )


def _sketch_shard(
    files: Files, bands: Bands | None, words: int, known: BoilerplateLines, shard: int
) -> int:
    how = Sketching(bands, words, known)
    ids = files.shown_ids(shard, pq.read_table(files.documents(shard), columns=["id"])["id"])
    made = [tables.sketches_schema(bands).empty_table()]
    columns = [name for name in tables.FORMS.names if bands is not None or name in _WITHOUT_BANDS]
    for first_row, forms in read_forms(files.forms(shard), columns):
        positions = tables.positions(shard, first_row, len(forms))
        made.append(sketch(positions, ids[first_row : first_row + len(forms)], forms, how))
        tick(len(forms))
    write_table(files.here.shard("sketches", shard), pa.concat_tables(made))
    return 0


# Who may be the same as whom


def _find_candidates(desk: _Desk) -> None:
    sketches = desk.files.made("sketches")
    columns = [] if desk.bands is None else tables.band_columns(desk.bands)
    at_once = max(1, _KEYS_PER_PASS // max(1, count_rows(sketches)))
    passes = [columns[first : first + at_once] for first in range(0, len(columns), at_once)]
    with desk.place.progress.task("dedup: candidates", len(columns) + 2, "keys") as task:
        shared = Shared(
            groups(sketches, ["text_key"], "position"),
            groups(sketches, [] if desk.bands is None else ["form_key"], "position"),
            [],
        )
        task.advance(2)
        for names in passes:
            shared.bands.append(groups(sketches, names, "position"))
            task.advance(len(names))
    found = find_candidates(shared, _sharers(sketches, shared.positions))
    write_table(desk.files.members, found.members)
    write_table(desk.files.candidates, found.candidates)


def _sharers(sketches: list[Path], positions: tables.Positions) -> pa.Table:
    """Who stands at `positions`; both ascend."""
    columns = ["position", "id", "weight"]
    made = [tables.sketches_schema(None).empty_table().select(columns)]
    for shard in sketches:
        table = pq.read_table(shard, columns=columns)
        wanted = np.isin(table["position"].to_numpy(), positions, assume_unique=True)
        made.append(table.filter(pa.array(wanted)))
    return pa.concat_tables(made)


# The proof


def _verify_candidates(desk: _Desk) -> None:
    pairs = count_rows([desk.files.candidates])
    if not pairs or not desk.files.missing("matches"):
        return
    _make_forms(desk)
    compared = pq.read_table(desk.files.members, columns=["is_compared"])["is_compared"]
    desk.over(
        partial(shingle_shard, desk.files, desk.words, desk.known_lines()),
        desk.files.missing("shingles"),
        label="shingles",
        seconds_each=_SHINGLING,
        total=pc.sum(compared).as_py() or 0,
    )
    desk.over(
        partial(verify_shard, desk.files, desk.threshold),
        desk.files.missing("matches"),
        label="verification",
        seconds_each=_VERIFYING,
        total=pairs,
        unit="pairs",
    )


# Who goes


def _decide(files: Files) -> None:
    shards = map(pq.read_table, files.made("matches"))
    matches = pa.concat_tables([tables.MATCHES.empty_table(), *shards])
    decided = make_decisions(pq.read_table(files.members), matches)
    write_json(files.figures, decided.clusters.figures())
    write_table(files.sizes, decided.sizes)
    write_table(files.decisions, decided.decisions)


# The texts


def _sort_out(desk: _Desk) -> None:
    missing = desk.files.missing("documents", own=True)
    desk.over(
        partial(_sort_out_bucket, desk.files, desk.reading),
        missing,
        label="writing",
        seconds_each=_WRITING,
        total=desk.files.rows(missing),
    )


def _sort_out_bucket(files: Files, reading: Reading, bucket: int) -> int:
    decisions, sizes, found = (
        read_shard_rows(path, bucket) for path in (files.decisions, files.sizes, files.found)
    )
    shown = [tables.EXAMPLES.empty_table()]
    documents, drops = (files.here.shard(table, bucket) for table in ("documents", "drops"))
    with whole(documents) as kept_place, whole(drops) as drops_place:
        with (
            pq.ParquetWriter(kept_place, DOCUMENTS, compression="zstd") as kept,
            pq.ParquetWriter(drops_place, DROPS, compression="zstd") as gone,
        ):
            for first_row, rows in parts(files.documents(bucket), DOCUMENTS.names, _WRITTEN_ROWS):
                parted = part(rows, first_row, decisions, sizes)
                gone.write_table(parted.drops)
                kept.write_table(parted.documents)
                shown.append(examples(rows, first_row, found, reading))
                tick(len(rows))
        write_table(files.here.shard("examples", bucket), pa.concat_tables(shown))
    return 0
