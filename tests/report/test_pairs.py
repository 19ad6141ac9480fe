"""The report of pairs over a real run folder: the terminal's figures, the page, judge and votes."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import tahdhib
from tahdhib.cli.main import app
from tahdhib.errors import DataError
from tahdhib.score.adapters.axes import AXES
from tests.llm.chat_server import Answer, serving
from tests.stages.annotate.test_stage import SENTENCE, document_in, endpoint, rewritten


def run_in(tmp_path: Path, server: Any, **annotate: Any) -> Path:
    texts = [f"{SENTENCE} وفيـــها {n + 10} سوقاً <script>x</script>" for n in range(12)]
    texts += [f"{SENTENCE} وفيها {n + 50} مسجداً" for n in range(3)]
    lines = [json.dumps({"id": f"d{n}", "text": text}) for n, text in enumerate(texts)]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines))
    recipe = {
        "ingest": {"paths": ["corpus.jsonl"], "id": "id", "buckets": 2},
        "dedup": {"near": False, "boilerplate": None},
        "annotate": {**endpoint(server), **annotate},
        "processes": 1,
    }
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps(recipe))
    tahdhib.annotate(path, tmp_path / "run")
    return tmp_path / "run"


def teacher(payload: dict[str, Any], _earlier: int) -> Answer:
    if "tiny-judge" in payload["model"]:
        asked = payload["messages"][-1]["content"]
        value = 6 + (hash_of(asked) % 3)
        return Answer(text="\n".join(f"{axis}: {value:02}" for axis in AXES))
    text = document_in(payload)
    if " 10 " in text:
        return Answer(text="no protocol")
    if " 11 " in text or payload["model"] == "bad":
        return Answer(text=rewritten(text.replace("1905", "1950")))
    return Answer(text=rewritten(text.replace("ـ", "")))


def hash_of(text: str) -> int:
    return sum(map(ord, text))


def test_what_was_made(tmp_path: Path) -> None:
    with serving(teacher) as server:
        run = run_in(tmp_path, server)
    found = tahdhib.pairs(run)
    assert (found.asked, found.pairs) == (15, 13)
    ((line),) = found.teachers
    assert (line.name, line.pairs, line.changed.estimate) == ("openai:tiny", 13, 10 / 13)
    assert sum(number for _, number in found.rates) == 10
    assert {one.code: one.count for one in found.refused} == {
        "teacher_failed": 1,
        "gate:numbers": 1,
    }
    assert found.acts[0].pairs == 10
    assert found.candidates == ()
    assert dict(found.costs)["calls"] >= 15
    page = tahdhib.pairs_report(run).read_text(encoding="utf-8")
    assert "<script>x" not in page
    assert "&lt;script&gt;" in page
    assert "http" not in page.replace("http-equiv", "")


def test_candidates_are_told_apart(tmp_path: Path) -> None:
    with serving(teacher) as server:
        run = run_in(tmp_path, server, teachers=["openai:bad", "openai:tiny", "rules"])
    found = {line.name: line for line in tahdhib.pairs(run).candidates}
    assert found["openai:bad"].won.estimate < 0.3
    assert found["openai:bad"].refusals[0].code.startswith("gate:")
    assert found["openai:tiny"].candidates == 15
    result = CliRunner().invoke(app, ["pairs", str(run), "--html", "--samples", "1"])
    assert result.exit_code == 0, result.output
    assert "candidates" in result.output
    assert "pairs.html" in result.output


def test_a_judge_and_people(tmp_path: Path) -> None:
    with serving(teacher) as server:
        run = run_in(tmp_path, server)
        judge = f"tiny-judge?endpoint={server.base_url}&key=none&answers={tmp_path}/a&calls=99"
        tasks = tmp_path / "tasks.jsonl"
        assert tahdhib.pairs_tasks(run, tasks, number=8) == 8
        lines = [json.loads(line) for line in tasks.read_text().splitlines()]
        alone = tahdhib.pairs_judge(run, judge, number=8)
        assert (alone.pairs, alone.total, alone.unrated, alone.votes) == (8, 10, 0, 0)
        assert alone.axes[0].agreement is None
        votes = []
        for person, more in (("a", 0), ("b", 1)):
            for line in lines[1:]:
                line["ratings"] = dict.fromkeys(AXES, 6 + hash_of(line["id"]) % 3 + more)
                line["annotator"] = person
                votes.append(json.dumps(line, ensure_ascii=False))
        answered = tmp_path / "votes.jsonl"
        answered.write_text("\n".join(votes), encoding="utf-8")
        found = tahdhib.pairs_judge(run, judge, number=8, votes=[answered])
    assert (found.voters, found.votes) == (2, 16)
    assert [axis.name for axis in found.axes] == list(AXES)
    axis = found.axes[0]
    assert 6 < axis.rating.low <= axis.rating.estimate <= axis.rating.high < 9
    assert axis.people is not None
    assert axis.agreement is not None
    assert axis.among_people is not None
    assert axis.apart is not None
    judged = tahdhib.pairs(run).judged
    assert judged is not None
    assert judged.axes[0].rating == axis.rating
    assert "Agreement with people" in tahdhib.pairs_report(run).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", r"votes\.jsonl:1: is not JSON"),
        ('{"id": "elsewhere", "ratings": {"format": 3}}', "is not among those drawn"),
        ('{"id": "d5", "ratings": {"format": 11}}', "format is 11.*expected whole numbers"),
    ],
)
def test_votes_that_are_none(tmp_path: Path, line: str, words: str) -> None:
    with serving(teacher) as server:
        run = run_in(tmp_path, server)
        votes = tmp_path / "votes.jsonl"
        votes.write_text(line)
        with pytest.raises(DataError, match=words):
            tahdhib.pairs_judge(run, f"tiny-judge?endpoint={server.base_url}", votes=[votes])
    assert not [call for call in server.calls if call["model"] == "tiny-judge"]


def test_an_unfinished_run_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no run folder"):
        tahdhib.pairs(tmp_path)
