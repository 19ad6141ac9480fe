"""The dates of a text as tuples, numeric or with a month's name, Gregorian or Hijri.

Month names: Arabic as in Egypt, the Gulf, the Levant, Iraq and the Maghreb, the Hijri months,
English. A numeric date is read day first, as the Arab world and Europe write it, unless that is
impossible; what matters is that one text is always read in one way. A month's name without a day
or a year is no date: صفر is also zero, May also a verb.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

from tahdhib.score.numbers import ascii_digits, visible

Calendar = Literal["gregorian", "hijri"]


class Date(NamedTuple):
    """A date or the part of one that is written; None where a part is missing."""

    calendar: Calendar
    year: int | None
    month: int
    day: int | None

    def words(self) -> str:
        """Day-month-year with `?` for what is missing."""
        parts = (self.day, self.month, self.year)
        mark = " AH" if self.calendar == "hijri" else ""
        return "-".join("?" if part is None else str(part) for part in parts) + mark


GREGORIAN_MONTHS: tuple[tuple[str, ...], ...] = (
    ("يناير", "كانون الثاني", "كانون ثاني", "جانفي", "january", "jan"),
    ("فبراير", "شباط", "فيفري", "february", "feb"),
    ("مارس", "اذار", "march", "mar"),
    ("ابريل", "نيسان", "افريل", "april", "apr"),
    ("مايو", "ايار", "ماي", "may"),
    ("يونيو", "يونيه", "حزيران", "جوان", "june", "jun"),
    ("يوليو", "يوليه", "يوليوز", "تموز", "جويليه", "july", "jul"),
    ("اغسطس", "اب", "اوت", "غشت", "august", "aug"),
    ("سبتمبر", "ايلول", "شتنبر", "september", "sept", "sep"),
    ("اكتوبر", "تشرين الاول", "تشرين اول", "october", "oct"),
    ("نوفمبر", "تشرين الثاني", "تشرين ثاني", "نونبر", "november", "nov"),
    ("ديسمبر", "كانون الاول", "كانون اول", "دجنبر", "december", "dec"),
)
HIJRI_MONTHS: tuple[tuple[str, ...], ...] = (
    ("محرم", "muharram"),
    ("صفر", "safar"),
    ("ربيع الاول", "ربيع اول"),
    ("ربيع الاخر", "ربيع الثاني", "ربيع اخر", "ربيع ثاني"),
    ("جمادي الاولي", "جمادي الاول", "جماد الاول", "جمادي اولي"),
    ("جمادي الاخره", "جمادي الثانيه", "جمادي الاخر", "جماد الاخر", "جماد الثاني"),
    ("رجب", "rajab"),
    ("شعبان", "shaban"),
    ("رمضان", "ramadan"),
    ("شوال", "shawwal"),
    ("ذو القعده", "ذي القعده", "ذوالقعده"),
    ("ذو الحجه", "ذي الحجه", "ذوالحجه"),
)
_TABLES: tuple[tuple[Calendar, tuple[tuple[str, ...], ...]], ...] = (
    ("gregorian", GREGORIAN_MONTHS),
    ("hijri", HIJRI_MONTHS),
)
_MONTHS: dict[str, tuple[Calendar, int]] = {
    name: (calendar, month)
    for calendar, table in _TABLES
    for month, names in enumerate(table, start=1)
    for name in names
}
_FOLDS = (("أ", "ا"), ("إ", "ا"), ("آ", "ا"), ("ى", "ي"), ("ة", "ه"), ("ـ", ""))
_MARKS = re.compile("[\u064b-\u0652]+")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_BLANKS = re.compile(r"(?:[^\S\n]|\[\[|\]\])+")
_NAMES = "|".join(
    re.escape(name).replace(r"\ ", r"\s+") for name in sorted(_MONTHS, key=len, reverse=True)
)
_WRITTEN = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s?(?:من\s|of\s|/|-)?\s?(?:شهر\s)?(?:ال)?"
    rf"(?P<month>{_NAMES})\b(?:\s?[(/]\s?(?:{_NAMES})\b\s?\)?)?"
    rf"(?:\s?[,،]?\s?(?:من\s)?(?:عام\s|سنه\s|/|-)?\s?(?P<year>\d{{4}}))?(?!\d)"
    rf"|\b(?:[وفبل]?(?:ال)?)(?P<month2>{_NAMES})\b(?:\s?[(/]\s?(?:{_NAMES})\b\s?\)?)?"
    rf"(?:\s(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d))?"
    rf"(?:\s?[,،]?\s?(?:من\s)?(?:عام\s|سنه\s|of\s|/|-)?\s?(?P<year2>\d{{4}})(?!\d))?"
)
_LOWER = re.compile("[A-Z]+")
_WORD = re.compile(r"[^\W\d_]+")
_FIRST_WORDS = frozenset(
    clitic + article + name.split()[0]
    for name in _MONTHS
    for clitic in ("", "و", "ف", "ب", "ل")
    for article in ("", "ال")
    if not (article and name.startswith("ذ"))  # الذي is the commonest relative pronoun
)
"""What a month's name can begin with."""
_BEFORE, _AFTER = 40, 80
"""Characters of a written date on either side of its month's first word, generously."""
_NUMERIC = re.compile(
    r"(?<![\d/.-])(\d{1,4})\s?([/.\-])\s?(\d{1,2})\s?\2\s?(\d{2,4})(?![\d/]|[.-]\d)(\s?ه)?"
)
_HIJRI_YEARS = range(1200, 1600)


