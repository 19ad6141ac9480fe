"""A rewrite as its edits: apply them, undo some, chain two passes, read them off two texts.

A *normal* list of edits is sorted by position, free of overlaps, and two edits never touch
the same insertion point. Every function here takes and returns normal lists, so that the
source text and the list are always enough to rebuild the rewrite, or any part of it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel

from tahdhib.records import Edit, Span
from tahdhib.text.segment import tokens


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return `text` with `edits` made.

    Raises:
        ValueError: the list is not normal, or reaches outside the text.
    """
    pieces: list[str] = []
    position = 0
    for edit in edits:
        if not position <= edit.start <= edit.end <= len(text):
            raise ValueError(
                f"edit {edit.start}:{edit.end} by {edit.by!r} does not fit: "
                f"the text before {position} is settled and the text has {len(text)} characters"
            )
        pieces += (text[position : edit.start], edit.new)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)


def removals(spans: Iterable[Span], by: str) -> tuple[Edit, ...]:
    """The edits that take `spans`, ascending and disjoint, out of a text."""
    return tuple(Edit(span.start, span.end, "", by) for span in spans)


def settle(text: str, candidates: Iterable[Edit]) -> tuple[Edit, ...]:
    """Choose a normal list from candidates that may overlap: the earliest start wins, then the
    longest; an edit that would change nothing is left out."""
    chosen: list[Edit] = []
    reach = -1
    for edit in sorted(candidates, key=lambda edit: (edit.start, -edit.end, edit.by, edit.new)):
        if text[edit.start : edit.end] == edit.new:
            continue
        if edit.start > reach or (edit.start == reach and edit.end > edit.start):
            if chosen and edit.start == chosen[-1].end == chosen[-1].start:
                continue  # an insertion stands here already
            chosen.append(edit)
            reach = edit.end
    return tuple(chosen)


def edit_rate(text: str, edits: Iterable[Edit]) -> float:
    """How much of `text` the edits touch, 0..1: characters taken out or put in, whichever are more
    at each place, by the characters of the text."""
    touched = sum(max(edit.end - edit.start, len(edit.new)) for edit in edits)
    return min(1.0, touched / max(1, len(text)))


