"""The verbs of scorers, as a user meets them."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tahdhib.cli.main import app
from tahdhib.errors import DataError, RecipeError

run = CliRunner()


def test_list_names_every_scorer() -> None:
    said = run.invoke(app, ["score", "list"]).output
    for name in ("ngram", "lexicon", "fluency", "preservation"):
        assert name in said


def test_show_prints_the_card_with_its_warnings() -> None:
    said = run.invoke(app, ["score", "show", "ngram"]).output
    for part in ("probability, 0 to 1", "AUROC", "learned from", "mind:"):
        assert part in said


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_run_writes_a_row_per_text(
    write_jsonl: Callable[..., Path], tmp_path: Path, ending: str
) -> None:
    source = write_jsonl(
        [{"id": "a", "text": "you stupid bitch"}, {"text": "\ud800"}, {"other": 1}, {"text": ""}]
    )
    out = tmp_path / f"scores.{ending}"
    done = run.invoke(app, ["score", "run", "ngram", str(source), "--out", str(out)])
    assert done.exit_code == 0, done.output
    if ending == "jsonl":
        rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    else:
        rows = pq.read_table(out).to_pylist()
    assert [row["id"] for row in rows] == ["a", "input.jsonl:2", "input.jsonl:4"]
    assert rows[0]["toxicity"] > 0.5 > rows[2]["toxicity"] == 0
    assert rows[0]["drivers"][0]["word"] in ("stupid", "bitch")
    assert rows[2]["drivers"] == []


def test_errors_say_what_to_do(write_jsonl: Callable[..., Path], tmp_path: Path) -> None:
    source = str(write_jsonl([{"body": "x"}]))
    out = str(tmp_path / "o.jsonl")
    done = run.invoke(app, ["score", "run", "ngram", source, "--out", out])
    assert isinstance(done.exception, DataError)
    assert "--text" in str(done.exception)
    done = run.invoke(app, ["score", "run", "ngram", source, "--out", str(tmp_path / "o.csv")])
    assert isinstance(done.exception, DataError)
    done = run.invoke(app, ["score", "show", "nothing"])
    assert isinstance(done.exception, RecipeError)
