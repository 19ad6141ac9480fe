"""Which documents are measured: those whose ids hash lowest, whatever shard they lie in."""

import hashlib
from collections.abc import Iterable
from heapq import nsmallest


def draw(ids: Iterable[str], *, count: int, seed: int) -> frozenset[str]:
    """Draw `count` of `ids` at random: a function of the ids and the seed alone."""
    return frozenset(nsmallest(count, ids, key=lambda name: (_place(name, seed), name)))


def _place(name: str, seed: int) -> bytes:
    return hashlib.blake2b(name.encode("utf-8"), digest_size=8, salt=seed.to_bytes(8)).digest()
