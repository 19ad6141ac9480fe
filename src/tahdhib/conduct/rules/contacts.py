"""Ways to reach a person: phone numbers and mail addresses become placeholders.

A number counts as a phone number if it is a valid one (by Google's metadata) *and* says so: an
international prefix, the form of a mobile number of the region, or a word such as هاتف before it.
Public handles (@name) stay: news attributes what was said by them.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from tahdhib.conduct.rules.change import Change
from tahdhib.text.placeholders import placeholder

_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_CANDIDATE = re.compile(
    r"(?<![\w@#/=.,:_-])(?:\+ ?|\(\+|00 ?)?\(?[0-9٠-٩۰-۹]"
    r"(?:[0-9٠-٩۰-۹]|[ .()\u2011-](?=[(0-9٠-٩۰-۹])){6,17}"
    r"(?![\w@/:%٪=]|[.,٫][0-9٠-٩۰-۹])"
)
_CUE = re.compile(
    r"(?:هاتف|هواتف|جوال|موبايل|محمول|تليفون|تلفون|تيلفون|واتس|واتساب|فاكس|اتصل|الاتصال|"
    r"للتواصل|للاستفسار|للحجز|للطلب|على الرقم|الرقم|رقم|أرقام|ارقام|الأرقام|"
    r"☎|📞|📱|📲|whats ?app|\btel\b|phone|mobile|\bcall\b|\bfax\b)",
    re.IGNORECASE,
)
_NOT_A_PHONE = re.compile(
    r"(?:isbn|issn|doi|oclc|iban|آيبان|ايبان|حساب|السجل|سجل|الهوية|رخصة|ترخيص|فاتورة|المادة|"
    r"قرار|مرسوم|تعميم|كود|باركود)[^\n]{0,12}\Z",
    re.IGNORECASE,
)
_CUE_REACH = 40
_REGIONS = (
    "SA", "EG", "AE", "KW", "QA", "BH", "OM", "YE", "IQ", "JO", "SY", "LB", "PS", "SD", "LY",
    "TN", "DZ", "MA",
)  # fmt: skip
# Mobile numbers as people write them at home: ten or eleven digits with these beginnings.
_MOBILE = {
    "SA": re.compile(r"05\d{8}"),
    "EG": re.compile(r"01[0125]\d{8}"),
    "JO": re.compile(r"07[789]\d{7}"),
}
_LINK = re.compile(r"(?:https?://)?(?:wa\.me/|api\.whatsapp\.com/send/?\?phone=)\+?\d{8,15}")
_LOCAL = re.compile(r"[A-Za-z0-9._%+-]{1,64}\Z")
_DOMAIN = re.compile(
    r" ?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,12}(?![A-Za-z0-9])"
)
_SEVEN_DIGITS = re.compile(r"[0-9٠-٩۰-۹](?:[ .()\u2011-]{0,2}[0-9٠-٩۰-۹]){6}")
_LONGEST_LOCAL = 64


def find(text: str) -> Iterator[Change]:
    """Yield a placeholder for each phone number and mail address."""
    if "@" in text:
        yield from _mails(text)
    if "wa.me/" in text or "whatsapp.com" in text:
        yield from (Change(*match.span(), placeholder("phone")) for match in _LINK.finditer(text))
    if _SEVEN_DIGITS.search(text):
        for match in _CANDIDATE.finditer(text):
            if _is_phone(text, match):
                yield Change(*match.span(), placeholder("phone"))


def _mails(text: str) -> Iterator[Change]:
    at = text.find("@")
    while at >= 0:
        local = _LOCAL.search(text, max(0, at - _LONGEST_LOCAL), at)
        domain = _DOMAIN.match(text, at + 1)
        if local and domain:
            yield Change(local.start(), domain.end(), placeholder("email"))
        at = text.find("@", at + 1)


def _is_phone(text: str, match: re.Match[str]) -> bool:
    number = match.group().translate(_DIGITS)
    digits = re.sub(r"\D", "", number)
    before = text[max(0, match.start() - _CUE_REACH) : match.start()]
    if _NOT_A_PHONE.search(before) or re.fullmatch(
        r"(?:1[3-9]|20)\d\d\D+(?:1[3-9]|20)\d\d", number
    ):
        return False
    if number.lstrip("(").startswith(("+", "00")):
        return _is_valid("+" + digits.removeprefix("00"), None)
    if any(form.fullmatch(digits) for form in _MOBILE.values()):
        return True
    cues = list(_CUE.finditer(before))
    if not cues or re.search(r"[.!؟\n]\s", before[cues[-1].end() :]):
        return False
    if digits.startswith(("0", "9", "8")):
        return any(_is_valid(digits, region) for region in _REGIONS)
    return False


@lru_cache(maxsize=4096)
def _is_valid(number: str, region: str | None) -> bool:
    import phonenumbers  # here, not above: its metadata take a tenth of a second to load

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
