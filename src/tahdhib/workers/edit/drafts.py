"""Several drafts of a rewrite, and the choice between them.

A draft is the rewrite at one lean: bolder or shyer with all its edits. All drafts come from one
look of the network, so that another costs little. Scorers mark them, and the first good one stands.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from tahdhib.records import Rewrite

MINDED, HARMLESS, GOOD = range(3)
"""Marks of a draft, the better one the larger."""

Draft = Callable[[int], Rewrite]
"""The rewrite of the text at a place."""


class Chooser(Protocol):
    """Scorers that mark rewrites."""

    def marks(self, sources: Sequence[str], rewrites: Sequence[str]) -> Sequence[int]:
        """For each source and its rewrite `MINDED`, `HARMLESS` or `GOOD`: harmless, and no less
        fluent than its source."""


class Choice(NamedTuple):
    """Leans of further drafts, in this order, added to the worker's own, and what chooses; `hash`
    stands for all that it depends on."""

    leans: tuple[float, ...]
    chooser: Chooser
    hash: str


def choose(texts: Sequence[str], drafts: Sequence[Draft], chooser: Chooser) -> list[Rewrite]:
    """Of each text the first draft that is good, else the first with the best mark. What is not
    needed is not made."""
    best = [MINDED - 1] * len(texts)
    chosen = [Rewrite(text, ()) for text in texts]
    waiting = list(range(len(texts)))
    for draft in drafts:
        if not waiting:
            break
        rewrites = [draft(place) for place in waiting]
        marks = chooser.marks([texts[place] for place in waiting], [one.text for one in rewrites])
        for place, rewrite, mark in zip(waiting, rewrites, marks, strict=True):
            if mark > best[place]:
                best[place], chosen[place] = mark, rewrite
        waiting = [place for place in waiting if best[place] < GOOD]
    return chosen
