"""The one table of a comparison: a line for each measure, a cell for each candidate."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.compare.bench import Bench
from tahdhib.compare.marks import Mark, Marked
from tahdhib.compare.speed import Spread
from tahdhib.records import Interval
from tahdhib.stages.audit.groups import clusters
from tahdhib.stages.audit.measure import near_duplicate_keys
from tahdhib.stats.intervals import bootstrap_mean, paired_difference, wilson
from tahdhib.workers.edit.measure import total

Part = Literal["changes", "keeps", "breaks", "why", "after the gate", "speed"]
Form = Literal["share", "number", "change"]
Marks = Sequence[Sequence[Mark]]
"""Of each candidate, the mark of each measured document."""


class Cell(NamedTuple):
    """A figure: an interval, or how it spread over rounds; None where there is none. `is_found`
    tells of a change whether it is more than nothing."""

    value: Interval | Spread | None
    is_found: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """One measure of all candidates, in their order; in the part `why` its name is the code of a
    reason to refuse."""

    part: Part
    name: str
    form: Form
    cells: tuple[Cell, ...]


class Score(NamedTuple):
    """A score of the sources, and of what each candidate leaves of them; it is at most `most`."""

    name: str
    most: float
    before: Sequence[float]
    after: Sequence[Sequence[float]]


class Draws(NamedTuple):
    """How intervals of means are drawn."""

    seed: int
    repetitions: int


def lines(
    found: Sequence[Marked], bench: Bench, scores: Sequence[Score], draws: Draws
) -> Iterator[Line]:
    """The lines that marks and scores tell."""
    marks = [one.marks for one in found]
    over = _clusters(bench)
    wants = np.array([any(text != one.source for text in one.rewrites) for one in bench.pairs])
    yield _shares("changes", "documents changed", marks, lambda one: one.is_changed)
    if any(one.is_dropped for own in marks for one in own):
        yield _shares("changes", "documents dropped", marks, lambda one: one.is_dropped)
    yield from _edits(marks)
    if wants.any():
        yield from _likeness(marks, wants, over, draws)
    yield from _kept(found, wants)
    if any(one.is_unanswered for own in marks for one in own):
        yield _shares("breaks", "no answer that can be read", marks, lambda one: one.is_unanswered)
    yield from _refused(marks)
    for score in scores:
        yield from _score(score, over, draws)


def _clusters(bench: Bench) -> list[int]:
    """Which measured documents are nearly the same, so that they count as one in intervals."""
    keys = near_duplicate_keys([pair.source for pair in bench.pairs])
    own: list[int] = clusters([[] for _ in bench.pairs], keys).fine.tolist()
    return own


def _shares(part: Part, name: str, marks: Marks, is_so: Callable[[Mark], bool]) -> Line:
    return _counted(part, name, [(sum(map(is_so, own)), len(own)) for own in marks])


def _counted(part: Part, name: str, counts: Sequence[tuple[int, int]]) -> Line:
    """A share of each candidate, none where there is nothing to divide by."""
    cells = tuple(Cell(wilson(part_, whole) if whole else None) for part_, whole in counts)
    return Line(part, name, "share", cells)


def _edits(marks: Marks) -> Iterator[Line]:
    """Every edit counts as one trial, as on a worker's card."""
    sums = [total(one.tally for one in own) for own in marks]
    yield _counted("changes", "of its edits, the teacher's too", [(s.right, s.made) for s in sums])
    yield _counted("changes", "of the teacher's edits, made", [(s.right, s.wanted) for s in sums])


def _likeness(
    marks: Marks,
    wants: NDArray[np.bool_],
    over: list[int],
    draws: Draws,
) -> Iterator[Line]:
    """Over the documents that a teacher changed."""
    places = np.flatnonzero(wants).tolist()
    own = [over[place] for place in places]
    yield Line(
        "changes",
        "likeness to the teacher's rewrite (chrF)",
        "number",
        tuple(
            Cell(_mean([one[at].chrf for at in places], own, draws, most=100.0)) for one in marks
        ),
    )
    exact = [(sum(one[at].is_exact for at in places), len(places)) for one in marks]
    yield _counted("changes", "equal to a teacher's rewrite", exact)


def _kept(found: Sequence[Marked], wants: NDArray[np.bool_]) -> Iterator[Line]:
    settled = np.flatnonzero(~wants).tolist()
    counts = [
        (sum(not _is_touched(one.marks[at]) for at in settled), len(settled)) for one in found
    ]
    yield _counted("keeps", "texts that no teacher changed", counts)
    if found[0].is_kept:
        clean = [(sum(one.is_kept), len(one.is_kept)) for one in found]
        yield _counted("keeps", "texts given as clean", clean)


def _mean(values: Sequence[float], over: list[int], draws: Draws, *, most: float) -> Interval:
    """A mean of what lies between 0 and `most`, and so do its bounds."""
    found = bootstrap_mean(values, clusters=over, **draws._asdict())
    return replace(found, low=max(0.0, found.low), high=min(most, found.high))


def _is_touched(mark: Mark) -> bool:
    return mark.is_changed or mark.is_dropped


def _refused(marks: Marks) -> Iterator[Line]:
    """Refusals as shares of the documents changed, each reason for itself: one may have several."""
    changed = [[one for one in own if one.is_changed and not one.is_dropped] for own in marks]
    yield _shares("breaks", "refused by the gate, of those changed", changed, _is_refused)
    for code in sorted({code for own in changed for one in own for code in one.reasons}):
        yield _shares("why", code, changed, lambda one, code=code: code in one.reasons)  # type: ignore[misc]


def _is_refused(mark: Mark) -> bool:
    return bool(mark.reasons)


def _score(score: Score, over: list[int], draws: Draws) -> Iterator[Line]:
    """What is left after the gate, beside the sources."""
    name, most = score.name, score.most
    before = _mean(score.before, over, draws, most=most)
    count = len(score.after)
    yield Line("after the gate", f"{name}, before", "number", (Cell(before),) * count)
    means = [_mean(one, over, draws, most=most) for one in score.after]
    yield Line("after the gate", f"{name}, after", "number", tuple(map(Cell, means)))
    changes = [
        paired_difference(one, score.before, clusters=over, **draws._asdict())
        for one in score.after
    ]
    yield Line(
        "after the gate",
        f"{name}, change",
        "change",
        tuple(Cell(one.interval, one.is_found) for one in changes),
    )
