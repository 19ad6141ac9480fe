"""A comparison of workers in words: its heading, its lines, its cells."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from tahdhib.compare.compare import Comparison
from tahdhib.compare.speed import Spread
from tahdhib.compare.table import Cell, Line
from tahdhib.records import Interval
from tahdhib.report import words

_NONE = "–"


def heading(found: Comparison) -> str:
    """What was compared on what, in a sentence or two."""
    clean = f", and {words.plural(found.clean, 'text')} given as clean" if found.clean else ""
    return (
        f"{words.plural(len(found.candidates), 'worker')} on {words.plural(found.measured, 'pair')}"
        f" of {words.count(found.unseen)} that none of them learned from{clean}; seed {found.seed}."
    )


def line_name(line: Line) -> str:
    """What a line measures."""
    if line.part == "why":
        return f"refused: {words.lower_first(words.reason(line.name))}"
    if line.part == "keeps":
        return f"kept unchanged: {line.name}"
    return line.name


def cell(line: Line, one: Cell) -> str:
    """A figure with its bounds."""
    value = one.value
    if value is None:
        return _NONE
    if isinstance(value, Spread):
        low, high = words.figure(value.low), words.figure(value.high)
        return f"{words.figure(value.middle)} ({low} to {high})"
    return _interval(line, value) + ("" if one.is_found else " not found")


def _interval(line: Line, value: Interval) -> str:
    return words.share_interval(value) if line.form == "share" else words.interval(value)


def notes(found: Comparison) -> Iterator[str]:
    """What a reader must know of the figures."""
    yield (
        "Brackets: 95 % intervals; means over clusters of near-duplicates "
        f"({words.count(found.repetitions)} repetitions). Everything above “before” is of the "
        "rewrites as they come from the worker, the scores are of what the gate lets through."
    )
    learned = [
        f"{name} {words.count(size)}"
        for name, size in zip(found.candidates, found.parameters, strict=True)
        if size is not None
    ]
    if learned:
        yield f"Parameters: {', '.join(learned)}."
    if found.rounds:
        yield (
            f"Speed: middle of {words.plural(found.rounds, 'round')} (slowest to fastest), in "
            f"turns, {words.plural(found.threads, 'thread')}, without the gate; a token is three "
            f"characters. Money: CPU time at {found.prices.core_hour:g} an hour of a core, at an "
            "endpoint the tokens that it counted, at their prices."
        )
    yield from found.notes


def record(found: Comparison) -> dict[str, Any]:
    """The comparison as one JSON record: a list of measures, each with a figure by candidate."""
    about = asdict(found)
    lines = [
        {
            "part": line.part,
            "name": line.name,
            "figures": {
                name: _figure(one) for name, one in zip(found.candidates, line.cells, strict=True)
            },
        }
        for line in found.lines
    ]
    return {**about, "prices": found.prices._asdict(), "lines": lines}


def _figure(one: Cell) -> dict[str, Any] | None:
    if one.value is None:
        return None
    if isinstance(one.value, Spread):
        return one.value._asdict()
    return {**asdict(one.value), "is_found": one.is_found}
