"""The noise of scraped pages, planted in clean articles by seed and counted by kind.

The wording is as real sites have it, and none comes from the rules of the conduct: rules and
workers must face lines that they were not made for. Every choice goes through `Dice`, which
uses only `Random.random()`, the one method whose sequence Python promises to keep.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

SEED = 20180101

T = TypeVar("T")
Row = dict[str, str]


class Dice:
    """Seeded choices that no Python version changes."""

    def __init__(self, *key: object) -> None:
        self._random = random.Random(":".join(map(str, (SEED, *key))))

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.number(0, len(choices) - 1)]

    def shuffled(self, items: Iterable[T]) -> list[T]:
        keyed = [(self._random.random(), place, item) for place, item in enumerate(items)]
        return [item for _, _, item in sorted(keyed, key=lambda entry: entry[:2])]

    def sample(self, items: Iterable[T], count: int) -> list[T]:
        return self.shuffled(items)[:count]


# --- wording of the planted lines; {slots} are filled by `filled` ---------------------------

NAVIGATION = """
المزيد من المواضيع المتعلقة بـ{title}
اقرأ أيضاً: {title}
إقرأ ايضا : {title}
شاهد أيضاً | {title}
قد يعجبك كذلك: {title} - {title2}
مقالات ذات صلة
مواضيع مشابهة لـ {title}
شارك هذه المقالة مع أصدقائك
شارك على فيسبوك   تويتر   واتساب
أرسل الصفحة إلى صديق
انشر الموضوع على صفحتك في الفيسبوك
Share on Facebook Share on Twitter
الرئيسية » {section} » {title}
الرئيسية > {section} > {section2}
أنت هنا: الصفحة الأولى / {section}
عودة إلى أعلى الصفحة
العودة للقائمة الرئيسية
الصفحة السابقة | 1 2 3 4 ... {n} | الصفحة التالية
« السابق   التالي »
اضغط هنا لمتابعة القراءة
أكمل القراءة »
تابع القراءة من هنا ←
عدد المشاهدات : {n}
{n} مشاهدة  |  {m} تعليقات
آخر تحديث: {time} ، {date}
كُتب في {date} بواسطة {author}
بواسطة: {author} - آخر تعديل {date}
التصنيفات: {section} , {section2}
الوسوم: #{tag} #{tag2}
سجل دخولك لتتمكن من إضافة تعليق
يجب أن تكون عضوا لتكتب رداً
اضف تعليقك
لا توجد تعليقات بعد، كن أول من يعلق
طباعة  حفظ  إرسال
نسخة للطباعة
حفظ المقال في المفضلة
تابعونا على تويتر وانستجرام وسناب شات
لايك للصفحة لو عجبك الموضوع
متنساش تعمل شير وتقول رأيك في الكومنتات
اشترك في القناة وفعّل زر الجرس
انضم لجروبنا على الفيس عشان يوصلك كل جديد
تابعنا على تليجرام: t.me/example_{n}
جميع الحقوق محفوظة لموقع {site} © {year}
© {year} {site}. كل الحقوق محفوظة
سياسة الخصوصية | شروط الاستخدام | من نحن | اتصل بنا
خريطة الموقع
نقلاً عن موقع {site}
هل كان هذا المقال مفيداً؟ نعم / لا
قيّم هذا الموضوع: ★★★★☆
انسخ الرابط والصقه في موقعك
الأكثر قراءة هذا الأسبوع
اختر لغة العرض: العربية English Français
صفحة {m} من {n}
ابحث في الموقع
موضوعات تهمك: {title} ، {title2}
Read More
Skip to content
"""

ADVERTISING = """
إعلان
إعلانات جوجل
- مساحة إعلانية -
اعلن معنا هنا وخلي اسمك قدام آلاف الزوار
خصم {percent}% على جميع المنتجات لفترة محدودة، سارع بالشراء الآن
عروض {site} الكبرى: تخفيضات حتى {percent}% على {goods}
اشتري {goods} الآن واحصل على الثانية مجاناً
لأول مرة في مصر.. {goods} بسعر {price} جنيه فقط شامل التوصيل
توصيل مجاني لباب البيت عند الطلب اليوم
شقق للبيع في {place} بالتقسيط على {m} سنوات بدون فوائد
مطلوب مندوبين مبيعات بمرتب {price} جنيه + عمولة
تعلم الإنجليزية في {m} أسابيع مع {site} ، سجل الآن مجاناً
حمّل تطبيق {site} مجاناً من جوجل بلاي وآب ستور
اربح {price} دولار يوميا من بيتك بدون رأس مال
خسّي {m} كيلو في أسبوعين من غير رجيم، النتيجة مضمونة
استضافة مواقع بأقل سعر من {site} ابتداءً من {m} دولار شهرياً
احجز فندقك في {place} بخصم {percent} في المية عبر {url}
كوبون خصم {site}: {code}
محتوى ممول برعاية {site}
شركة تنظيف منازل ب{place} أسعار لا تقبل المنافسة
شراء اثاث مستعمل {place} بأعلى سعر
قروض بضمان المرتب موافقة خلال {m} ساعات
الكمية محدودة! {goods} وصلت، ادفع عند الاستلام
Sponsored | {site}
Download now FREE - {url}
"""

CONTACT = """
للتواصل: {phone}
للاستفسار اتصل على {phone} أو {phone2}
واتساب فقط {phone}
راسلنا على {email}
البريد الإلكتروني: {email}
هاتف: {phone}  فاكس: {phone2}
للحجز والاستعلام كلمنا على {phone}
ت: {phone}
موبايل/{phone}
ابعت رسالة على {email} وهنرد عليك
العنوان: {m} شارع {street}، {place} - تليفون {phone}
Contact us: {email}
Tel. {phone}
لمراسلة الكاتب {email}
زوروا موقعنا {url} أو اتصلوا بنا {phone}
"""

WORDS = {
    "section": ("أخبار", "رياضة", "منوعات", "ثقافة وفن", "صحة", "تاريخ", "سياحة", "علوم", "مشاهير"),
    "site": ("دليل النيل", "بوابة الواحة", "عالم المعرفة نت", "سوق المحروسة", "نجوم اونلاين"),
    "author": ("هيئة التحرير", "admin", "محرر الموقع", "م. س.", "قسم الترجمة"),
    "tag": ("مصر", "معلومات_عامة", "تراث", "القاهرة", "شخصيات", "زمان"),
    "goods": ("ساعة يد رجالي", "كريم البشرة", "طقم حلل", "سماعات بلوتوث", "ماكينة قهوة", "مراتب"),
    "place": ("القاهرة الجديدة", "اسكندرية", "الجيزة", "جدة", "الرياض", "شرم الشيخ", "المنصورة"),
    "street": ("التحرير", "النصر", "الجامعة", "المحطة", "البحر"),
    "code": ("WAFAR20", "SAVE-15", "EID2019", "NEW50"),
}

NAMED_LINES = {
    name: tuple(text.strip().split("\n"))
    for name, text in (
        ("navigation_line", NAVIGATION),
        ("advertising_line", ADVERTISING),
        ("contact_line", CONTACT),
    )
}


def phone(dice: Dice) -> str:
    """An invented number in a format that people write."""
    tail = f"{dice.number(0, 9999):04d}"
    middle = f"{dice.number(200, 999)}"
    number = dice.pick(
        (
            f"010{dice.number(0, 9)}{middle}{tail}",
            f"+20 1{dice.number(0, 2)}{dice.number(0, 9)} {middle} {tail}",
            f"02-2{middle}{tail}",
            f"(002) 012 {dice.number(2, 9)}{middle}{tail}",
            f"05{dice.number(0, 9)} {middle} {tail}",
            f"00966 5{dice.number(0, 9)} {middle}-{tail}",
            f"+1 (202) 555-01{dice.number(10, 99)}",
        )
    )
    return number.translate(EASTERN) if dice.chance(0.2) else number


EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def filled(template: str, dice: Dice, titles: Sequence[str]) -> str:
    """The template with invented words, numbers and other articles' titles in its slots."""
    host = dice.pick(("example.com", "shop.example", "www.example.org", "akhbar.example"))
    account = dice.pick(("info", "admin", "sales", "editor"))
    slots = {name: dice.pick(choices) for name, choices in WORDS.items()}
    slots |= {
        "title": dice.pick(titles),
        "title2": dice.pick(titles),
        "section2": dice.pick(WORDS["section"]),
        "tag2": dice.pick(WORDS["tag"]),
        "n": str(dice.number(11, 98000)),
        "m": str(dice.number(2, 10)),
        "percent": str(dice.number(2, 15) * 5),
        "price": str(dice.number(3, 90) * 50),
        "year": str(dice.number(2009, 2018)),
        "date": f"{dice.number(1, 28)}/{dice.number(1, 12)}/{dice.number(2009, 2018)}",
        "time": f"{dice.number(0, 23):02d}:{dice.number(0, 59):02d}",
        "phone": phone(dice),
        "phone2": phone(dice),
        "email": f"{account}{dice.pick(('', '.eg', '2017'))}@{host.removeprefix('www.')}",
        "url": dice.pick((f"http://{host}/?p={dice.number(10, 9999)}", f"www.{host}/offers", host)),
    }
    return template.format_map(slots)


