"""Which stages a run still has to do, and why: known before any of them starts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from tahdhib.conduct.compare import compare
from tahdhib.conduct.conduct import Conduct
from tahdhib.config import Recipe
from tahdhib.run.fingerprint import fingerprint, parts_of
from tahdhib.run.inputs import Inputs
from tahdhib.run.stages import STAGES, standing
from tahdhib.stages.contract import Stage, Stay, noted_conduct
from tahdhib.store.run_folder import RunFolder, StageFolder
from tahdhib.store.shards import read_json

Status = Literal["finished", "new", "resumed", "redone", "removed"]


@dataclass(frozen=True, slots=True)
class Step:
    """A stage in the plan. `changed` names what differs from the result that lies there;
    `units` says how much of it goes. A stage that the recipe does without is planned only where
    an earlier recipe left a result of it, which is `removed`. `earlier` holds rows made under
    another conduct of which some `stay`; `rules` says what that conduct said otherwise."""

    stage: Stage
    fingerprint: str
    parts: Mapping[str, str]
    status: Status
    changed: tuple[str, ...] = ()
    units: int = 0
    unit: str = ""
    earlier: StageFolder | None = None
    stay: Stay | None = None
    rules: str = ""


def plan(run: RunFolder, recipe: Recipe, conduct: Conduct, inputs: Inputs) -> tuple[Step, ...]:
    """Compare what lies in `run` with what the recipe asks for, stage by stage."""
    fingerprints: dict[str, str] = {}
    steps: list[Step] = []
    for stage in STAGES:
        here = run.stage(stage.name)
        if not stage.is_on(recipe):
            if here.fingerprint() is not None:
                steps.append(Step(stage, "", {}, "removed"))
            continue
        needs = {name: fingerprints[name] for name in _needs(stage, recipe)}
        parts = parts_of(stage, recipe, conduct, inputs[stage.name], needs)
        fingerprints[stage.name] = fingerprint(parts)
        step = _step(stage, here, fingerprints[stage.name], parts)
        steps.append(_with_earlier(step, run, recipe, conduct))
    return tuple(steps)


def _with_earlier(step: Step, run: RunFolder, recipe: Recipe, conduct: Conduct) -> Step:
    """The step with what stays of rows that were made under another conduct, if any can."""
    if step.status == "finished":
        return step
    best = step
    places = [run.stage(step.stage.name)] if step.status == "redone" else []
    for folder in [*places, run.earlier(step.stage.name)]:
        before = noted_conduct(folder)
        if before is None or not _differs_by(step.stage.may_differ(recipe), folder, step):
            continue
        stay = step.stage.stays(recipe, conduct, folder)
        if stay is not None and (best.stay is None or stay.stays > best.stay.stays):
            rules = compare(before, conduct).in_words()
            best = replace(step, earlier=folder, stay=stay, rules=rules)
    return replace(best, status="redone") if best.stay and step.status == "new" else best


def _differs_by(parts: tuple[str, ...], folder: StageFolder, step: Step) -> bool:
    """Whether what lies in `folder` differs by no other than these parts from what is asked."""
    if not parts or folder.fingerprint() is None:
        return False
    old = read_json(folder.plan)["parts"]
    return {key for key in {*old, *step.parts} if old.get(key) != step.parts.get(key)} <= {*parts}


def _needs(stage: Stage, recipe: Recipe) -> list[str]:
    return [standing(name, recipe) for name in stage.needs]


def _step(stage: Stage, folder: StageFolder, mark: str, parts: dict[str, str]) -> Step:
    if folder.is_finished(mark):
        return Step(stage, mark, parts, "finished")
    if folder.fingerprint() is None:
        return Step(stage, mark, parts, "new")
    if folder.fingerprint() == mark:
        return Step(stage, mark, parts, "resumed")
    old = read_json(folder.plan)["parts"]
    changed = tuple(sorted(key for key in {*old, *parts} if old.get(key) != parts.get(key)))
    if not folder.is_finished():
        return Step(stage, mark, parts, "redone", changed)
    account = folder.account()
    return Step(stage, mark, parts, "redone", changed, account.came_in, account.unit)


def in_words(step: Step) -> str:
    """One line on what will happen to a stage."""
    name = step.stage.name
    if step.stay is not None:
        total, goes = step.stay.total, step.stay.total - step.stay.stays
        return (
            f"{name}: conduct changed ({step.rules}): {goes:,} of {total:,} documents are redone, "
            f"{step.stay.stays:,} stay{step.stay.remark}"
        )
    match step.status:
        case "finished":
            return f"{name}: finished, nothing to do"
        case "new":
            return f"{name}: to do"
        case "resumed":
            return f"{name}: begun, goes on from its finished shards"
        case "redone":
            amount = f"{step.units:,} {step.unit} again" if step.units else "begun, starts anew"
            return f"{name}: {amount}, because these changed: {', '.join(step.changed)}"
        case "removed":
            return f"{name}: not in the recipe, what lies there goes"
