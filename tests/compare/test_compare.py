"""`tahdhib worker compare`: one table for all workers, on pairs that none of them learned from."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import tahdhib
from tahdhib.cli.main import app
from tahdhib.compare import marks
from tahdhib.compare.bench import Bench, bench, pairs_of_run
from tahdhib.compare.candidates import Candidate, named
from tahdhib.compare.compare import Comparison
from tahdhib.compare.marks import Court
from tahdhib.compare.speed import Prices as WorkerPrices
from tahdhib.compare.speed import Turn, cost, rates, turns
from tahdhib.compare.table import Draws, Line, lines
from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.protocol import Unusable
from tahdhib.config.recipe import Gate, Protect
from tahdhib.errors import DataError, RecipeError
from tahdhib.llm.account import Account
from tahdhib.llm.chat import Usage
from tahdhib.progress import Silence
from tahdhib.protect.shelter import open_shelter
from tahdhib.records import Document, Interval, Rewrite
from tahdhib.score.table import open_scorer
from tahdhib.stats.intervals import wilson
from tahdhib.store.run_folder import RunFolder
from tahdhib.text.edits import apply, diff
from tahdhib.workers.copy import CopyWorker
from tahdhib.workers.edit.examples import TrainingPair, part_of
from tests.run.small import write_recipe

SHELTER = open_shelter(Protect())
WORKERS = ("copy", "lexicon", "rules")


def _compare(*candidates: str, cache: Path, **others: Any) -> Comparison:
    return tahdhib.worker_compare(
        candidates, cache=cache, repetitions=100, **{"rounds": 0, **others}
    )


def _line(found: Comparison, name: str) -> Line:
    return next(line for line in found.lines if line.name == name)


def _shares(found: Comparison, name: str) -> dict[str, float | None]:
    cells = _line(found, name).cells
    return {
        who: one.value.estimate if isinstance(one.value, Interval) else None
        for who, one in zip(found.candidates, cells, strict=True)
    }


def test_each_is_what_it_is(run: Path, tmp_path: Path) -> None:
    found = _compare(*WORKERS, f"edit={run}", cache=tmp_path)
    assert found.kinds == (*WORKERS, "edit")
    assert found.parameters[:3] == (None,) * 3 and (found.parameters[3] or 0) > 1000
    changed = _shares(found, "documents changed")
    assert changed["copy"] == 0 and (changed["rules"] or 0) > (changed["lexicon"] or 0) > 0
    # The rules taught all of these pairs.
    assert _shares(found, "of the teacher's edits, made")["rules"] == 1
    assert _shares(found, "equal to a teacher's rewrite")["rules"] == 1
    assert _shares(found, "of its edits, the teacher's too")["copy"] is None
    assert _shares(found, "texts that no teacher changed")["rules"] == 1
    change = _line(found, "toxicity by ngram (probability, 0 to 1), change").cells
    assert not change[0].is_found
    assert _shares(found, "refused by the gate, of those changed")["copy"] is None
    for name, most in (
        ("toxicity by ngram (probability, 0 to 1), after", 1),
        ("likeness to the teacher's rewrite (chrF)", 100),
    ):
        for cell in _line(found, name).cells:
            assert isinstance(cell.value, Interval)
            assert 0 <= cell.value.low <= cell.value.estimate <= cell.value.high <= most


def test_only_what_was_held_out_is_measured(run: Path, tmp_path: Path) -> None:
    found = _compare("copy", f"edit={run}", cache=tmp_path)
    held_out = [
        pair for pair in pairs_of_run(RunFolder(run)) if part_of(pair.id, 17, 0.2) == "held_out"
    ]
    assert 0 < found.measured == found.unseen == len(held_out)
    every = _compare("copy", "rules", cache=tmp_path, pairs=run)
    assert every.measured > 4 * found.measured


def test_nobody_is_asked_twice(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "worker"
    shutil.copytree(run / "worker" / "model", copy)
    first = _compare("copy", f"edit={run}", cache=tmp_path)

    def judge(*_: object) -> None:
        raise AssertionError("judged again")

    with monkeypatch.context() as patch:
        patch.setattr(marks, "Judging", judge)
        again = _compare("copy", f"edit={copy}", cache=tmp_path, pairs=run)
    assert again == first
    (tmp_path / "marks" / sorted(p.name for p in (tmp_path / "marks").iterdir())[0]).unlink()
    assert _compare("copy", f"edit={run}", cache=tmp_path) == first


def test_pairs_of_a_file_and_clean_texts(tmp_path: Path) -> None:
    pairs = [
        {"source": f"this is shit number {number}", "rewrite": f"this is bad number {number}"}
        for number in range(20)
    ]
    clean = [{"text": f"a quiet day, the {number}th of many"} for number in range(10)]
    for name, rows in (("pairs", pairs), ("clean", clean)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    found = _compare(
        "copy",
        "lexicon",
        cache=tmp_path,
        pairs=tmp_path / "pairs.jsonl",
        clean=[str(tmp_path / "clean.jsonl")],
    )
    assert (found.measured, found.clean) == (20, 10)
    assert _shares(found, "documents changed") == {"copy": 0, "lexicon": 1}
    assert _shares(found, "texts given as clean") == {"copy": 1, "lexicon": 1}
    assert "for you to know" in found.notes[0]


def test_a_recipe_is_trained_once(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, clean=None, worker={"kind": "rules"})
    found = _compare("copy", f"mine={recipe}", cache=tmp_path / "cache")
    assert found.kinds == ("copy", "rules")
    (trained,) = (tmp_path / "cache" / "runs").iterdir()
    ledger = trained / "worker" / "ledger.json"
    written = ledger.stat().st_mtime_ns
    assert _compare("copy", f"mine={recipe}", cache=tmp_path / "cache") == found
    assert ledger.stat().st_mtime_ns == written


def test_a_teacher_for_money_is_not_asked_again(tmp_path: Path) -> None:
    openai = {"model": "m", "base_url": "http://127.0.0.1:9/v1", "api_key_env": None}
    recipe = write_recipe(tmp_path, annotate={"teacher": "openai", "openai": openai})
    with pytest.raises(RecipeError, match="asks for money"):
        _compare("copy", str(recipe), cache=tmp_path)


def test_what_cannot_be_compared_is_said(run: Path, tmp_path: Path) -> None:
    for asked, says in (
        ((), "none is named"),
        (("copy", "copy"), "stands there twice"),
        (("copy",), "no candidate is a run or a recipe"),
    ):
        with pytest.raises(RecipeError, match=says):
            _compare(*asked, cache=tmp_path)
    with pytest.raises(DataError, match="is no baseline"):
        _compare("nobody", cache=tmp_path, pairs=run)
    with pytest.raises(RecipeError, match="chose a document"):
        _compare("copy", cache=tmp_path, pairs=run, scorer="lexicon")
    assert [one.name for one in named(["a=runs/a", "copy"])] == ["a", "copy"]


def _candidate(name: str, worker: Any, seed: int | None = None) -> Candidate:
    record = {} if seed is None else {"seed": seed, "settings": {"held_out": 0.2}}
    return Candidate(name, "edit", worker, record, worker)


def test_workers_of_two_seeds_are_measured_where_both_were_blind() -> None:
    pairs = [
        TrainingPair(f"p{number}", f"text {number}", ("text",), (), "people")
        for number in range(500)
    ]
    one, other = (_candidate(str(seed), CopyWorker(), seed) for seed in (1, 2))
    found = bench(pairs, [], [one, other], is_taught=True, count=1000, seed=1)
    assert 0 < found.unseen < 60
    assert all(part_of(pair.id, seed, 0.2) == "held_out" for pair in found.pairs for seed in (1, 2))
    assert len(found.others) == 500 - found.unseen
    with pytest.raises(DataError, match="none was held out"):
        bench(pairs[:3], [], [one, other], is_taught=True, count=9, seed=1)


class _Loud:
    """Notes that it was asked."""

    hash = ""

    def __init__(self, name: str, calls: list[str]) -> None:
        self.name, self._calls = name, calls

    def rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        self._calls.append(self.name)
        return [Rewrite(one.text, ()) for one in documents]


def test_they_are_timed_in_turns() -> None:
    calls: list[str] = []
    some = [_candidate(name, _Loud(name, calls)) for name in "abc"]
    documents = [Document(str(number), "word " * 10) for number in range(700)]
    taken = turns(some, documents, SHELTER, rounds=3, seconds=0.0, progress=Silence())
    assert "".join(calls) == "abc" + "abc" + "bca" + "cab"
    assert [turn.documents for turn in taken["a"]] == [256, 188, 256]


def test_money_is_of_cpu_time() -> None:
    taken = [Turn(10, 3000.0, 2.0, 1.0), Turn(10, 3000.0, 4.0, 2.0)]
    documents, tokens = rates(taken)
    assert (documents.low, documents.high, tokens.middle) == (2.5, 5.0, 1125.0)
    money = cost(_candidate("a", CopyWorker()), taken, WorkerPrices(2.0))
    assert money is not None and money.low == pytest.approx(2 * 1e9 / 3000 / 3600)


class _Server:
    """Writes what stands in capitals; of every third text nothing that can be read."""

    name, hash = "causal", "1"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def answers(self, documents: Sequence[Document]) -> list[Rewrite | Unusable]:
        with closing(Account(self._folder)) as account:
            for _ in documents:
                call = account.reserve("", 0.0)
                assert call is not None
                usage = Usage(calls=1, prompt_tokens=40, completion_tokens=20)
                account.settle(call, "usable", "", usage, is_free=False)
        return [self._answer(one.text) for one in documents]

    def _answer(self, text: str) -> Rewrite | Unusable:
        if text.endswith(("0", "3", "6", "9")):
            return Unusable("empty", "nothing")
        edits = diff(text, text.upper(), "causal")
        return Rewrite(apply(text, edits), edits)

    def rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        raise AssertionError("a worker that generates is asked for answers")


def test_a_worker_that_writes_may_give_no_answer(tmp_path: Path) -> None:
    pairs = [
        TrainingPair(f"p{number}", f"text {number % 10}", ("TEXT",), (), "people")
        for number in range(30)
    ]
    server = _Server(tmp_path)
    one = Candidate("far", "causal", server, {}, server, bought=tmp_path)
    found = bench(pairs, [], [one], is_taught=False, count=30, seed=1)
    court = Court(load_conduct("default"), Gate(), Protect(), open_scorer("ngram"), None)
    made = marks.marked(one, found, court, tmp_path / "cache", Silence())
    assert sum(mark.is_unanswered for mark in made.marks) == 12
    assert sum(mark.is_changed for mark in made.marks) == 18
    silent = _line_of(made, found, "no answer that can be read")
    assert silent.cells[0].value == wilson(12, 30)


def _line_of(made: marks.Marked, found: Bench, name: str) -> Line:
    return next(one for one in lines([made], found, [], Draws(1, 100)) if one.name == name)


def test_an_endpoint_costs_what_it_counted(tmp_path: Path) -> None:
    server = _Server(tmp_path / "bought" / "causal-1")
    one = Candidate("far", "causal", server, {}, server, bought=tmp_path / "bought")
    documents = [Document(str(number), "x" * 30) for number in range(100)]
    taken = turns([one], documents, SHELTER, rounds=1, seconds=0.0, progress=Silence())
    money = cost(one, taken["far"], WorkerPrices(1.0, 10.0, 20.0))
    # Of each text of 10 tokens: 40 tokens read at 10 a million, 20 written at 20.
    assert money is not None and money.middle == pytest.approx(0.0008 / 10 * 1e9)
    assert cost(one, taken["far"], WorkerPrices(1.0)) is None


_SAYS_WHAT_IT_LOADED = """
import atexit, sys
heavy = ("torch", "transformers", "scipy", "pandas", "daft")
atexit.register(lambda: print([name for name in heavy if name in sys.modules]))
from tahdhib.cli.main import main
main()
"""


def test_a_trained_worker_polishes_without_torch(run: Path, tmp_path: Path) -> None:
    copy = tmp_path / "worker"
    shutil.copytree(run / "worker" / "model", copy)
    text = pairs_of_run(RunFolder(run))[0].source
    for option, folder in (("--run", run), ("--worker", copy)):
        done = subprocess.run(
            [sys.executable, "-c", _SAYS_WHAT_IT_LOADED, "polish", text, option, str(folder)],
            capture_output=True,
            text=True,
            check=True,
        )
        *shown, loaded = done.stdout.splitlines()
        assert loaded == "[]"
        assert "The edit worker changes nothing." in shown or "The gate" in done.stdout


@pytest.fixture
def runner() -> Iterator[CliRunner]:
    yield CliRunner()


def test_the_command_prints_one_table(run: Path, tmp_path: Path, runner: CliRunner) -> None:
    asked = ["worker", "compare", "copy", f"edit={run}", "--cache", str(tmp_path / "cache")]
    brief = ["--repetitions", "50", "--rounds", "1", "--seconds", "0"]
    shown = runner.invoke(app, [*asked, *brief, "--html", str(tmp_path / "table.html")])
    assert shown.exit_code == 0, shown.output
    assert "2 workers on" in shown.output and "a second" in shown.output
    page = (tmp_path / "table.html").read_text(encoding="utf-8")
    assert "Kept unchanged: texts that no teacher changed" in page
    record = json.loads(runner.invoke(app, [*asked, *brief, "--json"]).stdout.splitlines()[-1])
    changed = next(one for one in record["lines"] if one["name"] == "documents changed")
    assert changed["figures"]["copy"]["estimate"] == 0


def test_alone_it_is_the_stage(tmp_path: Path, runner: CliRunner) -> None:
    assert "Missing option '--recipe'" in runner.invoke(app, ["worker"]).output
    recipe = write_recipe(tmp_path)
    asked = ["worker", "-c", str(recipe), "--out", str(tmp_path / "run"), "--dry-run"]
    done = runner.invoke(app, asked)
    assert done.exit_code == 0 and "worker" in done.output
    assert not (tmp_path / "run").exists()
