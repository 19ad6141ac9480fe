"""Tatweel (ـ) that only stretches a word.

It stays where it means something: after the letter that abbreviates the Hijri year (1440هـ), as
the visible tie of a prefix to what follows (لـ«الشرق», الـ 12, بـ جدة), as a dash or list mark
of its own, in letter forms (ـبـ), and under a hamza that has no other seat.
"""

import re
from collections.abc import Iterator

from tahdhib.conduct.rules.change import Change

_LETTER = r"[\u0620-\u063F\u0641-\u064A\u066E-\u06D3\u06FA-\u06FF]"
_MARK = r"[\u064B-\u0652\u0670]"
_HAMZA = "\u0653\u0654\u0655"
# Letter, tatweel, letter: the lookbehinds spare the year's هـ, and a tatweel that opens a piece.
_INSIDE = re.compile(
    rf"(?<![0-9٠-٩]ه)(?<={_LETTER}|{_MARK})ـ+(?={_LETTER}|(?:{_MARK})(?<!ـ[{_HAMZA}]))"
)
_AT_END = re.compile(rf"(?:{_LETTER}|{_MARK})ـ+(?![\w\u064B-\u0655\u0670])")
_NOT_WORD = re.compile(r"[^\u0620-\u0652\u0670-\u06D3\u06FA-\u06FF]+")
_NO_LETTER = re.compile(rf"ـ|{_MARK}")
_REACH = 24
_TIES = re.compile(r"[وف]?(?:[بكل]?ال|لل|[بكلفوسه]|عال|هال)")
_SHORTEST_WORD = 4


def find(text: str) -> Iterator[Change]:
    """Yield the tatweels to take out; of a run that means something, one stays."""
    if "ـ" not in text:
        return
    for match in _INSIDE.finditer(text):
        if not _is_letter_form(text, match.start()):
            yield Change(match.start(), match.end(), "")
    for match in _AT_END.finditer(text):
        start, end = match.start() + 1, match.end()
        if _is_letter_form(text, start):
            continue
        word = _bare_word(text, start)
        is_word = len(word) >= _SHORTEST_WORD and not _TIES.fullmatch(word)
        if is_word or end - start > 1:
            yield Change(start, end, "" if is_word else "ـ")


def _bare_word(text: str, end: int) -> str:
    return _NO_LETTER.sub("", _word_before(text, end))


def _word_before(text: str, end: int) -> str:
    """The letters, marks and tatweels that end at `end`, the last few of a longer run."""
    start = max(0, end - _REACH)
    return _NOT_WORD.split(text[start:end])[-1]


def _is_letter_form(text: str, position: int) -> bool:
    """Whether the word that ends at `position` opens with a tatweel, as ـبـ or a list mark."""
    word = _word_before(text, position)
    return len(word) < _REACH and word.startswith("ـ")
