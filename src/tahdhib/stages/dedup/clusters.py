"""Who is kept of each cluster, and what everyone else is told.

Documents are told by rank: their place in the order of ids, so the lowest of a cluster is kept.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
    clusters: int
    largest_cluster: int
    chained: int
    """Dropped documents without a match of their own with the one that is kept."""
    longest_chain: int
    """Most matches between a dropped document and the one that is kept."""

    def figures(self) -> dict[str, int]:
        """The figures alone."""
        return {
            "clusters": self.clusters,
            "largest_cluster": self.largest_cluster,
            "chained": self.chained,
            "longest_chain": self.longest_chain,
        }


class _Step(NamedTuple):
    """The next document on the way to the kept one, and how many steps it takes in all."""

    via: int
    overlap: Overlap
    depth: int


def decide(
    ids: Sequence[str],
    originals: Sequence[int],
    is_same_text: Sequence[bool],
    matches: Iterable[Link],
) -> Clusters:
    """Keep the lowest of each cluster; `ids`, `originals` and `is_same_text` go by rank.

    A dropped document is told the shortest way to the kept one, and of several the one that starts
    with its most similar match.
    """
    whole = Overlap(1, 1)
    links = [
        *(Link(original, rank, whole) for rank, original in _copies(originals)),
        *matches,
    ]
    kept = components((link.left, link.right) for link in links)
    steps = _steps(links, kept)
    decisions = tuple(
        Decision(
            rank,
            EXACT if is_same_text[rank] else NEAR,
            _detail(ids, steps[rank], originals[rank] != rank, is_same_text[rank], kept[rank]),
            ids[kept[rank]],
        )
        for rank in sorted(steps)
    )
    sizes = Counter(kept.values())
    return Clusters(
        decisions,
        len(sizes),
        max(sizes.values(), default=0),
        sum(step.via != kept[rank] for rank, step in steps.items()),
        max((step.depth for step in steps.values()), default=0),
    )


def _copies(originals: Sequence[int]) -> Iterator[tuple[int, int]]:
    return ((rank, original) for rank, original in enumerate(originals) if original != rank)


def _steps(links: Sequence[Link], kept: dict[int, int]) -> dict[int, _Step]:
    """The first step of everyone who is not kept, found level by level from those who are."""
    around: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        around[link.left].append(link)
        around[link.right].append(link)
    steps: dict[int, _Step] = {}
    level = sorted(set(kept.values()))
    depth = 0
    while level:
        depth += 1
        found: dict[int, _Step] = {}
        for via in level:
            for link in around[via]:
                rank = link.right if link.left == via else link.left
                if rank == kept[rank] or rank in steps:
                    continue
                known = found.get(rank)
                if known is None or link.overlap.jaccard > known.overlap.jaccard:
                    found[rank] = _Step(via, link.overlap, depth)
        steps |= found
        level = sorted(found)
    return steps


def _detail(ids: Sequence[str], step: _Step, is_copy: bool, is_same_text: bool, kept: int) -> str:
    said = f"jaccard={_two_digits(step.overlap)}"
    if is_copy:
        said += " (same text)" if is_same_text else " (same words)"
    return said if step.via == kept else f"{said} with {ids[step.via]}, which was dropped itself"


def _two_digits(overlap: Overlap) -> str:
    """The similarity cut, not rounded, to two digits: 1.00 is said only of equals."""
    hundredths = overlap.shared * 100 // overlap.total
    return f"{hundredths // 100}.{hundredths % 100:02d}"
