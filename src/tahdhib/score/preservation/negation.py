"""How often a text says no: its words of negation, and in Arabic ما where it does not mean "what".

Read are لا لم لن ليس and its forms, غير بدون دون عدم بلا, the مش مو موش مب of the dialects and
ما…ش around a verb, with و and ف attached; ما by what stands around it, since in ما يحدث it means
"what"; and لا or ما written as one word with a verb (لايوجد, مافي). English: not, n't in every
spelling, cannot, no, never, none, nothing, nobody, neither, nor, without.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from tahdhib.score.preservation.plain import words
from tahdhib.score.preservation.stems import is_content, stem

_ENGLISH = frozenset(
    (
        *("not", "cannot", "no", "never", "none", "nothing", "nobody", "nowhere", "neither"),
        *(
            "hardly",
            "barely",
            "scarcely",
            "nor",
            "without",
            "nope",
            "n't",
            "ain't",
            "dont",
            "doesnt",
            "didnt",
            "isnt",
            "arent",
        ),
        *("wasnt", "werent", "wont", "cant", "couldnt", "wouldnt", "shouldnt", "hasnt", "havent"),
        *("hadnt", "aint", "cannt", "doesnot", "donot"),
    )
)
_ALWAYS = frozenset(
    (
        *("لا", "لم", "لن", "ليس", "ليست", "ليسوا", "ليسو", "ليسا", "لست", "لسنا", "لستم", "لسن"),
        *("مالم", "بلا", "بدون", "بغير", "عدم", "لعدم", "بعدم", "وبدون", "مش", "موش", "مهوش"),
        *("مو", "موب", "مب", "مهب", "مهو", "مهي", "ماهو", "ماهي", "مانيب", "ماني"),
        *("محد", "محدش", "ماحد", "ماحدش", "مفيش", "مافيش", "مافي", "مافيه", "ماعندي", "ماعنده"),
        *("ماعندك", "ماعندنا", "ماعندهم", "ماله", "مالها", "مالهم", "مالي", "مالك", "مالنا"),
        *("ماكان", "ماكانت", "ماكنت", "ماراح", "مارح", "ماقدر", "ماعاد", "مازال", "مايزال"),
        *("ماظن", "مااظن", "ماشفت", "ماعرف", "ماادري", "مدري", "معرفش", "مازال", "مازالت"),
    )
)
_APART = _ENGLISH | _ALWAYS | {"ما", "غير", "الغير", "دون", "مالا", "الا"}
_REACH = 4
"""Words behind a negation among which the content word that it denies is looked for."""
_DENYING = re.compile(r"(?:un|dis|non|im|ir|il)([a-z]{3,})")
_JOINED = re.compile(r"[وف]?(?:لا|ما?)(\w{2,}?)ش?")
"""A negation written as one word with its verb: لايوجد, ماتخافش."""
_WITHOUT = frozenset(("دون", "غير", "الغير"))
_JOINED_LA = frozenset(("مالا", "الا"))
"""ما لا and ان لا before a verb; elsewhere a sum of money, and "except"."""
_AFTER_GHAYR = re.compile(r"ان$|ذلك$|هم$|ه$|ها$")
"""After these, غير means "other than", or it is the verb "to change"."""
_CIRCUMFIX = re.compile(r"م[ا]?(?:[يتنابحعشقكلرفوهسطدخجمذ]\w{1,7})ش")
_NO_CIRCUMFIX = re.compile(
    r"م(?:ناقش|نعش|دهش|فتش|عاش|نقوش|توحش|همش|فترش|طنش|شوش|زركش|راكش|تعطش|غشوش|شمش|شاش|رمش|اتش|"
    r"فرفش|كشكش|حشش|ارش|نكمش|عيش|وحش|نتعش|نكوش|جيش|خدوش|تطرش|هاوش|ناوش|تفاحش|ستوحش|يكروش|قماش|قشش)"
)
_LA_VERB = re.compile(r"لا[يت]\w{2,}")
_NO_LA_VERB = re.compile(
    r"لا(?:ي(?:ران|ام|جاد|طاليا|قاف|صال|ضاح|واء|رلند|مان|ه$|هم$|ها$|فاد|داع|نا$)"
    r"|ت(?:حاد|فاق|صال|خاذ|هام|مام|باع|اح|راك|ساع|جاه|لاف|قان|ين|رنت))"
)
_MA_VERB = re.compile(r"ما(?:ا?[يتن]\w{2,7}|ب[يتن]\w{2,7}|ا(?:عرف|قدر|بي|بغي|حب|ظن|دري)\w?)")
_NO_MA_VERB = re.compile(
    r"ما(?:ي(?:و|كل|كرو|ل$|ا$|سترو|ا)|ت(?:ش|ع|رك|دور|اد|ا$|ت$|وا$)|ن(?:ع|ح|ديلا|شستر|غا|دو|يلا|جو))"
)
_MA_NO = frozenset(
    (
        *("زال", "زالت", "زلت", "زالوا", "يزال", "تزال", "عاد", "عادت", "عدت", "عدنا", "فيه", "في"),
        *("فيني", "فينا", "فيهم", "فيها", "فيك", "عندي", "عنده", "عندها", "عندك", "عندنا", "عندهم"),
        *("عندكم", "لي", "له", "لها", "لنا", "لهم", "لك", "الي", "اله", "معي", "معه", "معك", "حد"),
        *("احد", "حدا", "اظن", "ادري", "اعرف", "اقدر", "ابغي", "ابي", "ابغا", "احب", "اعتقد"),
        *("بعرف", "بدي", "بده", "بدها", "بدنا", "بقدر", "بحب", "يصير", "يجوز", "يصح", "ينفع"),
        *("يهمني", "يهمك", "يحق", "قدرت", "عرفت", "شفت", "كنت", "قلت", "راح", "رح", "كنا", "كانوا"),
        *("توقعت", "حبيت", "يستاهل", "تستاهل", "يستحي", "تستحي", "انا", "انت"),
        *("احنا", "حنا", "لقيت", "بقي", "بقيت", "عندهاش", "اكو", "بيه", "بيها", "الك", "الها"),
    )
)
_MA_WHAT_AFTER = frozenset(
    (
        *("يحدث", "يجري", "يسمي", "تسمي", "يقارب", "يتعلق", "يلي", "يزيد", "يكفي", "يشبه", "يقال"),
        *("يقوم", "تقوم", "يدور", "يتم", "يعادل", "يعني", "يخص", "يتصل", "يقرب", "يجعل", "تبقي"),
        *(
            "يبدو",
            "يسمونه",
            "يرام",
            "يميز",
            "يثير",
            "يمكن",
            "يجب",
            "ينبغي",
            "يتطلب",
            "يوجد",
            "يقدم",
        ),
        *("يقدمه", "تقدمه", "يحتاجه", "يحتاج", "تم", "سبق", "جاء", "حدث", "ورد", "ذكر", "دام"),
        *("بعد", "قبل", "بين", "هو", "هي", "هذا", "هذه", "اسم", "معني", "الذي", "اذا", "لم", "لا"),
        *("يشاء", "شاء", "يفعل", "يفعله", "تفعل", "يحصل", "تريد", "يريد", "يريده", "يكون", "كان"),
    )
)
_MA_WHAT_BEFORE = frozenset(
    (
        *("كل", "مثل", "بعد", "عند", "هذا", "اول", "منذ", "قدر", "بقدر", "حسب", "وفق", "مع", "عن"),
        *("من", "الي", "علي", "في", "بين", "كان", "وهو", "هو", "هي", "وهذا", "ذلك", "وذلك", "كما"),
        *("وفقا", "حول", "غير", "عكس", "قبل", "نوعا", "شيئا", "يوما", "شيء", "ايا", "حين", "حيث"),
        *("اكثر", "اقل", "افضل", "اسوا", "اهم", "اجمل", "نحو", "اذا", "تنفيذ", "بكل", "لكل", "وكل"),
        *("اي", "يا", "نفس", "زي", "قد", "بعض", "احد", "حال", "لحد", "لغايه", "طول", "طالما", "لو"),
    )
)
_DIALECT_VERB = re.compile(r"ب[يتن]\w{2,}|ا[بتحخدذرسشصضطعغفقكلمنهوي]\w{1,5}")
_VERB = re.compile(r"[يتن]\w{2,}")


class Polarity(NamedTuple):
    """What a text denies: how many words of negation it has, and for each stem how often it stands
    behind one (`denied`) and how often at all (`said`)."""

    negations: int
    denied: Counter[str]
    said: Counter[str]


class Flips(NamedTuple):
    """What of two texts contradicts: stems that one denies and the other says, and by how many
    the words of negation differ."""

    stems: tuple[str, ...]
    difference: int


def flips(source: str, rewrite: str) -> Flips:
    """Hold what two texts deny against each other.

    A stem flips where one text denies it more often than the other, which says it more often: so
    "not smart" for "stupid" is no flip, and neither is a sentence that is gone; "lucky" for
    "unlucky" is one.
    """
    before, after = polarity(source), polarity(rewrite)
    before, after = _without_prefixes(before, after), _without_prefixes(after, before)
    found: list[str] = []
    for stem_ in sorted(before.denied | after.denied):
        denied = before.denied[stem_] - after.denied[stem_]
        said = before.said[stem_] - after.said[stem_] - denied
        if denied * said < 0:
            found.append(stem_)
    prefixed = [*_prefixed(before.said, after.said), *_prefixed(after.said, before.said)]
    difference = abs(before.negations - after.negations) + len(prefixed)
    return Flips(tuple(sorted({*found, *prefixed})), difference)


def _without_prefixes(read: Polarity, other: Polarity) -> Polarity:
    """What a text denies with a prefix as the other denies the same: unrelated is not related."""
    apart: Counter[str] = Counter()
    said = Counter(read.said)
    for word, count in read.said.items():
        match = _DENYING.match(word)
        if match and not other.said[word] and other.denied[match[1]] > read.denied[match[1]]:
            apart[match[1]] += count
            del said[word]
    return Polarity(read.negations + apart.total(), read.denied + apart, said + apart)


def _prefixed(said: Counter[str], other: Counter[str]) -> Iterator[str]:
    """Stems that one text says with a prefix that denies them, and the other without: unhappy."""
    for word in said:
        match = _DENYING.match(word)
        if match and not other[word] and other[match[1]] > said[match[1]]:
            yield match[1]


@lru_cache(maxsize=32)
def polarity(text: str) -> Polarity:
    """Read what a text denies."""
    read = [word for word in words(text) if word not in "وف"]
    stems = [stem(word) if is_content(word) else "" for word in read]
    denied: Counter[str] = Counter()
    places = _negations(read)
    for place in places:
        joined = _JOINED.fullmatch(read[place])
        stems[place] = stem(joined[1]) if joined and not _is_apart(read[place]) else ""
    for place in places:
        reach = stems[place : place + 1 + _REACH]
        denied.update([next(filter(None, reach), "")])
    del denied[""]
    return Polarity(len(places), denied, Counter(filter(None, stems)))


def _is_apart(word: str) -> bool:
    """Whether a word of negation is nothing else, so that what is denied comes behind it."""
    return word in _APART or word.lstrip("وف") in _APART or word.endswith("n't")


def _negations(read: Sequence[str]) -> list[int]:
    """The places of the words of negation."""
    last = len(read) - 1
    found = []
    for place, word in enumerate(read):
        before = read[place - 1] if place else ""
        after = read[place + 1] if place < last else ""
        if word.isascii():
            is_no = word in _ENGLISH or word.endswith("n't")
        else:
            bare = word[1:] if word[0] in "وف" and len(word) > 2 and word not in _ALWAYS else word
            is_no = bare[0] in "لمبعدغا" and _is_negation(bare, before, after)
        if is_no:
            found.append(place)
    return found


def _is_negation(word: str, before: str, after: str) -> bool:
    if word in _ALWAYS:
        return True
    if word == "ما":
        return _is_no(before, after)
    if word in _WITHOUT:
        return bool(after) and not (word == "غير" and _AFTER_GHAYR.match(after))
    if word in _JOINED_LA:
        return bool(_VERB.fullmatch(after))
    if word[0] == "م":
        return _is_joined_ma(word, before)
    return word[:2] == "لا" and bool(_LA_VERB.fullmatch(word)) and not _NO_LA_VERB.match(word)


def _is_joined_ma(word: str, before: str) -> bool:
    if word[-1] == "ش" and len(word) > 4:
        return bool(_CIRCUMFIX.fullmatch(word)) and not _NO_CIRCUMFIX.match(word)
    if word[:2] != "ما" or not _MA_VERB.fullmatch(word) or _NO_MA_VERB.match(word):
        return False
    return _is_no(before, word[2:])


def _is_no(before: str, after: str) -> bool:
    """Whether ما between these words means "not"."""
    if after in _MA_NO or (len(after) > 3 and after[-1] == "ش" and not before.endswith("ما")):
        return True
    if after in _MA_WHAT_AFTER or before in _MA_WHAT_BEFORE:
        return False
    return bool(_DIALECT_VERB.fullmatch(after) or _VERB.fullmatch(after))
