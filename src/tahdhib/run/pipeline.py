"""Run a recipe in a folder. Running the same command on the same folder again is the resume."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tahdhib import cluster
from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.load import load_conduct
from tahdhib.config import Recipe
from tahdhib.config.load import dump_recipe
from tahdhib.errors import RecipeError
from tahdhib.gate.gate import GATE_SCORERS
from tahdhib.progress import Progress, Silence
from tahdhib.run.fingerprint import recipe_hash
from tahdhib.run.inputs import Input, Inputs, read_inputs
from tahdhib.run.measure import Meter, machine
from tahdhib.run.plan import Step, in_words, plan
from tahdhib.run.stages import NAMES, STAGES, standing
from tahdhib.score.table import check_witness
from tahdhib.stages.annotate.contest import contestants
from tahdhib.stages.contract import Workplace, end_processes, prepare_processes
from tahdhib.stages.publish.undo import check_without
from tahdhib.store.ledger import Ledger
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import read_json, write_json, write_text
from tahdhib.version import VERSION


@dataclass(frozen=True, slots=True)
class RunResult:
    """A run after its stages: where it lies, and the account of each finished stage."""

    folder: Path
    accounts: tuple[Ledger, ...]
    steps: tuple[str, ...]


def run_recipe(
    recipe: Recipe,
    folder: Path,
    *,
    until: str | None = None,
    is_dry: bool = False,
    command: str = "",
    progress: Progress | None = None,
) -> RunResult:
    """Do what is left to do of `recipe` in `folder`, up to and including stage `until`.

    With `is_dry` nothing is written: the result's `steps` say what would happen.

    Raises:
        TahdhibError: see `errors`; what was finished by then stays finished.
    """
    if until is not None:
        _check_until(until, recipe)
    listener = progress or Silence()
    if until is None or NAMES.index(until) >= NAMES.index("audit"):
        taught = filter(None, (recipe.annotate.silver.scorer, recipe.worker.select.score))
        chose = (*GATE_SCORERS, *taught, *recipe.rewrite.drafts.choosing)
        check_witness(recipe.audit.witness, *chose)
    conduct = load_conduct(recipe.conduct)
    check_without(recipe.publish.without, conduct)
    files = {stage.name: stage.reads(recipe) for stage in STAGES if stage.is_on(recipe)}
    run = RunFolder(folder)
    if is_dry:
        inputs = read_inputs(files, _known_inputs(run), listener)
        steps = _upto(plan(run, recipe, conduct, inputs), until)
        words = [*map(in_words, steps), *_money_words(steps, recipe, conduct)]
        return RunResult(folder, (), tuple(words))
    with run.locked():
        if recipe.processes > 1 and recipe.engine != "ray":
            prepare_processes()
        inputs = read_inputs(files, _known_inputs(run), listener)
        steps = _upto(plan(run, recipe, conduct, inputs), until)
        for step in steps:
            if step.status in ("redone", "resumed", "removed"):
                listener.say(in_words(step))
        write_text(run.recipe, dump_recipe(recipe))
        write_json(run.manifest, _manifest(recipe, conduct, inputs, command))
        if recipe.engine == "ray":
            cluster.connect(recipe.ray_address, recipe.processes)
        accounts = [
            _do(step, run, recipe, conduct, listener) for step in _without_removed(steps, run)
        ]
    return RunResult(folder, tuple(accounts), tuple(map(in_words, steps)))


@contextmanager
def at_stage(
    recipe: Recipe, folder: Path, name: str, progress: Progress | None = None
) -> Iterator[Workplace]:
    """Do all that stage `name` needs, and lend its workplace for a `with` block, in which the run
    is locked: for work ahead of the stage, which finds what was left there.

    Raises:
        TahdhibError: as `run_recipe`.
    """
    listener = progress or Silence()
    needs = STAGES[NAMES.index(name)].needs
    run_recipe(recipe, folder, until=standing(needs[0], recipe), progress=listener)
    conduct = load_conduct(recipe.conduct)
    files = {stage.name: stage.reads(recipe) for stage in STAGES if stage.is_on(recipe)}
    run = RunFolder(folder)
    with run.locked():
        inputs = read_inputs(files, _known_inputs(run), listener)
        (step,) = [one for one in plan(run, recipe, conduct, inputs) if one.stage.name == name]
        if step.status != "finished":
            listener.say(in_words(step))
            _begin(step, run)
        try:
            yield Workplace(recipe, conduct, run, run.stage(name), listener)
        finally:
            end_processes()


def _money_words(steps: Sequence[Step], recipe: Recipe, conduct: Conduct) -> list[str]:
    """What is said where a stage is to ask somebody for money."""
    if not any(step.stage.name == "annotate" and step.status != "finished" for step in steps):
        return []
    asked = contestants(recipe.annotate, conduct, Path())
    names = dict.fromkeys(one.name for one in asked if one.teacher.is_paid)
    if not names:
        return []
    return [
        f"annotate: asks {', '.join(names)} about up to {recipe.annotate.sample:,} documents, for "
        "money. `tahdhib forecast` with the same recipe and folder asks a pilot and says how much"
    ]


def _upto(steps: tuple[Step, ...], until: str | None) -> tuple[Step, ...]:
    if until is None:
        return steps
    return tuple(step for step in steps if NAMES.index(step.stage.name) <= NAMES.index(until))


def _check_until(until: str, recipe: Recipe) -> None:
    if until not in NAMES:
        raise RecipeError(f"stage {until!r} is unknown; known: {', '.join(NAMES)}.")
    if not STAGES[NAMES.index(until)].is_on(recipe):
        raise RecipeError(
            f"stage {until!r} is not in this recipe, which names no section 'clean'. "
            "Add 'clean: {}' to have it with its defaults."
        )


def _without_removed(steps: tuple[Step, ...], run: RunFolder) -> list[Step]:
    """The steps that are work; what earlier recipes left of the others goes."""
    for step in steps:
        if step.status == "removed":
            run.stage(step.stage.name).remove()
    return [step for step in steps if step.status != "removed"]


def _do(step: Step, run: RunFolder, recipe: Recipe, conduct: Conduct, progress: Progress) -> Ledger:
    here = run.stage(step.stage.name)
    earlier = run.earlier(step.stage.name)
    if step.status == "finished":
        earlier.remove()
        return here.account()
    _begin(step, run)
    with Meter() as meter:
        try:
            account = step.stage.work(Workplace(recipe, conduct, run, here, progress))
        finally:
            end_processes()
    here.finish(account)
    earlier.remove()
    _note_performance(run, account, meter)
    return account


def _begin(step: Step, run: RunFolder) -> None:
    """Make the stage's folder ready; of an earlier result what may stay is laid aside."""
    here, earlier = run.stage(step.stage.name), run.earlier(step.stage.name)
    if step.earlier is None:
        earlier.remove()
    is_here = step.earlier is not None and step.earlier.root == here.root
    here.begin(step.fingerprint, dict(step.parts), keep_at=earlier if is_here else None)


def _note_performance(run: RunFolder, account: Ledger, meter: Meter) -> None:
    notes: dict[str, Any] = read_json(run.performance) if run.performance.exists() else {}
    stages = notes.get("stages", {})
    stages[account.stage] = {
        "seconds": round(meter.seconds, 3),
        "units": account.came_in,
        "unit": account.unit,
        "peak_memory_bytes": meter.peak_memory_bytes,
    }
    write_json(run.performance, {"machine": machine(), "stages": stages})


def _known_inputs(run: RunFolder) -> list[Input]:
    if not run.manifest.exists():
        return []
    return [Input(**item) for item in read_json(run.manifest)["inputs"]]


def _manifest(recipe: Recipe, conduct: Conduct, inputs: Inputs, command: str) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "code_version": VERSION,
        "command": command,
        "conduct": {"name": conduct.name, "version": conduct.version, "hash": conduct.hash},
        "recipe_hash": recipe_hash(recipe),
        "seed": recipe.seed,
        "inputs": [asdict(item) for items in inputs.values() for item in items],
    }
