"""Fixtures that every test may use: the real data, where it is, and small inputs."""

import json
import signal
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tahdhib.conduct.conduct import Conduct, Rule
from tahdhib.config.environment import is_data_required
from tahdhib.config.environment import shared_data as shared_folder

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", print_blob=True, deadline=None)
# `make test` asks the same questions every time, so that it never fails for what nobody changed;
# `make explore` asks new ones. No test fails because a machine is busy.


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets; a test that asks for it skips where it is absent."""
    folder = shared_folder()
    if not folder.is_dir():
        message = f"no real data at {folder}; set TAHDHIB_SHARED to the folder that holds data/"
        if is_data_required():
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture
def no_hang() -> Iterator[None]:
    """Fail a test that goes on for a minute: a guard against runaway patterns, not a timing."""

    def give_up(_signal: int, _frame: object) -> None:
        pytest.fail("still at work after 60 seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def write_jsonl(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes records as JSON lines and returns the file."""

    def write(records: Iterable[Any], name: str = "input.jsonl") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        return path

    return write


def _rule(identity: str, action: str, english: str, arabic: str, matcher: str | None) -> Rule:
    wording = {"en": english, "ar": arabic}
    return Rule(identity, "format", action, 1, wording, matcher)  # type: ignore[arg-type]


@pytest.fixture
def conduct() -> Conduct:
    """A conduct of three rules: one with a matcher, one that keeps, one that drops."""
    return Conduct(
        name="small",
        version="1",
        languages=("ar", "en"),
        principles={
            "format": {"en": "Text is clean.", "ar": "النص نظيف."},
            "keep": {"en": "Knowledge is kept."},
        },
        rules=(
            _rule("tatweel", "fix", "No stretched\n words.", "لا كلمات ممطوطة.", "tatweel"),
            _rule("quotes", "keep", "Quotations stay.", "تبقى الاقتباسات.", None),
            _rule("spam", "drop", "Nothing but spam.", "رسائل مزعجة فقط.", None),
        ),
        hash="c0ffee",
    )
