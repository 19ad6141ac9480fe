"""Take an abusive phrase out of a sentence without leaving a hole in it."""

import re

from tahdhib.conduct.rules.change import Change

_MARKS_AFTER = re.compile(r"[^\S\n]*[!؟?.،,؛…]+[^\S\n]*")
_SPACE_AFTER = re.compile(r"[^\S\n]+")
_COMMAS = "،,؛;"


def deletion(text: str, start: int, end: int) -> Change:
    """Return the removal of `text[start:end]` with the space and comma that it no longer needs.

    A phrase that was a sentence of its own takes its marks along.
    """
    before = start
    while before and text[before - 1] in " \t\xa0":
        before -= 1
    opens = before == 0 or text[before - 1] in "\n.!؟?…"
    marks = _MARKS_AFTER.match(text, end)
    if opens:
        after = marks or _SPACE_AFTER.match(text, end)
        return Change(start, after.end() if after else end, "")
    is_aside = text[before - 1] in _COMMAS and (
        marks is not None or not text[end:].strip(" \t\xa0")
    )
    return Change(before - 1 if is_aside else before, end, "")


def ends_clause(text: str, end: int) -> bool:
    """Whether what follows `end` is no word: a mark, a line end, an emoji, the end of the text."""
    rest = text[end : end + 40].lstrip(" \t\xa0")
    return not rest or not (rest[0].isalnum() or rest[0] in "\"'«“(#@⟦")
