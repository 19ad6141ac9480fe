"""Punctuation and spacing of Arabic text: space before and after marks, repeated marks, Latin
marks between Arabic words, runs of spaces and of blank lines.

A run of blanks that begins or ends a line goes as a whole. Lines are never merged, numbers and
links never touched, a gap that divides the halves of a verse is kept, and so are the two dots of
the Arabic press (..).
"""

import re
from collections.abc import Iterator

from tahdhib.conduct.rules.change import Change

_LETTER = r"\u0620-\u063A\u0641-\u065F\u0670-\u06D3"
_ARABIC = re.compile("[\u0620-\u064a]")
_BLANK = " \xa0\u2000-\u200a\u202f\u205f\u3000"
_BLANKS = re.compile(rf"[{_BLANK}]{{2,}}|[\xa0\u2000-\u200a\u202f\u205f\u3000]")
_ODD_BLANKS = ("  ", "\xa0", "\u3000", "\u2003", "\u2002", "\u2009", "\u202f", "\u200a", "\u2005")
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n(?:[^\S\n]*\n)+")
_SPACE_BEFORE = re.compile(
    rf"(?<=[{_LETTER}0-9٠-٩»”\")\]⟧٪%])[{_BLANK}]+(?=[،؛؟](?![{_BLANK}]?[،؛؟!.…])|[!.](?=\s|\Z)(?![{_BLANK}]?[،؛؟!.…])|:(?=\s|\Z)(?!\n?[{_BLANK}]?[:)(]))"
)
_SPACED_REPEAT = re.compile(
    rf"(?<=[{_LETTER}»”\")])[{_BLANK}]?(?:!(?:[{_BLANK}]!)+|؟(?:[{_BLANK}]؟)+)(?![!؟])"
)
_SPACED_DOTS = re.compile(rf"(?<=[{_LETTER}]) ?\.(?: \.)+(?![.\w])")
_REPEAT = re.compile(r"!{2,}(?![\w=(])|؟{2,}|(?<=[\w)\]\"»”])\?{2,}(?![\w?.])|،{2,}|؛{2,}")
_DOTS = re.compile(r"\.{4,}")
_GLUED = re.compile(rf"(?<=[{_LETTER}»”\")])([،؛؟!])(?=[{_LETTER}«“(])")
_GLUED_STOP = re.compile(rf"(?<=[{_LETTER}]{{3}})([.:])(?=[{_LETTER}]{{3}})")
_ABBREVIATION = re.compile(
    rf"(?<![{_LETTER}])[{_LETTER}]{{1,7}}(?:\.[{_LETTER}]{{1,7}}){{2,}}(?![{_LETTER}])"
)
"""Letters of another script by their names, as the press spells them: إن.إتش.كيه."""
_LATIN_COMMA = re.compile(
    rf"(?<=[{_LETTER}])(?P<q>[»”\")]?)[{_BLANK}]*,([{_BLANK}]*)(?=[«“\"(]?[{_LETTER}])"
)
_LATIN_COMMA_AFTER_NUMBER = re.compile(rf"(?<=[0-9٠-٩)])[{_BLANK}]*,[{_BLANK}]+(?=[{_LETTER}])")
_LATIN_SEMICOLON = re.compile(rf"(?<=[{_LETTER}])[{_BLANK}]*;([{_BLANK}]*)(?=[«“\"(]?[{_LETTER}])")
_LATIN_QUESTION = re.compile(rf"(?<=[{_LETTER}])[{_BLANK}]?\?+(?=[\s»”\")!]|\Z)")
_VERSE_HALF = (2, 9)
_WIDEST_PLAIN_GAP = 2


def find(text: str) -> Iterator[Change]:
    """Yield the repair of marks and gaps."""
    if any(blank in text for blank in _ODD_BLANKS):
        yield from _gaps(text)
    if "\n" in text:
        first, last = len(text) - len(text.lstrip()), len(text.rstrip())
        for match in _BLANK_LINES.finditer(text):
            within = first <= match.start() < last
            yield Change(*match.span(), "\n\n" if within else "")
    if _ARABIC.search(text):
        yield from _marks(text)


def _gaps(text: str) -> Iterator[Change]:
    for match in _BLANKS.finditer(text):
        low, high = match.span()
        before, after = text[low - 1 : low], text[high : high + 1]
        if high - low == 1 and before.isdigit() and after.isdigit():
            continue  # 10 000 with a hard space is one number
        if high - low > _WIDEST_PLAIN_GAP and _divides_verse(text, low, high):
            continue
        yield Change(low, high, "" if _at_border(before, after) else " ")


def _at_border(before: str, after: str) -> bool:
    """Whether a line begins or ends here, where not even one blank is right."""
    return before in ("", "\n") or after in ("", "\n")


def _divides_verse(text: str, low: int, high: int) -> bool:
    """Whether the gap is the only wide one of its line, with like halves."""
    start, end = text.rfind("\n", max(0, low - 120), low) + 1, text.find("\n", high, high + 120)
    start = start or max(0, low - 120)
    left, right = text[start:low], text[high : end if end >= 0 else high + 120]
    if "   " in left.strip() or "   " in right.strip():
        return False
    counts = len(left.split()), len(right.split())
    fewest, most = _VERSE_HALF
    return fewest <= min(counts) and max(counts) <= most and abs(counts[0] - counts[1]) <= 3


def _marks(text: str) -> Iterator[Change]:
    if _has_spaced_mark(text):
        yield from (Change(*match.span(), "") for match in _SPACE_BEFORE.finditer(text))
        for match in _SPACED_REPEAT.finditer(text):
            yield Change(*match.span(), match.group().strip()[0])
        yield from (Change(*match.span(), "...") for match in _SPACED_DOTS.finditer(text))
    if "!!" in text or "؟؟" in text or "??" in text or "،،" in text or "؛؛" in text:
        yield from (Change(*match.span(), match.group()[0]) for match in _REPEAT.finditer(text))
    if "...." in text:
        yield from (Change(*match.span(), "...") for match in _DOTS.finditer(text))
    if "،" in text or "؟" in text or "؛" in text or "!" in text:
        yield from (Change(match.end(), match.end(), " ") for match in _GLUED.finditer(text))
    if "." in text or ":" in text:
        yield from _glued_stops(text)
    yield from _latin_marks(text)


def _glued_stops(text: str) -> Iterator[Change]:
    ends = [match.end() for match in _GLUED_STOP.finditer(text)]
    if ends:
        names = [match.span() for match in _ABBREVIATION.finditer(text)]
        for end in ends:
            if not any(low < end < high for low, high in names):
                yield Change(end, end, " ")


def _has_spaced_mark(text: str) -> bool:
    return any(f" {mark}" in text for mark in "،؛؟!.:") or "\xa0" in text


def _latin_marks(text: str) -> Iterator[Change]:
    if "," in text:
        for match in _LATIN_COMMA.finditer(text):
            yield Change(*match.span(), f"{match['q']}، ")
        for match in _LATIN_COMMA_AFTER_NUMBER.finditer(text):
            yield Change(*match.span(), "، ")
    if ";" in text:
        yield from (Change(*match.span(), "؛ ") for match in _LATIN_SEMICOLON.finditer(text))
    if "?" in text:
        yield from (Change(*match.span(), "؟") for match in _LATIN_QUESTION.finditer(text))
