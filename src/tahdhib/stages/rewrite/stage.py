"""Rewrite: workers go through the corpus, and the gate decides what may replace its source.

Every document ends in one state: `untouched` (the first worker changed nothing), `rewritten` (the
gate let a rewrite through), `kept` (no worker bettered it, the source stays), or dropped with a
reason. Each worker lives in a process of its own, so that whatever becomes of it costs one
document's try.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.in_force import everything, in_force
from tahdhib.config import Recipe
from tahdhib.errors import TahdhibError
from tahdhib.processes.apart import Apart
from tahdhib.processes.apart import Opened as OpenedWorker
from tahdhib.protect.shelter import Shelter, files_of, open_shelter
from tahdhib.records import Document
from tahdhib.score.table import files_of as scorer_files
from tahdhib.stages.contract import (
    Workplace,
    documents_of,
    note_conduct,
    over_buckets,
    tick,
)
from tahdhib.stages.rewrite.asking import Asking
from tahdhib.stages.rewrite.choosing import open_choice
from tahdhib.stages.rewrite.judging import Judging
from tahdhib.stages.rewrite.kept import Kept, kept_rows
from tahdhib.stages.rewrite.ladder import Climber, Ladder, Rung
from tahdhib.stages.rewrite.outcome import Outcome, outcome_of
from tahdhib.stages.rewrite.passages import Answers, in_passages
from tahdhib.stages.rewrite.watch import Watch
from tahdhib.store.ledger import Ledger, count_rows, count_values
from tahdhib.store.run_folder import RunFolder, StageFolder
from tahdhib.store.schemas import DROPS, FAULTS, IN_FORCE, REFUSALS, REWRITES
from tahdhib.store.shards import read_rows, row_count, write_rows
from tahdhib.workers.apart import opened
from tahdhib.workers.table import GENERATING, model_folder, open_worker

Row = dict[str, Any]

_CHUNK_DOCUMENTS = 256
"""Documents handed to the first worker at once: they decide its batches, so this is no tuning
knob."""
_PATIENCE_CHARACTERS = 1_000_000
_PATIENCE_CHARACTERS_GENERATING = 1_000
"""A worker is waited for as long again for each so many characters."""


@dataclass(frozen=True, slots=True)
class _Job:
    run: RunFolder
    recipe: Recipe
    conduct: Conduct


def reads(recipe: Recipe) -> list[str]:
    """The files of what is protected, and of what chooses between drafts; as paths."""
    choosing = recipe.rewrite.drafts.choosing
    return [*files_of(recipe.protect), *chain.from_iterable(map(scorer_files, choosing))]


def work(place: Workplace) -> Ledger:
    """Rewrite every document that the filters kept; see the module."""
    note_conduct(place)
    source = documents_of(place.run, place.recipe)
    job = _Job(place.run, place.recipe, place.conduct)
    buckets = range(place.recipe.ingest.buckets)
    waiting = [bucket for bucket in buckets if not place.here.shard("documents", bucket).exists()]
    watch, start = Watch(place.recipe.rewrite), time.monotonic()
    try:
        over_buckets(
            place,
            partial(_rewrite_bucket, job),
            waiting,
            label="rewrite",
            total=sum(row_count(source.shard("documents", bucket)) for bucket in waiting),
            heed=lambda news: watch.heed(news, time.monotonic() - start),
        )
    finally:
        _close()
    came_in = count_rows(source.shards("documents"))
    _check_some_answered(place.here, came_in)
    return Ledger(
        stage="rewrite",
        unit="documents",
        came_in=came_in,
        went_out=count_rows(place.here.shards("documents")),
        drops=count_values(place.here.shards("drops")),
        notes=_notes(place.here),
    )


def _notes(here: StageFolder) -> dict[str, int | float | str]:
    """Documents by state; rewrites refused, tries without an answer; documents by state and by the
    rung that decided."""
    decided: Counter[str] = Counter()
    for shard in here.shards("documents"):
        for row in read_rows(shard, ["state", "rung"]):
            decided[f"{row['state']} by {row['rung']}"] += 1
    return {
        **count_values(here.shards("documents"), "state"),
        "refused": count_rows(here.shards("refusals")),
        "faults": count_rows(here.shards("faults")),
        **dict(sorted(decided.items())),
    }


def _check_some_answered(here: StageFolder, came_in: int) -> None:
    """Raise where no worker answered about any document: that is no result."""
    if not came_in or count_rows(here.shards("faults")) < came_in:
        return
    reasons = [
        row["reasons"]
        for shard in here.shards("documents")
        for row in read_rows(shard, ["reasons"])
    ]
    reasons += [
        [row["reason"]] for shard in here.shards("drops") for row in read_rows(shard, ["reason"])
    ]
    if not all(codes and codes[0].startswith("worker:") for codes in reasons):
        return
    last = next(row for shard in here.shards("faults") for row in read_rows(shard))
    for shard in here.shards("documents"):
        shard.unlink()  # so that the next run asks again
    raise TahdhibError(
        f"rewrite: no worker answered about any of {came_in:,} documents; of {last['id']!r}: "
        f"{last['worker']} {last['kind']} ({last['detail']}). Train it again, or name another in "
        "rewrite.ladder; where it is only slow, raise rewrite.patience_seconds."
    )


def _rewrite_bucket(job: _Job, bucket: int) -> int:
    """Rewrite one bucket; its documents shard, written last, marks it as done."""
    ladder = _open_ladder(job)
    settings = job.recipe.rewrite
    kept = kept_rows(job.run.earlier("rewrite"), bucket, job.recipe, job.conduct)
    rows = [
        row
        for row in read_rows(documents_of(job.run, job.recipe).shard("documents", bucket))
        if row["id"] not in kept.in_force
    ]
    outcomes: list[Outcome] = []
    stamps: dict[str, Row] = {}
    for start in range(0, len(rows), _CHUNK_DOCUMENTS):
        climbers = ladder.climb(rows[start : start + _CHUNK_DOCUMENTS])
        ended = [outcome_of(one, ladder, settings) for one in climbers]
        outcomes += ended
        if job.recipe.rungs == ("rules",):
            stamps |= _stamps(climbers, job.conduct)
        refused = sum(one.is_refused for one in ended)
        tick(len(climbers), refused + sum(one.is_rewritten for one in ended), refused)
    _write(job, bucket, outcomes, stamps, kept)
    return len(kept.in_force)


def _write(
    job: _Job, bucket: int, outcomes: list[Outcome], stamps: dict[str, Row], kept: Kept
) -> None:
    """Write the tables of a bucket, what stays of an earlier result among them."""
    here = job.run.stage("rewrite")
    stamps = {**kept.in_force, **stamps}
    whole = everything(job.conduct)

    def rows(name: str, stay: Mapping[str, Row]) -> list[Row]:
        found = [getattr(outcome, name) for outcome in outcomes]
        today = {"worker_hash": _open_ladder(job).rungs[0].hash}
        both = [{**row, **today} for row in stay.values()]
        both += [row for row in found if row is not None]
        return [
            {
                **row,
                "conduct_hash": job.conduct.hash,
                "rules_hash": stamps[row["id"]]["rules_hash"] if row["id"] in stamps else whole,
            }
            for row in sorted(both, key=lambda row: row["id"])
        ]

    if job.recipe.rungs == ("rules",):
        in_order = [stamps[identity] for identity in sorted(stamps)]
        write_rows(here.shard("in_force", bucket), in_order, IN_FORCE)
    faults = [row for outcome in outcomes for row in outcome.faults]
    faults.sort(key=lambda row: (row["id"], row["worker"]))
    write_rows(here.shard("faults", bucket), faults, FAULTS)
    write_rows(here.shard("refusals", bucket), rows("refusal", kept.refusals), REFUSALS)
    write_rows(here.shard("drops", bucket), rows("drop", kept.drops), DROPS)
    write_rows(here.shard("documents", bucket), rows("document", kept.documents), REWRITES)


def _stamps(climbers: Sequence[Climber], conduct: Conduct) -> dict[str, Row]:
    """The rules in force for documents that the rules alone were asked about; none for one that
    they gave no answer about, which is no result of theirs."""
    stamps = {}
    for one in climbers:
        rewrites = [tried.rewrite for tried in one.tries if tried.rewrite is not None]
        if rewrites or one.rules:
            acting = rewrites[0].acting if rewrites else one.rules
            mark = in_force(conduct, acting, None).hash
            identity = one.row["id"]
            stamps[identity] = {
                "id": identity,
                "told": [],
                "acting": list(acting),
                "rules_hash": mark,
            }
    return stamps


class _Opened(NamedTuple):
    """A ladder, and the processes that its workers live in."""

    ladder: Ladder
    processes: tuple[Apart, ...]


_open: dict[tuple[str, str | None], _Opened] = {}


def _open_ladder(job: _Job) -> Ladder:
    """Open the recipe's ladder, once per process and run."""
    key = (str(job.run.root), job.run.stage("rewrite").fingerprint())
    if key not in _open:
        _close()
        recipe = job.recipe
        shelter = open_shelter(recipe.protect)
        processes = tuple(
            Apart(opener(job.run, recipe, job.conduct, kind)) for kind in recipe.rungs
        )
        try:
            rungs = [
                _rung(recipe, kind, apart, shelter)
                for kind, apart in zip(recipe.rungs, processes, strict=True)
            ]
        except BaseException:
            for apart in processes:
                apart.close()
            raise
        judge = Judging(recipe.gate, job.conduct, shelter)
        _open[key] = _Opened(Ladder(rungs, judge, recipe.rewrite), processes)
    return _open[key].ladder


