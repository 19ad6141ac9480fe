"""The batch API as the teacher, under the whole stage and the command line."""

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.protocol import Unusable
from tahdhib.config import parse_recipe
from tahdhib.config.recipe import Annotate
from tahdhib.errors import RecipeError
from tahdhib.records import Rewrite
from tahdhib.teachers.batch import by_batch
from tahdhib.teachers.endpoint import by_endpoint
from tahdhib.teachers.teacher import Classroom
from tests.llm.batch_server import BatchServer, Line, serving_batches
from tests.llm.chat_server import Answer
from tests.run.small import ledgers, tahdhib, write_recipe

TEXTS = [f"القاهرة عاصمة مصر وعدد سكانها {n} مليون نسمة" for n in range(6)]


def document_in(body: dict[str, Any]) -> str:
    user = body["messages"][-1]["content"]
    match = re.search(r"<(document-[0-9a-f]{24})>\n(.*)\n</\1>$", user, re.DOTALL)
    assert match is not None
    return match[2]


def unchanged(_body: dict[str, Any], _earlier: int) -> Line:
    return Line(Answer("<analysis>nothing</analysis>\n<unchanged/>"))


def settings_for(server: BatchServer, **changes: Any) -> dict[str, Any]:
    openai = {
        "base_url": server.base_url,
        "model": "tiny",
        "api_key_env": None,
        "structured": "never",
        "retries": 1,
    }
    return {"teacher": "batch", "openai": openai, "batch": {"poll_seconds": 0.05}, **changes}


def test_answers_become_lessons_and_are_shared_with_single_calls(
    tmp_path: Path, conduct: Conduct
) -> None:
    def behave(body: dict[str, Any], earlier: int) -> Line:
        text = document_in(body)
        if text == TEXTS[0]:
            return Line(Answer(f"<rewrite>\n{text}.\n</rewrite>"))
        if text == TEXTS[1]:
            return Line(Answer("Sure! Here it is."))
        if text == TEXTS[2]:
            return Line(Answer(status=400))
        return unchanged(body, earlier)

    with serving_batches(behave) as server:
        settings = Annotate.model_validate(settings_for(server))
        room = Classroom(conduct, settings, tmp_path)
        heard: list[None] = []
        found = by_batch(TEXTS, room, lambda: heard.append(None))
        assert len(heard) == len(TEXTS)
        assert [type(one.taught) for one in found[:3]] == [Rewrite, Unusable, Unusable]
        assert {edit.by for edit in found[0].taught.edits} == {"teacher:tiny"}
        assert found[3].taught == Rewrite(TEXTS[3], ())
        assert by_batch([], room, lambda: None) == []
        worked_on = list(server.worked_on)
        usable = [TEXTS[0], *TEXTS[3:]]
        again = by_endpoint(usable, room, lambda: None)  # the server takes no single calls
        assert [one.taught for one in again] == [
            found[0].taught,
            *(one.taught for one in found[3:]),
        ]
        assert all(one.is_cached for one in again)
        assert server.worked_on == worked_on


def test_the_command_line_killed_while_it_polls(tmp_path: Path) -> None:
    """The same command goes on from the batch that is under way, and buys nothing twice."""
    with serving_batches(unchanged) as server:
        annotate = {"sample": 40, **settings_for(server)}
        recipe, run = write_recipe(tmp_path, annotate=annotate), tmp_path / "run"
        arguments = ["annotate", "-c", str(recipe), "--out", str(run)]
        code = (
            "import os, signal\n"
            "from tahdhib.llm import batches\n"
            "batches.time.sleep = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
            "from tahdhib.cli.main import main\n"
            "main()\n"
        )
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True)
        assert done.returncode == -signal.SIGKILL
        assert (len(server.batches), server.worked_on) == (1, [])
        resumed = tahdhib(*arguments)
        assert resumed.returncode == 0, resumed.stderr
        assert len(server.batches) == 1
        assert len(server.worked_on) == len(set(server.worked_on)) == 40
    ledger = ledgers(run)["annotate"]
    assert (ledger["came_in"], ledger["went_out"]) == (40, 40)
    assert ledger["notes"]["pairs_by_batch:tiny"] == 40
    assert (ledger["notes"]["calls"], ledger["notes"]["failed_calls"]) == (40, 0)
    assert yaml.safe_load((run / "recipe.yaml").read_text())["annotate"]["teacher"] == "batch"


@pytest.mark.parametrize(
    ("teachers", "said"),
    [
        (["batch:a", "openai:a"], "names one twice, the second time as 'openai:a'"),
        (["batch", "openai"], "names one twice"),
        (["people:anna"], "teachers names 'people:anna'; expected rules, "),
        (["rules", "rules"], "names one twice"),
    ],
)
def test_teachers_that_mean_nothing_together_are_refused(teachers: list[str], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        parse_recipe({"ingest": {"paths": ["x"]}, "annotate": {"teachers": teachers}})


def test_teachers_of_all_kinds_can_stand_together() -> None:
    teachers = ["people", "batch:a", "openai:b", "rules"]
    recipe = parse_recipe({"ingest": {"paths": ["x"]}, "annotate": {"teachers": teachers}})
    assert recipe.annotate.teachers == tuple(teachers)
