"""Progress on a terminal (bars) or into a log (plain lines), with rate and remaining time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Task as BarTask
from rich.text import Text

from tahdhib.progress import Task

_LINE_SECONDS = 10.0
"""A log gets a line no more often than this."""
_QUIET_SECONDS = 2.0
"""Work shorter than this leaves no line in a log."""


class Bars:
    """Bars for people at a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def task(self, label: str, total: int | None, unit: str) -> Iterator[Task]:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            _Amount(unit),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console, transient=False) as bars:
            bar = bars.add_task(label, total=total)
            yield _Bar(bars, bar)

    def say(self, line: str) -> None:
        self._console.print(line, highlight=False, markup=False)


class _Bar:
    def __init__(self, bars: Progress, bar: object) -> None:
        self._bars, self._bar = bars, bar

    def advance(self, count: int = 1) -> None:
        self._bars.advance(self._bar, count)  # type: ignore[arg-type]  # rich's TaskID

    def note(self, remark: str) -> None:
        self._bars.update(self._bar, remark=remark)  # type: ignore[arg-type]  # rich's TaskID


class _Amount(TextColumn):
    """How much is done, how fast, and how long it will take."""

    def __init__(self, unit: str) -> None:
        super().__init__("")
        self._unit = unit

    def render(self, task: BarTask) -> Text:
        seconds = task.finished_time or task.elapsed
        remark = task.fields.get("remark", "")
        return Text(with_remark(status(task.completed, task.total, seconds, self._unit), remark))


class Lines:
    """Plain lines for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def task(self, label: str, total: int | None, unit: str) -> Iterator[Task]:
        line = _Line(self, label, total, unit)
        yield line
        line.close()

    def say(self, line: str) -> None:
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)


class _Line:
    def __init__(self, lines: Lines, label: str, total: int | None, unit: str) -> None:
        self._lines, self._label, self._total, self._unit = lines, label, total, unit
        self._done, self._remark = 0, ""
        self._start = self._last = time.monotonic()

    def advance(self, count: int = 1) -> None:
        self._done += count
        now = time.monotonic()
        if now - self._last >= _LINE_SECONDS:
            self._last = now
            self._say(now)

    def note(self, remark: str) -> None:
        self._remark = remark

    def close(self) -> None:
        now = time.monotonic()
        if now - self._start >= _QUIET_SECONDS:
            self._say(now)

    def _say(self, now: float) -> None:
        text = status(self._done, self._total, now - self._start, self._unit)
        self._lines.say(f"{self._label}: {with_remark(text, self._remark)}")


def with_remark(text: str, remark: str) -> str:
    """`text` and what else is to be known, if anything is."""
    return f"{text} · {remark}" if remark else text


def status(done: float, total: float | None, seconds: float | None, unit: str) -> str:
    """`1,200 of 5,000 documents · 640/s · 6 s left`."""
    amount = _amount(done, unit) if total is None else f"{_amount(done, unit, total)}"
    if not seconds or not done:
        return amount
    rate = done / seconds
    speed = f"{decimal(int(rate))}/s" if unit == "bytes" else f"{rate:,.0f}/s"
    if total is None or done >= total:
        return f"{amount} · {speed} · {_duration(seconds)}"
    return f"{amount} · {speed} · {_duration((total - done) / rate)} left"


def _amount(done: float, unit: str, total: float | None = None) -> str:
    if unit == "bytes":
        return (
            decimal(int(done))
            if total is None
            else f"{decimal(int(done))} of {decimal(int(total))}"
        )
    of = "" if total is None else f" of {total:,.0f}"
    return f"{done:,.0f}{of} {unit}"


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def progress_on(console: Console) -> Bars | Lines:
    """Bars where `console` is a terminal, plain lines elsewhere."""
    return Bars(console) if console.is_terminal else Lines(console)
