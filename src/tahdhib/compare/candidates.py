"""Who is compared: baselines by their names, trained workers in folders, the workers of runs, and
recipes, whose workers are trained first."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.load import load_conduct
from tahdhib.config import Recipe
from tahdhib.config.load import dump_recipe, load_recipe
from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.config.recipe import Gate as GateSettings
from tahdhib.config.recipe import Protect
from tahdhib.config.recipe import Rewrite as RewriteSettings
from tahdhib.config.recipe import Worker as WorkerSettings
from tahdhib.errors import DataError, RecipeError
from tahdhib.progress import Progress
from tahdhib.run.pipeline import run_recipe
from tahdhib.stages.annotate.contest import contestants
from tahdhib.stages.rewrite.choosing import open_choice
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import read_json
from tahdhib.workers.card import RECORD
from tahdhib.workers.edit.examples import part_of
from tahdhib.workers.lexicon import LexiconWorker
from tahdhib.workers.table import GENERATING, kind_of, model_folder, open_worker
from tahdhib.workers.worker import Worker

BASELINES = ("copy", "random", "lexicon", "rules")
_RECIPES = (".yaml", ".yml")


class Named(NamedTuple):
    """A candidate as it was asked for: `NAME=WHAT`, or what alone, which is its name then."""

    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A worker, open. `record`: what training wrote about it, empty for one that learned nothing.

    `timed` is the same worker where a time is to be taken: an endpoint's answers are then kept at
    `bought`, where nothing lies yet, beside the account of what they took.
    """

    name: str
    kind: str
    worker: Worker
    record: Mapping[str, Any]
    timed: Worker
    bought: Path | None = None

    @property
    def is_generating(self) -> bool:
        return self.kind in GENERATING

    @property
    def parameters(self) -> int | None:
        return self.record.get("parameters")

    def never_saw(self, pair_id: str) -> bool:
        """Whether training held this pair out; true of whoever learned from none."""
        if not self.record:
            return True
        share = self.record.get("settings", {}).get("held_out", EditSettings().held_out)
        return part_of(pair_id, self.record["seed"], share) == "held_out"


def named(asked: Iterable[str]) -> list[Named]:
    """The candidates that were asked for.

    Raises:
        RecipeError: two have one name, or there is none.
    """
    found = [_named(one) for one in asked]
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RecipeError(
            f"candidates: {', '.join(map(repr, twice))} stands there twice. Name each once, or "
            "tell them apart as NAME=FOLDER."
        )
    if not found:
        raise RecipeError(
            "candidates: none is named. Name worker folders, runs, recipes, or of the baselines "
            f"{', '.join(BASELINES)}."
        )
    return found


def _named(asked: str) -> Named:
    name, is_named, what = asked.partition("=")
    return Named(name, what) if is_named and not Path(asked).exists() else Named(asked, asked)


def run_of(one: Named, cache: Path, progress: Progress) -> RunFolder | None:
    """The run behind a candidate: its own, or that of a recipe in `cache`, done up to its worker.

    Raises:
        TahdhibError: the recipe cannot be run, or asks a teacher for money.
    """
    path = Path(one.what)
    if one.what in BASELINES or not path.exists():
        return None
    if path.suffix in _RECIPES:
        return _trained(path, cache, progress)
    run = RunFolder(path)
    return run if run.manifest.exists() else None


def _trained(path: Path, cache: Path, progress: Progress) -> RunFolder:
    recipe = load_recipe(path, ())
    _check_costs_nothing(path, recipe)
    mark = hashlib.sha256(dump_recipe(recipe).encode("utf-8")).hexdigest()[:16]
    run = RunFolder(cache / "runs" / mark)
    if not (run.manifest.exists() and run.stage("worker").is_finished()):
        progress.say(f"{path}: its worker is trained in {run.root}")
    run_recipe(recipe, run.root, until="worker", progress=progress)
    return run


def _check_costs_nothing(path: Path, recipe: Recipe) -> None:
    """What was paid for lies in the user's run; a run of ours would buy it again."""
    asked = contestants(recipe.annotate, load_conduct(recipe.conduct), Path())
    if any(one.teacher.is_paid for one in asked):
        raise RecipeError(
            f"{path}: its teacher asks for money, and what it answered before lies in your run. "
            f"Train the worker there (tahdhib worker -c {path} --out RUN) and name the run."
        )


class Room(NamedTuple):
    """What candidates are opened with: threads of each, where an endpoint's replies are kept, and
    where those are that are bought to be timed."""

    conduct: Conduct
    threads: int
    replies: Path
    fresh: Path


def opened(one: Named, run: RunFolder | None, room: Room) -> Candidate:
    """Open a candidate, given the run behind it if there is one.

    Raises:
        TahdhibError: there is no such thing, or no worker in it.
    """
    if one.what == "lexicon":
        lexicon = LexiconWorker()
        return Candidate(one.name, "lexicon", lexicon, {}, lexicon)
    if one.what in BASELINES:
        return _open(one, _Trained(one.what, None), room)
    if run is not None:
        recipe = load_recipe(run.recipe, ())
        kind = recipe.worker.kind
        folder = run.stage("worker").file(model_folder(kind))
        sections = (recipe.worker, recipe.rewrite, recipe.gate, recipe.protect)
        trained = _Trained(kind, folder, recipe.seed, *sections)
        return _open(one, trained, room._replace(conduct=load_conduct(recipe.conduct)))
    path = Path(one.what)
    if not path.is_dir():
        raise DataError(
            f"candidate {one.what!r}: is no baseline ({', '.join(BASELINES)}), no worker's or "
            "run's folder and no recipe. Name one of these."
        )
    return _open(one, _Trained(kind_of(path), path), room)


class _Trained(NamedTuple):
    """What a worker is opened from."""

    kind: str
    folder: Path | None
    seed: int = 0
    worker: WorkerSettings = WorkerSettings()
    rewrite: RewriteSettings = RewriteSettings()
    gate: GateSettings = GateSettings()
    protect: Protect = Protect()


def _open(one: Named, trained: _Trained, room: Room) -> Candidate:
    folder = trained.folder

    def open_it(replies: Path) -> Worker:
        return open_worker(
            trained.kind,
            conduct=room.conduct,
            folder=folder,
            seed=trained.seed,
            random_rate=trained.worker.random_rate,
            batch=trained.rewrite.batch,
            threads=room.threads,
            causal=trained.rewrite.causal,
            replies=replies,
            choosing=partial(
                open_choice, trained.rewrite.drafts, trained.gate, room.conduct, trained.protect
            ),
        )

    is_learned = folder is not None and (folder / RECORD).is_file()
    record = read_json(folder / RECORD) if folder is not None and is_learned else {}
    worker = open_it(room.replies)
    if trained.kind not in GENERATING or trained.rewrite.causal.engine != "endpoint":
        return Candidate(one.name, trained.kind, worker, record, worker)
    bought = room.fresh / one.name.replace("/", "_")
    return Candidate(one.name, trained.kind, worker, record, open_it(bought), bought)
