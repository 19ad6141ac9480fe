"""What the edit worker tags: tokens, each with the single space before it.

Most tokens follow one plain space, so a space is no unit of its own: that halves the sequence,
and a deleted word takes its space along. Every other white space (newlines, doubled spaces,
no-break spaces) is a unit, since there is something to repair about it. A placeholder is one unit.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tahdhib.text.placeholders import OPEN, placeholders
from tahdhib.text.segment import bare_tokens


class Unit(NamedTuple):
    """A piece `[start, end)` of a text: a token, and whether its first character is the single
    space that goes with it."""

    start: int
    end: int
    spaced: bool
    body: str

    @property
    def text(self) -> str:
        return " " + self.body if self.spaced else self.body


def units(text: str) -> list[Unit]:
    """Cut `text`; the first unit is always the empty one at its start, which is there to be
    appended to. Joining the units gives the text back."""
    cut = [Unit(0, 0, False, "")]
    space: int | None = None
    for start, end, piece in _pieces(text):
        if piece == " ":
            space = start
            continue
        cut.append(Unit(start if space is None else space, end, space is not None, piece))
        space = None
    if space is not None:
        cut.append(Unit(space, space + 1, False, " "))
    return cut


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """Tokens, but placeholders whole."""
    return _around_placeholders(text) if OPEN in text else bare_tokens(text)


def _around_placeholders(text: str) -> Iterator[tuple[int, int, str]]:
    position = 0
    for span in placeholders(text):
        yield from _shifted(text, position, span.start)
        yield span.start, span.end, text[span.start : span.end]
        position = span.end
    yield from _shifted(text, position, len(text))


def _shifted(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    for first, last, piece in bare_tokens(text[start:end]):
        yield first + start, last + start, piece
