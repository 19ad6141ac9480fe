r"""A rewrite as the edits that lead to it, in a form that a model can write and that cannot be
misread: each edit quotes what goes, and says what comes.

    <edits>
    -old words
    +new words
    -an advertisement\nof two lines
    +
    </edits>

An edit's quotation is looked for behind the one before it, and the first place where it stands is
meant; whoever writes edits quotes as many words around as that takes. `\n` is a line break, `\\` a
backslash. What is quoted and stands nowhere makes the whole unreadable: nothing is guessed.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from tahdhib.conduct.protocol import Unusable, excerpt
from tahdhib.records import Edit
from tahdhib.text.edits import diff
from tahdhib.text.segment import tokens

OPEN, CLOSE = "<edits>", "</edits>"

_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_MEANT = {"n": "\n", "\\": "\\"}


def quoted(source: str, rewrite: str) -> str:
    """The edits from `source` to `rewrite`; `applied` makes the same rewrite of them."""
    lines = [OPEN]
    for start, end, new in _quotations(source, diff(source, rewrite, "")):
        lines += [f"-{_escaped(source[start:end])}", f"+{_escaped(new)}"]
    return "\n".join([*lines, CLOSE])


def applied(answer: str, source: str) -> str | Unusable:
    """What the edits in `answer` make of `source`."""
    lines = answer.strip().split("\n")
    if len(lines) < 2 or lines[0] != OPEN or lines[-1] != CLOSE or len(lines) % 2:
        return Unusable("broken_edits", excerpt(answer))
    pieces: list[str] = []
    cursor = 0
    for removed, put_in in zip(lines[1:-1:2], lines[2:-1:2], strict=True):
        old, new = _meant(removed, "-"), _meant(put_in, "+")
        if old is None or new is None or (not old and source):
            return Unusable("broken_edits", excerpt(f"{removed} {put_in}"))
        at = source.find(old, cursor)
        if at < 0:
            return Unusable("no_such_words", excerpt(removed))
        pieces += (source[cursor:at], new)
        cursor = at + len(old)
    return "".join([*pieces, source[cursor:]])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _meant(line: str, mark: str) -> str | None:
    """What a line says behind its mark; None where it cannot be read."""
    found = _ESCAPE.findall(line)
    if not line.startswith(mark) or any(letter not in _MEANT for letter in found):
        return None
    return _ESCAPE.sub(lambda match: _MEANT[match[1]], line[1:])


class _Quotation(NamedTuple):
    """The stretch `[start, end)` of the source, and what comes in its place."""

    start: int
    end: int
    new: str


def _quotations(source: str, edits: Sequence[Edit]) -> list[_Quotation]:
    """Each edit with as many tokens before it, or else after it, as make it be found where it is
    meant; one that has none to be found by is made one with the edit before."""
    borders = [0, *(token.end for token in tokens(source))]
    made: list[_Quotation] = []
    for edit, after in zip_longest(edits, edits[1:]):
        ceiling = after.start if after is not None else len(source)
        cursor = made[-1].end if made else 0
        place = _place(source, borders, edit, cursor, ceiling)
        if place is None:
            last = made.pop()
            between = source[last.end : edit.start]
            made.append(_Quotation(last.start, edit.end, f"{last.new}{between}{edit.new}"))
        else:
            start, end = place
            new = f"{source[start : edit.start]}{edit.new}{source[edit.end : end]}"
            made.append(_Quotation(start, end, new))
    return made


def _place(
    source: str, borders: Sequence[int], edit: Edit, cursor: int, ceiling: int
) -> tuple[int, int] | None:
    """The shortest stretch around `edit` that is found at its own place, from `cursor` on."""
    before = borders[bisect_left(borders, cursor) : bisect_left(borders, edit.start)]
    after = borders[bisect_right(borders, edit.end) : bisect_right(borders, ceiling)]
    places = [(start, edit.end) for start in (edit.start, *reversed(before))]
    places += [(edit.start, end) for end in after]
    for start, end in places:
        quotes = start < end or not source
        if quotes and source.find(source[start:end], cursor) == start:
            return start, end
    return None
