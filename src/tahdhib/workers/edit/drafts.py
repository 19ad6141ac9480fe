"""Several drafts of a rewrite, and the choice between them.

A draft is the rewrite at one lean: bolder or shyer with all its edits. All drafts come from one
look of the network, so that another costs little. The gate and scorers mark them, and the first
good one stands.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from tahdhib.records import Rewrite

REFUSED, MINDED, HARMLESS, GOOD = range(4)
"""Marks of a draft, the better one the larger."""

Draft = Callable[[int], Rewrite]
"""The rewrite of the text at a place."""


class Chooser(Protocol):
    """What marks rewrites: the gate, and scorers."""

    def marks(self, sources: Sequence[str], rewrites: Sequence[Rewrite]) -> Sequence[int]:
        """For each source and its rewrite: `REFUSED` by the gate, `MINDED` by a scorer of harm,
        `HARMLESS`, or `GOOD`, which is harmless and no less fluent than its source."""


class Choice(NamedTuple):
    """Leans of further drafts, in this order, added to the worker's own, and what chooses; `hash`
    stands for what it depends on beside the lists of what is protected."""

    leans: tuple[float, ...]
    chooser: Chooser
    hash: str


def choose(texts: Sequence[str], drafts: Sequence[Draft], chooser: Chooser) -> list[Rewrite]:
    """Of each text the first draft that is good, else the first with the best mark. What is not
    needed is not made, and what comes out as an earlier draft did is not marked again."""
    best = [REFUSED - 1] * len(texts)
    chosen = [Rewrite(text, ()) for text in texts]
    seen: list[set[Rewrite]] = [set() for _ in texts]
    waiting = list(range(len(texts)))
    for draft in drafts:
        made = {place: draft(place) for place in waiting}
        new = {place: rewrite for place, rewrite in made.items() if rewrite not in seen[place]}
        if not new:
            continue
        marks = chooser.marks([texts[place] for place in new], list(new.values()))
        for (place, rewrite), mark in zip(new.items(), marks, strict=True):
            seen[place].add(rewrite)
            if mark > best[place]:
                best[place], chosen[place] = mark, rewrite
        waiting = [place for place in waiting if best[place] < GOOD]
    return chosen
