"""Faults in facts that are written in figures and fixed words: numbers, dates, units, links."""

import random
import re
from collections.abc import Sequence

from fault import others_of, replace, swap_word

_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_FIGURE = re.compile(r"(?<![\w.,/:٫٬@-])\d+(?![\w.,/:٫٬@-]*\d|[a-zA-Z@/])")

_COUNT_WORDS = {
    "ar": others_of(
        ("ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة", "عشرة"),
        ("ثلاث", "أربع", "خمس", "سبع", "ثماني", "تسع", "عشر"),
        ("عشرين", "ثلاثين", "أربعين", "خمسين", "ستين", "سبعين", "ثمانين", "تسعين"),
        ("عشرون", "ثلاثون", "أربعون", "خمسون", "ستون", "سبعون", "ثمانون", "تسعون"),
        ("مئتان", "ثلاثمئة", "أربعمئة", "خمسمئة"),
        ("مائة", "مائتي", "ثلاثمائة", "أربعمائة", "خمسمائة"),
        ("ألف", "مليون", "مليار"),
        ("ألفين", "مليونين", "مليارين"),
        ("آلاف", "ملايين"),
        ("نصف", "ثلث", "ربع", "خمس"),
        ("الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع", "الثامن", "التاسع"),
        ("الثانية", "الثالثة", "الرابعة", "الخامسة", "السادسة", "السابعة", "الثامنة", "التاسعة"),
    ),
    "en": others_of(
        ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"),
        ("hundred", "thousand", "million", "billion"),
        ("hundreds", "thousands", "millions", "billions"),
        ("twice", "once", "three times"),
        ("second", "third", "fourth", "fifth", "sixth", "seventh"),
        ("half", "a third", "a quarter"),
    ),
}
_DUALS = {
    "سنتين": "ثلاث سنوات",
    "سنتان": "أربع سنوات",
    "عامين": "خمسة أعوام",
    "عامان": "ثلاثة أعوام",
    "شهرين": "ستة أشهر",
    "شهران": "أربعة أشهر",
    "أسبوعين": "ثلاثة أسابيع",
    "يومين": "خمسة أيام",
    "يومان": "ثلاثة أيام",
    "ساعتين": "سبع ساعات",
    "ساعتان": "ثلاث ساعات",
    "دقيقتين": "عشر دقائق",
    "مرتين": "أربع مرات",
    "شخصين": "ستة أشخاص",
    "شخصان": "ثلاثة أشخاص",
    "رجلين": "خمسة رجال",
    "طفلين": "أربعة أطفال",
    "طفلان": "ثلاثة أطفال",
    "دولتين": "ثلاث دول",
    "مدينتين": "أربع مدن",
    "جنديين": "خمسة جنود",
    "مباراتين": "ست مباريات",
    "هدفين": "ثلاثة أهداف",
    "نقطتين": "سبع نقاط",
}
_MONTH_GROUPS = {
    "ar": (
        ("يناير", "فبراير", "مارس", "أبريل", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر"),
        ("شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "أيلول"),
        ("محرم", "صفر", "رجب", "شعبان", "رمضان", "شوال"),
    ),
    "en": (
        ("January", "February", "March", "April", "June", "July", "August", "September", "October"),
    ),
}
_DIGIT = "[0-9٠-٩۰-۹]"
_UNIT_GROUPS = {
    "ar": (
        ("كيلومتر", "متر", "ميل"),
        ("كيلومترات", "أمتار", "أميال"),
        ("كلم", "سم"),
        ("كيلوغرام", "غرام", "طن"),
        ("كيلوجرام", "جرام", "طن"),
        ("دولار", "ريال", "يورو", "جنيه", "درهم", "دينار"),
        ("دولارات", "ريالات", "جنيهات", "دراهم", "دنانير"),
        ("ساعة", "دقيقة", "ثانية"),
        ("ساعات", "دقائق", "أيام", "أشهر", "سنوات"),
        ("عاما", "شهرا", "يوما", "أسبوعا"),
        ("عاماً", "شهراً", "يوماً", "أسبوعاً"),
        ("سنة", "ساعة"),
        ("لتر", "برميل"),
        ("درجة", "متر"),
    ),
    "en": (
        ("km", "miles", "metres", "feet"),
        ("kilometers", "miles", "meters"),
        ("kg", "tons", "pounds", "grams"),
        ("hours", "minutes", "days", "weeks", "months", "years"),
        ("hour", "minute", "day", "week", "month", "year"),
        ("dollars", "euros", "pounds"),
        ("inches", "feet", "yards"),
        ("percent", "dollars"),
        ("liters", "gallons"),
    ),
}
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"«»)\]]+")
_NEW_ADDRESSES = (
    "http://www.alkhabar-example.net/story/4471",
    "https://archive.example.org/items/92",
    "www.daily-example.com/page",
)


def number_value(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """One figure by another of the same number of digits, in the same digits."""
    found = list(_FIGURE.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    old = int(match.group())
    width = len(match.group())
    low, high = 10 ** (width - 1) if width > 1 else 0, 10**width - 1
    new = rng.randint(low, high)
    while new == old:
        new = rng.randint(low, high)
    written = str(new).rjust(width, "0")
    if not match.group().isascii():
        written = written.translate(_ARABIC_DIGITS)
    return replace(text, match.start(), match.end(), written)


def number_word(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """One number word by another, or a dual by another count."""
    ways = [lambda: swap_word(text, _COUNT_WORDS[language], rng, "وف" * (language == "ar"))]
    if language == "ar":
        duals = {dual: (count,) for dual, count in _DUALS.items()}
        ways.append(lambda: swap_word(text, duals, rng, "وفبل"))
    rng.shuffle(ways)
    return next((done for way in ways if (done := way())), None)


def dual(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """An Arabic dual by another count."""
    if language != "ar":
        return None
    return swap_word(text, {one: (count,) for one, count in _DUALS.items()}, rng, "وفبل")


def date(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """Day, month or year of one date with a month's name, Gregorian or Hijri."""
    names = [name for group in _MONTH_GROUPS[language] for name in group]
    month = "|".join(map(re.escape, names))
    pattern = rf"(?P<day>{_DIGIT}{{1,2}})\s(?:من\s|of\s)?(?P<month>{month})\b"
    if language == "en":
        pattern += rf"|(?P<month2>{month})\s(?P<day2>{_DIGIT}{{1,2}})\b"
    found = list(re.finditer(rf"\b(?:{pattern})(?:,?\s(?P<year>{_DIGIT}{{4}}))?", text))
    if not found:
        return None
    match = rng.choice(found)
    parts = match.groupdict()
    part = rng.choice([name for name, value in parts.items() if value])
    if part.startswith("month"):
        group = next(group for group in _MONTH_GROUPS[language] if match[part] in group)
        new = rng.choice([one for one in group if one != match[part]])
    else:
        old = int(match[part])
        pool = range(1, 29) if part.startswith("day") else range(old - 9, old + 10)
        new = str(rng.choice([one for one in pool if one != old]))
        if not match[part].isascii():
            new = new.translate(_ARABIC_DIGITS)
    return replace(text, match.start(part), match.end(part), new)


def unit(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """The unit behind one figure by another of its kind."""
    groups = _UNIT_GROUPS[language]
    words = "|".join(
        sorted({re.escape(word) for group in groups for word in group}, key=len, reverse=True)
    )
    found = list(re.finditer(rf"{_DIGIT}\s?(?P<unit>{words})\b", text))
    if not found:
        return None
    match = rng.choice(found)
    group = rng.choice([group for group in groups if match["unit"] in group])
    new = rng.choice([one for one in group if one != match["unit"]])
    return replace(text, match.start("unit"), match.end("unit"), new)


def link_changed(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """One web address by another, or lost."""
    found = list(_ADDRESS.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    return replace(text, *match.span(), rng.choice((*_NEW_ADDRESSES, "")))


def link_added(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """A web address that was not there, at the end of a word."""
    spaces = [match.start() for match in re.finditer(" ", text)]
    if not spaces:
        return None
    place = rng.choice(spaces)
    return replace(text, place, place, " " + rng.choice(_NEW_ADDRESSES))
