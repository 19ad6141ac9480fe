"""What a rewrite changed, laid out for the checks: only the neighbourhoods of its edits.

A number, a date, a link or a term that no edit comes near is the same on both sides. So the
checks read the edits with some text around them, cut at white space, and not the document twice.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from tahdhib.records import Edit, Rewrite, Span
from tahdhib.score.length import Letters, count_letters
from tahdhib.text.edits import apply, diff
from tahdhib.text.placeholders import placeholders, without_placeholders

AROUND = 48
"""Characters read on either side of an edit: longer than a date or a spelt-out number."""
_REACH = 400
"""How far the cut may move on to white space; the longest link that is seen whole."""
_CLUSTER_GAP = 12
"""Edits nearer than this are one stretch of changed text."""
_MASKED_CHARACTERS = 200
"""Longest stretch that one placeholder may stand for."""
_BETWEEN = "\n|\n"

FindProtected = Callable[[str, Collection[str]], Sequence[Span]]
"""(text, kinds) -> where spans of those kinds stand."""


class Stretch(NamedTuple):
    """A stretch of the source and what became of it; offsets on both sides."""

    start: int
    end: int
    new_start: int
    new_end: int
    inserted: str
    """The new text of its edits, in order, joined by spaces."""


@dataclass(frozen=True)
class Change:
    """A source, its rewrite, and views of both. Views are made when first asked for."""

    source: str
    rewrite: str
    edits: tuple[Edit, ...]
    find_removable: Callable[[str], Sequence[Span]]
    find_protected: FindProtected | None = None
    """Gives the protected spans of some kinds; None: nothing is protected."""

    @cached_property
    def before(self) -> str:
        """The source around the edits."""
        return _BETWEEN.join(self.source[one.start : one.end] for one in self._around)

    @cached_property
    def after(self) -> str:
        """The rewrite around the edits, without placeholders."""
        pieces = (self.rewrite[one.new_start : one.new_end] for one in self._around)
        return without_placeholders(_BETWEEN.join(pieces))

    @cached_property
    def owed(self) -> str:
        """`before` with what may go blanked out: what the rewrite must still have."""
        blank = self.blanked
        return _BETWEEN.join(blank[one.start : one.end] for one in self._around)

    @cached_property
    def blanked(self) -> str:
        """The source with every character that rules may remove, or that a placeholder replaced,
        as white space; offsets stay."""
        pieces: list[str] = []
        position = 0
        spans = [(span.start, span.end) for span in self.find_removable(self.source)]
        for start, end in sorted(spans + self._masked):
            if end > position:
                start = max(start, position)
                pieces += (self.source[position:start], " " * (end - start))
                position = end
        return "".join(pieces) + self.source[position:]

    def without(self, is_left_out: Callable[[Edit], bool]) -> "Change":
        """The change without some of its edits."""
        edits = tuple(edit for edit in self.edits if not is_left_out(edit))
        if len(edits) == len(self.edits):
            return self
        return replace(self, rewrite=apply(self.source, edits), edits=edits)

    @cached_property
    def clusters(self) -> list[Stretch]:
        """Edits that nearly touch, taken together."""
        return list(_stretches(self.source, self.edits, _CLUSTER_GAP // 2, 0))

    @cached_property
    def inserted(self) -> str:
        """All new text, without placeholders."""
        return without_placeholders(" ".join(edit.new for edit in self.edits))

    @cached_property
    def source_letters(self) -> Letters:
        return count_letters(self.source)

    @cached_property
    def rewrite_letters(self) -> Letters:
        return count_letters(without_placeholders(self.rewrite))

    @cached_property
    def owed_letters(self) -> Letters:
        return count_letters(self.blanked)

    @cached_property
    def _around(self) -> list[Stretch]:
        return list(_stretches(self.source, self.edits, AROUND, _REACH))

    @cached_property
    def _masked(self) -> list[tuple[int, int]]:
        return [
            (edit.start, edit.end)
            for edit in self.edits
            if 0 < edit.end - edit.start <= _MASKED_CHARACTERS * len(placeholders(edit.new))
        ]


def change(
    source: str,
    rewrite: Rewrite,
    find_removable: Callable[[str], Sequence[Span]],
    find_protected: FindProtected | None = None,
) -> Change:
    """Lay out a rewrite; edits that do not lead to its text are read off the texts anew."""
    edits = rewrite.edits
    try:
        is_sound = apply(source, edits) == rewrite.text
    except ValueError:
        is_sound = False
    if not is_sound:
        edits = diff(source, rewrite.text, by="unknown")
    return Change(source, rewrite.text, edits, find_removable, find_protected)


def _stretches(source: str, edits: Sequence[Edit], around: int, reach: int) -> Iterator[Stretch]:
    """Group the edits whose surroundings meet; offsets into the rewrite follow from the shift."""
    spans = [_surroundings(source, edit, around, reach) for edit in edits]
    group: list[Edit] = []
    low = high = shift = 0
    for (start, end), edit in zip(spans, edits, strict=True):
        if group and start > high:
            yield (done := _stretch(low, high, shift, group))
            shift = done.new_end - done.end
            group = []
        if not group:
            low, high = start, end
        group.append(edit)
        high = max(high, end)
    if group:
        yield _stretch(low, high, shift, group)


def _surroundings(source: str, edit: Edit, around: int, reach: int) -> tuple[int, int]:
    low, high = max(0, edit.start - around), min(len(source), edit.end + around)
    if reach:
        floor, ceiling = max(0, low - reach), min(len(source), high + reach)
        low = max(floor, *(source.rfind(space, floor, low) for space in " \n"))
        ends = [source.find(space, high, ceiling) for space in " \n"]
        high = min([end for end in ends if end >= 0], default=ceiling)
    return low, high


def _stretch(low: int, high: int, shift: int, group: list[Edit]) -> Stretch:
    grown = sum(len(edit.new) - (edit.end - edit.start) for edit in group)
    inserted = " ".join(edit.new for edit in group)
    return Stretch(low, high, low + shift, high + shift + grown, inserted)
