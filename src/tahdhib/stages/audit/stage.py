"""Audit: before and after, measured by a witness, beside null rewriters that passed the same gate.

The witness is a scorer that chose nothing and gated nothing; the null rewriters are `copy` and
`random`, which deletes words at the worker's own rate.

    topics.*            what documents are about, learnt from a sample
    words/*, named/*    the words of each bucket's documents, counted
    documents/*         a row of measures per document; written last of a bucket
    summary.json        all figures, with their intervals

A bucket is read and written a few documents at a time, and no more than `max_documents` are
measured, so that memory does not grow with the corpus.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tahdhib.conduct.conduct import Conduct
from tahdhib.config import Recipe
from tahdhib.gate.gate import Gate
from tahdhib.protect.shelter import open_shelter
from tahdhib.records import Document
from tahdhib.score.domain import domain_distance
from tahdhib.score.table import files_of
from tahdhib.score.topics import learn_topics
from tahdhib.score.vocabulary import Vocabulary
from tahdhib.stages.audit.arms import Arms, Null, arms_of, words_edited
from tahdhib.stages.audit.columns import NEAR_DUPLICATES, Columns, cards, columns_of, scorer
from tahdhib.stages.audit.drift import Drift
from tahdhib.stages.audit.groups import clusters
from tahdhib.stages.audit.measure import BANDS, Measuring, to_edits
from tahdhib.stages.audit.summary import Summary, Table
from tahdhib.stages.audit.tally import (
    read_topics,
    read_vocabulary,
    write_topics,
    write_vocabulary,
)
from tahdhib.stages.contract import Workplace, end_processes, over_buckets, tick
from tahdhib.stats.draw import Draw, draw
from tahdhib.store.ledger import Ledger, count_rows
from tahdhib.store.run_folder import RunFolder, StageFolder
from tahdhib.store.shards import read_rows, row_count, whole, write_json
from tahdhib.workers.table import open_worker

_CHUNK_ROWS = 128
_READ = ["id", "source", "text", "state", "edits", "metadata", "worker"]
_SAMPLE = 1000
_SAMPLE_CHARACTERS = 8000
"""Documents, and characters of each, from which topics are learnt and the domain is told."""
_UNLIKE = 0.25
"""From such a share of documents unlike those on which the witness was measured, it is said."""


def reads(recipe: Recipe) -> list[str]:
    """The files that the recipe's scorers read."""
    settings = recipe.audit
    specs = (settings.witness, *settings.scorers, *settings.preservation)
    return [path for spec in specs for path in files_of(spec)]


@dataclass(frozen=True, slots=True)
class _Job:
    run: RunFolder
    recipe: Recipe
    conduct: Conduct
    chosen: Draw | None
    """The documents that are measured; None: all."""
    random_rate: float


@dataclass(frozen=True, slots=True)
class _Look:
    """What a first look at the corpus tells: the share of words that the worker edits in the
    documents that it wants to change, and a sample of texts."""

    rate: float
    texts: list[str]


def work(place: Workplace) -> Ledger:
    """Measure; see the module."""
    rewritten = place.run.stage("rewrite")
    total = count_rows(rewritten.shards("documents"))
    columns = columns_of(place.recipe)
    chosen = _choose(place, total)
    look = _look(place, total)
    here = place.here
    if not here.file("topics.json").exists():
        topics = learn_topics(look.texts, place.recipe.audit.topics, place.recipe.seed)
        write_topics(here.file("topics.npz"), here.file("topics.json"), topics)
    job = _Job(place.run, place.recipe, place.conduct, chosen, look.rate)
    buckets = range(place.recipe.ingest.buckets)
    waiting = [bucket for bucket in buckets if not here.shard("documents", bucket).exists()]
    over_buckets(
        place,
        partial(_measure_bucket, job),
        waiting,
        label="audit",
        total=sum(row_count(rewritten.shard("documents", bucket)) for bucket in waiting),
    )
    end_processes()  # their memory is not needed for the figures
    write_json(here.file("summary.json"), _summary(place, columns, look))
    measured = count_rows(here.shards("documents"))
    return Ledger(
        stage="audit",
        unit="documents",
        came_in=total,
        went_out=measured,
        drops={"not_sampled": total - measured} if total > measured else {},
        notes={"null_rewriter_rate": round(look.rate, 6)},
    )


def _choose(place: Workplace, total: int) -> Draw | None:
    count = place.recipe.audit.max_documents
    if total <= count:
        return None
    return draw(_ids(place), purpose="audit", seed=place.recipe.seed, count=count)


def _ids(place: Workplace) -> Iterator[str]:
    for shard in place.run.stage("rewrite").shards("documents"):
        yield from pq.read_table(shard, columns=["id"])["id"].to_pylist()


def _look(place: Workplace, total: int) -> _Look:
    edited = words = 0
    texts: dict[str, str] = {}
    sample = draw(_ids(place), purpose="topics", seed=place.recipe.seed, count=_SAMPLE)
    rewritten = place.run.stage("rewrite")
    shards = [(shard, True) for shard in rewritten.shards("documents")]
    shards += [(shard, False) for shard in rewritten.shards("refusals")]
    with place.progress.task("audit: the worker's rate", total, "documents") as task:
        for shard, is_document in shards:
            for row in _stream(shard, ["id", "source", "edits"]):
                task.advance()
                if is_document and sample.holds(row["id"]):
                    texts[row["id"]] = row["source"][:_SAMPLE_CHARACTERS]
                if row["edits"]:
                    edited += words_edited(row["source"], to_edits(row))
                    words += len(row["source"].split())
    return _Look(edited / words if words else 0.0, [texts[key] for key in sorted(texts)])


