"""Audit: before and after, measured by a witness, beside null rewriters that passed the same gate.

The witness is a scorer that chose nothing and gated nothing; the null rewriters are `copy` and
`random`, which deletes words at the worker's own rate.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tahdhib.conduct.conduct import Conduct
from tahdhib.config import Recipe
from tahdhib.gate.gate import Gate
from tahdhib.records import Document, Edit
from tahdhib.score.language import language
from tahdhib.score.length import count_letters
from tahdhib.score.overlap import chrf
from tahdhib.score.table import open_scorer
from tahdhib.stages.audit.arms import Arms, arms_of, words_edited
from tahdhib.stages.audit.summary import Summary, Table
from tahdhib.stages.contract import Workplace, over_buckets, tick
from tahdhib.stats.draw import Draw, draw
from tahdhib.store.ledger import Ledger, count_rows
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import read_rows, row_count, write_json, write_rows
from tahdhib.workers.table import open_worker

MEASURED = pa.schema(
    [
        ("id", pa.string()),
        ("language", pa.string()),
        ("state", pa.string()),
        *(
            (f"{arm}_toxicity", pa.float64())
            for arm in ("before", "after", "random", "rules_only", "people_only")
        ),
        ("before_length", pa.int64()),
        ("after_length", pa.int64()),
        ("overlap", pa.float64()),
    ]
)
"""One measured document; toxicity is the witness's probability, length in letters and digits,
overlap the chrF (0..100) of the rewrite with its source."""

_CHUNK_ROWS = 256
_READ = ["id", "source", "text", "state", "edits"]


@dataclass(frozen=True, slots=True)
class _Job:
    run: RunFolder
    recipe: Recipe
    conduct: Conduct
    chosen: Draw | None
    """The documents that are measured; None: all."""
    random_rate: float


def work(place: Workplace) -> Ledger:
    """Measure; see the module."""
    rewritten = place.run.stage("rewrite")
    total = count_rows(rewritten.shards("documents"))
    chosen = _choose(place, total)
    rate = _rate(place, total)
    job = _Job(place.run, place.recipe, place.conduct, chosen, rate)
    buckets = range(place.recipe.ingest.buckets)
    waiting = [bucket for bucket in buckets if not place.here.shard("documents", bucket).exists()]
    over_buckets(
        place,
        partial(_measure_bucket, job),
        waiting,
        label="audit",
        total=sum(row_count(rewritten.shard("documents", bucket)) for bucket in waiting),
    )
    summary = _summary(place, rate)
    write_json(place.here.file("summary.json"), summary)
    measured = count_rows(place.here.shards("documents"))
    return Ledger(
        stage="audit",
        unit="documents",
        came_in=total,
        went_out=measured,
        drops={"not_sampled": total - measured} if total > measured else {},
        notes={"null_rewriter_rate": round(rate, 6)},
    )


def _choose(place: Workplace, total: int) -> Draw | None:
    count = place.recipe.audit.max_documents
    if total <= count:
        return None
    return draw(_ids(place), purpose="audit", seed=place.recipe.seed, count=count)


def _ids(place: Workplace) -> Iterator[str]:
    for shard in place.run.stage("rewrite").shards("documents"):
        yield from pq.read_table(shard, columns=["id"])["id"].to_pylist()


def _rate(place: Workplace, total: int) -> float:
    """The share of words that the worker edits in the documents that it wants to change."""
    edited = words = 0
    rewritten = place.run.stage("rewrite")
    shards = [
        *((shard, ["source", "edits"]) for shard in rewritten.shards("documents")),
        *((shard, ["source", "edits"]) for shard in rewritten.shards("refusals")),
    ]
    with place.progress.task("audit: the worker's rate", total, "documents") as task:
        for shard, columns in shards:
            for row in _stream(shard, columns):
                task.advance()
                if row["edits"]:
                    edited += words_edited(row["source"], _edits(row))
                    words += len(row["source"].split())
    return edited / words if words else 0.0


def _stream(shard: Any, columns: list[str]) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(shard).iter_batches(batch_size=_CHUNK_ROWS, columns=columns):
        yield from batch.to_pylist()


def _edits(row: dict[str, Any]) -> tuple[Edit, ...]:
    return tuple(Edit(**edit) for edit in row["edits"] or [])


def _measure_bucket(job: _Job, bucket: int) -> int:
    """Measure one bucket: its documents shard marks it as done."""
    rewritten = job.run.stage("rewrite")
    gate = Gate(job.recipe.gate, job.conduct)
    null = open_worker(
        "random",
        conduct=job.conduct,
        folder=None,
        seed=job.recipe.seed,
        random_rate=job.random_rate,
        batch=job.recipe.rewrite.batch,
        threads=job.recipe.rewrite.threads,
    )
    refused = {row["id"] for row in read_rows(rewritten.shard("refusals", bucket), ["id"])}
    witness = open_scorer(job.recipe.audit.witness)
    measured: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    arms: list[Arms] = []

    def settle() -> None:
        scores = [
            witness.score([arm[index] for arm in arms])[:, 0] for index in range(len(Arms._fields))
        ]
        for row, arm, *five in zip(rows, arms, *scores, strict=True):
            measured.append(_measured(row, arm, [float(score) for score in five]))
        rows.clear()
        arms.clear()

    for row in _stream(rewritten.shard("documents", bucket), _READ):
        tick(1)
        if job.chosen is not None and not job.chosen.holds(row["id"]):
            continue
        is_chosen = row["state"] == "rewritten" or row["id"] in refused
        document = Document(row["id"], row["source"])
        rows.append(row)
        arms.append(arms_of(document, row["text"], _edits(row), is_chosen, null, gate))
        if len(rows) == _CHUNK_ROWS:
            settle()
    if rows:
        settle()
    write_rows(job.run.stage("audit").shard("documents", bucket), measured, MEASURED)
    return 0


def _measured(row: dict[str, Any], arms: Arms, toxicity: list[float]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "language": language(arms.before).code,
        "state": row["state"],
        **{f"{arm}_toxicity": value for arm, value in zip(Arms._fields, toxicity, strict=True)},
        "before_length": count_letters(arms.before).total,
        "after_length": count_letters(arms.after).total,
        "overlap": chrf(arms.before, arms.after) if row["state"] == "rewritten" else 100.0,
    }


def _summary(place: Workplace, rate: float) -> dict[str, Any]:
    shards = place.here.shards("documents")
    table = pa.concat_tables([pq.read_table(shard) for shard in shards])
    columns: Table = {
        name: table[name].to_numpy(zero_copy_only=False) for name in table.schema.names
    }
    witness = open_scorer(place.recipe.audit.witness)
    return {
        "seed": place.recipe.seed,
        "repetitions": place.recipe.audit.repetitions,
        "n": table.num_rows,
        "null_rewriter_rate": rate,
        "witness": asdict(witness.card),
        "measures": Summary(place.recipe.seed, place.recipe.audit.repetitions).entries(columns),
    }
