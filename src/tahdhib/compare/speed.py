"""How fast candidates are, and what a billion tokens cost: in one run, turn by turn, so that what
else the machine does falls on all of them alike."""

import statistics
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tahdhib.compare.candidates import Candidate
from tahdhib.compare.marks import PASSAGE_CHARACTERS
from tahdhib.estimate import CHARACTERS_PER_TOKEN
from tahdhib.llm.account import FILE as ACCOUNT
from tahdhib.llm.account import Prices as TokenPrices
from tahdhib.llm.account import counted
from tahdhib.polish import ask
from tahdhib.progress import Progress
from tahdhib.protect.shelter import Shelter
from tahdhib.records import Document

_AT_ONCE = 256
_AT_ONCE_GENERATING = 64
_BILLION = 1e9


class Turn(NamedTuple):
    """What one candidate did in one round, in how many seconds by the clock and of this process's
    CPU time."""

    documents: int
    tokens: float
    seconds: float
    cpu_seconds: float


class Spread(NamedTuple):
    """The middle of the rounds, and the slowest and fastest (cheapest and dearest) of them."""

    middle: float
    low: float
    high: float
    rounds: int


class Prices(NamedTuple):
    """What money is reckoned with, in any currency: for an hour of a core, and for a million tokens
    that an endpoint reads and writes (None: not stated)."""

    core_hour: float
    million_read: float | None = None
    million_written: float | None = None


def turns(
    candidates: Sequence[Candidate],
    documents: Sequence[Document],
    shelter: Shelter,
    *,
    rounds: int,
    seconds: float,
    progress: Progress,
) -> Mapping[str, tuple[Turn, ...]]:
    """In each of `rounds` every candidate rewrites for about `seconds`, each time in another
    order. A turn before the first does not count; an endpoint, which would be paid for it, has
    none."""
    queues = {one.name: _Queue(documents, _size(one)) for one in candidates}
    found: dict[str, list[Turn]] = {one.name: [] for one in candidates}
    with progress.task("speed", rounds * len(candidates), "turns") as task:
        for one in candidates:
            if one.bought is None:
                _turn(one, queues[one.name], shelter, 0.0)
        for number in range(rounds):
            start = number % len(candidates)
            for one in (*candidates[start:], *candidates[:start]):
                found[one.name].append(_turn(one, queues[one.name], shelter, seconds))
                task.advance()
    return {name: tuple(taken) for name, taken in found.items()}


class _Queue:
    """Documents in an endless row, so many at a time."""

    def __init__(self, documents: Sequence[Document], size: int) -> None:
        self._documents, self._size, self._next = documents, size, 0

    def take(self) -> Sequence[Document]:
        taken = self._documents[self._next : self._next + self._size]
        self._next += self._size
        if self._next >= len(self._documents):
            self._next = 0
        return taken


def _size(candidate: Candidate) -> int:
    return _AT_ONCE_GENERATING if candidate.is_generating else _AT_ONCE


def _turn(candidate: Candidate, queue: _Queue, shelter: Shelter, seconds: float) -> Turn:
    documents, characters = 0, 0
    start, cpu_start = time.perf_counter(), time.process_time()
    while True:
        taken = queue.take()
        ask(candidate.timed, taken, shelter, PASSAGE_CHARACTERS)
        documents += len(taken)
        characters += sum(len(one.text) for one in taken)
        spent = time.perf_counter() - start
        if spent >= seconds:
            cpu_spent = time.process_time() - cpu_start
            return Turn(documents, characters / CHARACTERS_PER_TOKEN, spent, cpu_spent)


def rates(taken: Sequence[Turn]) -> tuple[Spread, Spread]:
    """Documents and tokens a second, by the clock."""
    documents = [one.documents / one.seconds for one in taken]
    return _spread(documents), _spread([one.tokens / one.seconds for one in taken])


def cost(candidate: Candidate, taken: Sequence[Turn], prices: Prices) -> Spread | None:
    """What rewriting a billion tokens costs: on cores by the CPU time that it took, at an endpoint
    by the tokens that it counted; None where its prices are not stated."""
    if candidate.bought is None:
        hours = [one.cpu_seconds / 3600 / one.tokens * _BILLION for one in taken]
        return _spread([prices.core_hour * one for one in hours])
    if prices.million_read is None or prices.million_written is None:
        return None
    per_token = TokenPrices(prices.million_read, prices.million_written)
    found = [counted(file.parent) for file in sorted(candidate.bought.rglob(ACCOUNT))]
    money = sum(per_token.of(one.read, one.written) for one in found)
    return _spread([money / sum(one.tokens for one in taken) * _BILLION])


def _spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values), len(values))
