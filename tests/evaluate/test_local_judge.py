"""A judge in this process, and greedy answers for it: both orders, prose and long pairs counted."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tahdhib
from tahdhib.cli.main import app
from tahdhib.errors import DataError, RecipeError
from tests.evaluate.conftest import Plain
from tests.score import tiny_models

PROMPTS = [f"سؤال {number}" for number in range(5)]


def one_answer(folder: Path, answer: str) -> Path:
    """A model that answers everything with `answer`."""
    return tiny_models.one_answer(folder, PROMPTS, answer, longest=4096)


@pytest.fixture(scope="module")
def partial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A judge for whom the first one shown is always better."""
    return one_answer(tmp_path_factory.mktemp("partial"), "Better: [[responseA]]")


@pytest.fixture
def files(write_jsonl: Callable[..., Path]) -> list[str]:
    first = [{"prompt": one, "answer": "نعم"} for one in PROMPTS]
    second = [{"prompt": one, "answer": "لا"} for one in PROMPTS]
    second[4]["answer"] = "لا " * 3000  # more than the judge reads
    return [
        str(write_jsonl(rows, name)) for rows, name in ((first, "a.jsonl"), (second, "b.jsonl"))
    ]


def test_a_local_judge_sees_both_orders_and_what_is_too_long_is_counted(
    partial: Path, files: list[str], tmp_path: Path
) -> None:
    judge = f"local:{partial}?answers={tmp_path / 'kept'}&max_tokens=8&batch=4"
    found = tahdhib.judge(*files, "helpfulness", judge, out=tmp_path / "verdicts.jsonl")
    assert (found.wins, found.losses, found.draws) == (4, 4, 0)
    assert (found.prompts, found.without_verdict) == (4, 1)
    assert (found.omega.estimate, found.agree, found.first_wins) == (0, 0, 1)
    rows = [json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text().splitlines()]
    assert [row["verdicts"] for row in rows] == [[1, -1]] * 4 + [[None, None]]
    kept = (tmp_path / "kept" / "answers.jsonl").read_bytes()
    assert tahdhib.judge(*files, "helpfulness", judge) == found
    assert (tmp_path / "kept" / "answers.jsonl").read_bytes() == kept  # nothing was written anew


def test_a_judge_that_speaks_in_prose_alone_is_an_error_that_says_so(
    files: list[str], tmp_path: Path
) -> None:
    folder = one_answer(tmp_path / "talker", "Both are fine, I think.")
    arguments = ["judge", *files, "--judge", f"local:{folder}?answers={tmp_path}&max_tokens=8"]
    done = CliRunner().invoke(app, arguments)
    assert isinstance(done.exception, DataError)
    assert "gave no verdict in both orders for any of 5 prompts" in str(done.exception)
    assert "8 answers without a verdict (in prose)" in done.output
    assert "2 answers without a verdict (refused: a prompt of" in done.output


def test_a_local_judge_that_cannot_be_asked_is_said(files: list[str], tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="the option 'calls' is unknown"):
        tahdhib.judge(*files, "helpfulness", "local:models/judge?calls=3")
    with pytest.raises(RecipeError, match=r"--judge local: batch: is '0'"):
        tahdhib.judge(*files, "helpfulness", "local:models/judge?batch=0")
    with pytest.raises(RecipeError, match=r"--judge local\.model: .* cannot be loaded"):
        tahdhib.judge(*files, "helpfulness", f"local:{tmp_path / 'none'}?answers={tmp_path}")


def test_answers_are_greedy_one_to_a_prompt_and_kept(
    tiny: Path, plain: Plain, write_jsonl: Callable[..., Path], tmp_path: Path
) -> None:
    rows = [{"q": one} for one in (*PROMPTS, PROMPTS[0])] + [{"q": None}]
    prompts, out = write_jsonl(rows, "prompts.jsonl"), tmp_path / "out"
    arguments = ["answer", str(tiny), str(prompts), "--field", "q", "--tokens", "12"]
    done = CliRunner().invoke(app, [*arguments, "--limit", "4", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "left out: a prompt that stands there before (1)" in done.output
    assert "left out: beyond the first 4 (1)" in done.output
    assert "left out: no text in the field 'q' (1)" in done.output
    lines = (out / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    expected = [{"prompt": one, "answer": plain.generated(one, 12)} for one in PROMPTS[:4]]
    assert [json.loads(line) for line in lines] == expected
    before = (out / "answers.json").read_bytes()
    tahdhib.answer(tiny, str(prompts), out, field="q", tokens=12, limit=4)
    assert (out / "answers.json").read_bytes() == before
    assert json.loads(before)["answers"] == 4


def test_a_folder_of_another_models_answers_is_left_alone(
    tiny: Path, partial: Path, write_jsonl: Callable[..., Path], tmp_path: Path
) -> None:
    prompts = write_jsonl([{"prompt": one} for one in PROMPTS])
    found = tahdhib.answer(partial, str(prompts), tmp_path / "out", tokens=4)
    rows = [json.loads(line) for line in found.file.read_text(encoding="utf-8").splitlines()]
    assert {row["answer"] for row in rows} == {"Better: [[responseA]]"}  # by its chat template
    with pytest.raises(DataError, match="holds answers of another model"):
        tahdhib.answer(tiny, str(prompts), tmp_path / "out", tokens=4)