def compose(first: Sequence[Edit], second: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return one list that does what `first` and then `second` (over its result) does.

    Edits that overlap melt into one, which keeps the `by` of the edit of `second` when that covers
    the others whole (a line that goes takes its small repairs with it), else of the earlier pass.
    """
    if not first or not second:
        return tuple(first or second)
    groups = _groups(_placed(first), second)
    return tuple(_melted(group) for group in groups)


class _Placed(NamedTuple):
    """An edit of the first pass with where its text lies in the middle text."""

    edit: Edit
    start: int
    end: int


class _Group(NamedTuple):
    """Edits of both passes that touch, with their common stretch of the middle text."""

    firsts: list[_Placed]
    seconds: list[Edit]
    shift: int  # source offset minus middle offset, left of the group


def _placed(edits: Sequence[Edit]) -> list[_Placed]:
    placed: list[_Placed] = []
    shift = 0
    for edit in edits:
        start = edit.start + shift
        placed.append(_Placed(edit, start, start + len(edit.new)))
        shift += len(edit.new) - (edit.end - edit.start)
    return placed


def _groups(firsts: list[_Placed], seconds: Sequence[Edit]) -> list[_Group]:
    """Put together what overlaps, in the order of the middle text; what touches stays apart."""
    items: list[tuple[int, int, int, _Placed | Edit]] = [
        (first.start, first.end, 0, first) for first in firsts
    ]
    items += [(second.start, second.end, 1, second) for second in seconds]
    items.sort(key=lambda item: item[:3])
    groups: list[_Group] = []
    low, reach = -1, -1
    shift = 0
    for start, end, _, item in items:
        is_empty_on_empty = start == end == low == reach
        if start >= reach and not is_empty_on_empty:
            groups.append(_Group([], [], shift))
            low = start
        reach = max(reach, end)
        if isinstance(item, _Placed):
            groups[-1].firsts.append(item)
            shift = item.edit.end - item.end
        else:
            groups[-1].seconds.append(item)
    return groups


def _melted(group: _Group) -> Edit:
    firsts, seconds, shift = group
    if not seconds and len(firsts) == 1:
        return firsts[0].edit
    low = min([first.start for first in firsts] + [second.start for second in seconds])
    high = max([first.end for first in firsts] + [second.end for second in seconds])
    after = firsts[-1].edit.end - firsts[-1].end if firsts else shift
    return Edit(low + shift, high + after, _melted_text(group, low, high), _owner(group, low, high))


def _melted_text(group: _Group, low: int, high: int) -> str:
    """The final text of the group's stretch; between its edits nothing lies that is not theirs,
    since members touch, so the first pass's texts are all that the second pass can see."""
    middle = list("\0" * (high - low))
    for first in group.firsts:
        middle[first.start - low : first.end - low] = first.edit.new
    moved = [
        Edit(second.start - low, second.end - low, second.new, second.by)
        for second in group.seconds
    ]
    return apply("".join(middle), moved).replace("\0", "")


def _owner(group: _Group, low: int, high: int) -> str:
    """Whoever of the second pass covers the group whole, unless one of the first pass had already
    taken more than half of it away: the gap that closes after a removal does not own it."""
    firsts, seconds, _ = group
    if not firsts:
        return seconds[0].by
    removed = [first.edit.end - first.edit.start - len(first.edit.new) for first in firsts]
    greatest = max(range(len(firsts)), key=removed.__getitem__)
    if 2 * removed[greatest] > high - low + sum(removed):
        return firsts[greatest].edit.by
    covers = [second.by for second in seconds if second.start <= low and second.end >= high]
    return covers[0] if covers else firsts[0].edit.by


def diff(source: str, rewrite: str, by: str) -> tuple[Edit, ...]:
    """Read the edits off two texts, by tokens (words, marks, white space), all owned by `by`."""
    return attributed_diff(source, rewrite, lambda _start, _end, _new: by)


def attributed_diff(
    source: str, rewrite: str, owner: Callable[[int, int, str], str]
) -> tuple[Edit, ...]:
    """Like `diff`, but `owner(start, end, new)` names who is behind each edit.

    Where a change can be told in several ways (which of two newlines went?) one is chosen that
    depends on the change alone, so that equal changes of equal texts are equal edits whatever
    else was changed.
    """
    before, after = tokens(source), tokens(rewrite)
    old = [token.text for token in before]
    new = [token.text for token in after]
    changes = [
        _Change(step.src_start, step.src_end, new[step.dest_start : step.dest_end])
        for step in Indel.opcodes(old, new)
        if step.tag != "equal"
    ]
    edits = []
    for change in _apart(old, _settled(old, _joined(old, changes))):
        start = before[change.low].start if change.low < len(before) else len(source)
        end = before[change.high - 1].end if change.high > change.low else start
        put_in = "".join(change.new)
        edits.append(Edit(start, end, put_in, owner(start, end, put_in)))
    return tuple(edits)


class _Change(NamedTuple):
    """Tokens `[low, high)` of the source become `new`."""

    low: int
    high: int
    new: list[str]

    @property
    def size(self) -> int:
        return self.high - self.low + len(self.new)


def _joined(old: list[str], changes: Iterable[_Change]) -> list[_Change]:
    """Put neighbours together that are smaller, or no larger, as one: a mark inserted before a
    space and taken away after it has moved."""
    joined: list[_Change] = []
    for change in changes:
        if joined and change.low - joined[-1].high <= 1:
            last = joined[-1]
            gap = old[last.high : change.low]
            both = _trimmed(old, _Change(last.low, change.high, [*last.new, *gap, *change.new]))
            if not gap or (gap[0].isspace() and both.size <= last.size + change.size):
                joined[-1] = both
                continue
        joined.append(change)
    return [change for change in joined if change.size]


def _trimmed(old: list[str], change: _Change) -> _Change:
    """Without the tokens that stay the same at either end."""
    low, high, new = change
    while low < high and new and old[low] == new[0]:
        low, new = low + 1, new[1:]
    while low < high and new and old[high - 1] == new[-1]:
        high, new = high - 1, new[:-1]
    return _Change(low, high, new)


def _settled(old: list[str], changes: Iterable[_Change]) -> Iterator[_Change]:
    """Move what only takes away or only puts in to the left as far as it goes; but of a line the
    newline after it goes with it, not the one before."""
    floor = 0
    for low, high, new in changes:
        moved = list(new) if low == high else old[low:high]
        shift = 0
        if not new or low == high:
            while low - shift > floor and old[low - shift - 1] == moved[-1]:
                moved = [moved[-1], *moved[:-1]]
                shift += 1
            is_line = moved[0] == "\n" != moved[-1]
            if is_line and high - shift < len(old) and old[high - shift] == "\n":
                moved = [*moved[1:], moved[0]]
                shift -= 1
        yield _Change(low - shift, high - shift, moved if low == high else new)
        floor = high - shift


def _apart(old: list[str], changes: Iterable[_Change]) -> list[_Change]:
    """Make one of two changes that came to touch where something is put in: such a list would not
    be normal."""
    apart: list[_Change] = []
    for change in changes:
        last = apart[-1] if apart else None
        if (
            last
            and last.high == change.low
            and (last.low == last.high or change.low == change.high)
        ):
            apart[-1] = _trimmed(old, _Change(last.low, change.high, [*last.new, *change.new]))
        else:
            apart.append(change)
    return [change for change in apart if change.size]
