"""Lines that belonged to the page, not to the text: read also, share on, follow us, next.

A line goes only if all of it is navigation, or if it opens with an invitation that prose does
not open with. Short phrases count as the whole line only.
"""

import re
from collections.abc import Iterator

from tahdhib.conduct.rules.change import Change
from tahdhib.conduct.rules.lines import removed_lines

_NETWORK = (
    r"(?:ال)?(?:فيس ?بوك|تويتر|واتس ?(?:اب|آب|أب)?|واتساب|انستجرام|انستغرام|إنستغرام|يوتيوب|تلغرام|"
    r"تليجرام|تيليجرام|سناب ?شات|لينكد ?إن|لينكدإن|بنترست|جوجل بلس|جوجل\+|تيك توك)"
)
_WHOLE = re.compile(
    r"(?:\W*(?:المزيد|اقرأ المزيد|اقرا المزيد|قراءة المزيد|شاهد المزيد|عرض المزيد|التالي|السابق|"
    r"السابق التالي|الرئيسية|الصفحة الرئيسية|العودة (?:إلى|الى) (?:الأعلى|الصفحة الرئيسية)|"
    r"(?:أعلى|اعلى) الصفحة|اضغط هنا|إضغط هنا|أضغط هنا|انقر هنا|للمزيد اضغط هنا|اطبع|طباعة|"
    r"إطبع|أرسل لصديق|ارسل لصديق|أرسل إلى صديق|نسخ الرابط|حفظ الصفحة|تعليقات|التعليقات|"
    r"أضف تعليق|أضف تعليقا|أضف تعليقك|اترك تعليقا|اكتب رأيك|مواضيع ذات صلة|موضوعات ذات صلة|"
    r"أخبار ذات صلة|مقالات ذات صلة|مقالات مشابهة|مواضيع مشابهة|شاهد أيضا|شاهد أيضاً|شارك|"
    r"شارك المقال|شارك الخبر|مشاركة|سجل الدخول|تسجيل الدخول|الأكثر قراءة|الأكثر مشاهدة|"
    r"read more|continue reading|click here|next|previous|next previous|share|share this|"
    r"share this post|leave a comment|leave a reply|back to top|related posts|related articles|"
    r"log in|sign up|sign in|skip to content|post a comment|reply|print|home|menu)\W*)",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"\W{0,6}(?:(?:اقرأ|إقرأ|اقرا|أقرأ|شاهد|طالع|اقرئي|تابع) (?:أيضا|أيضاً|ايضا|ايضاً|أيضًا|ايضًا)\b|"
    rf"(?:شارك|شاركها|شاركه|شاركنا|شاركوا|انشر|مشاركة) (?:هذا |هذه )?"
    rf"(?:المقال |المقالة |الموضوع |الخبر |الصفحة |التدوينة )?"
    rf"(?:على|عبر|في|مع) {_NETWORK}|"
    rf"(?:تابعونا|تابعنا|تابعوا صفحتنا|تابع صفحتنا|انضموا إلينا|انضم إلينا|زوروا صفحتنا|لمتابعتنا) "
    r"(?:على|عبر|في|من خلال) |"
    r"(?:للمزيد|لقراءة المزيد|لمشاهدة المزيد|"
    r"لمزيد من التفاصيل|للتفاصيل)،? (?:اضغط|إضغط|انقر|زوروا) |"
    r"(?:اضغط|إضغط|انقر) هنا (?:ل|من أجل)|"
    r"مقالات أخرى للكاتب|"
    r"(?:share|tweet|pin) (?:this )?(?:on|to|via) (?:twitter|facebook|whatsapp|"
    r"linkedin|pinterest|x|reddit|email|telegram)\b|"
    r"(?:click to share|follow us on|like us on|find us on|join us on|"
    r"subscribe to our|read more:|read also:|"
    r"see also:|you may also like|you might also like|also read:|related:|click here to))",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:شارك من خلال تويتر فيسبوك جوجل بلس اكتب رأيك|Next Previous|Previous Next)(?=\s)"
)
_CUES = (
    "لمزيد", "مزيد", "اقر", "قرأ", "قرا", "شار", "تابع", "ضغط", "نقر", "صلة", "شاهد", "طالع",
    "الرئيسي", "علي", "طبع", "لصديق", "السابق", "التالي", "الصفحة", "رأيك", "الرابط", "انضم",
    "زوروا", "تفاصيل", "للكاتب", "الدخول", "الأكثر", "مشابه", "طباعة", "انشر",
)  # fmt: skip
_LONGEST = 220


def find(text: str) -> Iterator[Change]:
    """Yield the removal of navigation lines, and of buttons glued to the start of a text's line."""
    yield from removed_lines(text, _is_navigation, longest=_LONGEST)
    if "Next" in text or "جوجل بلس" in text:
        for match in _LEAD.finditer(text):
            line_start = text.rfind("\n", 0, match.start()) + 1
            if not text[line_start : match.start()].strip():
                yield Change(match.start(), match.end() + 1, "")


def _is_navigation(line: str) -> bool:
    if not line.isascii() and not any(cue in line for cue in _CUES):
        return False
    return bool(_OPENING.match(line) or _WHOLE.fullmatch(line))