def _close() -> None:
    """End the processes that workers of this one live in."""
    while _open:
        _, (_, processes) = _open.popitem()
        for apart in processes:
            apart.close()


def opener(
    run: RunFolder, recipe: Recipe, conduct: Conduct, kind: str
) -> Callable[[], OpenedWorker]:
    """What opens the worker of `kind` in a process of its own."""
    return partial(
        opened,
        partial(
            open_worker,
            kind,
            conduct=conduct,
            folder=run.stage("worker").file(model_folder(kind)),
            seed=recipe.seed,
            random_rate=recipe.worker.random_rate,
            batch=recipe.rewrite.batch,
            threads=recipe.rewrite.threads,
            causal=recipe.rewrite.causal,
            replies=run.replies,
            choosing=partial(
                open_choice, recipe.rewrite.drafts, recipe.gate, conduct, recipe.protect
            ),
        ),
    )


def _rung(recipe: Recipe, kind: str, apart: Apart, shelter: Shelter) -> Rung:
    is_generating = kind in GENERATING
    settings = recipe.rewrite
    more = _PATIENCE_CHARACTERS_GENERATING if is_generating else _PATIENCE_CHARACTERS

    def ask(documents: Sequence[Document]) -> object:
        characters = sum(len(one.text) for one in documents)
        return apart.ask(list(documents), settings.patience_seconds * (1 + characters / more))

    answers: Answers = Asking(kind, ask).answers
    about = apart.about()
    if is_generating:
        at_once = settings.causal.at_once
        answers = in_passages(answers, shelter, settings.passage_characters, at_once)
    return Rung(about.name, about.hash, is_generating, answers)
