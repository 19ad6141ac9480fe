"""Phone numbers: valid ones, by Google's metadata, that also say that they are phone numbers.

What says so: an international prefix, the form of a mobile number of an Arab country, the American
way to group one, or a word such as هاتف before it. The nearer the word, the less the number itself
has to show. After words such as *invoice* or *ISBN* a number is none, whatever it looks like.
"""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache

from tahdhib.text.personal_digits import (
    DIGITS,
    WORD,
    groups,
    prefixes,
    second_group,
    western,
    words_since,
)

_SEPARATOR = r"(?:\)[ .-]?|[ .\u00a0]?\(|[ .\u00a0\u2011-]| - )"
_FIRST = rf"[+({DIGITS}]"
_CANDIDATE = re.compile(
    rf"{_FIRST}(?:(?<=[{DIGITS}]{{7}}[/,]{_FIRST})|(?<=[\u0621-\u064a]/{_FIRST})|"
    rf"(?<![{WORD}@#/=.,_⟧-]{_FIRST})(?<![{DIGITS}]:{_FIRST}))"
    rf"(?:(?: [{DIGITS}]){{8,14}}(?! ?[{DIGITS}])|"
    rf"(?:(?<=[+(])[ +(]{{0,2}})?[{DIGITS}]{{0,16}}(?:{_SEPARATOR}[{DIGITS}]{{1,14}}){{0,6}})"
    rf"(?![{WORD}@%٪=⟦]|[.٫:][{DIGITS}]|,(?![{DIGITS}]{{7}})[{DIGITS}]|/(?![{DIGITS}]{{7}})\w)"
)
_FEWEST_DIGITS, _MOST_DIGITS = 7, 17
_SEVEN_DIGITS = re.compile(rf"[{DIGITS}](?:[ .()\u00a0\u2011-]{{0,3}}[{DIGITS}]){{6}}")
_LINK = re.compile(r"(?:https?://)?(?:wa\.me/|api\.whatsapp\.com/send/?\?phone=)\+?\d{8,15}")

_PHONE_WORD = (
    r"هاتف|هواتف|جوّ?ال(?:ي|ه|ها|ك|كم|نا|ات)?(?![\u0621-\u064a])|موبايل|محمول|"
    r"تليفون|تلفون|تيلفون|واتس|فاكس|اتصل|الاتصال|"
    r"للتواصل|للاستفسار|للحجز|للطلب|على الرقم|☎|📞|📱|📲|"
    r"whats ?app|\btel\b|\bph\b|(?<!i)phone|mobile|\bcall\b|\bdial\b|\bfax\b"
)
_CUE = re.compile(rf"(?<!⟦)(?:{_PHONE_WORD})", re.IGNORECASE)
_WEAK_CUE = re.compile(r"(?:رقم|أرقام|ارقام|الأرقام)")
_CUE_REACH = 40
_NOT_A_PHONE = re.compile(
    r"(?:isbn|issn|doi|oclc|iban|imei|invoice|\border|account|آيبان|ايبان|حساب|السجل|سجل|الهوية|"
    r"رخصة|ترخيص|فاتورة|المادة|قرار|مرسوم|تعميم|كود|باركود|ردمك)"
    rf"(?:(?!{_PHONE_WORD})[^\n]){{0,12}}\Z",
    re.IGNORECASE,
)
_NEXT_TO = re.compile(r"\W*(?:\w+\W+)?")
_NEXT_TO_REACH = 20

_YEARS = re.compile(r"(?:(?:1[3-9]|20)\d\d(?:\D+|\Z)){2,}|1\d{3} ?- ?1\d{3}")
_DATE = re.compile(
    r"\(?(?:(?:1[34]|19|20)\d\d\D\d{1,2}\D\d{1,2}|\d{1,2}\D\d{1,2}\D(?:1[349]|20)\d\d)\b"
)
_ISBN = re.compile(r"\d{1,5}-\d{1,7}-\d{1,7}-\d")
_LONE_ZERO = re.compile(r"0\D+\d\d")
_DECIMALS = re.compile(r"\.\d+[ -]|\d[ -]\d+\.")
"""Numbers with points and other signs between them: coordinates and drawings."""

