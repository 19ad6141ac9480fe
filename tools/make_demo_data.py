"""Make the demo data: real documents, the noise of scraped pages planted in them, human pairs.

    python tools/make_demo_data.py [--out src/tahdhib/demo/data]

Reads the public sets under TAHDHIB_SHARED (default ../shared) and writes the same bytes each
time: every choice comes from a seed and the document's own id, through `Dice`, which uses only
`Random.random()`, the one method whose sequence Python promises to keep. What was planted where
lies in `planted.jsonl.gz`, outside the glob that the demo reads; the card counts it by kind.
No wording here comes from the rules of the conduct: they must face lines they were not made for.
"""

import argparse
import csv
import gzip
import io
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tahdhib.config.environment import shared_data

SEED = 20180101
WIKI_ROWS = 1200
HATECHECK_ROWS = 250
PARADETOX_ROWS = 300
PAIR_ROWS = 4000
COPIES = {"exact": 60, "near": 60}
NOISY_SHARE = 0.6
MOJIBAKE_ROWS = 15
SHARDS = 2
SAME_OPENING_ROWS = 4
LICENCES = {
    "arz_wikipedia": "CC-BY-SA-4.0",
    "hatecheck_arabic": "CC-BY-4.0",
    "paradetox": "CC0-1.0",
    "textdetox": "MIT",
}

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
        if 0 < place and paragraphs[place - 1].strip() and dice.chance(0.12):
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


# --- choosing documents and pairs ------------------------------------------------------------

HOLY = re.compile(
    r"[﴿﴾ۖۗۚ]|قال تعال|قوله تعال|قال الله|سور[ةه] |رسول الله|حديث|انجيل|إنجيل|مزمور|تورا"
)
ADULT = re.compile(r"بورنو|پورنو|إباحي|اباحي|جنسي")