def _stream(shard: Path, columns: list[str]) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(shard) as file:
        for batch in file.iter_batches(batch_size=_CHUNK_ROWS, columns=columns):
            yield from batch.to_pylist()


def _measure_bucket(job: _Job, bucket: int) -> int:
    """Measure one bucket: its documents shard marks it as done."""
    rewritten, here = job.run.stage("rewrite"), job.run.stage("audit")
    columns = columns_of(job.recipe)
    cluster = job.recipe.audit.cluster
    measuring = Measuring(
        columns,
        read_topics(here.file("topics.npz"), here.file("topics.json")),
        tuple(name for name in cluster if name != NEAR_DUPLICATES),
        NEAR_DUPLICATES in cluster,
    )
    vocabulary = Vocabulary()
    schema = columns.schema()
    with (
        whole(here.shard("documents", bucket)) as path,
        pq.ParquetWriter(path, schema, compression="zstd") as writer,
    ):
        for documents, arms in _chunks(job, rewritten, bucket):
            rows = measuring.rows(documents, arms, vocabulary)
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
        write_vocabulary(here.shard("words", bucket), here.shard("named", bucket), vocabulary)
    return 0


def _chunks(
    job: _Job, rewritten: StageFolder, bucket: int
) -> Iterator[tuple[list[dict[str, Any]], list[Arms]]]:
    """The bucket's documents that are measured, a few at a time, with their texts in each arm."""
    random = open_worker(
        "random",
        conduct=job.conduct,
        folder=None,
        seed=job.recipe.seed,
        random_rate=job.random_rate,
        batch=job.recipe.rewrite.batch,
        threads=job.recipe.rewrite.threads,
    )
    gate = Gate(job.recipe.gate, job.conduct, open_shelter(job.recipe.protect).spans)
    null = Null(random, open_shelter(job.recipe.protect), gate)
    refused = {row["id"] for row in read_rows(rewritten.shard("refusals", bucket), ["id"])}
    rows: list[dict[str, Any]] = []
    arms: list[Arms] = []
    for row in _stream(rewritten.shard("documents", bucket), _READ):
        tick(1)
        if job.chosen is not None and not job.chosen.holds(row["id"]):
            continue
        is_chosen = row["state"] == "rewritten" or row["id"] in refused
        document = Document(row["id"], row["source"])
        rows.append(row)
        arms.append(arms_of(document, row["text"], to_edits(row), is_chosen, null))
        if len(rows) == _CHUNK_ROWS:
            yield rows, arms
            rows, arms = [], []
    if rows:
        yield rows, arms


def _summary(place: Workplace, columns: Columns, look: _Look) -> dict[str, Any]:
    recipe, here = place.recipe, place.here
    shards = here.shards("documents")
    table, names, keys = _read(shards, columns)
    own = clusters(names, keys)
    seed, repetitions = recipe.seed, recipe.audit.repetitions
    entries = []
    with place.progress.task("audit: intervals", None, "figures") as task:
        for entry in Summary(seed, repetitions, columns).entries(table, own):
            entries.append(entry)
            task.advance()
    vocabulary = read_vocabulary(here.shards("words"), here.shards("named"))
    topics = read_topics(here.file("topics.npz"), here.file("topics.json"))
    described = cards(recipe)
    sizes = np.unique(own.coarse, return_counts=True)[1]
    return {
        "seed": seed,
        "repetitions": repetitions,
        "n": len(own.coarse),
        "clusters": {
            "by": list(recipe.audit.cluster),
            "number": len(sizes),
            "largest": int(sizes.max(initial=0)),
        },
        "null_rewriter_rate": look.rate,
        "witness": asdict(described[recipe.audit.witness]),
        "score": columns.main.name,
        "scorers": {
            spec: {"name": card.name, "version": card.version, "measures": card.measures}
            for spec, card in described.items()
        },
        "domain": _domain(recipe, look.texts),
        "measures": entries,
        "drift": Drift(seed, repetitions).section(table, own, vocabulary, topics.names),
    }


def _read(
    shards: list[Path], columns: Columns
) -> tuple[Table, list[list[str]], NDArray[np.uint64]]:
    """The measured columns, each document's sites, and its keys (N, B)."""
    schema = columns.schema()
    table: Table = {}
    for name in schema.names:
        if name not in ("id", "sites", "keys"):
            column = pa.chunked_array(
                [chunk for shard in shards for chunk in _column(shard, name).chunks],
                schema.field(name).type,
            )
            table[name] = (
                _lists(column) if name == "rules" else column.to_numpy(zero_copy_only=False)
            )
    names = [own or [] for shard in shards for own in _column(shard, "sites").to_pylist()]
    flat = [_column(shard, "keys").combine_chunks().flatten().to_numpy() for shard in shards]
    keys = np.concatenate([np.zeros(0, np.uint64), *flat])
    width = BANDS.number if len(keys) else 0
    return table, names, keys.reshape(len(names), width)


def _column(shard: Path, name: str) -> pa.ChunkedArray:
    return pq.read_table(shard, columns=[name])[name]


def _lists(column: pa.ChunkedArray) -> NDArray[np.object_]:
    """An array of lists, of equal lengths or not."""
    found = np.empty(len(column), dtype=object)
    for at, own in enumerate(column.to_pylist()):
        found[at] = own or []
    return found


def _domain(recipe: Recipe, texts: list[str]) -> dict[str, Any] | None:
    """How many of a sample are unlike what the witness was measured on, where it can tell."""
    profile = getattr(scorer(recipe.audit.witness), "profile", None)
    if profile is None or not texts:
        return None
    unlike = domain_distance(profile, texts)
    return {"unlike": unlike, "n": len(texts), "is_far": unlike > _UNLIKE}
