"""Rewrite: the worker goes through the corpus, and the gate decides what may replace its source.

Every document ends in one state: `untouched` (the worker changed nothing), `rewritten` (the gate
let the rewrite through), `kept` (the gate refused, the source stays), or dropped with a reason.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.rewrite import rewrite as rewrite_by_rules
from tahdhib.config import Recipe
from tahdhib.gate.gate import Gate
from tahdhib.records import Document, Edit, Rewrite, Verdict
from tahdhib.stages.contract import Workplace, documents_of, over_buckets, tick
from tahdhib.stages.rewrite.outcome import Outcome, outcome_of
from tahdhib.store.ledger import Ledger, count_rows, count_values
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.schemas import DROPS, REFUSALS, REWRITES
from tahdhib.store.shards import read_rows, row_count, write_rows
from tahdhib.workers.attribute import attribute
from tahdhib.workers.table import open_worker
from tahdhib.workers.worker import Worker

_CHUNK_DOCUMENTS = 256
"""Documents handed to the worker at once: they decide its batches, so this is no tuning knob."""


@dataclass(frozen=True, slots=True)
class _Job:
    run: RunFolder
    recipe: Recipe
    conduct: Conduct


def work(place: Workplace) -> Ledger:
    """Rewrite every document that the filters kept; see the module."""
    source = documents_of(place.run, place.recipe)
    job = _Job(place.run, place.recipe, place.conduct)
    buckets = range(place.recipe.ingest.buckets)
    waiting = [bucket for bucket in buckets if not place.here.shard("documents", bucket).exists()]
    over_buckets(
        place,
        partial(_rewrite_bucket, job),
        waiting,
        label="rewrite",
        total=sum(row_count(source.shard("documents", bucket)) for bucket in waiting),
    )
    states = count_values(place.here.shards("documents"), "state")
    return Ledger(
        stage="rewrite",
        unit="documents",
        came_in=count_rows(source.shards("documents")),
        went_out=count_rows(place.here.shards("documents")),
        drops=count_values(place.here.shards("drops")),
        notes={**states, "refused": count_rows(place.here.shards("refusals"))},
    )


def _rewrite_bucket(job: _Job, bucket: int) -> int:
    """Rewrite one bucket; its documents shard, written last, marks it as done."""
    worker = _open_worker(job)
    gate = Gate(job.recipe.gate, job.conduct)
    here = job.run.stage("rewrite")
    rows = read_rows(documents_of(job.run, job.recipe).shard("documents", bucket))
    outcomes: list[Outcome] = []
    for start in range(0, len(rows), _CHUNK_DOCUMENTS):
        chunk = rows[start : start + _CHUNK_DOCUMENTS]
        rewrites = worker.rewrite([Document(row["id"], row["text"]) for row in chunk])
        for row, proposed in zip(chunk, rewrites, strict=True):
            rewrite = _credited(row["text"], proposed, worker, job.conduct)
            verdict = gate.verdict(row["text"], rewrite) if rewrite.edits else Verdict()
            outcomes.append(outcome_of(row, rewrite, verdict, job.recipe.rewrite.refused))
        tick(len(chunk))
    stamp = {
        "worker": worker.name,
        "worker_hash": worker.hash,
        "conduct_hash": job.conduct.hash,
    }
    write_rows(here.shard("refusals", bucket), _column(outcomes, "refusal", stamp), REFUSALS)
    write_rows(here.shard("drops", bucket), _column(outcomes, "drop", {}), DROPS)
    write_rows(here.shard("documents", bucket), _column(outcomes, "document", stamp), REWRITES)
    return 0


def _column(outcomes: list[Outcome], name: str, stamp: dict[str, str]) -> list[dict[str, Any]]:
    rows = [getattr(outcome, name) for outcome in outcomes]
    return [{**row, **stamp} for row in rows if row is not None]


def _credited(text: str, rewrite: Rewrite, worker: Worker, conduct: Conduct) -> Rewrite:
    """Name the rule behind each edit of a learned worker, where one would act there too."""
    if worker.name == "rules" or not rewrite.edits:
        return rewrite
    edits: tuple[Edit, ...] = attribute(rewrite.edits, rewrite_by_rules(text, conduct).edits)
    return Rewrite(rewrite.text, edits, rewrite.drop_reason)


_open_workers: dict[tuple[str, str | None], Worker] = {}


def _open_worker(job: _Job) -> Worker:
    """Open the recipe's worker, once per process and run."""
    recipe = job.recipe
    key = (str(job.run.root), job.run.stage("rewrite").fingerprint())
    if key not in _open_workers:
        _open_workers.clear()
        _open_workers[key] = open_worker(
            recipe.worker.kind,
            conduct=job.conduct,
            folder=job.run.stage("worker").file("model"),
            seed=recipe.seed,
            random_rate=recipe.worker.random_rate,
            batch=recipe.rewrite.batch,
            threads=recipe.rewrite.threads,
        )
    return _open_workers[key]
