"""Rewrite: the worker goes through the corpus, and the gate decides what may replace its source.

Every document ends in one state: `untouched` (the worker changed nothing), `rewritten` (the gate
let the rewrite through), `kept` (the gate refused, the source stays), or dropped with a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.in_force import everything, in_force
from tahdhib.config import Recipe
from tahdhib.gate.gate import Gate
from tahdhib.protect.shelter import files_of, open_shelter
from tahdhib.protect.shield import spare
from tahdhib.records import Document, Rewrite, Verdict
from tahdhib.stages.contract import (
    Workplace,
    documents_of,
    note_conduct,
    over_buckets,
    tick,
)
from tahdhib.stages.rewrite.kept import Kept, kept_rows
from tahdhib.stages.rewrite.outcome import Outcome, outcome_of
from tahdhib.store.ledger import Ledger, count_rows, count_values
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.schemas import DROPS, IN_FORCE, REFUSALS, REWRITES
from tahdhib.store.shards import read_rows, row_count, write_rows
from tahdhib.workers.attribute import credited
from tahdhib.workers.table import open_worker
from tahdhib.workers.worker import Worker

Row = dict[str, Any]

_CHUNK_DOCUMENTS = 256
"""Documents handed to the worker at once: they decide its batches, so this is no tuning knob."""


@dataclass(frozen=True, slots=True)
class _Job:
    run: RunFolder
    recipe: Recipe
    conduct: Conduct


def reads(recipe: Recipe) -> list[str]:
    """The files of what is protected, as paths."""
    return files_of(recipe.protect)


def work(place: Workplace) -> Ledger:
    """Rewrite every document that the filters kept; see the module."""
    note_conduct(place)
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
    shelter = open_shelter(job.recipe.protect)
    kept = kept_rows(job.run.earlier("rewrite"), bucket, job.recipe, job.conduct)
    rows = [
        row
        for row in read_rows(documents_of(job.run, job.recipe).shard("documents", bucket))
        if row["id"] not in kept.in_force
    ]
    outcomes: list[Outcome] = []
    stamps: dict[str, Row] = {}
    for start in range(0, len(rows), _CHUNK_DOCUMENTS):
        chunk = rows[start : start + _CHUNK_DOCUMENTS]
        rewrites = worker.rewrite([Document(row["id"], row["text"]) for row in chunk])
        for row, proposed in zip(chunk, rewrites, strict=True):
            rewrite = credited(row["text"], proposed, worker.name, job.conduct)
            rewrite = spare(row["text"], rewrite, shelter)
            if worker.name == "rules":
                stamps[row["id"]] = _stamp(row["id"], proposed, job.conduct)
            verdict = gate.verdict(row["text"], rewrite) if rewrite.edits else Verdict()
            outcomes.append(outcome_of(row, rewrite, verdict, job.recipe.rewrite.refused))
        tick(len(chunk))
    _write(job, bucket, outcomes, stamps, kept)
    return len(kept.in_force)


def _write(
    job: _Job, bucket: int, outcomes: list[Outcome], stamps: dict[str, Row], kept: Kept
) -> None:
    """Write the tables of a bucket, what stays of an earlier result among them."""
    worker, here = _open_worker(job), job.run.stage("rewrite")
    stamps = {**kept.in_force, **stamps}
    whole = everything(job.conduct)

    def rows(name: str, stay: Mapping[str, Row]) -> list[Row]:
        found = [getattr(outcome, name) for outcome in outcomes]
        both = [*stay.values(), *(row for row in found if row is not None)]
        return [
            {
                **row,
                "worker": worker.name,
                "worker_hash": worker.hash,
                "conduct_hash": job.conduct.hash,
                "rules_hash": stamps[row["id"]]["rules_hash"] if stamps else whole,
            }
            for row in sorted(both, key=lambda row: row["id"])
        ]

    if worker.name == "rules":
        in_order = [stamps[identity] for identity in sorted(stamps)]
        write_rows(here.shard("in_force", bucket), in_order, IN_FORCE)
    write_rows(here.shard("refusals", bucket), rows("refusal", kept.refusals), REFUSALS)
    write_rows(here.shard("drops", bucket), rows("drop", kept.drops), DROPS)
    write_rows(here.shard("documents", bucket), rows("document", kept.documents), REWRITES)


def _stamp(identity: str, rewrite: Rewrite, conduct: Conduct) -> Row:
    """The rules in force for a document that the rules rewrote."""
    mark = in_force(conduct, rewrite.acting, None).hash
    return {"id": identity, "told": [], "acting": list(rewrite.acting), "rules_hash": mark}


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
