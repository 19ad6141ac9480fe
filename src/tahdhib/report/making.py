"""How a run was made: manifest, recipe, machine and speed."""

from collections.abc import Mapping
from typing import Any

from tahdhib.report import words
from tahdhib.report.parts import Making, Speed
from tahdhib.report.stages import STAGES
from tahdhib.report.visible import visible
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import read_json

INPUTS_SHOWN = 40


def read_making(run: RunFolder, manifest: Mapping[str, Any]) -> Making:
    """All that is needed to make the run again."""
    conduct = manifest.get("conduct") or {}
    inputs = manifest.get("inputs") or []
    performance = read_json(run.performance) if run.performance.exists() else {}
    machine = performance.get("machine") or {}
    return Making(
        code_version=str(manifest.get("code_version", "")),
        conduct=f"{conduct.get('name', '')} {conduct.get('version', '')}".strip(),
        conduct_hash=str(conduct.get("hash", "")),
        recipe_hash=str(manifest.get("recipe_hash", "")),
        seed=str(manifest.get("seed", "")),
        inputs=tuple(
            (visible(str(item["path"])), words.byte_size(item["bytes"]), str(item["sha256"]))
            for item in inputs[:INPUTS_SHOWN]
        ),
        inputs_left_out=max(0, len(inputs) - INPUTS_SHOWN),
        command=visible(str(manifest.get("command", ""))),
        recipe=visible(run.recipe.read_text(encoding="utf-8")) if run.recipe.exists() else "",
        machine=tuple((key, visible(str(machine[key]))) for key in sorted(machine)),
        speeds=_speeds(performance.get("stages") or {}),
    )


def _speeds(stages: Mapping[str, Mapping[str, Any]]) -> tuple[Speed, ...]:
    known = [name for name in STAGES if name in stages]
    return tuple(
        Speed(
            stage=name,
            units=whole_number(stages[name].get("units")),
            unit=str(stages[name].get("unit", "documents")),
            seconds=float(stages[name].get("seconds") or 0),
            peak_memory_bytes=whole_number(stages[name].get("peak_memory_bytes")),
        )
        for name in [*known, *sorted(set(stages) - set(known))]
    )


def whole_number(value: Any) -> int:
    """`value` as a count; 0 where the file says none."""
    return int(value) if isinstance(value, int | float) else 0
