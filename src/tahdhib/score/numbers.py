"""The numbers of a text by value, in whatever digits they are written.

A number is a run of decimal digits of any script with its decimal and thousands marks:

    ٫ decimal · ٬ ’ thousands · . decimal, or thousands where several stand before groups of three
    , thousands before groups of three, else decimal (3,5), else a list (2014,2015)
    ، thousands before groups of three (٢٥،٠٠٠), else a list

A percentage is another number than its bare value. Signs are not read (a hyphen before a digit
opens more list items than negative numbers), number words neither. Digits inside links and
character references (`&#1575;`) are no numbers: `links` compares the former.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_NUMBER = re.compile(
    r"(?P<before>[%٪]\s?)?(?P<value>\d+(?:[.,٫٬،’]\d+)*)"
    r"(?P<after>\s?[%٪﹪％]|\s(?:في|ف[يى])\s?ال(?:م[ائ]+[ةهي]+)|\sبالم[ائ]+[ةه]|\s?per\s?cent\b)?",
    re.IGNORECASE,
)
_NO_NUMBERS = re.compile(r"(?:https?://|www\.)\S+|&#\w{1,8};?|&[a-z]{2,8};", re.IGNORECASE)
_MARK = re.compile(r"[.,٫٬،’]")
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_NO_BREAK = re.compile("[\u00a0\u2007\u202f]")
_FORMS = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]+")
"""Letters as they were drawn in fonts of old, one code point for each place in a word."""


class Figure(NamedTuple):
    """A run of digits with its sign of percent, and its values: several where it is a list."""

    start: int
    end: int
    values: list[str]


def numbers(text: str) -> Counter[str]:
    """Multiset of the numbers: canonical ASCII strings such as `1250`, `3.5`, `20%`."""
    found: Counter[str] = Counter()
    text = visible(text)
    if "&" in text or "://" in text or "www." in text.lower():
        text = _NO_NUMBERS.sub(" ", text)
    for figure in figures(text):
        found.update(figure.values)
    return found


def figures(text: str) -> Iterator[Figure]:
    """The runs of digits of a text that has no links and no invisible characters, in order."""
    for match in _NUMBER.finditer(text):
        values = _values(ascii_digits(match["value"]))
        if match["after"] or match["before"]:
            values[-1] += "%"
        yield Figure(match.start("value"), match.end(), values)


def visible(text: str) -> str:
    """`text` without tatweel, zero-width and direction characters, which say nothing; no-break
    spaces as spaces, presentation forms as letters."""
    if text.isascii():
        return text
    return _INVISIBLE.sub("", _FORMS.sub(_letters, _NO_BREAK.sub(" ", text)))


def ascii_digits(text: str) -> str:
    """`text` with decimal digits of every script as ASCII ones."""
    return text if text.isascii() else _OTHER_DIGIT.sub(_ascii_digit, text)


def _letters(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match.group())


def _ascii_digit(match: re.Match[str]) -> str:
    return str(int(match.group()))


def _values(written: str) -> list[str]:
    """Canonical values of one run; several where its marks only list."""
    marks = _MARK.findall(written)
    if not marks:
        return [_whole(written)]
    groups = _MARK.split(written)
    decimal = None
    last_is_alone = len(set(marks)) == 2 and marks.count(marks[-1]) == 1
    if marks[-1] == "٫" or (marks[-1] in ".," and last_is_alone):
        decimal = groups.pop()
        marks.pop()
    if not marks or _is_thousands(groups, marks, has_decimal=decimal is not None):
        return [_joined("".join(groups), decimal)]
    if decimal is None and len(marks) == 1:
        if marks == ["."]:
            return [_joined(groups[0], groups[1])]
        if marks == [","] and len(groups[0]) <= 3 and len(groups[1]) <= 2:
            return [_joined(groups[0], groups[1])]
    if set(marks) == {"."} and decimal is None:
        return [".".join(map(_whole, groups))]  # a version or a dotted date, kept in one piece
    return [_whole(group) for group in groups] + ([_whole(decimal)] if decimal is not None else [])


def _is_thousands(groups: list[str], marks: list[str], *, has_decimal: bool) -> bool:
    """A single full stop before three digits is a decimal: `1.250` says so in most web text."""
    return (
        len(set(marks)) == 1
        and (has_decimal or len(marks) > 1 or marks[0] != ".")
        and 1 <= len(groups[0]) <= 3
        and groups[0][0] != "0"
        and all(len(group) == 3 for group in groups[1:])
    )


def _whole(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _joined(whole: str, decimal: str | None) -> str:
    if decimal is None:
        return _whole(whole)
    if len(decimal) != 3:  # 5.000 may be five thousand; its zeros are kept
        decimal = decimal.rstrip("0")
    return f"{_whole(whole)}.{decimal}" if decimal else _whole(whole)
