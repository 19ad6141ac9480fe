"""Who is kept of each cluster, and what everyone else is told.

Documents are told by rank: their place in the order of who is kept rather, so the lowest of a
cluster is kept. The lowest ranks of all are those of known documents, which the corpus is held
against: nothing is decided about them, and whoever hangs together with one goes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from tahdhib.match.components import components
from tahdhib.match.shingles import Overlap

EXACT = "exact_duplicate"
NEAR = "near_duplicate"


class Link(NamedTuple):
    """Why a document hangs on another one: a verified match, or a copy."""

    left: int
    right: int
    overlap: Overlap


class Decision(NamedTuple):
    """A document that goes: its rank, and the row of the drops table."""

    rank: int
    reason: str
    detail: str
    other: str


@dataclass(frozen=True, slots=True)
class Clusters:
    """What was decided, and the figures beside it."""

    decisions: tuple[Decision, ...]
    sizes: Mapping[int, int]
    """How many documents of the corpus hang together, by the rank of the one that is kept."""
    clusters: int
    largest_cluster: int
    chained: int
    """Dropped documents without a match of their own with the one that they are told."""
    longest_chain: int
    """Most matches between a dropped document and the one that it is told."""
    known: int
    """Dropped documents that are told a known one."""

    def figures(self) -> dict[str, int]:
        """The figures alone."""
        return {
            "clusters": self.clusters,
            "largest_cluster": self.largest_cluster,
            "chained": self.chained,
            "longest_chain": self.longest_chain,
            "duplicates_of_known": self.known,
        }


class _Step(NamedTuple):
    """The next document on the way to the one that stays, and how many steps it takes in all."""

    via: int
    overlap: Overlap
    depth: int
    end: int


def decide(
    ids: Sequence[str],
    originals: Sequence[int],
    is_same_text: Sequence[bool],
    matches: Iterable[Link],
    *,
    known_count: int,
) -> Clusters:
    """Keep the lowest of each cluster; `ids`, `originals` and `is_same_text` go by rank.

    A dropped document is told the shortest way to the kept one (to the nearest known one, where
    there is any), and of several the one that starts with its most similar match.
    """
    whole = Overlap(1, 1)
    links = [
        *(Link(original, rank, whole) for rank, original in _copies(originals, known_count)),
        *matches,
    ]
    kept = components((link.left, link.right) for link in links)
    steps = _steps(links, kept, known_count)
    decisions = tuple(
        Decision(
            rank,
            EXACT if is_same_text[rank] else NEAR,
            _detail(ids, steps[rank], originals[rank] != rank, is_same_text[rank]),
            ids[steps[rank].end],
        )
        for rank in sorted(steps)
    )
    sizes = Counter(kept.values())
    return Clusters(
        decisions,
        {rank: size for rank, size in sorted(sizes.items()) if rank >= known_count},
        len(sizes),
        max(sizes.values(), default=0),
        sum(step.depth > 1 for step in steps.values()),
        max((step.depth for step in steps.values()), default=0),
        sum(step.end < known_count for step in steps.values()),
    )


def _copies(originals: Sequence[int], known_count: int) -> Iterator[tuple[int, int]]:
    own = enumerate(islice(originals, known_count, None), known_count)
    return ((rank, original) for rank, original in own if original != rank)


def _steps(links: Sequence[Link], kept: dict[int, int], known_count: int) -> dict[int, _Step]:
    """The first step of everyone who goes, found level by level from those who stay."""
    around: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        around[link.left].append(link)
        around[link.right].append(link)
    ends = {rank: rank for rank, root in kept.items() if rank == root or rank < known_count}
    steps: dict[int, _Step] = {}
    level = sorted(ends)
    depth = 0
    while level:
        depth += 1
        found: dict[int, _Step] = {}
        for via in level:
            end = ends[via]
            for link in around[via]:
                rank = link.right if link.left == via else link.left
                if rank in ends:
                    continue
                known = found.get(rank)
                if known is None or link.overlap.jaccard > known.overlap.jaccard:
                    found[rank] = _Step(via, link.overlap, depth, end)
        steps |= found
        ends |= {rank: step.end for rank, step in found.items()}
        level = sorted(found)
    return steps


def _detail(ids: Sequence[str], step: _Step, is_copy: bool, is_same_text: bool) -> str:
    said = f"jaccard={_two_digits(step.overlap)}"
    if is_copy:
        said += " (same text)" if is_same_text else " (same words)"
    return said if step.depth == 1 else f"{said} with {ids[step.via]}, which was dropped itself"


def _two_digits(overlap: Overlap) -> str:
    """The similarity cut, not rounded, to two digits: 1.00 is said only of equals."""
    hundredths = overlap.shared * 100 // overlap.total
    return f"{hundredths // 100}.{hundredths % 100:02d}"
