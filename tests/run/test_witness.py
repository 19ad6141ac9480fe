"""A recipe's witness: any scorer, opened and judged before the first stage starts."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tahdhib.config.load import load_recipe
from tahdhib.errors import RecipeError
from tahdhib.run import pipeline
from tahdhib.run.pipeline import run_recipe
from tahdhib.score.card import to_json
from tahdhib.score.toxicity import ngram
from tahdhib.score.toxicity.ngram import NgramToxicity
from tests.run.small import tahdhib, write_recipe


def weights(folder: Path, version: str, *sets: str) -> None:
    """The shipped weights under another version, as if trained on `sets`."""
    shipped = Path(ngram.__file__).parents[1] / "weights" / ngram.WEIGHTS
    folder.mkdir(exist_ok=True)
    (folder / ngram.WEIGHTS).write_bytes(shipped.read_bytes())
    card = replace(NgramToxicity().card, version=version, training_sets=sets)
    (folder / ngram.CARD).write_text(to_json(card), "utf-8")


def test_weights_of_ones_own_are_the_witness_and_new_ones_redo_the_audit(tmp_path: Path) -> None:
    weights(tmp_path / "w", "one")
    audit = {"witness": "ngram:w", "repetitions": 200}
    recipe = load_recipe(write_recipe(tmp_path, worker={"kind": "rules"}, audit=audit))
    run_recipe(recipe, tmp_path / "run", until="audit")
    summary = json.loads((tmp_path / "run/audit/summary.json").read_text("utf-8"))
    assert summary["witness"]["version"] == "one"
    weights(tmp_path / "w", "two")
    steps = run_recipe(recipe, tmp_path / "run", until="audit", is_dry=True).steps
    assert all(step.endswith("nothing to do") for step in steps[:-1])
    assert steps[-1].startswith("audit: ")
    assert "again, because these changed: input" in steps[-1]


@pytest.mark.parametrize(
    ("witness", "says"),
    [("ngarm", "scorer 'ngarm' is unknown"), ("ngram:nowhere", "tahdhib score train")],
)
def test_a_witness_that_cannot_be_opened_stops_the_run_at_once(
    tmp_path: Path, witness: str, says: str
) -> None:
    recipe = write_recipe(tmp_path, audit={"witness": witness})
    done = tahdhib("run", "-c", recipe, "--out", tmp_path / "run")
    assert done.returncode == 2
    assert says in done.stderr
    assert not (tmp_path / "run" / "ingest").exists()


def test_a_set_shared_with_the_gate_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights(tmp_path / "w", "one", "OSACT5 2022")
    weights(tmp_path / "g", "two", "OSACT5 2022")
    monkeypatch.setattr(pipeline, "GATE_SCORERS", (f"ngram:{tmp_path / 'g'}",))
    recipe = load_recipe(write_recipe(tmp_path, audit={"witness": "ngram:w"}))
    with pytest.raises(RecipeError, match="both learned from OSACT5 2022"):
        run_recipe(recipe, tmp_path / "run")
    assert not (tmp_path / "run").exists()