# --- planting: each function returns the text and how many pieces it planted ----------------

Planted = tuple[str, int]
LETTER = "ء-غف-ي"
JOINS = re.compile(rf"(?<=[بتثجحخسشصضطظعغفقكلمنهيئ])(?=[{LETTER}])")
LONG_WORD = re.compile(rf"(?<![\w&#])[{LETTER}]{{4,}}(?!\w)")


def _in_words(text: str, dice: Dice, count: int, change: Callable[[str, Dice], str]) -> Planted:
    """Change up to `count` long Arabic words."""
    chosen = dice.sample(list(LONG_WORD.finditer(text)), count)
    planted = 0
    for match in sorted(chosen, key=lambda match: -match.start()):
        word = change(match.group(), dice)
        planted += word != match.group()
        text = text[: match.start()] + word + text[match.end() :]
    return text, planted


def _stretched(word: str, dice: Dice) -> str:
    places = [match.start() for match in JOINS.finditer(word)]
    for place in sorted(dice.sample(places, dice.number(1, 2)), reverse=True):
        word = word[:place] + "ـ" * dice.pick((1, 1, 1, 2, 3, 5)) + word[place:]
    return word


def _elongated(word: str, dice: Dice) -> str:
    places = [place for place, letter in enumerate(word) if place and letter in "اويىه"]
    place = dice.pick(places) if places and dice.chance(0.8) else len(word) - 1
    return word[:place] + word[place] * dice.number(3, 8) + word[place + 1 :]


