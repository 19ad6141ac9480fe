"""Before and after, word by word, cut down to what surrounds the edits.

Edits may lie inside a word; letters of a joined script fall apart when a word is cut, so a change
is shown on whole words. Only the surroundings of an edit are tokenised: a document may be long.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tahdhib.records import Edit
from tahdhib.report.visible import visible, visible_change
from tahdhib.text.segment import tokens

_REACH = 80  # characters around an edit in which its words are looked for


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of whole words, its new text, and every rule or worker behind it."""

    start: int
    end: int
    before: str
    after: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an excerpt: text that stayed, a gap, or a change (`after` replaces `text`)."""

    kind: Literal["same", "gap", "change"]
    text: str = ""
    after: str = ""
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Pieces in reading order, and how many changes did not fit."""

    pieces: tuple[Piece, ...]
    left_out: int = 0

    @property
    def by(self) -> tuple[str, ...]:
        """Who is behind the changes shown, each once, in order of appearance."""
        return tuple(dict.fromkeys(name for piece in self.pieces for name in piece.by))


def changes(source: str, edits: Iterable[Edit]) -> tuple[Change, ...]:
    """Widen `edits` to whole words; edits that meet in one word melt into one change.

    An edit that reaches outside the text or into the one before it is passed over: a report
    must be able to show what a foreign tool wrote.
    """
    groups: list[tuple[int, int, list[Edit]]] = []
    reach = 0
    for edit in edits:
        if not reach <= edit.start <= edit.end <= len(source):
            continue
        reach = edit.end
        start, end = _widened(source, edit)
        if groups and start < groups[-1][1]:
            low, high, members = groups[-1]
            groups[-1] = (low, max(high, end), [*members, edit])
        else:
            groups.append((start, end, [edit]))
    return tuple(_change(source, *group) for group in groups)


def excerpt(source: str, edits: Iterable[Edit], *, limit: int = 600, context: int = 70) -> Excerpt:
    """The changes of a document with up to `context` characters around each, `limit` in all."""
    found = changes(source, edits)
    context = context if len(source) > limit else limit
    if not found:
        return Excerpt((Piece("same", visible(_head(source, limit))), *_gap(len(source) > limit)))
    pieces: list[Piece] = []
    position, used = 0, 0
    for number, change in enumerate(found):
        lead = _lead(change)
        before, after = visible_change(
            _clipped(change.before[lead:], limit // 3), _clipped(change.after[lead:], limit // 3)
        )
        between = _between(source[position : change.start + lead], context, is_first=number == 0)
        size = len(before) + len(after) + sum(len(piece.text) for piece in between)
        if number and used + size > limit:
            return Excerpt((*pieces, *_after(source[position:], context)), len(found) - number)
        pieces += [*between, Piece("change", before, after, change.by)]
        if change.before.endswith("\n") or change.after.endswith("\n"):
            pieces.append(Piece("same", "\n"))  # a line ended here, on one side or both
        used += size
        position = change.end
    return Excerpt((*pieces, *_after(source[position:], context)))


def whole(source: str, edits: Iterable[Edit]) -> Excerpt:
    """The whole document as pieces, for one who asked for all of it."""
    return excerpt(source, edits, limit=max(3 * len(source), 600), context=len(source) + 1)


def _change(source: str, start: int, end: int, edits: Sequence[Edit]) -> Change:
    after: list[str] = []
    position = start
    for edit in edits:
        after += (source[position : edit.start], edit.new)
        position = edit.end
    after.append(source[position:end])
    by = tuple(dict.fromkeys(edit.by for edit in edits))
    return Change(start, end, source[start:end], "".join(after), by)


def _widened(source: str, edit: Edit) -> tuple[int, int]:
    """The edit's stretch, reaching to the borders of the words that it cuts into."""
    start, end = edit.start, edit.end
    for token_start, token_end in _tokens_around(source, edit.start):
        if token_start < edit.start < token_end:
            start, end = token_start, max(end, token_end)
    for token_start, token_end in _tokens_around(source, edit.end):
        if token_start < edit.end < token_end:
            start, end = min(start, token_start), max(end, token_end)
    if start == edit.start and edit.new[:1].isalnum():
        start = next((a for a, b in _words_around(source, start) if b == start), start)
    if end == edit.end and edit.new[-1:].isalnum():
        end = next((b for a, b in _words_around(source, end) if a == end), end)
    return start, end


def _tokens_around(source: str, offset: int) -> list[tuple[int, int]]:
    low = max(0, offset - _REACH)
    if low:  # start at a space, so that no word is taken for two
        spaces = [place for place in range(low, offset) if source[place].isspace()]
        low = spaces[0] if spaces else low
    window = source[low : offset + _REACH]
    return [(low + token.start, low + token.end) for token in tokens(window)]


def _words_around(source: str, offset: int) -> list[tuple[int, int]]:
    return [(a, b) for a, b in _tokens_around(source, offset) if source[a].isalnum()]


def _lead(change: Change) -> int:
    """Spaces that open a change without being its point: shown before it, so that no line of the
    page ends in a struck-out space."""
    if not change.before.strip() or not (change.after[:1].isspace() or not change.after):
        return 0
    return int(change.before.startswith(" "))


def _between(text: str, context: int, *, is_first: bool) -> list[Piece]:
    if is_first:
        if len(text) <= context:
            return [Piece("same", visible(text))] if text else []
        return [Piece("gap"), Piece("same", visible(_tail(text, context)))]
    if len(text) <= 2 * context:
        return [Piece("same", visible(text))] if text else []
    return [
        Piece("same", visible(_head(text, context))),
        Piece("gap"),
        Piece("same", visible(_tail(text, context))),
    ]


def _after(text: str, context: int) -> list[Piece]:
    if not text:
        return []
    return [Piece("same", visible(_head(text, context))), *_gap(len(text) > context)]


def _gap(is_cut: bool) -> list[Piece]:
    return [Piece("gap")] if is_cut else []


def _clipped(text: str, limit: int) -> str:
    """Head and tail of a long stretch; a whole advertising block needs no more to be known."""
    if len(text) <= limit:
        return text
    return f"{_head(text, 2 * limit // 3)} … {_tail(text, limit // 3)}"


def _head(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    words, space, _ = text[:limit].rpartition(" ")
    return words + " " if space and len(words) > limit // 2 else text[:limit]


def _tail(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    _, space, words = text[-limit:].partition(" ")
    return " " + words if space and len(words) > limit // 2 else text[-limit:]