def folded(text: str) -> str:
    """Casefolded words without marks: two texts that agree here count as the same."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def read_rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        if path.name.endswith(".csv.gz"):
            return list(csv.DictReader(lines))
        return [json.loads(line) for line in lines]


def is_verse(text: str) -> bool:
    """Whether the text is mostly short lines, as the words of songs and poems are."""
    lengths = sorted(len(line) for line in text.split("\n") if line.strip())
    return len(lengths) >= 6 and lengths[len(lengths) // 2] < 60


def row_of(identity: str, text: str, source: str) -> Row:
    return {"id": identity, "text": text, "source": source, "licence": LICENCES[source]}


def wiki_rows(data: Path) -> list[Row]:
    articles = read_rows(data / "raw_arz_wikipedia" / "arzwiki_20181020.jsonl.gz")
    openings: Counter[str] = Counter()
    chosen: list[Row] = []
    for article in Dice("wiki").shuffled(articles):
        text = article["text"].strip()
        body = text.partition("\n")[2].split()
        opening = " ".join(body[2:5])  # after the subject's name: what a template begins with
        is_fit = 150 <= len(text) <= 1500 and not ADULT.search(text) and not is_verse(text)
        if not is_fit or openings[opening] == SAME_OPENING_ROWS:
            continue
        openings[opening] += 1
        chosen.append(row_of(f"arz:{article['id']}", text, "arz_wikipedia"))
        if len(chosen) == WIKI_ROWS:
            break
    return chosen


def toxic_rows(data: Path) -> list[Row]:
    cases = read_rows(data / "hatecheck" / "mhc_arabic.csv.gz")
    rows = [
        row_of(f"mhc:{case['mhc_case_id']}", case["test_case"], "hatecheck_arabic")
        for case in Dice("hatecheck").sample(cases, HATECHECK_ROWS)
    ]
    numbers: Counter[str] = Counter()
    for entry in read_rows(data / "textdetox_inputs" / "toxic_inputs.jsonl.gz"):
        language = entry["lang"]
        if language in ("ar", "en") and entry["origin"].startswith("clef24"):
            numbers[language] += 1
            name = f"textdetox:{language}:{numbers[language]:04d}"
            rows.append(row_of(name, entry["toxic_sentence"], "textdetox"))
    return rows


def paradetox_rows(data: Path, taken: set[str]) -> tuple[list[Row], list[dict[str, object]]]:
    """Documents from one part of ParaDetox, pairs from another; no sentence stands in both."""
    entries = read_rows(data / "paradetox_en" / "paradetox.jsonl.gz")
    seen = set(taken)
    rows: list[Row] = []
    pairs: list[dict[str, object]] = []
    order = Dice("paradetox").shuffled(enumerate(entries))
    for number, entry in order:
        key = folded(entry["toxic"])
        if key in seen or len(rows) == PARADETOX_ROWS:
            continue
        seen.add(key)
        rows.append(row_of(f"paradetox:{number:05d}", entry["toxic"], "paradetox"))
    for _, entry in reversed(order):
        keys = {folded(entry["toxic"]), *map(folded, entry["neutral"])}
        if keys & seen or len(pairs) == PAIR_ROWS:
            continue
        seen |= {folded(entry["toxic"])}
        pairs.append({"toxic": entry["toxic"], "neutral": list(entry["neutral"])})
    return rows, pairs


# --- putting it together ---------------------------------------------------------------------


@dataclass
class Demo:
    """All that the card reports on."""

    rows: list[Row] = field(default_factory=list)
    pairs: list[dict[str, object]] = field(default_factory=list)
    planted: list[dict[str, object]] = field(default_factory=list)
    broken: list[tuple[str, bytes]] = field(default_factory=list)


def make(data: Path) -> Demo:
    """Choose, plant, copy, break."""
    wiki = wiki_rows(data)
    toxic = toxic_rows(data)
    held_apart, pairs = paradetox_rows(data, {folded(row["text"]) for row in [*wiki, *toxic]})
    demo = Demo(pairs=pairs)
    titles = [row["text"].partition("\n")[0] for row in wiki if "\n" in row["text"]]
    garbled = {row["id"] for row in Dice("mojibake").sample(wiki, MOJIBAKE_ROWS)}
    for row in wiki:
        clean = row["text"]
        is_holy = HOLY.search(clean) is not None
        if is_holy or not (row["id"] in garbled or Dice("share", row["id"]).chance(NOISY_SHARE)):
            demo.rows.append(row)
            continue
        if row["id"] in garbled:
            changed, counts = mojibake(row), Counter(mojibake=1)
        else:
            changed, counts = noisy(row, titles)
        demo.rows.append(changed)
        if counts:
            demo.planted.append({"id": row["id"], "noise": dict(counts), "clean": clean})
    _add_copies(demo)
    demo.rows += [*toxic, *held_apart]
    demo.broken = broken_records(Dice("broken"))
    return demo


def _add_copies(demo: Demo) -> None:
    whole = [row for row in demo.rows if len(row["text"].split()) >= 60]
    whole = [row for row in whole if not HOLY.search(row["text"]) and "Ø" not in row["text"]]
    originals = Dice("copies").sample(whole, sum(COPIES.values()))
    for number, original in enumerate(originals):
        dice = Dice("copy", original["id"])
        kind, text = "exact", original["text"]
        if number >= COPIES["exact"]:
            text, variant = near_copy(text, dice)
            kind = f"near_{variant}"
        copy = original | {"id": f"mirror:{original['id'].partition(':')[2]}", "text": text}
        demo.rows.append(copy)
        demo.planted.append({"id": copy["id"], "copy_of": original["id"], "copy": kind})


def broken_records(dice: Dice) -> list[tuple[str, bytes]]:
    """Lines that are no document, each with why."""
    line = json.dumps(row_of("broken:1", "نص مقطوع في نصف السطر", "arz_wikipedia"))
    return [
        ("cut-off JSON", line[: dice.number(20, 60)].encode()),
        ("cut-off JSON", line[:-2].encode()),
        ("no JSON", b"<html><body>502 Bad Gateway</body></html>"),
        ("a list, not an object", '["نص", "بلا", "حقول"]'.encode()),
        ("no text field", b'{"id": "broken:5", "source": "arz_wikipedia"}'),
        ("null text", b'{"id": "broken:6", "text": null}'),
        ("null text", b'{"id": "broken:7", "text": null}'),
        ("text is a number", b'{"id": "broken:8", "text": 404}'),
        ("empty text", b'{"id": "broken:9", "text": ""}'),
        ("empty text", b'{"id": "broken:10", "text": "   \\n"}'),
        ("invalid UTF-8", b'{"id": "broken:11", "text": "\xe3\xd1\xcd\xc8\xc7 \xff\xfe"}'),
    ]


def compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8")


def write_gzip(path: Path, lines: Iterable[bytes]) -> None:
    """Write gzip without name and time, so that equal content gives equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as stream:
        for line in lines:
            stream.write(line + b"\n")
    path.write_bytes(buffer.getvalue())


def write(demo: Demo, out: Path, manifest: list[dict[str, object]]) -> None:
    """Write shards, pairs, the record of what was planted, and the card."""
    lines = [compact(row) for row in demo.rows] + [line for _, line in demo.broken]
    lines = Dice("order").shuffled(lines)
    for shard in range(SHARDS):
        write_gzip(out / f"raw-{shard:02d}.jsonl.gz", lines[shard::SHARDS])
    write_gzip(out / "pairs" / "paradetox.jsonl.gz", map(compact, demo.pairs))
    write_gzip(out / "planted.jsonl.gz", map(compact, demo.planted))
    (out / "CARD.md").write_text(card(demo, manifest), encoding="utf-8")


# --- the card ---------------------------------------------------------------------------------

