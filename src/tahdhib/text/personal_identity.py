"""Numbers by which a state knows a person: national ids, residence permits, social security.

A plain number in the news is never taken for one by its look alone. `Proof` says what a kind of
number needs beside its form: nothing (long, dated, checked), a word about identity somewhere before
it, or such a word right before it where there is no checksum to go by.

Egypt's last digit is a checksum too, but sources differ on how it is made, so it is not asked for.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from enum import Enum
from typing import NamedTuple

from tahdhib.text.personal_digits import (
    DIGITS,
    WORD,
    groups,
    prefixes,
    second_group,
    western,
    words_since,
)


class Proof(Enum):
    """What must stand before a number of the right form."""

    NOTHING = 0
    WORD = 1
    WORD_NEXT_TO = 2


class Identity(NamedTuple):
    """One kind of number: how it begins (a pattern), what its digits must satisfy, what has to
    stand before it."""

    country: str
    beginning: str
    is_valid: Callable[[str], bool]
    proof: Proof
    cue: re.Pattern[str]


class Lettered(NamedTuple):
    """A kind with letters: its digits, the letters before them, the words right before those."""

    digits: re.Pattern[str]
    letters: re.Pattern[str]
    cue: re.Pattern[str]


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _is_born(century: str, yymmdd: str) -> bool:
    """Whether a century digit (2: the 1900s, 3: the 2000s) and six digits are a date."""
    year = 1700 + 100 * int(century) + int(yymmdd[:2])
    return _is_date(year, int(yymmdd[2:4]), int(yymmdd[4:6]))


def _egyptian(digits: str) -> bool:
    return _is_born(digits[0], digits[1:7]) and digits[7:9] in _GOVERNORATES


def _kuwaiti(digits: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(digits, _KUWAIT, strict=False))
    return _is_born(digits[0], digits[1:7]) and 11 - total % 11 == int(digits[11])


def _turkish(digits: str) -> bool:
    values = [int(digit) for digit in digits]
    tenth = (7 * sum(values[0:9:2]) - sum(values[1:8:2])) % 10
    return values[9] == tenth and values[10] == sum(values[:10]) % 10


def _iranian(digits: str) -> bool:
    rest = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return int(digits[9]) == (rest if rest < 2 else 11 - rest)


def _american(digits: str) -> bool:
    return digits[:3] not in ("000", "666") and digits[3:5] != "00" and digits[5:] != "0000"


def _anything(_digits: str) -> bool:
    return True


_GOVERNORATES = frozenset(
    f"{code:02d}" for code in (*range(1, 5), *range(11, 20), *range(21, 30), *range(31, 36), 88)
)
_KUWAIT = (2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

_PERSONAL = re.compile(
    r"(?<!⟦)(?:هوي(?:[ةه]|ت[يهك])|[إا]قام[ةه]|السجل المدني|سجل مدني|بطاق[ةه] (?:ال)?[أا]حوال|"
    r"رقم(?:ه|ها|ي|ك)? (?:ال)?(?:قومي|وطني|مدني|شخصي|سكاني)|"
    r"بطاق(?:[ةه]|ت[هيك]|تها) (?:ال)?"
    r"(?:شخصي[ةه]|مدني[ةه]|وطني[ةه]|هوي[ةه]|تعريف|سكاني[ةه]|قومي[ةه])|"
    r"(?:ال)?رقم (?:ال)?(?:قومي|وطني|مدني|شخصي|سكاني)|رقم التعريف|کد ملی|كود ملي|شماره ملی|"
    r"national (?:id|identity|identification|number|no\b|code|card)|"
    r"identity (?:card|number|no\b)|identification (?:card|number|no\b)|personal (?:number|no\b)|"
    r"\bid (?:number|no\b|card|#)|\biqama|civil (?:id|number|no\b)|residen(?:ce|t) (?:permit|id)|"
    r"emirates id|\beid\b|\bqid\b|\bcpr\b|kimlik|(?:turkish|egyptian|saudi|kuwaiti) id|"
    r"\bcin\b|\bcnie\b|\bnin\b)",
    re.IGNORECASE,
)
_SOCIAL = re.compile(
    r"(?<!⟦)(?:\bssn\b|\bss ?#|social security|الضمان الاجتماعي|taxpayer id|\bitin\b)",
    re.IGNORECASE,
)
_INSURANCE = re.compile(
    r"(?<!⟦)(?:\bnino\b|national insurance|\bni (?:number|no\b))", re.IGNORECASE
)
_NUMBERS: dict[int, tuple[Identity, ...]] = {
    8: (Identity("TN", r"[01]", _anything, Proof.WORD_NEXT_TO, _PERSONAL),),
    9: (
        Identity("IL", r"", _luhn, Proof.WORD, _PERSONAL),
        Identity("BH", r"\d\d(?:0[1-9]|1[0-2])", _anything, Proof.WORD_NEXT_TO, _PERSONAL),
        Identity("US", r"", _american, Proof.WORD_NEXT_TO, _SOCIAL),
    ),
    10: (
        Identity("SA", r"[12]", _luhn, Proof.WORD, _PERSONAL),
        Identity("IR", r"", _iranian, Proof.WORD, _PERSONAL),
        Identity("JO", r"[29]", _anything, Proof.WORD_NEXT_TO, _PERSONAL),
    ),
    11: (
        Identity("TR", r"[1-9]", _turkish, Proof.WORD, _PERSONAL),
        Identity("QA", r"[23]", _anything, Proof.WORD_NEXT_TO, _PERSONAL),
    ),
    12: (
        Identity("KW", r"[23]", _kuwaiti, Proof.WORD, _PERSONAL),
        Identity("LY", r"[12](?:19|20)", _anything, Proof.WORD_NEXT_TO, _PERSONAL),
    ),
    14: (Identity("EG", r"[23]", _egyptian, Proof.NOTHING, _PERSONAL),),
    15: (Identity("AE", r"784(?:19|20)", _luhn, Proof.NOTHING, _PERSONAL),),
    18: (Identity("DZ", r"1", _anything, Proof.WORD_NEXT_TO, _PERSONAL),),
}
"""By their count of digits. Israel's, which residents of Palestine also bear, are checked as Saudi
ones are."""

_FEWEST_DIGITS = min(_NUMBERS)
_FIVE_DIGITS = re.compile(rf"[{DIGITS}](?:[ -]?[{DIGITS}]){{4}}")
_CANDIDATE = re.compile(
    rf"[{DIGITS}](?:(?<=[\u0621-\u064a]/[{DIGITS}])|(?<![{WORD}@#/=.,_⟧-][{DIGITS}]))"
    rf"[{DIGITS}]{{0,17}}(?:[ -][{DIGITS}]{{1,14}}){{0,6}}"
    rf"(?![{WORD}@%٪=⟦]|[.,٫:/-][{DIGITS}])"
)
_AS_PRINTED = re.compile(r"\d+|784([ -])\d{4}\1\d{7}\1\d")
_AMERICAN_GROUPS = re.compile(r"\d{3}-\d\d-\d{4}")
_LETTERED = (
    Lettered(
        re.compile(r"[0-9][0-9] ?[0-9][0-9] ?[0-9][0-9] ?[A-D](?!\w)"),
        re.compile(r"(?<![A-Za-z0-9⟧])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\Z"),
        _INSURANCE,
    ),
    Lettered(
        re.compile(rf"[{DIGITS}][{DIGITS}]{{4,5}}(?![{WORD}⟦.,/-])"),
        re.compile(r"(?<![A-Za-z0-9⟧-])[A-Z]{1,2} ?\Z"),
        _PERSONAL,
    ),
)
"""Of the United Kingdom and of Morocco."""

_LONGEST_LETTERS = 4
_NOT_A_PERSON = re.compile(
    r"(?:\border|invoice|tracking|\bref|account|shipment|barcode|طلب|فاتورة|شحن[ةه]|مرجع|حساب|"
    r"تتبع|باركود|بطاقة شحن)[^\n]{0,16}\Z",
    re.IGNORECASE,
)
_SECOND = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d"
)
_CUE_REACH = 40
_NEXT_TO_REACH = 20


def find_identities(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each number of a person's papers."""
    if not _FIVE_DIGITS.search(text):
        return
    match = _CANDIDATE.search(text)
    while match:
        end = _end(text, match)
        if end is not None:
            yield match.start(), end
        resume = match.start() + second_group(match.group()) if end is None else end
        match = _CANDIDATE.search(text, resume)
    for kind in _LETTERED:
        for digits in kind.digits.finditer(text):
            start, end = digits.span()
            letters = kind.letters.search(text[max(0, start - _LONGEST_LETTERS) : start])
            if letters is None:
                continue
            start -= len(letters.group())
            if _is_announced(kind.cue, text, start, Proof.WORD_NEXT_TO):
                yield start, end


