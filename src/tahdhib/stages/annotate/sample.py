"""Which documents the teacher sees: those whose seeded hash is lowest.

The hash looks at the seed and the document's id alone, so the sample is the same for any number
of shards and processes, and a larger sample holds every smaller one: what was paid for stays
useful.
"""

import hashlib
import heapq
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draw:
    """A sample, told by its last member: small enough to hand to any process."""

    seed: int
    last: tuple[int, str] | None

    def holds(self, document_id: str) -> bool:
        """Whether the document was drawn."""
        return self.last is not None and (rank(document_id, self.seed), document_id) <= self.last


def draw(ids: Iterable[str], *, seed: int, count: int) -> Draw:
    """Draw `count` of the ids (all where there are fewer), in memory for `count` of them."""
    lowest = heapq.nsmallest(count, ((rank(identity, seed), identity) for identity in ids))
    return Draw(seed, lowest[-1] if lowest else None)


def rank(document_id: str, seed: int) -> int:
    """Place of a document in the order in which samples are drawn."""
    digest = hashlib.blake2b(f"{seed}:{document_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")
