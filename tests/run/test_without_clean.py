"""A recipe may do without `clean`: the run then goes from dedup to annotate as if it were not."""

from pathlib import Path

import pytest

from tahdhib.config.load import load_recipe
from tahdhib.errors import RecipeError
from tahdhib.run.pipeline import run_recipe
from tahdhib.run.stages import STAGES, standing
from tests.run.small import ledgers, write_recipe

RULES = {"worker": {"kind": "rules"}, "dedup": {"near": False}}


def run(path: Path, out: Path, *changes: str, until: str | None = "rewrite", dry: bool = False):
    return run_recipe(load_recipe(path, changes), out, until=until, is_dry=dry)


def test_off_on_and_off_again(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, clean=None, **RULES)
    out = tmp_path / "run"
    steps = run(recipe, out).steps
    assert len(steps) == 5 and not any(step.startswith(("signals", "clean")) for step in steps)
    without = ledgers(out)
    assert without["rewrite"]["came_in"] == without["dedup"]["went_out"]
    before = {path.name: path.read_bytes() for path in (out / "rewrite/documents").iterdir()}

    has_clean = "clean={rules: [gopher]}"
    planned = run(recipe, out, has_clean, dry=True).steps
    assert planned[:4] == (
        "ingest: finished, nothing to do",
        "dedup: finished, nothing to do",
        "signals: to do",
        "clean: to do",
    )
    assert "because these changed: stage clean, stage dedup" in planned[4]
    run(recipe, out, has_clean)
    accounts = ledgers(out)
    assert accounts["clean"]["came_in"] == without["dedup"]["went_out"]
    assert accounts["rewrite"]["came_in"] == accounts["clean"]["went_out"]
    assert accounts["clean"]["went_out"] < accounts["clean"]["came_in"]

    planned = run(recipe, out, dry=True).steps
    assert planned[2:4] == (
        "signals: not in the recipe, what lies there goes",
        "clean: not in the recipe, what lies there goes",
    )
    assert (out / "clean").exists()
    run(recipe, out)
    assert not (out / "clean").exists() and not (out / "signals").exists()
    after = {path.name: path.read_bytes() for path in (out / "rewrite/documents").iterdir()}
    assert (ledgers(out), after) == (without, before)


def test_a_threshold_redoes_clean_alone(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, clean={"rules": []}, **RULES)
    thresholds = tmp_path / "mine.yaml"
    run(recipe, tmp_path / "run", until="clean")
    for content in ("default: {}\n", "default: {gopher: {words: {min: 3}}}\n"):
        thresholds.write_text(content)
        change = "clean.thresholds=mine.yaml"
        *_, signals, clean = run(recipe, tmp_path / "run", change, until="clean").steps
        assert signals == "signals: finished, nothing to do"
        assert "because these changed: input" in clean
    *_, signals, _clean = run(
        recipe, tmp_path / "run", "clean.boilerplate=false", until="clean", dry=True
    ).steps
    assert "because these changed: recipe clean.boilerplate" in signals


def test_a_stage_that_the_recipe_does_without_cannot_be_asked_for(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, clean=None)
    with pytest.raises(RecipeError, match="names no section 'clean'"):
        run(recipe, tmp_path / "run", until="signals")


def test_who_stands_for_whom(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, clean=None)
    without, with_clean = load_recipe(recipe), load_recipe(recipe, ["clean={}"])
    for stage in STAGES:
        assert standing(stage.name, with_clean) == stage.name
    assert standing("clean", without) == standing("signals", without) == "dedup"
