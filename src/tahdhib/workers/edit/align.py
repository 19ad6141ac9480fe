"""What becomes of each unit under given edits: the new text is dealt out to the units it replaces.

An edit may replace several words by several others. Within such a stretch, and only there, old
and new units are aligned at least cost, so that "a b c -> A c" is a change of `a` and a deletion
of `b` rather than one change that no vocabulary holds.
"""

from collections.abc import Sequence

from rapidfuzz.distance import Indel

from tahdhib.records import Edit
from tahdhib.text.edits import apply
from tahdhib.workers.edit.units import Unit, units

_LARGEST_STRETCH = 40_000
"""Old times new units up to which a stretch is aligned; beyond, its first unit takes all of the
new text, an operation that no vocabulary holds."""

_DELETION = _INSERTION = 1.0
_SUBSTITUTION = 0.6
_DISSIMILARITY = 0.8
_OTHER_KIND = 0.5
_OTHER_SPACE = 0.05


def outputs_of(source: str, cut: Sequence[Unit], edits: Sequence[Edit]) -> list[str]:
    """The text that each unit of `source` becomes; joined they are the rewrite, always."""
    outputs = [unit.text for unit in cut]
    position = 0
    done = 0
    while done < len(edits):
        while cut[position].end < edits[done].start:
            position += 1
        first, last, upto = _stretch(cut, position, edits, done)
        old = cut[first : last + 1]
        start = old[0].start if old else edits[done].start
        end = old[-1].end if old else start
        moved = [Edit(e.start - start, e.end - start, e.new, e.by) for e in edits[done:upto]]
        before, dealt = _deal(old, apply(source[start:end], moved))
        outputs[first - 1] += before
        outputs[first : last + 1] = dealt
        position, done = max(last, first - 1), upto
    _hand_on_spaces(cut, outputs)
    return outputs


def _hand_on_spaces(cut: Sequence[Unit], outputs: list[str]) -> None:
    """A space that was put after a unit belongs to the next one, as units have it."""
    for index, (unit, output, following) in enumerate(zip(cut, outputs, outputs[1:], strict=False)):
        if (
            output.endswith(" ")
            and output != unit.text
            and not unit.body.isspace()
            and following
            and not following[0].isspace()
        ):
            outputs[index : index + 2] = [output[:-1], " " + following]


def _stretch(
    cut: Sequence[Unit], position: int, edits: Sequence[Edit], done: int
) -> tuple[int, int, int]:
    """First and last unit (last < first: none) that the next edits touch, and the edit after them.

    `cut[position]` is the first unit that ends at or after the next edit's start, so a mere
    insertion at its end touches nothing and goes to it.
    """
    first = position if edits[done].start < cut[position].end else position + 1
    last, upto = first - 1, done
    # An edit that starts inside the stretch belongs to it, and so does one at its very end: both
    # change what the same unit becomes.
    while upto < len(edits) and (upto == done or edits[upto].start <= cut[max(last, 0)].end):
        while last + 1 < len(cut) and cut[last + 1].start < edits[upto].end:
            last += 1
        upto += 1
    return first, last, upto


def _deal(old: Sequence[Unit], new: str) -> tuple[str, list[str]]:
    """Deal `new` out to the `old` units; the first part is what stands before all of them."""
    fresh = units(new)[1:]
    if not old:
        return new, []
    if len(old) * len(fresh) > _LARGEST_STRETCH:
        return "", [new, *([""] * (len(old) - 1))]
    steps = _cheapest_path(old, fresh)
    before = ""
    dealt: list[str] = []
    for old_index, new_index in steps:
        piece = fresh[new_index].text if new_index is not None else ""
        if old_index is not None:
            dealt.append(piece)
        elif dealt:
            dealt[-1] += piece
        else:
            before += piece
    return before, dealt


def _cheapest_path(old: Sequence[Unit], new: Sequence[Unit]) -> list[tuple[int | None, int | None]]:
    """Steps (old, new) of the cheapest alignment; None where a unit has no partner."""
    costs = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) + 1):
        for j in range(len(new) + 1):
            if i or j:
                costs[i][j] = min(_arrivals(costs, i, j, old, new))[0]
    steps: list[tuple[int | None, int | None]] = []
    i, j = len(old), len(new)
    while i or j:
        _, _, back_i, back_j = min(_arrivals(costs, i, j, old, new))
        steps.append((back_i if back_i < i else None, back_j if back_j < j else None))
        i, j = back_i, back_j
    return steps[::-1]


def _arrivals(
    costs: list[list[float]], i: int, j: int, old: Sequence[Unit], new: Sequence[Unit]
) -> list[tuple[float, int, int, int]]:
    """Ways to arrive at (i, j): cost, a rank that breaks ties, and where from."""
    ways = []
    if i and j:
        ways.append((costs[i - 1][j - 1] + _change_cost(old[i - 1], new[j - 1]), 0, i - 1, j - 1))
    if i:
        ways.append((costs[i - 1][j] + _DELETION, 1, i - 1, j))
    if j:
        ways.append((costs[i][j - 1] + _INSERTION, 2, i, j - 1))
    return ways


def _change_cost(old: Unit, new: Unit) -> float:
    space = 0.0 if old.spaced == new.spaced else _OTHER_SPACE
    if old.body == new.body:
        return space
    likeness: float = Indel.normalized_similarity(old.body, new.body)
    kind = 0.0 if _kind(old) == _kind(new) else _OTHER_KIND
    return _SUBSTITUTION + _DISSIMILARITY * (1 - likeness) + kind + space


def _kind(unit: Unit) -> str:
    if unit.body[:1].isalnum():
        return "word"
    return "space" if unit.body.isspace() else "mark"
