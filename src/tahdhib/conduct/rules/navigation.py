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
    r"شارك المقال|شارك الخبر|شارك (?:هذا |هذه )?(?:المقال|المقالة|الموضوع|الخبر|الصفحة) مع "
    r"(?:أصدقائك|اصدقائك|أصحابك|الأصدقاء)|مشاركة|(?:نسخة|صفحة|اصدار) للطباعة|"
    r"(?:أكمل|اكمل|تابع|واصل) (?:ال)?قراءة|أرسل الصفحة (?:إلى|الى|ل) ?صديق|"
    r"سياسة الخصوصية|شروط الاستخدام|من نحن|(?:اتصل|إتصل) بنا|خريطة الموقع|"
    r"(?:ابحث|بحث) (?:في|داخل) الموقع|(?:عودة|العودة|ارجع) (?:إلى|الى|ل) ?(?:أعلى|اعلى) الصفحة|"
    r"(?:العودة|عودة) (?:لل|إلى ال|الى ال)(?:قائمة )?(?:الرئيسية|رئيسية)|"
    r"الأكثر (?:قراءة|مشاهدة|تعليقا) (?:هذا الأسبوع|اليوم|هذا الشهر)|"
    r"لا (?:توجد|يوجد) (?:أي )?تعليق(?:ات)?(?: بعد)?(?:،? كن أول من يعلق)?|كن أول من يعلق|"
    r"(?:أضف|اضف|اترك|اكتب) (?:تعليق|تعليقا|تعليقاً|تعليقك|ردا|رداً|ردك)|"
    r"(?:سجل|سجّل) دخولك (?:ل|حتى ت)تمكن من .{0,30}|يجب (?:أن تكون عضوا|تسجيل الدخول) ل.{0,30}|"
    r"صفحة \d+ من \d+|سجل الدخول|تسجيل الدخول|الأكثر قراءة|الأكثر مشاهدة|"
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
    r"رابط (?:الخبر|المقال|المقالة|الموضوع|التقرير)"
    r"(?: (?:ب|في |على |من )?(?:صحيفة|موقع|جريدة|وكالة) [^\s:]{1,20}(?: [^\s:]{1,20})?)? ?:|"
    r"(?:اضغط|إضغط|انقر) هنا (?:ل|من أجل)|"
    r"مقالات أخرى للكاتب|(?:الوسوم|الكلمات الدلالية|كلمات دلالية|الكلمات المفتاحية) ?:|"
    r"جميع الحقوق محفوظة|كل الحقوق محفوظة|"
    r"(?:اشترك|إشترك|اشتركوا) (?:في|ف) (?:ال)?قنا(?:ة|تنا|ه)\b|"
    r"(?:انضم|انضموا|إنضم) (?:ل|إلى |الى )(?:جروب|قناة|مجموع|صفح)|"
    r"لايك (?:ل|على )|(?:مواضيع|مقالات|موضوعات) (?:مشابهة|ذات صلة|متعلقة) (?:ل|ب)ـ|"
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
_LINK_OF_NEWS = re.compile(
    r"(?<=\S)[ \xa0]+رابط الخبر بصحيفة [^\s:]{1,20}(?: [^\s:]{1,20})? ?:.{1,160}$", re.MULTILINE
)
"""The title of the text itself, with the word that was its link, glued to the end of a line."""
_CUES = (
    "لمزيد", "مزيد", "اقر", "قرأ", "قرا", "شار", "تابع", "ضغط", "نقر", "صلة", "شاهد", "طالع",
    "الرئيسي", "علي", "طبع", "لصديق", "السابق", "التالي", "الصفحة", "رأيك", "الرابط", "انضم",
    "زوروا", "تفاصيل", "الخصوصية", "الاستخدام", "نحن", "بنا", "الموقع", "تعليق", "دخولك", "عضوا",
    "صفحة", "الوسوم", "الدلالية", "المفتاحية", "محفوظة", "قنا", "لايك", "متعلقة", "يعلق", "جروب",
    "للكاتب", "الدخول", "الأكثر", "مشابه", "طباعة", "انشر", "رابط",
)  # fmt: skip
_SEPARATOR = re.compile(r"[|»>›«<]|\s/\s")
_FRONT = re.compile(r"\W*(?:(?:أنت|انت) هنا ?: ?)?(?:الرئيسية|الصفحة (?:الرئيسية|الأولى)|home)\W*")
_LONGEST = 220
_LONGEST_MENU = 120


def find(text: str) -> Iterator[Change]:
    """Yield the removal of navigation lines, and of buttons glued to the start of a text's line."""
    yield from removed_lines(text, _is_navigation, longest=_LONGEST)
    if "Next" in text or "جوجل بلس" in text:
        for match in _LEAD.finditer(text):
            line_start = text.rfind("\n", 0, match.start()) + 1
            if not text[line_start : match.start()].strip():
                yield Change(match.start(), match.end() + 1, "")
    if "رابط الخبر" in text:
        yield from (Change(*match.span(), "") for match in _LINK_OF_NEWS.finditer(text))


def _is_navigation(line: str) -> bool:
    if not line.isascii() and not any(cue in line for cue in _CUES):
        return False
    return bool(_OPENING.match(line) or _WHOLE.fullmatch(line) or _is_menu(line))


def _is_menu(line: str) -> bool:
    """A breadcrumb from the front page, or a row of links that are each navigation."""
    parts = [part.strip() for part in _SEPARATOR.split(line) if part.strip()]
    if len(parts) < 2 or len(line) > _LONGEST_MENU:
        return False
    return _FRONT.fullmatch(parts[0]) is not None or all(map(_WHOLE.fullmatch, parts))
