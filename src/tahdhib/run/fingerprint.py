"""What a stage's result depends on, as one hash: equal fingerprints, equal results.

The parts are kept beside the hash, so that a run can say *what* changed before it redoes a stage.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tahdhib.conduct.conduct import Conduct
from tahdhib.config import Recipe
from tahdhib.run.inputs import Input
from tahdhib.stages.contract import Stage

_PLACES = {
    "ingest": {"paths"},
    "dedup": {"against"},
    "audit": {"fluency"},
    "rewrite": {"patience_seconds", "max_refused", "price_per_hour"},
}
"""Settings that no result depends on: where things lie, since their content counts, how a model is
made that another setting names, when to give up."""


_WHERE_WORK_IS_DONE = ("processes", "engine", "ray_address")


def fingerprint(parts: Mapping[str, str]) -> str:
    """One hash of all parts."""
    return _hash(dict(parts))


def parts_of(
    stage: Stage,
    recipe: Recipe,
    conduct: Conduct,
    inputs: tuple[Input, ...],
    needs: Mapping[str, str],
) -> dict[str, str]:
    """The parts of a stage's fingerprint: `inputs` are the files that it reads from outside,
    `needs` the fingerprints of the stages that it starts from, by their names."""
    parts = {"stage": f"{stage.name} {stage.version}"}
    if inputs:
        parts["input"] = _hash([f"{item.path}:{item.sha256}" for item in inputs])
    if stage.uses_conduct:
        parts["conduct"] = conduct.hash
    for section in stage.sections:
        parts[f"recipe {section}"] = _hash(_section(recipe, section))
    return parts | {f"stage {name}": mark for name, mark in needs.items()}


def recipe_hash(recipe: Recipe) -> str:
    """Hash of what the recipe asks for, apart from where things lie and where work is done."""
    sections = [name for name in type(recipe).model_fields if name not in _WHERE_WORK_IS_DONE]
    return _hash({name: _section(recipe, name) for name in sections})


def _section(recipe: Recipe, name: str) -> object:
    dumped: Any = recipe.model_dump(mode="json")
    for key in name.split("."):
        dumped = None if dumped is None else dumped[key]
    if isinstance(dumped, dict):
        return {key: value for key, value in dumped.items() if key not in _PLACES.get(name, ())}
    return dumped


def _hash(value: object) -> str:
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