_AMERICAN = re.compile(
    r"\([2-9]\d\d\)[ -]?[2-9]\d\d[-. ]\d{4}|(?:1[-. ])?[2-9]\d\d([-.])[2-9]\d\d\1\d{4}"
)
_ARAB_REGIONS = (
    "SA", "EG", "AE", "KW", "QA", "BH", "OM", "YE", "IQ", "JO", "SY", "LB", "PS", "SD", "LY",
    "TN", "DZ", "MA",
)  # fmt: skip
_REGIONS = (*_ARAB_REGIONS, "US", "GB")
# Mobile numbers as people write them at home, ten or eleven digits: those of the Gulf, Egypt and
# Jordan show it by their beginning, others only if the number is in use.
_MOBILE = re.compile(r"05\d{8}|01[0125]\d{8}|07[789]\d{7}")
_MOBILE_IF_VALID = re.compile(r"07[3-9]\d{8}|0[67]\d{8}|09[1-9]\d{7}")
_PAIRS = re.compile(r"\d\d(?:\D\d\d){4}")
_AREA = re.compile(r"\(0\d{1,4}\)")
_DIALLED_AT_HOME = re.compile(r"(?:0|800|920)(?!.* - )")
_SHORTEST_WITH_TRUNK = 9


def find_phones(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each phone number, and of links that open a chat with one."""
    if "wa.me/" in text or "whatsapp.com" in text:
        yield from (match.span() for match in _LINK.finditer(text))
    if not _SEVEN_DIGITS.search(text):
        return
    match = _CANDIDATE.search(text)
    while match:
        found = _span(text, match)
        if found:
            yield found
        resume = found[1] if found else match.start() + second_group(match.group())
        match = _CANDIDATE.search(text, resume)


def _span(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """Bounds of the phone number that begins with `match`: it may be only its first groups."""
    number = western(match.group())
    start = match.start()
    if ")" not in number:
        start += len(number) - len(number.lstrip("( "))
        number = number.lstrip("( ")
    words = _WordsBefore(text, start)
    end = start + len(number)
    if text.startswith("+", end) and _is_valid("+" + "".join(groups(number)), None):
        return None if words.deny else (start, end + 1)
    for shorter, digits in prefixes(number, _FEWEST_DIGITS):
        if len(digits) > _MOST_DIGITS or shorter.count(")") != shorter.count("("):
            continue
        if _is_phone(shorter, digits, words):
            is_other = words.deny or _is_something_else(number)
            return None if is_other else (start, start + len(shorter))
    return None


def _is_something_else(number: str) -> bool:
    """Whether `number` is a range of years, a date, or grouped as no phone number is."""
    if _YEARS.fullmatch(number) or _DATE.match(number) or _ISBN.fullmatch(number):
        return True
    if number.startswith("+"):
        return False
    return bool(_LONE_ZERO.match(number) or _DECIMALS.search(number))


class _WordsBefore:
    """What the words before a number say; looked up only where the number leaves it open."""

    def __init__(self, text: str, start: int) -> None:
        self.text, self.start = text, start

    @cached_property
    def deny(self) -> bool:
        before = self.text[max(0, self.start - _CUE_REACH) : self.start]
        return _NOT_A_PHONE.search(before) is not None

    @cached_property
    def since(self) -> str | None:
        return words_since(_CUE, self.text, self.start, _CUE_REACH)

    @property
    def announce(self) -> bool:
        return self.since is not None

    @cached_property
    def announce_directly(self) -> bool:
        since = self.since
        return (
            since is not None
            and len(since) <= _NEXT_TO_REACH
            and _NEXT_TO.fullmatch(since) is not None
        )

    @cached_property
    def hint(self) -> bool:
        return words_since(_WEAK_CUE, self.text, self.start, _CUE_REACH) is not None


def _is_phone(number: str, digits: str, words: _WordsBefore) -> bool:
    """Whether `number`, which holds `digits` (ASCII), is a phone number after such words."""
    if number.lstrip("(").startswith(("+", "00")):
        return _is_valid("+" + digits.removeprefix("00"), None)
    if _MOBILE.fullmatch(digits):
        return True
    if _AMERICAN.fullmatch(number) and _is_valid(digits, "US"):
        return True
    if _MOBILE_IF_VALID.fullmatch(digits) and not _PAIRS.fullmatch(number):
        return _is_valid_in(digits, _ARAB_REGIONS)
    if _AREA.match(number) and _is_valid_in(digits, _REGIONS):
        return True
    has_trunk = digits.startswith(("0", "8", "9"))
    if words.announce_directly or (has_trunk and words.announce):
        return _is_valid_in(digits, _REGIONS)
    if len(digits) >= _SHORTEST_WITH_TRUNK and _DIALLED_AT_HOME.match(number) and words.hint:
        return _is_valid_in(digits, _ARAB_REGIONS)
    return False


def _is_valid_in(number: str, regions: tuple[str, ...]) -> bool:
    return any(_is_valid(number, region) for region in regions)


@lru_cache(maxsize=4096)
def _is_valid(number: str, region: str | None) -> bool:
    import phonenumbers  # here, not above: its metadata take a tenth of a second to load

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
