"""People as the teacher: tasks handed out once, answers read back line by line."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.protocol import Unusable
from tahdhib.config.recipe import Annotate
from tahdhib.errors import DataError, Waiting
from tahdhib.records import Rewrite
from tahdhib.stages.annotate.stage import reads, work
from tahdhib.store.schemas import DOCUMENTS
from tahdhib.store.shards import read_rows, write_rows
from tahdhib.teachers.people import INSTRUCTIONS, by_people
from tahdhib.teachers.teacher import Classroom, Lesson
from tests.run.small import demo_records, ledgers, tahdhib
from tests.stages.workplaces import workplace

ARABIC = "الإسكنــدرية مدينة على البحـــر المتوسط منذ ٣٠٠ سنة"
ENGLISH = "Cairo is the capital of Egypt.\nClick here to subscribe!"
PLAIN = "القاهرة عاصمة مصر وعدد سكانها ٢٠ مليون نسمة"
TEXTS = [ARABIC, ENGLISH, PLAIN]
MENDED = "الإسكندرية مدينة على البحر المتوسط منذ ٣٠٠ سنة"

Fill = Callable[[dict[str, Any]], dict[str, Any]]


def ask(folder: Path, conduct: Conduct, texts: list[str] = TEXTS, **people: Any) -> list[Lesson]:
    settings = Annotate.model_validate({"teacher": "people", "people": people})
    heard: list[None] = []
    room = Classroom(conduct, settings, folder / "replies", people=folder / "people")
    lessons = by_people(texts, room, lambda: heard.append(None))
    assert len(heard) == len(texts)
    return lessons


def tasks_in(path: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {"instructions": INSTRUCTIONS}
    return lines[1:]


def write(path: Path, lines: list[Any]) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


@pytest.fixture
def tasks(tmp_path: Path, conduct: Conduct) -> list[dict[str, Any]]:
    """What is handed out for the three texts."""
    with pytest.raises(Waiting):
        ask(tmp_path, conduct)
    return tasks_in(tmp_path / "people" / "tasks.jsonl")


def test_tasks_show_the_text_and_its_rules_in_its_language(
    tmp_path: Path, conduct: Conduct, tasks: list[dict[str, Any]]
) -> None:
    assert [task["source"] for task in tasks] == TEXTS
    assert len({task["id"] for task in tasks}) == 3
    for task, language in zip(tasks, ("ar", "en", "ar"), strict=True):
        assert [rule["id"] for rule in task["rules"]] == [rule.id for rule in conduct.rules]
        wording = {rule["id"]: rule["wording"] for rule in task["rules"]}
        assert wording["tatweel"] == " ".join(conduct.rule("tatweel").wording[language].split())
        empty = ("rewrite", "unchanged", "drop")
        assert [task[name] for name in empty] == [None] * 3
        assert (task["note"], task["annotator"]) == ("", "")
    page = (tmp_path / "people" / "tasks.md").read_text(encoding="utf-8")
    assert all(text in page for text in INSTRUCTIONS.values())


def test_the_stop_says_how_many_wait_and_where(tmp_path: Path, conduct: Conduct) -> None:
    place = tmp_path / "elsewhere" / "mine.jsonl"
    with pytest.raises(Waiting, match=re.escape(f"3 of 3 tasks wait for people, in {place}")):
        ask(tmp_path, conduct, tasks=str(place), answers=["later-*.jsonl"])
    assert len(tasks_in(place)) == 3
    with pytest.raises(Waiting, match=r"names \(later-\*\.jsonl\)"):
        ask(tmp_path, conduct, tasks=str(place), answers=["later-*.jsonl"])
    assert sorted(path.name for path in place.parent.iterdir()) == ["mine.jsonl", "mine.md"]


def test_answers_become_lessons(
    tmp_path: Path, conduct: Conduct, tasks: list[dict[str, Any]]
) -> None:
    dropper = next(rule.id for rule in conduct.rules if rule.action == "drop")
    answers = write(
        tmp_path / "anna.jsonl",
        [
            {"instructions": {}},
            tasks[0] | {"rewrite": MENDED, "note": "stretched", "annotator": "Anna"},
            "",
            tasks[1] | {"drop": dropper},
            tasks[2] | {"unchanged": True, "rewrite": ""},
        ],
    )
    first, second, third = [one.taught for one in ask(tmp_path, conduct, answers=[str(answers)])]
    assert isinstance(first, Rewrite)
    assert isinstance(second, Rewrite)
    assert (first.text, {edit.by for edit in first.edits}) == (MENDED, {"people"})
    assert second.drop_reason == dropper
    assert third == Rewrite(PLAIN, ())


def test_a_file_that_somebody_writes_into_is_never_written_again(
    tmp_path: Path, conduct: Conduct, tasks: list[dict[str, Any]]
) -> None:
    place = tmp_path / "people" / "tasks.jsonl"
    write(place, [tasks[0] | {"rewrite": MENDED}, *tasks[1:]])
    before = place.read_bytes()
    with pytest.raises(Waiting, match="2 of 3 tasks wait"):
        ask(tmp_path, conduct, answers=[str(place)])
    with pytest.raises(Waiting, match="3 of 4 tasks wait"):
        ask(tmp_path, conduct, [*TEXTS, "A further text."], answers=[str(place)])
    assert place.read_bytes() == before
    further = tasks_in(tmp_path / "people" / "tasks-2.jsonl")
    assert [task["source"] for task in further] == ["A further text."]


def test_a_lost_file_is_handed_out_again(
    tmp_path: Path, conduct: Conduct, tasks: list[dict[str, Any]]
) -> None:
    place = tmp_path / "people" / "tasks.jsonl"
    place.unlink()
    with pytest.raises(Waiting):
        ask(tmp_path, conduct)
    assert tasks_in(place) == tasks


def test_going_on_without_the_rest(
    tmp_path: Path, conduct: Conduct, tasks: list[dict[str, Any]]
) -> None:
    answers = tmp_path / "anna.jsonl"
    with pytest.raises(Waiting):  # without any answer there is nothing to go on with
        ask(tmp_path, conduct, answers=[str(answers)], missing="skip")
    write(answers, [tasks[0] | {"rewrite": MENDED}, *tasks[1:]])
    lessons = ask(tmp_path, conduct, answers=[str(answers)], missing="skip")
    kinds = [type(lesson.taught) for lesson in lessons]
    assert kinds == [Rewrite, Unusable, Unusable]
    assert isinstance(lessons[1].taught, Unusable)
    assert lessons[1].taught.reason == "unanswered"


def test_another_rule_is_another_task(tmp_path: Path, conduct: Conduct) -> None:
    """An answer counts under the rules that its writer was shown, and is left out under others."""
    with pytest.raises(Waiting):
        ask(tmp_path, conduct)
    old = tasks_in(tmp_path / "people" / "tasks.jsonl")
    answers = write(tmp_path / "anna.jsonl", [task | {"unchanged": True} for task in old])
    first = conduct.rules[0]
    changed = replace(first, wording={**first.wording, "ar": "قاعدة أخرى"})
    other = replace(conduct, rules=(changed, *conduct.rules[1:]), hash="1" * 64)
    with pytest.raises(Waiting, match=r"2 of 3 tasks wait for people, in .*tasks-2"):
        ask(tmp_path, other, answers=[str(answers)])
    new = tasks_in(tmp_path / "people" / "tasks-2.jsonl")
    assert [task["source"] for task in new] == [ARABIC, PLAIN]
    assert not {task["id"] for task in new} & {task["id"] for task in old}


FAULTS: dict[str, tuple[Fill | str, str]] = {
    "not JSON": ('{"id": ', "is not JSON .* expected one task as an object. Correct the line"),
    "a list": ("[1]", "has no field 'id'; expected a task as it was handed out"),
    "unknown": (
        lambda task: task | {"id": "0" * 16, "unchanged": True},
        "task '0000000000000000' is unknown; expected one that this run handed out",
    ),
    "source": (
        lambda task: task | {"source": "another", "unchanged": True},
        "is not the text that was handed out; expected it unchanged. Put it back",
    ),
    "two": (
        lambda task: task | {"rewrite": MENDED, "unchanged": True},
        "has rewrite and unchanged; expected one of rewrite, unchanged, drop. Empty the others",
    ),
    "yes": (lambda task: task | {"unchanged": "yes"}, "unchanged is 'yes'; expected true or null"),
    "drop": (lambda task: task | {"drop": "tatweel"}, "drop is 'tatweel'; expected the id of"),
    "number": (lambda task: task | {"rewrite": 5}, "rewrite is 5; expected the whole text"),
    "blank": (lambda task: task | {"rewrite": " \n"}, "expected the whole text, mended"),
    "half": (lambda task: task | {"rewrite": "a\ud800"}, "expected the whole text, mended"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_say_file_line_and_what_to_do(
    name: str, tmp_path: Path, conduct: Conduct, tasks: list[dict[str, Any]]
) -> None:
    fill, expected = FAULTS[name]
    line = fill if isinstance(fill, str) else fill(tasks[0])
    answers = write(tmp_path / "anna.jsonl", [tasks[1] | {"unchanged": True}, line])
    with pytest.raises(DataError, match=f"anna\\.jsonl:2: .*{expected}"):
        ask(tmp_path, conduct, answers=[str(answers)])


def test_one_person_answers_once_and_no_more_people_than_expected(
    tmp_path: Path, conduct: Conduct, tasks: list[dict[str, Any]]
) -> None:
    done = [task | {"unchanged": True} for task in tasks]
    twice = write(tmp_path / "a.jsonl", [*done, done[0]])
    with pytest.raises(DataError, match=r"a\.jsonl:4: 'a' answers task .* first at .*a\.jsonl:1"):
        ask(tmp_path, conduct, answers=[str(twice)])
    for name in ("a", "b"):
        write(tmp_path / f"{name}.jsonl", done)
    with pytest.raises(DataError, match=r"b\.jsonl:1: .*Raise annotate\.people\.per_task"):
        ask(tmp_path, conduct, answers=[str(tmp_path / "?.jsonl")])
    with pytest.raises(DataError, match=r"and 1 more$"):
        write(tmp_path / "c.jsonl", ["{"] * 6)
        ask(tmp_path, conduct, answers=[str(tmp_path / "c.jsonl")])


def test_of_several_answers_the_best_makes_the_pair(tmp_path: Path, conduct: Conduct) -> None:
    """All are candidates; an answer that the gate refuses loses."""
    people = {"answers": [str(tmp_path / "answers" / "*.jsonl")], "per_task": 2}
    annotate = {"teacher": "people", "people": people}
    recipe = {"ingest": {"paths": ["unused.jsonl"], "buckets": 1}, "annotate": annotate}
    place = workplace(tmp_path / "run", "annotate", recipe, conduct)
    rows = [{"id": "one", "text": ARABIC, "metadata": "{}"}]
    write_rows(place.run.stage("dedup").shard("documents", 0), rows, DOCUMENTS)
    with pytest.raises(Waiting):
        work(place)
    (task,) = tasks_in(place.run.people / "tasks.jsonl")
    (tmp_path / "answers").mkdir()
    lost = write(tmp_path / "answers" / "a.jsonl", [task | {"rewrite": "الإسكندرية مدينة"}])
    with pytest.raises(Waiting, match=r"1 of 1 tasks wait .* 2 answers to each"):
        work(place)
    write(tmp_path / "answers" / "b.jsonl", [task | {"rewrite": MENDED}])
    assert str(lost) in reads(place.recipe)
    ledger = work(place)
    (pair,) = read_rows(place.here.shard("pairs", 0))
    assert (pair["rewrites"], pair["teacher"]) == ([MENDED], "people:tasks")
    candidates = read_rows(place.here.shard("candidates", 0))
    assert [row["won"] for row in candidates] == [False, True]
    assert [row["sample"] for row in candidates] == [0, 1]
    assert (ledger.came_in, ledger.went_out, ledger.notes["calls"]) == (1, 1, 0)


# The whole way, by the command line


def recipe_in(folder: Path) -> Path:
    records = [json.loads(line) for line in demo_records(60) if line.startswith(b'{"id"')]
    kept = [one for one in records if isinstance(one.get("text"), str) and one["text"].strip()]
    write(folder / "input.jsonl", kept)
    recipe = {
        "processes": 1,
        "ingest": {"paths": ["input.jsonl"], "id": "id", "buckets": 2},
        "annotate": {
            "teacher": "people",
            "sample": 20,
            "people": {"answers": ["answers/*.jsonl"]},
        },
    }
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe), encoding="utf-8")
    return path


def test_the_same_command_waits_and_then_goes_on(tmp_path: Path) -> None:
    recipe, run = recipe_in(tmp_path), tmp_path / "run"
    command = ("annotate", "-c", recipe, "--out", run)
    waited = tahdhib(*command)
    place = run / "people" / "tasks.jsonl"
    assert waited.returncode == 3
    assert f"20 of 20 tasks wait for people, in {place}" in waited.stderr
    assert "Traceback" not in waited.stderr
    assert "annotate" not in ledgers(run)
    tasks = tasks_in(place)
    (tmp_path / "answers").mkdir()
    write(tmp_path / "answers" / "anna.jsonl", [task | {"unchanged": True} for task in tasks[:15]])
    assert tahdhib(*command).returncode == 3
    broken = write(tmp_path / "answers" / "bilal.jsonl", ["{"])
    assert tahdhib(*command).returncode == 2
    broken.unlink()
    done = tahdhib(*command, "--set", "annotate.people.missing=skip")
    assert done.returncode == 0, done.stderr
    ledger = ledgers(run)["annotate"]
    assert (ledger["came_in"], ledger["went_out"]) == (20, 15)
    assert ledger["drops"] == {"teacher_failed": 5}
    write(tmp_path / "answers" / "bilal.jsonl", [task | {"unchanged": True} for task in tasks[15:]])
    assert tahdhib(*command).returncode == 0
    assert ledgers(run)["annotate"]["went_out"] == 20


def test_a_kill_while_tasks_are_written_hands_them_out_once(tmp_path: Path) -> None:
    """Killed between the note and the file: the next run writes that very file."""
    recipe, run = recipe_in(tmp_path), tmp_path / "run"
    code = (
        "import os, signal, sys\n"
        "from tahdhib.teachers import people\n"
        "people.write_text = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from tahdhib.cli.main import main\n"
        "main()\n"
    )
    arguments = ["annotate", "-c", str(recipe), "--out", str(run)]
    killed = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert (run / "people" / "handed.json").exists()
    assert not (run / "people" / "tasks.jsonl").exists()
    assert tahdhib(*arguments).returncode == 3
    assert len(tasks_in(run / "people" / "tasks.jsonl")) == 20
    assert not (run / "people" / "tasks-2.jsonl").exists()
