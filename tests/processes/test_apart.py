"""A function in a process of its own: it may die in any way, and the next question is answered."""

import os
import signal
import subprocess
import sys
import time
from functools import partial

import psutil
import pytest

from tahdhib.errors import DataError, TahdhibError
from tahdhib.processes.apart import Apart, Fault, Opened


def open_ways(greeting: str) -> Opened:
    return Opened(partial(_ways, greeting), about=os.getpid())


def _ways(greeting: str, question: str) -> object:
    match question:
        case "raise":
            raise RuntimeError("as it was told")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            os._exit(7)
        case "sleep":
            time.sleep(600)
        case "unpicklable":
            return lambda: None
        case "process":
            return os.getpid()
    return f"{greeting} {question}"


def open_nothing() -> Opened:
    raise DataError("weights.bin: is not there. Train it first.")


def open_and_die() -> Opened:
    os._exit(3)


@pytest.mark.parametrize(
    ("question", "kind", "detail"),
    [
        ("raise", "crashed", "RuntimeError: as it was told"),
        ("die", "crashed", "signal 9"),
        ("exit", "crashed", "exit code 7"),
        ("unpicklable", "crashed", "exit code 1"),
        ("sleep", "hung", "no answer after 1 s"),
    ],
)
def test_whatever_becomes_of_it_costs_one_answer(question: str, kind: str, detail: str) -> None:
    apart = Apart(partial(open_ways, "good"))
    try:
        fault = apart.ask(question, 1 if question == "sleep" else 60)
        assert isinstance(fault, Fault)
        assert (fault.kind, detail in fault.detail) == (kind, True), fault.detail
        assert apart.ask("day", 60) == "good day"
    finally:
        apart.close()


def test_a_process_stays_for_many_questions_and_is_left_after_three_errors() -> None:
    apart = Apart(partial(open_ways, "good"))
    try:
        first = apart.about()
        assert apart.ask("process", 60) == first
        apart.ask("raise", 60)
        assert apart.ask("process", 60) == first, "one error is no reason to start anew"
        for _ in range(3):
            apart.ask("raise", 60)
        assert apart.ask("process", 60) != first
    finally:
        apart.close()
    assert not psutil.pid_exists(first)


def test_a_killed_process_is_started_again() -> None:
    apart = Apart(partial(open_ways, "good"))
    try:
        os.kill(apart.about(), signal.SIGKILL)
        assert isinstance(apart.ask("day", 60), Fault)
        assert apart.ask("day", 60) == "good day"
    finally:
        apart.close()


def test_a_long_question_to_a_stopped_process_ends_too() -> None:
    apart = Apart(partial(open_ways, "good"))
    try:
        os.kill(apart.about(), signal.SIGSTOP)
        fault = apart.ask("x" * 10_000_000, 1)
        assert isinstance(fault, Fault) and fault.kind == "hung"
    finally:
        apart.close()


def test_what_cannot_be_opened_says_why() -> None:
    with pytest.raises(DataError, match="Train it first"):
        Apart(open_nothing).about()
    with pytest.raises(TahdhibError, match="exit code 3"):
        Apart(open_and_die).ask("day", 60)


ASKING = """
import time
from functools import partial
from tahdhib.processes.apart import Apart
from tests.processes.test_apart import open_ways
apart = Apart(partial(open_ways, "good"))
print(apart.about(), flush=True)
time.sleep(600)
"""


def test_it_does_not_outlive_who_asked() -> None:
    asker = subprocess.Popen([sys.executable, "-c", ASKING], stdout=subprocess.PIPE, text=True)
    assert asker.stdout is not None
    apart = psutil.Process(int(asker.stdout.readline()))
    asker.kill()
    asker.wait()
    asker.stdout.close()
    gone, _ = psutil.wait_procs([apart], timeout=30)
    assert gone or apart.status() == psutil.STATUS_ZOMBIE
