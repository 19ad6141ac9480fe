"""Random choices that are functions of ids: independent of order, shards and processes.

Every choice names its *purpose*. Two choices that hashed the same would not be independent: the
documents that annotate draws for the teacher would then be the very ones that the worker holds
out, and it would have nothing to train on (which happened, see docs/log.md).
"""

import hashlib
import heapq
from collections.abc import Iterable
from dataclasses import dataclass


def rank(purpose: str, seed: int, identity: str) -> int:
    """Place of `identity` in the order in which `purpose` draws: uniform in [0, 2**64)."""
    key = f"{purpose}:{seed}:{identity}".encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big")


def share(purpose: str, seed: int, identity: str) -> float:
    """The same place as a number in [0, 1)."""
    return rank(purpose, seed, identity) / 2**64


@dataclass(frozen=True, slots=True)
class Draw:
    """A sample, told by its last member: small enough to hand to any process."""

    purpose: str
    seed: int
    last: tuple[int, str] | None

    def holds(self, identity: str) -> bool:
        """Whether `identity` was drawn."""
        if self.last is None:
            return False
        return (rank(self.purpose, self.seed, identity), identity) <= self.last


def draw(ids: Iterable[str], *, purpose: str, seed: int, count: int) -> Draw:
    """Draw `count` of the ids (all where there are fewer), in memory for `count` of them.

    A larger draw holds every smaller one, so what was paid for a small sample stays useful.
    """
    places = ((rank(purpose, seed, identity), identity) for identity in ids)
    lowest = heapq.nsmallest(count, places)
    return Draw(purpose, seed, lowest[-1] if lowest else None)
