"""Choosing between several readings of what the network says of a text.

A reading is a rewrite at one lean: bolder or shyer with all its edits. All readings come from one
look of the network, so that another costs little. Scorers mark them, and the first good one stands.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from tahdhib.records import Rewrite

MINDED, HARMLESS, GOOD = range(3)
"""Marks of a reading, the better one the larger."""

Reading = Callable[[int], Rewrite]
"""The rewrite of the text at a place."""


class Chooser(Protocol):
    """Scorers that mark rewrites."""

    def marks(self, sources: Sequence[str], rewrites: Sequence[str]) -> Sequence[int]:
        """For each source and its rewrite `MINDED`, `HARMLESS` or `GOOD`: harmless, and no less
        fluent than its source."""


class Choice(NamedTuple):
    """Leans to read a text at after the worker's own, in this order, added to it, and what chooses
    between the readings."""

    leans: tuple[float, ...]
    chooser: Chooser


def choose(texts: Sequence[str], readings: Sequence[Reading], chooser: Chooser) -> list[Rewrite]:
    """Of each text the first reading that is good, else the first with the best mark. What is not
    needed is not read."""
    best = [MINDED - 1] * len(texts)
    chosen = [Rewrite(text, ()) for text in texts]
    waiting = list(range(len(texts)))
    for reading in readings:
        if not waiting:
            break
        rewrites = [reading(place) for place in waiting]
        marks = chooser.marks([texts[place] for place in waiting], [one.text for one in rewrites])
        for place, rewrite, mark in zip(waiting, rewrites, marks, strict=True):
            if mark > best[place]:
                best[place], chosen[place] = mark, rewrite
        waiting = [place for place in waiting if best[place] < GOOD]
    return chosen
