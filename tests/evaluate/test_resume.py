"""A killed evaluation goes on where it stopped, and ends as one that was never killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tahdhib
from tahdhib.errors import DataError, RecipeError
from tahdhib.evaluate.answers import answered
from tahdhib.evaluate.item import Answer, Item, Variant
from tahdhib.evaluate.model import Model
from tests.score.tiny_models import causal


def published(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


@pytest.mark.slow
def test_killed_and_run_again_it_ends_with_the_same_bytes(
    tiny: Path, shared_data: Path, tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    task = ["arabicmmlu_authors_en"]
    tahdhib.evaluate(tiny, task, shared_data, whole, limit=150)
    code = f"import tahdhib; tahdhib.evaluate({str(tiny)!r}, {task}, {str(shared_data)!r}, "
    code += f"{str(killed)!r}, limit=150)"
    answers = killed / "answers" / "arabicmmlu_authors_en.jsonl"
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    while process.poll() is None and not answers.exists():
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL) if process.poll() is None else None
    process.wait()
    kept = answers.read_text(encoding="utf-8").count('"key"')
    with answers.open("a", encoding="utf-8") as handle:
        handle.write('\n{"key": "half a li')
    tahdhib.evaluate(tiny, task, shared_data, killed, limit=150)
    assert published(killed) == published(whole)
    assert kept >= 64
    lines = answers.read_text(encoding="utf-8").count('"scores"')
    assert lines == 150  # nothing was asked for twice


def test_stopped_and_run_again_it_ends_with_the_same_bytes(
    tiny: Path, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    task = ["arabicmmlu_authors_en"]
    tahdhib.evaluate(tiny, task, shared_data, whole, limit=130)
    answer, asked = Model.answers, []

    def stop_at_the_second(self: Model, variant: Variant, items: list[Item]) -> list[Answer]:
        asked.append(len(items))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return answer(self, variant, items)

    monkeypatch.setattr(Model, "answers", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        tahdhib.evaluate(tiny, task, shared_data, stopped, limit=130)
    tahdhib.evaluate(tiny, task, shared_data, stopped, limit=130)
    assert published(stopped) == published(whole)
    assert asked == [64, 64, 64, 2]  # the first chunk, the one that was stopped, and what was left


def test_a_chunk_of_which_an_answer_is_missing_is_asked_again_as_a_whole(tmp_path: Path) -> None:
    path, asked = tmp_path / "answers.jsonl", []

    def ask(places: list[int]) -> list[Answer]:
        asked.append(places)
        return [Answer(scores=(float(at),)) for at in places]

    keys, lengths = [f"k{number:03}" for number in range(100)], [1] * 100
    list(answered(path, keys, lengths, ask))
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(line for line in lines if '"k070"' not in line), encoding="utf-8")
    asked.clear()
    found = list(answered(path, keys, lengths, ask))
    assert asked == [list(range(64, 100))]
    assert [is_old for _, _, is_old in found] == [True, False]
    assert [one.scores[0] for _, chunk, _ in found for one in chunk] == list(range(100))


def test_other_tasks_are_added_and_another_model_is_refused(
    tiny: Path, shared_data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    tahdhib.evaluate(tiny, ["aratrust"], shared_data, out, limit=20)
    tahdhib.evaluate(tiny, ["arabicmmlu_authors_ar"], shared_data, out, limit=20)
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert sorted(results["results"]) == ["arabicmmlu_part_authors_ar", "aratrust_part_lighteval"]
    other = causal(tmp_path / "other", ["نص آخر قصير", "كلام"], longest=512)
    with pytest.raises(DataError, match="holds results of another model"):
        tahdhib.evaluate(other, ["aratrust"], shared_data, out, limit=20)


def test_what_is_no_model_is_said(shared_data: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="expected a causal language model"):
        tahdhib.evaluate(tmp_path, ["aratrust"], shared_data, tmp_path / "out")