def plant_tatweel(text: str, dice: Dice) -> Planted:
    return _in_words(text, dice, dice.number(1, 5), _stretched)


def plant_elongation(text: str, dice: Dice) -> Planted:
    return _in_words(text, dice, dice.number(1, 3), _elongated)


def _at_matches(text: str, dice: Dice, pattern: str, make: Callable[[str], str]) -> Planted:
    chosen = dice.sample(list(re.finditer(pattern, text)), dice.number(1, 4))
    for match in sorted(chosen, key=lambda match: -match.start()):
        text = text[: match.start()] + make(match.group()) + text[match.end() :]
    return text, len(chosen)


def plant_spacing(text: str, dice: Dice) -> Planted:
    gap = dice.pick((" ", " ", "  ", "   "))
    return _at_matches(text, dice, r"(?<=\w)[،.؛:؟!](?=\s|$)", lambda mark: gap + mark)


def plant_punctuation(text: str, dice: Dice) -> Planted:
    return _at_matches(
        text,
        dice,
        r"(?<=\w)[،.؛؟!](?=\s|$)",
        lambda mark: dice.pick(("!" * dice.number(2, 6), mark * dice.number(3, 9), "؟!" * 2)),
    )


def plant_invisible(text: str, dice: Dice) -> Planted:
    stray = dice.pick(("\u200b", "\ufeff", "\u00ad", "\u200e", "\u202a", "\u00a0\u00a0", "\u200f"))
    return _at_matches(text, dice, r"(?<=\w) (?=\w)", lambda space: stray + space)


def plant_markup(text: str, dice: Dice) -> Planted:
    style = dice.pick(("font-size:14px", "color: #333333;", "text-align: justify"))
    picture = dice.number(1000, 9999)
    wraps = (
        ("<p>", "</p>"),
        (f'<span style="{style}">', "</span>"),
        (f'<div class="entry-content" style="{style}">', "</div>"),
        ("<strong>", "</strong>"),
        (f'[caption id="attachment_{picture}" align="aligncenter"]', "[/caption]"),
        ("[vc_column_text]", "[/vc_column_text]"),
        (f'<img class="size-full wp-image-{picture}" src="/uploads/{picture}.jpg" alt="">', ""),
        ("", "<br />"),
        ("", "<!--more-->"),
        ("", "&nbsp;"),
    )
    paragraphs = text.split("\n")
    filled_ones = [place for place, paragraph in enumerate(paragraphs) if paragraph.strip()]
    planted = 0
    for place in dice.sample(filled_ones, dice.number(1, 2)):
        before, after = dice.pick(wraps)
        paragraphs[place] = before + paragraphs[place] + after
        planted += 1
    if dice.chance(0.5):
        entity = dice.pick(("&nbsp;", "&nbsp;&nbsp;", " &amp; ", "&#8230; ", "<br>", " &quot;"))
        joined, more = _at_matches(
            "\n".join(paragraphs), dice, r"(?<=[ء-ي]) (?=[ء-ي])", lambda _: entity
        )
        return joined, planted + more
    return "\n".join(paragraphs), planted


