"""`tahdhib score fluency`: from reference files to a scorer, and what cannot be a reference."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tahdhib
from tahdhib.cli.main import app
from tahdhib.config.load import load_recipe
from tahdhib.errors import DataError, RecipeError
from tahdhib.score.table import open_scorer

ROWS = [{"body": {"text": f"قرأ الولد الكتاب رقم {number}."}, "id": number} for number in range(40)]


def test_from_files_to_a_scorer(write_jsonl: Callable[..., Path], tmp_path: Path) -> None:
    path = write_jsonl([*ROWS, "no json", {"other": 1}], "news.jsonl")
    out = tmp_path / "models" / "news.npz"
    done = CliRunner().invoke(
        app,
        ["score", "fluency", "--reference", str(path), "--text", "body.text", "--out", str(out)],
    )
    assert done.exit_code == 0, done.output
    assert "news.jsonl: 40 documents" in done.output
    scorer = open_scorer(f"fluency:{out}")
    good, bad = scorer.score(["قرأ الولد الكتاب", "الكتاب شنو هاذا"])[:, 0]
    assert good < bad
    assert str(tmp_path) not in " ".join(scorer.card.training)


def test_the_recipe_names_the_reference(write_jsonl: Callable[..., Path], tmp_path: Path) -> None:
    write_jsonl(ROWS, "news.jsonl")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "ingest: {paths: [news.jsonl]}\n"
        "audit: {fluency: {reference: [news.jsonl], text: body.text, order: 2}}\n"
    )
    card = tahdhib.score_fluency(None, tmp_path / "m.npz", recipe=recipe)
    assert "up to 2 words" in " ".join(card.notes)
    reference = load_recipe(recipe, ()).audit.fluency.reference
    assert reference == (str(tmp_path / "news.jsonl"),)


def test_what_is_no_reference(write_jsonl: Callable[..., Path], tmp_path: Path) -> None:
    out = tmp_path / "m.npz"
    with pytest.raises(RecipeError, match="no reference text is named"):
        tahdhib.score_fluency(None, out)
    with pytest.raises(DataError, match=r"no such file"):
        tahdhib.score_fluency([str(tmp_path / "none.jsonl")], out)
    path = write_jsonl(ROWS, "news.jsonl")
    with pytest.raises(DataError, match=r"in the field 'text'; the first has: body, id"):
        tahdhib.score_fluency([str(path)], out)
    assert not out.exists()