def dates(text: str) -> Counter[Date]:
    """Multiset of the dates; empty where the text has no digit."""
    found: Counter[Date] = Counter()
    text = ascii_digits(visible(text))
    if not any(digit in text for digit in "0123456789"):
        return found
    text = _DRAWN_OUT.sub(r"\1", _fold(text))
    for match in _NUMERIC.finditer(text):
        date = _numeric(match)
        if date:
            found[date] += 1
    for match in _written(text):
        day, year = match["day"] or match["day2"], match["year"] or match["year2"]
        if not day and not year:
            continue
        calendar, month = _MONTHS[re.sub(r"\s+", " ", match["month"] or match["month2"])]
        found[Date(calendar, int(year) if year else None, month, int(day) if day else None)] += 1
    return found


def find_dates(text: str) -> Iterator[tuple[int, int]]:
    """Where dates stand in `text` as it is; one with signs or tatweel inside is not seen."""
    folded = ascii_digits(text)
    for written, same in _FOLDS:
        if same:
            folded = folded.replace(written, same)
    folded = _LOWER.sub(_lower, folded).replace("\n", "\0")
    if not any(digit in folded for digit in "0123456789"):
        return
    for match in _NUMERIC.finditer(folded):
        if _numeric(match):
            yield match.span()
    for match in _written(folded):
        if match["day"] or match["day2"] or match["year"] or match["year2"]:
            yield match.span()


def _lower(match: re.Match[str]) -> str:
    return match.group().lower()


def _fold(text: str) -> str:
    """Spellings of a month's name made one, and the blanks and wiki brackets in a date.

    (`str.translate` would take ten times as long.)
    """
    for written, folded in _FOLDS:
        text = text.replace(written, folded)
    return _BLANKS.sub(" ", _MARKS.sub("", text)).lower()


def _written(text: str) -> Iterator[re.Match[str]]:
    """Matches of the long pattern, which is tried only around what may be a month's name."""
    low = high = 0
    for word in _WORD.finditer(text):
        if word.group() not in _FIRST_WORDS:
            continue
        if word.start() - _BEFORE > high:
            yield from _WRITTEN.finditer(text, low, high)
            low = word.start() - _BEFORE
        high = word.end() + _AFTER
    yield from _WRITTEN.finditer(text, max(0, low), high)


def _numeric(match: re.Match[str]) -> Date | None:
    first, middle, last = int(match[1]), int(match[3]), int(match[4])
    if len(match[1]) == 4 and len(match[4]) == 2:
        year, month, day = first, middle, last
    elif len(match[1]) <= 2 and len(match[4]) in (2, 4):
        day, month, year = first, middle, last
    else:
        return None
    if month > 12:
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return Date("hijri" if match[5] or year in _HIJRI_YEARS else "gregorian", year, month, day)
