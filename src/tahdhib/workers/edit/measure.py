"""How often a worker makes its teachers' edits: precision and recall by exact edit.

An edit is right when the teacher made the same one: both rewrites are read against the source
with the same diff, so the span and the new text are compared and not how either came about.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from tahdhib.records import Interval
from tahdhib.stats.intervals import wilson
from tahdhib.text.edits import diff


class Tally(NamedTuple):
    """Edits made, edits the teacher made, and those that are both."""

    right: int
    made: int
    wanted: int


class Figures(NamedTuple):
    """Precision and recall over `pairs` pairs; None where there is nothing to divide by."""

    pairs: int
    tally: Tally
    precision: Interval | None
    recall: Interval | None


def tally(source: str, rewrite: str, references: Sequence[str]) -> Tally:
    """Compare with the reference that shares most edits; among equals, the one with fewest."""
    made = _edits(source, rewrite)
    wanted = [_edits(source, reference) for reference in references]
    nearest = max(wanted, key=lambda edits: (len(edits & made), -len(edits)))
    return Tally(len(nearest & made), len(made), len(nearest))


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum."""
    right = made = wanted = 0
    for one in tallies:
        right, made, wanted = right + one.right, made + one.made, wanted + one.wanted
    return Tally(right, made, wanted)


def figures(tallies: Sequence[Tally]) -> Figures:
    """Precision and recall with Wilson intervals, each edit counted as one trial."""
    summed = total(tallies)
    return Figures(
        pairs=len(tallies),
        tally=summed,
        precision=wilson(summed.right, summed.made) if summed.made else None,
        recall=wilson(summed.right, summed.wanted) if summed.wanted else None,
    )


@lru_cache(maxsize=4096)
def _edits(source: str, rewrite: str) -> frozenset[tuple[int, int, str]]:
    """The edits between two texts; kept, since one reference is held against many rewrites."""
    return frozenset((edit.start, edit.end, edit.new) for edit in diff(source, rewrite, ""))
