"""The choice of documents over a corpus on disk: what is told of each, and who is in the sample.

    weighed/*           by document its group and its score, where the choice goes by these
    vectors/*           of the candidates, where it goes by diversity
    chosen.parquet      who was chosen, in turn, and from which stratum

A random sample needs none of these: its last member tells it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tahdhib.config import Recipe
from tahdhib.errors import RecipeError
from tahdhib.match.boilerplate import site_of
from tahdhib.score.table import Scorer, open_scorer
from tahdhib.stages.annotate.choose import (
    MOST_STRATA,
    PURPOSE,
    Picked,
    TooManyStrata,
    Weighed,
    far_apart,
    from_one_end,
    stratified,
    vector,
)
from tahdhib.stages.contract import Workplace, documents_of, over_buckets, tick
from tahdhib.stats.draw import Draw, draw, rank
from tahdhib.store.ledger import count_rows
from tahdhib.store.run_folder import RunFolder, StageFolder
from tahdhib.store.shards import row_count, write_rows, write_table

WEIGHED = pa.schema([("id", pa.string()), ("group", pa.string()), ("value", pa.float64())])
VECTORS = pa.schema([("id", pa.string()), ("vector", pa.binary())])
CHOSEN = pa.schema(
    [
        ("id", pa.string()),
        ("place", pa.float64()),
        ("stratum", pa.string()),
        ("value", pa.float64()),
    ]
)
_CHUNK_ROWS = 256


class Sample(Protocol):
    """The documents that the teacher is given."""

    def holds(self, identity: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Listed:
    """A sample told by its members."""

    ids: frozenset[str]

    def holds(self, identity: str) -> bool:
        """Whether `identity` was chosen."""
        return identity in self.ids


@dataclass(frozen=True, slots=True)
class _Job:
    """What any process needs to weigh a bucket."""

    recipe: Recipe
    run: RunFolder
    documents: StageFolder
    here: StageFolder
    candidates: Draw | None = None


def choose_documents(place: Workplace) -> tuple[Sample, int]:
    """The sample that the recipe asks for, and how many documents are in it.

    Raises:
        TahdhibError: the field makes too many strata, or the score cannot be had.
    """
    settings, seed = place.recipe.annotate, place.recipe.seed
    shards = documents_of(place.run, place.recipe).shards("documents")
    if settings.choose.by == "random":
        ids = (identity for shard in shards for identity in _column(shard, "id"))
        drawn = draw(ids, purpose=PURPOSE, seed=seed, count=settings.sample)
        return drawn, min(settings.sample, count_rows(shards))
    file = place.here.file("chosen.parquet")
    if not file.exists():
        rows = [one._asdict() for one in _picked(place)]
        write_table(file, pa.Table.from_pylist(rows, schema=CHOSEN))
    found = frozenset(pq.read_table(file, columns=["id"])["id"].to_pylist())
    return Listed(found), len(found)


def _picked(place: Workplace) -> list[Picked]:
    settings, seed = place.recipe.annotate, place.recipe.seed
    choose, count = settings.choose, settings.sample
    if choose.by == "diversity":
        return _diverse(place, count)
    _weigh(place)
    rows = partial(_weighed, place.here.shards("weighed"))
    if choose.by == "perplexity":
        return from_one_end(rows, count=count, end=choose.end, among=choose.share, seed=seed)
    bins, allocation = (choose.bins if choose.score else 1), choose.allocation
    try:
        return stratified(rows, count=count, bins=bins, allocation=allocation, seed=seed)
    except TooManyStrata:
        raise RecipeError(
            f"annotate.choose.field is {choose.field!r}, which has more than {MOST_STRATA:,} "
            "values here: it names documents, not kinds of them. Name a field with fewer."
        ) from None


# Weighing


def _weigh(place: Workplace) -> None:
    """Write the table `weighed`, unless that was done."""
    if place.recipe.annotate.choose.score is not None:
        _Score(place.recipe, place.run)  # a faulty name is told here, and not by a process
    job = _job(place)
    _over(place, job, "weighed", partial(_weigh_bucket, job), "annotate: weigh")


def _weigh_bucket(job: _Job, bucket: int) -> int:
    choose = job.recipe.annotate.choose
    score = None if choose.score is None else _Score(job.recipe, job.run)
    rows: list[dict[str, Any]] = []
    for chunk in _chunks(job.documents.shard("documents", bucket)):
        values = [None] * len(chunk) if score is None else score.of(chunk, bucket)
        for row, value in zip(chunk, values, strict=True):
            group = site_of(json.loads(row["metadata"]), choose.field)
            rows.append({"id": row["id"], "group": group, "value": value})
        tick(len(chunk))
    write_rows(job.here.shard("weighed", bucket), rows, WEIGHED)
    return 0


def _weighed(shards: list[Path]) -> Iterator[Weighed]:
    for shard in shards:
        with pq.ParquetFile(shard) as file:
            for batch in file.iter_batches():
                columns = (batch[name].to_pylist() for name in WEIGHED.names)
                yield from map(Weighed, *columns)


class _Score:
    """A number for each document, as `annotate.choose.score` names it."""

    def __init__(self, recipe: Recipe, run: RunFolder) -> None:
        choose = recipe.annotate.choose
        self._spec = choose.score or ""
        self._kind, _, self._name = self._spec.partition(":")
        self._run = run
        self._signals: tuple[int, dict[str, float | None]] = (-1, {})
        if self._kind == "signal":
            shards = run.stage("signals").shards("signals")
            known = [n for n in pq.read_schema(shards[0]).names if n != "id"] if shards else []
            if self._name not in known:
                raise _unknown("score", self._spec, [f"signal:{name}" for name in known])
        elif self._kind != "metadata":
            names = [score.name for score in _scorer(self._spec).card.scores]
            if choose.column is not None and choose.column not in names:
                raise _unknown("column", choose.column, names)
            self._column = names.index(choose.column) if choose.column else 0

    def of(self, rows: list[dict[str, Any]], bucket: int) -> list[float | None]:
        """The numbers; None where there is none, or where a text without a letter has a scorer
        say what means nothing."""
        if self._kind == "signal":
            if self._signals[0] != bucket:
                self._signals = (bucket, self._read_signals(bucket))
            return [self._signals[1].get(row["id"]) for row in rows]
        if self._kind == "metadata":
            return [_number(json.loads(row["metadata"]).get(self._name)) for row in rows]
        scores = _scorer(self._spec).score([row["text"] for row in rows])[:, self._column]
        return [
            float(value) if any(map(str.isalpha, row["text"])) else None
            for row, value in zip(rows, scores, strict=True)
        ]

    def _read_signals(self, bucket: int) -> dict[str, float | None]:
        shard = self._run.stage("signals").shard("signals", bucket)
        table = pq.read_table(shard, columns=["id", self._name])
        values = map(_number, table[self._name].to_pylist())
        return dict(zip(table["id"].to_pylist(), values, strict=True))


@cache
def _scorer(spec: str) -> Scorer:
    return open_scorer(spec)


def _number(value: object) -> float | None:
    """A finite number, also where it is written as text; a truth value is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if np.isfinite(number) else None


