"""Advertising lines: offers with an order to act, pay-per-message boxes, coupon codes.

One advertising word proves nothing (a newspaper writes about discounts), so a line needs either a
phrase that only advertising uses, or an offer *and* a call to act *and* a contact or a hurry.
"""

import re
from collections.abc import Iterator

from tahdhib.conduct.rules.change import Change
from tahdhib.conduct.rules.lines import removed_lines

_CERTAIN = re.compile(
    r"للتواصل (?:مع الكاتب )?[اأ]رسل (?:رسالة )?(?:نصية )?sms|"
    r"تبدأ بالرمز \(?[\d#]{1,5}\)?،? (?:ثم )?مسافة|"
    r"^[-–\s]*\d{5,6} ?[-–]? ?(?:stc|mobily|zain|الاتصالات|موبايلي|زين)\W*$|"
    r"^الاتصالات ?[,،] ?\d{5,6} ?موبايلي|"
    r"(?:كود|كوبون) (?:ال)?خصم ?[:؛(]|"
    r"(?:استخدم|استخدموا|استعمل) (?:كود|كوبون|الكود)|"
    r"^\W*(?:إعلان|اعلان|إعلانات|اعلانات|(?:إعلانات|اعلانات) جوجل|مساحة (?:إعلانية|اعلانية)|"
    r"(?:إعلان|اعلان|محتوى) ممول\b.*|advertisements?|sponsored content|sponsored\b.{0,40})\W*$|"
    r"^\W*(?:أعلن|اعلن|إعلن|أعلنوا|اعلنوا) (?:معنا|هنا|لدينا)\b|"
    r"^\W*(?:اربح|إربح|اكسب|إكسب) \d+ (?:دولار|يورو|ريال|جنيه|درهم|دينار)|"
    r"(?:للإعلان|للاعلان|لإعلاناتكم|لاعلاناتكم) (?:معنا|هنا|في الموقع|على الموقع|علي|على)|"
    r"^\W*(?:buy now|order now|shop now|subscribe now|limited time offer|"
    r"free shipping|click to buy)\b",
    re.IGNORECASE,
)
_OFFER = re.compile(
    r"(?:خصم|تخفيض(?:ات)?|عرض خاص|عروض|بأسعار|باسعار|بسعر|بأقل|باقل|أرخص|ارخص|توصيل|التوصيل|"
    r"شحن مجان|الشحن مجان|مجان(?:ا|ًا|اً|ي)|للبيع|متوفر|متوفره|متوفرة|ضمان|"
    r"الكمية محدودة|المقاعد محدودة|تقسيط)"
)
_CALL = re.compile(
    r"(?:للطلب|لطلب|اطلب(?:ي|وا)? (?:الآن|الان)|اطلبها|اطلبه|للحجز|احجز(?:ي|وا)?|للتواصل|"
    r"تواصل معنا|"
    r"للاستفسار|واتس|اتصل (?:الآن|الان|بنا|على)|راسلني|راسلنا|سارع|لا تفوت|اشتر الآن|اشتري الآن|"
    r"اشترك الآن|سجل الآن|حمل التطبيق الآن)"
)
_TAIL = re.compile(r"[\s»«*•|-]*\bمساحة (?:إعلانية|اعلانية)[\s»«*•|-]*$", re.MULTILINE)
"""An advertising mark glued to the end of a line of text: the mark goes, the line stays."""
_HURRY = "(?:لفترة محدودة|الكمية محدودة|حتى نفاد الكمية|المقاعد محدودة)"
_CONTACT = re.compile(
    rf"{_HURRY}|"
    r"[+0٠]\d{7,}|⟦phone⟧|\d{10,}|https?://|📲|📞|☎|wa\.me"
)
_CUES = (
    "تواصل", "الرمز", "علان", "كود", "كوبون", "خصم", "تخفيض", "عروض", "عرض خاص", "سعار", "سعر",
    "مجان", "للبيع", "للطلب", "لطلب", "للحجز", "احجز", "واتس", "سارع", "اطلب", "متوفر", "ضمان",
    "الاتصالات", "موبايلي", "تقسيط", "محدودة", "اعلن", "أعلن", "ممول", "اربح", "اكسب", "دولار",
)  # fmt: skip
_ENGLISH = re.compile(r"now|offer|shipping|click|adverti|sponsored|stc|mobily|zain", re.IGNORECASE)
_LONGEST = 300


def find(text: str) -> Iterator[Change]:
    """Yield the removal of advertising lines, and of advertising marks at the end of others."""
    yield from removed_lines(text, _is_advertising, longest=_LONGEST)
    if "مساحة" in text:
        for match in _TAIL.finditer(text):
            line_start = text.rfind("\n", 0, match.start()) + 1
            if text[line_start : match.start()].strip():
                yield Change(match.start(), match.end(), "")


def _is_advertising(line: str) -> bool:
    if not any(cue in line for cue in _CUES) and not _ENGLISH.search(line):
        return False
    if _CERTAIN.search(line):
        return True
    return bool(_OFFER.search(line) and _CALL.search(line) and _CONTACT.search(line))
