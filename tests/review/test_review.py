"""A blind sample tells nothing of its sides, and what people answer comes back checked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tahdhib.errors import DataError
from tahdhib.progress import Silence
from tahdhib.review.questions import QUESTIONS
from tahdhib.review.read import read_answers
from tahdhib.review.sample import Sampled, sample
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import read_json
from tests.report.folders import build_run

Line = dict[str, Any]


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return build_run(tmp_path / "run", documents=400)


def drawn(
    run: RunFolder, number: int = 60, name: str = "tasks.jsonl"
) -> tuple[Sampled, list[Line]]:
    found = sample(run, run.root.parent / name, number=number, seed=3, progress=Silence())
    head, *tasks = [json.loads(line) for line in found.tasks.read_text().splitlines()]
    assert set(head["instructions"]) == {"ar", "en"}
    return found, tasks


def answered(
    run: RunFolder, change: Callable[[list[Line]], object] = lambda _: None, name: str = "one"
) -> Path:
    _, tasks = drawn(run)
    for task in tasks:
        task["annotator"] = name
        task["answers"] = {"meaning": "same", "more": "equal", "fluent": "a", "harm": "none"}
    change(tasks)
    path = run.root.parent / f"{name}.jsonl"
    path.write_text("".join(json.dumps(task) + "\n" for task in tasks))
    return path


def test_so_many_are_drawn_of_all_kinds_and_twice_the_same(run: RunFolder) -> None:
    found, tasks = drawn(run)
    assert len(tasks) == 60 == sum(count for _, count in found.strata.values())
    assert {kind.split(" | ")[0] for kind in found.strata} == {"rewritten", "refused"}
    assert all(0 < taken <= there for there, taken in found.strata.values())
    assert drawn(run, name="again.jsonl")[1] == tasks


def test_nothing_tells_which_side_is_the_rewrite(run: RunFolder) -> None:
    found, tasks = drawn(run, number=200)
    key = read_json(found.key)["tasks"]
    first = [key[task["task"]]["rewrite"] == "a" for task in tasks]
    assert 0.35 < sum(first) / len(first) < 0.65
    by_name = [is_first for task, is_first in zip(tasks, first, strict=True) if task["task"] < "8"]
    assert 0.3 < sum(by_name) / len(by_name) < 0.7
    assert [task["task"] for task in tasks] == sorted(task["task"] for task in tasks)
    handed_out = found.tasks.read_text()
    for entry in key.values():
        assert entry["id"] not in handed_out
    fields = {"task", "a", "b", "answers", "annotator", "comment"}
    assert all(set(task) == fields for task in tasks)
    assert not found.key.is_relative_to(found.tasks.parent / "tasks")


def test_the_key_is_not_handed_out(run: RunFolder) -> None:
    with pytest.raises(DataError, match="where the keys are kept"):
        sample(run, run.review / "tasks.jsonl", number=5, seed=1, progress=Silence())


def test_answers_come_back_unblinded_and_weighted(run: RunFolder) -> None:
    def prefer_the_rewrite(tasks: list[Line]) -> None:
        (key,) = (read_json(path)["tasks"] for path in run.review.glob("*.json"))
        for task in tasks:
            task["answers"]["fluent"] = key[task["task"]]["rewrite"].upper()

    path = answered(run, prefer_the_rewrite)
    result = read_json(read_answers(run, [path]))
    assert (result["tasks"], result["annotators"]) == (60, ["one"])
    questions = {one["name"]: one for one in result["questions"]}
    rates = {one["label"]: one["rate"] for one in questions["fluent"]["rates"]}
    assert set(rates) == {"rewrite", "source", "equal"}
    assert rates["rewrite"]["estimate"] == 1 and rates["rewrite"]["low"] < 1
    assert questions["fluent"]["agreement"] is None


def test_two_people_agree_or_do_not(run: RunFolder) -> None:
    def differ(tasks: list[Line]) -> None:
        for number, task in enumerate(tasks):
            task["answers"]["meaning"] = "same" if number % 2 else "different"

    paths = [answered(run, differ, "one"), answered(run, differ, "two")]
    paths.append(answered(run, name="three"))
    result = read_json(read_answers(run, paths[:2]))
    assert result["questions"][0]["agreement"]["estimate"] == pytest.approx(1)
    assert result["questions"][0]["twice"] == 60
    result = read_json(read_answers(run, [paths[0], paths[2]]))
    assert result["questions"][0]["agreement"]["estimate"] < 0.1


def unknown_task(tasks: list[Line]) -> None:
    tasks[4]["task"] = "nobody"


def twice(tasks: list[Line]) -> None:
    tasks.append(tasks[2])


def missing(tasks: list[Line]) -> None:
    tasks[6]["answers"]["harm"] = None


def no_label(tasks: list[Line]) -> None:
    tasks[0]["answers"]["meaning"] = "maybe"


def no_question(tasks: list[Line]) -> None:
    tasks[1]["answers"]["colour"] = "red"


def no_task(tasks: list[Line]) -> None:
    tasks[3] = {"answers": {}}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (unknown_task, r"one.jsonl:5: task 'nobody' is unknown"),
        (twice, r"one.jsonl:61: 'one' answers task '\w+' again, first at .*one.jsonl:3"),
        (missing, r"one.jsonl:7: harm has no answer; expected one of a, b, equal, none"),
        (no_label, r"one.jsonl:1: meaning is 'maybe', which is no label; expected one of same"),
        (no_question, r"one.jsonl:2: question 'colour' is unknown"),
        (no_task, r"one.jsonl:4: has no field 'task'"),
    ],
)
def test_faults_name_their_line(
    run: RunFolder, change: Callable[[list[Line]], None], said: str
) -> None:
    with pytest.raises(DataError, match=said):
        read_answers(run, [answered(run, change)])


def test_other_files_are_refused(run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no key"):
        read_answers(run, [])
    path = answered(run)
    path.write_text("no json\n")
    with pytest.raises(DataError, match=r"one.jsonl:1: is not JSON"):
        read_answers(run, [path])
    with pytest.raises(DataError, match="cannot be read"):
        read_answers(run, [tmp_path / "absent.jsonl"])


def test_lines_without_answers_may_be_left_out(run: RunFolder) -> None:
    def stop_early(tasks: list[Line]) -> None:
        for task in tasks[10:]:
            task["answers"] = dict.fromkeys(task["answers"])

    path = answered(run, stop_early)
    with pytest.raises(DataError, match="and 195 more"):
        read_answers(run, [path])
    assert read_json(read_answers(run, [path], partial=True))["tasks"] == 10


def test_every_question_has_both_languages() -> None:
    for question in QUESTIONS:
        for wording in (question.wording, *question.labels.values()):
            assert set(wording) == {"ar", "en"}