def plant_line(kind: str, text: str, dice: Dice, titles: Sequence[str]) -> Planted:
    """Plant lines of `kind` above, between or below the paragraphs, or glued to one's end."""
    paragraphs = text.split("\n")
    count = dice.pick((1, 1, 1, 2, 3))
    for template in dice.sample(NAMED_LINES[kind], count):
        line = filled(template, dice, titles)
        line = dice.pick(("", "", "", "", "» ", "* ", "👉 ", "- ", "  ")) + line
        place = dice.pick((0, len(paragraphs), len(paragraphs), dice.number(1, len(paragraphs))))
        if place > 0 and paragraphs[place - 1].strip() and dice.chance(0.12):
            paragraphs[place - 1] += "  " + line
        else:
            paragraphs.insert(place, line)
    return "\n".join(paragraphs), count


IN_TEXT: dict[str, Callable[[str, Dice], Planted]] = {
    "markup": plant_markup,
    "tatweel": plant_tatweel,
    "elongation": plant_elongation,
    "spacing": plant_spacing,
    "punctuation": plant_punctuation,
    "invisible": plant_invisible,
}
KINDS = (*IN_TEXT, *NAMED_LINES, *NAMED_LINES)  # lines twice: they are the commonest debris


def noisy(row: Row, titles: Sequence[str]) -> tuple[Row, Counter[str]]:
    """The row with one to three kinds of noise planted in its text."""
    dice = Dice("noise", row["id"])
    kinds = dict.fromkeys(dice.sample(KINDS, dice.pick((1, 1, 2, 2, 3))))
    text, counts = row["text"], Counter[str]()
    for kind in (*IN_TEXT, *NAMED_LINES):
        if kind not in kinds:
            continue
        if kind in IN_TEXT:
            text, planted = IN_TEXT[kind](text, dice)
        else:
            text, planted = plant_line(kind, text, dice, titles)
        counts[kind] += planted
    return row | {"text": text}, +counts


def mojibake(row: Row) -> Row:
    """UTF-8 read as a one-byte encoding, as a page with a wrong header arrives."""
    return row | {"text": row["text"].encode("utf-8").decode("latin-1")}


# --- copies ----------------------------------------------------------------------------------

HARAKA_BEFORE = {"ا": "َ", "و": "ُ", "ي": "ِ"}
FILLERS = ("كمان", "برضه", "تقريباً", "حالياً", "بالظبط", "فعلاً")


def _vocalised(text: str, dice: Dice) -> str:
    """Short vowels before the long ones in about half of the words, as careful sites print them."""
    return re.sub(
        r"(?<=[ء-ي])(?<!ا)([بتثجحخدذرزسشصضطظعغفقكلمن])(?=([اوي])[ء-ي])",
        lambda match: match[1] + (HARAKA_BEFORE[match[2]] if dice.chance(0.5) else ""),
        text,
    )


def _one_word_other(text: str, dice: Dice) -> str:
    places = [match.end() for match in re.finditer(r"(?<=[ء-ي]) (?=[ء-ي])", text)]
    place = dice.pick(places)
    return text[:place] + dice.pick(FILLERS) + " " + text[place:]


def near_copy(text: str, dice: Dice) -> tuple[str, str]:
    """A copy as mirrors make them: a word added, vowels printed, or letters stretched."""
    kind = dice.pick(("word", "word", "vowels", "tatweel"))
    if kind == "vowels":
        return _vocalised(text, dice), kind
    if kind == "tatweel":
        return _in_words(text, dice, 8, _stretched)[0], kind
    changed = _one_word_other(text, dice)
    if len(text.split()) > 130 and dice.chance(0.5):
        changed = _one_word_other(changed, dice)
    return changed, kind