ORIGINS = {
    "arz_wikipedia": ("raw_arz_wikipedia", "arzwiki_20181020.jsonl.gz"),
    "hatecheck_arabic": ("hatecheck", "mhc_arabic.csv.gz"),
    "paradetox": ("paradetox_en", "paradetox.jsonl.gz"),
    "textdetox": ("textdetox_inputs", "toxic_inputs.jsonl.gz"),
}
ATTRIBUTION = {
    "arz_wikipedia": "articles of the Egyptian Arabic Wikipedia, by its editors; row `arz:N` is "
    "https://arz.wikipedia.org/?curid=N with its history",
    "hatecheck_arabic": "Multilingual HateCheck (Arabic), by Paul Röttger and co-authors",
    "paradetox": "ParaDetox, by Varvara Logacheva and co-authors",
    "textdetox": "inputs of the TextDetox shared task at CLEF 2024, by the PAN Shared Task Series",
}
KIND_HELP = {
    "markup": "HTML tags, entities and shortcodes left over",
    "tatweel": "words stretched with ـ",
    "elongation": "a letter repeated four times or more",
    "spacing": "spaces before a mark",
    "punctuation": "repeated marks",
    "invisible": "stray invisible characters and no-break spaces",
    "navigation_line": "navigation, sharing and page furniture",
    "advertising_line": "advertising",
    "contact_line": "invented phone numbers, addresses, example e-mail domains",
    "mojibake": "the whole text read in a wrong encoding",
}
CARD = """# Demo data

Made by `tools/make_demo_data.py` (seed {seed}); do not edit by hand. **The licence of the code
does not claim this folder**: each row names its own in `licence`, and the texts of the licences
lie in `LICENSES/`. Content warning: part of the sentences are hateful, sexual or violent.

## Sources

| source | rows | licence | from | credit |
|---|---:|---|---|---|
{sources}
| broken records | {broken_total} | CC0-1.0 | written for the demo | |
| **lines in `raw-*.jsonl.gz`** | **{total}** | | | |

`pairs/paradetox.jsonl.gz`: {pairs} pairs of ParaDetox ({references} rewrites by people), CC0-1.0,
of the same file; none shares a sentence with a document above, also when letter case and marks are
ignored.

## How documents were chosen

At random, by the seed. Wikipedia: articles of 150 to 1,500 characters, at most {same_opening} that
begin alike (templates), without articles on adult films and without words of songs and poems. All
inputs of the TextDetox development set 2024 in Arabic and English. No other text was written or
generated, except what the next section counts.

## What was changed

Wikipedia extracts have no debris, web pages do, so it was planted: {noisy} of the {wiki} articles
carry one to three kinds. Articles that quote scripture were left as they are.

| planted | documents | pieces | what |
|---|---:|---:|---|
{noise}

| copies of articles, their ids begin with `mirror:` | documents |
|---|---:|
{copies}

| broken records | lines |
|---|---:|
{broken}

`planted.jsonl.gz` says for each changed row what was planted (and its text before), and for each
copy what it copies. No run reads it; it is there to measure against. Names of sites, people and
numbers in planted lines are invented; `example` domains lead nowhere.

The changed articles are adaptations under CC BY-SA 4.0, the licence of their originals.
"""


def card(demo: Demo, manifest: list[dict[str, object]]) -> str:
    """The card, every number counted from what was written."""
    rows = Counter(row["source"] for row in demo.rows)
    documents: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    copies: defaultdict[str, int] = defaultdict(int)
    for entry in demo.planted:
        if "copy" in entry:
            copies[str(entry["copy"])] += 1
            continue
        counts = entry["noise"]
        assert isinstance(counts, dict)
        documents.update(counts.keys())
        pieces.update(counts)
    broken = Counter(why for why, _ in demo.broken)
    return CARD.format(
        seed=SEED,
        sources="\n".join(_source_line(name, rows[name], manifest) for name in ORIGINS),
        total=len(demo.rows) + len(demo.broken),
        broken_total=len(demo.broken),
        pairs=len(demo.pairs),
        references=sum(len(list(pair["neutral"])) for pair in demo.pairs),  # type: ignore[call-overload]
        same_opening=SAME_OPENING_ROWS,
        noisy=len(demo.planted) - sum(copies.values()),
        wiki=WIKI_ROWS,
        noise="\n".join(
            f"| {kind} | {documents[kind]} | {pieces[kind]} | {what} |"
            for kind, what in KIND_HELP.items()
        ),
        copies="\n".join(f"| {kind} | {count} |" for kind, count in sorted(copies.items())),
        broken="\n".join(f"| {why} | {count} |" for why, count in sorted(broken.items())),
    )


def _source_line(source: str, count: int, manifest: list[dict[str, object]]) -> str:
    name, file = ORIGINS[source]
    entry = next(entry for entry in manifest if (entry["name"], entry["file"]) == (name, file))
    origin = f"{entry['repo']} @ `{str(entry['commit'])[:12]}`: {entry['path']}"
    return f"| {source} | {count} | {LICENCES[source]} | {origin} | {ATTRIBUTION[source]} |"


def main() -> None:
    """Read the sets, write the folder, say how large it is."""
    parser = argparse.ArgumentParser(description="Make the demo data.")
    parser.add_argument("--out", type=Path, default=Path("src/tahdhib/demo/data"))
    out = parser.parse_args().out
    data = shared_data()
    write(make(data), out, json.loads((data / "MANIFEST.json").read_text(encoding="utf-8")))
    for path in sorted(out.rglob("*.*")):
        print(f"{path.stat().st_size:>9,}  {path}")


if __name__ == "__main__":
    main()
