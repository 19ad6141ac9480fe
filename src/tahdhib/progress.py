"""How long work says that it is alive, without knowing who listens.

Stages speak to `Progress`; the command line listens with bars or plain lines, a library
user with nothing at all.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Task(Protocol):
    """One counted piece of work."""

    def advance(self, count: int = 1) -> None:
        """Say that `count` more units are done."""

    def note(self, remark: str) -> None:
        """Say what else is to be known of it, in place of what was said before."""


class Progress(Protocol):
    """Whoever shows progress."""

    def task(self, label: str, total: int | None, unit: str) -> AbstractContextManager[Task]:
        """Open a piece of work of `total` units (None: unknown) for a `with` block."""

    def say(self, line: str) -> None:
        """Print one line of news above the bars."""


class _SilentTask:
    def advance(self, count: int = 1) -> None:
        pass

    def note(self, remark: str) -> None:
        pass


class Silence:
    """Progress for those who want none."""

    @contextmanager
    def task(self, label: str, total: int | None, unit: str) -> Iterator[Task]:
        yield _SilentTask()

    def say(self, line: str) -> None:
        pass