def _unknown(setting: str, seen: str, known: list[str]) -> RecipeError:
    return RecipeError(
        f"annotate.choose.{setting} is {seen!r}, which is unknown; known here: "
        f"{', '.join(known) or 'nothing'}. Name one of these."
    )


# Diversity


def _diverse(place: Workplace, count: int) -> list[Picked]:
    """Candidates at random, and of these the ones that lie far apart."""
    shards = documents_of(place.run, place.recipe).shards("documents")
    ids = (identity for shard in shards for identity in _column(shard, "id"))
    wanted, seed = count * place.recipe.annotate.choose.candidates, place.recipe.seed
    job = _job(place, draw(ids, purpose=PURPOSE, seed=seed, count=wanted))
    _over(place, job, "vectors", partial(_vectors_bucket, job), "annotate: vectors")
    tables = [pq.read_table(shard) for shard in place.here.shards("vectors")]
    table = pa.concat_tables([VECTORS.empty_table(), *tables])
    names = table["id"].to_pylist()
    order = sorted(range(len(names)), key=lambda at: rank(PURPOSE, seed, names[at]))
    joined = b"".join(table["vector"].to_pylist())
    vectors = np.frombuffer(joined, dtype=np.int8).reshape(len(names), -1) if names else None
    found = [] if vectors is None else far_apart(vectors[order], count)
    return [Picked(names[order[at]], turn / len(found)) for turn, at in enumerate(found)]


def _vectors_bucket(job: _Job, bucket: int) -> int:
    rows: list[dict[str, Any]] = []
    for chunk in _chunks(job.documents.shard("documents", bucket)):
        for row in chunk:
            if job.candidates is not None and job.candidates.holds(row["id"]):
                rows.append({"id": row["id"], "vector": vector(row["text"]).tobytes()})
        tick(len(chunk))
    write_rows(job.here.shard("vectors", bucket), rows, VECTORS)
    return 0


# Buckets


def _job(place: Workplace, candidates: Draw | None = None) -> _Job:
    documents = documents_of(place.run, place.recipe)
    return _Job(place.recipe, place.run, documents, place.here, candidates)


def _over(place: Workplace, job: _Job, table: str, function: Any, label: str) -> None:
    """Let `function` write `table` for each bucket that lacks it."""
    waiting = [
        bucket
        for bucket in range(job.recipe.ingest.buckets)
        if job.documents.shard("documents", bucket).exists()
        and not job.here.shard(table, bucket).exists()
    ]
    total = sum(row_count(job.documents.shard("documents", bucket)) for bucket in waiting)
    over_buckets(place, function, waiting, label=label, total=total)


def _chunks(shard: Path) -> Iterator[list[dict[str, Any]]]:
    with pq.ParquetFile(shard) as file:
        for batch in file.iter_batches(batch_size=_CHUNK_ROWS):
            yield batch.to_pylist()


def _column(shard: Path, name: str) -> list[str]:
    values: list[str] = pq.read_table(shard, columns=[name])[name].to_pylist()
    return values