def _end(text: str, match: re.Match[str]) -> int | None:
    """Where the number that begins with `match` ends: it may be only its first groups."""
    for number, digits in prefixes(western(match.group()), _FEWEST_DIGITS):
        for identity in _NUMBERS.get(len(digits), ()):
            if (
                re.match(identity.beginning, digits)
                and identity.is_valid(digits)
                and _is_proven(text, match.start(), number, identity)
            ):
                return match.start() + len(number)
    return None


def _is_proven(text: str, start: int, number: str, identity: Identity) -> bool:
    if identity.proof is not Proof.NOTHING:
        proof = identity.proof
        if identity.country == "US" and _AMERICAN_GROUPS.fullmatch(number):
            proof = Proof.WORD
        return _is_announced(identity.cue, text, start, proof)
    if _is_announced(identity.cue, text, start, Proof.WORD):
        return True
    if not _AS_PRINTED.fullmatch(number):
        return False
    before = text[max(0, start - _CUE_REACH) : start]
    return not (_SECOND.fullmatch(number) or _NOT_A_PERSON.search(before))


def _is_announced(cue: re.Pattern[str], text: str, start: int, proof: Proof) -> bool:
    """Whether `cue` stands before `start`, as near as `proof` asks."""
    since = words_since(cue, text, start, _CUE_REACH)
    if since is None:
        return False
    if proof is Proof.WORD:
        return True
    return len(since) <= _NEXT_TO_REACH and not groups(since)
