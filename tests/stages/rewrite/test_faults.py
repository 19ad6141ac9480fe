"""A worker that crashes, hangs, is killed or answers rubbish costs only its documents' try."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tahdhib.errors import TahdhibError
from tahdhib.processes.apart import Opened
from tahdhib.stages.contract import Workplace
from tahdhib.stages.rewrite import stage
from tahdhib.store.ledger import Ledger
from tahdhib.store.schemas import DOCUMENTS
from tahdhib.store.shards import read_rows, write_rows
from tests.stages.rewrite.faulty import FAULTS, open_broken, open_faulty, open_miscounting
from tests.stages.workplaces import workplace

SOUND = 40


def place_with(root: Path, texts: dict[str, str], **rewrite: Any) -> Workplace:
    """A workplace whose one bucket holds `texts` by id."""
    recipe = {
        "name": "faults",
        "processes": 1,
        "ingest": {"paths": ["."], "buckets": 1},
        "rewrite": rewrite,
    }
    place = workplace(root, "rewrite", recipe)
    rows = [{"id": name, "text": texts[name], "metadata": "{}"} for name in sorted(texts)]
    write_rows(place.run.stage("dedup").shard("documents", 0), rows, DOCUMENTS)
    return place


def texts_with(*faults: str) -> dict[str, str]:
    """Sound texts, every other one with two spaces too close, and a faulty one among them each."""
    texts = {f"{number:03}": f"word {number}{'  ' * (number % 2)}" for number in range(SOUND)}
    return texts | {f"{7 * at:03}-{fault}": f"{fault}: text" for at, fault in enumerate(faults)}


def opened_by(monkeypatch: pytest.MonkeyPatch, **openers: Callable[[], Opened]) -> None:
    """Let workers of a kind be opened by these."""
    real = stage.opener

    def opener(*told: Any) -> Callable[[], Any]:
        return openers.get(told[-1]) or real(*told)

    monkeypatch.setattr(stage, "opener", opener)


def documents(place: Workplace) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in read_rows(place.here.shard("documents", 0))}


def test_each_fault_costs_its_document_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_by(monkeypatch, edit=open_faulty)
    place = place_with(tmp_path, texts_with(*FAULTS), patience_seconds=2)
    account = stage.work(place)
    rows = documents(place)
    faulty = {row["id"]: row for row in rows.values() if "-" in row["id"]}
    assert {name.split("-")[1]: row["reasons"] for name, row in faulty.items()} == {
        fault: [f"worker:{kind}"] for fault, kind in FAULTS.items()
    }
    assert {row["state"] for row in faulty.values()} == {"kept"}
    states = [row["state"] for name, row in rows.items() if name not in faulty]
    assert (states.count("rewritten"), states.count("untouched")) == (SOUND // 2, SOUND // 2)
    assert account.notes["faults"] == len(FAULTS)
    details = {row["id"]: row["detail"] for row in read_rows(place.here.shard("faults", 0))}
    assert "as it was told" in details["000-raise"]


def test_the_next_worker_is_asked_about_what_the_first_gave_no_answer_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_by(monkeypatch, edit=open_faulty)
    ladder = ["edit", "copy"]
    place = place_with(tmp_path, texts_with("die", "nothing"), ladder=ladder, patience_seconds=2)
    account = stage.work(place)
    ways = [row["way"] for name, row in documents(place).items() if "-" in name]
    assert ways == [["edit:crashed", "copy:nothing"], ["edit:rubbish", "copy:nothing"]]
    assert account.came_in == account.went_out == SOUND + 2


def test_a_wrong_count_of_answers_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_by(monkeypatch, edit=open_miscounting)
    place = place_with(tmp_path, texts_with())
    account = stage.work(place)
    assert (account.notes["rewritten"], account.notes["faults"]) == (SOUND // 2, 0)


@pytest.mark.parametrize("count", [3, pytest.param(SOUND, marks=pytest.mark.slow)])
def test_a_worker_that_answers_nothing_ends_the_run_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    opened_by(monkeypatch, edit=open_broken)
    texts = dict(list(texts_with().items())[:count])
    place = place_with(tmp_path, texts)
    with pytest.raises(TahdhibError, match="no such layer"):
        stage.work(place)
    opened_by(monkeypatch, edit=open_faulty)
    assert stage.work(place).came_in == count, "the same run goes on with a worker that answers"


def tables(place: Workplace) -> dict[str, Any]:
    return {
        name: read_rows(place.here.shard(name, 0))
        for name in ("documents", "drops", "refusals", "faults")
    }


def test_a_worker_killed_at_any_moment_leaves_the_rows_of_an_undisturbed_run(
    tmp_path: Path,
) -> None:
    """The real rules in their process, which is killed again and again from outside."""
    texts = {f"{n:04}": f"خـــبر {n}  مهم جدااااا اليوم {n}" for n in range(1500)}
    place = place_with(tmp_path / "calm", texts, ladder=["rules"])
    stage.work(place)
    calm = tables(place)
    place = place_with(tmp_path / "killed", texts, ladder=["rules"])
    done, kills = threading.Event(), 0
    dice = random.Random(11)

    def kill() -> None:
        nonlocal kills
        while not done.wait(dice.uniform(1.0, 2.5)) and kills < 2:
            for process in psutil.Process().children():
                if "processes.apart" in " ".join(process.cmdline()):
                    os.kill(process.pid, signal.SIGKILL)
                    kills += 1

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        ledger: Ledger = _slowed(place)
    finally:
        done.set()
        killer.join()
    assert kills
    assert tables(place) == calm
    assert ledger.notes["faults"] == 0


def _slowed(place: Workplace) -> Ledger:
    """The stage's work, in chunks that leave time to be killed between them."""
    real = stage.tick

    def tick(*counts: int) -> None:
        real(*counts)
        time.sleep(1)

    stage.tick = tick  # type: ignore[assignment]
    try:
        return stage.work(place)
    finally:
        stage.tick = real
