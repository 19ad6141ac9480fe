"""The verbs that judge: what they print, and how they fail."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tahdhib.cli.main import app
from tests.report.folders import build_run


def invoke(*arguments: str | Path) -> str:
    done = CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    return done.output


def test_pilot_prints_the_papers_rows(tmp_path: Path) -> None:
    run = build_run(tmp_path / "run", documents=80)
    printed = invoke("pilot", run.root, "--scorer", "ngram", "-n", "50", "--repetitions", "200")
    assert "50 documents drawn of" in printed
    for said in ("toxicity", "preservation", "numbers", "share that lost something"):
        assert said in printed, said


def test_review_goes_out_and_comes_back(tmp_path: Path) -> None:
    run = build_run(tmp_path / "run", documents=200)
    tasks = tmp_path / "tasks.jsonl"
    printed = invoke("review", "sample", run.root, "--out", tasks, "--n", "30")
    assert "keep it from whoever answers" in printed
    lines = [json.loads(line) for line in tasks.read_text().splitlines()]
    answers = {"meaning": "same", "more": "equal", "fluent": "a", "harm": "none"}
    filled = [line | {"answers": answers} if "task" in line else line for line in lines]
    tasks.write_text("".join(json.dumps(line) + "\n" for line in filled))
    invoke("review", "read", run.root, tasks)
    assert "What people say" in run.report.read_text()
    assert "30 blind tasks" in run.report.read_text()


@pytest.mark.parametrize("verb", [("pilot",), ("review", "sample"), ("review", "read")])
def test_help_teaches_by_example(verb: tuple[str, ...]) -> None:
    assert "Example: " in invoke(*verb, "--help")
