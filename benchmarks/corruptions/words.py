"""Faults in single words that turn what a sentence says: negation, modality, names."""

import random
import re
from collections.abc import Sequence

from fault import others_of, replace, swap_word

_DROPPED = {
    "ar": (
        "لا|لم|لن|ليس|ليست|ليسوا|لست|لسنا|مش|مو|موش|مهو|غير|بدون|دون|عدم|ما(?=\\s[يتن]\\w{2,})",
        "[وف]?",
    ),
    "en": ("not|never|no", ""),
}
_SHORT = re.compile(
    r"\b(ca|wo|is|are|was|were|do|does|did|has|have|had|could|would|should)n['’]t\b"
)
_LONG = {"ca": "can", "wo": "will"}
_ARABIC_VERBS = (
    "يستطيع|تستطيع|يمكن|يجب|يريد|تريد|يعرف|تعرف|يعلم|تعلم|يقول|تقول|يكون|تكون|يحب|تحب|يوجد|توجد|"
    "يعني|يحتاج|تحتاج|يعمل|تعمل|يعتبر|تعتبر|يزال|يبدو|يتعلق|يشمل|تشمل|يؤدي|تؤدي|يهدف|تهدف|يصل|تصل|"
    "يسمح|تسمح|يستحق|تستحق|يفهم|تفهم|نريد|نعرف|نستطيع|يقدر|تقدر|يصير|أعتقد|أعرف|أريد|أحب|يتم|تتم"
)
_DIALECT_ADDED = {"كويس": "مش كويس", "زين": "مو زين", "حلو": "مش حلو", "عارف": "مش عارف"}
_ENGLISH_HELPERS = "is|are|was|were|will|would|can|could|should|must|has|have|do|does|did"
_MODAL = {
    "ar": others_of(
        ("يجب", "يمكن", "ينبغي"),
        ("يجوز", "يجب"),
        ("يمكن", "يستحيل"),
        ("ربما", "بالتأكيد"),
        ("لازم", "ممكن"),
        ("مضطر", "مخير"),
        ("من المحتمل", "من المؤكد"),
        ("من الممكن", "من الضروري"),
    ),
    "en": others_of(
        ("must", "may", "might"),
        ("should", "could"),
        ("will", "may"),
        ("can", "must"),
        ("probably", "certainly"),
        ("possible", "certain"),
        ("need to", "may"),
    ),
}
_OWN_NAMES = {
    "ar": (
        (("محمد", "أحمد", "خالد", "علي", "حسن", "عمر", "سعيد", "فهد", "سالم", "يوسف", "إبراهيم")),
        ("عبدالله", "عبدالعزيز", "عبدالرحمن", "عبدالرزاق"),
        ("عبد الله", "عبد العزيز", "عبد الرحمن", "عبد الكريم"),
        ("فاطمة", "مريم", "عائشة", "نورة", "سارة", "هند"),
        ("مصر", "السعودية", "سوريا", "العراق", "لبنان", "تونس", "المغرب", "الكويت", "قطر"),
        ("الرياض", "جدة", "القاهرة", "دمشق", "بغداد", "بيروت", "الدمام", "صنعاء", "عدن"),
        ("إيران", "تركيا", "روسيا", "أمريكا", "فرنسا", "بريطانيا", "ألمانيا", "إسرائيل"),
        ("الهلال", "النصر", "الأهلي", "الاتحاد"),
        ("أوباما", "ترامب", "بوتين", "أردوغان", "ميركل"),
    ),
    "en": (
        ("John", "David", "James", "Michael", "Robert", "Paul", "Peter", "Tom", "Mike", "Steve"),
        ("Mary", "Sarah", "Anna", "Emma", "Hillary", "Jane", "Kate", "Susan"),
        ("Trump", "Obama", "Clinton", "Bush", "Biden", "Reagan"),
        ("America", "China", "Russia", "Canada", "Japan", "England", "Germany", "France", "Iran"),
        ("Texas", "California", "Florida", "London", "Paris", "Chicago", "Ohio", "Toronto"),
        ("Google", "Apple", "Amazon", "Facebook", "Microsoft", "Wikipedia", "Twitter"),
    ),
}
_CAPITAL = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b")


def negation_dropped(
    text: str, language: str, rng: random.Random, others: Sequence[str]
) -> str | None:
    """One word of negation taken out; n't by its long form without it; ما…ش undone."""
    words, clitic = _DROPPED[language]
    flags = re.IGNORECASE if language == "en" else 0
    found: list[tuple[int, int, str]] = []
    for match in re.finditer(rf"(?<!\w)(?P<clitic>{clitic})(?:{words})\s", text, flags):
        found.append((*match.span(), match["clitic"]))
    if language == "en":
        for match in _SHORT.finditer(text):
            found.append((*match.span(), _LONG.get(match[1], match[1])))
    else:
        for match in re.finditer(r"(?<!\w)ما([ينتبحع]\w{2,6})ش(?!\w)", text):
            found.append((*match.span(), match[1]))
    if not found:
        return None
    start, end, new = rng.choice(found)
    return replace(text, start, end, new)


def negation_added(
    text: str, language: str, rng: random.Random, others: Sequence[str]
) -> str | None:
    """A word of negation before one common verb, or behind an auxiliary."""
    if language == "en":
        negated = r"(?!\s(?:not|never|no)\b|n['’]t)"
        found = list(re.finditer(rf"\b(?:{_ENGLISH_HELPERS})\b{negated}(?=\s[a-z])", text))
        if not found:
            return None
        match = rng.choice(found)
        return replace(text, match.end(), match.end(), " not")
    before = r"(?<!لا\s)(?<!لم\s)(?<!لن\s)(?<!ما\s)(?<!مش\s)(?<!\w)"
    found = list(re.finditer(rf"{before}[وف]?(?P<verb>{_ARABIC_VERBS})(?!\w)", text))
    if found:
        match = rng.choice(found)
        negation = rng.choice(("لا ", "لن "))
        return replace(text, match.start("verb"), match.start("verb"), negation)
    return swap_word(text, {word: (new,) for word, new in _DIALECT_ADDED.items()}, rng)


def modality(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """One word of must, may or can by another."""
    return swap_word(text, _MODAL[language], rng, "وف" * (language == "ar"))


def name(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """One name by another of its kind: persons, places, organisations of a list; in English also
    a capitalised word within a sentence by one of another text."""
    done = swap_word(text, others_of(*_OWN_NAMES[language]), rng, "وبلف" * (language == "ar"))
    if done is not None or language == "ar":
        return done
    found = list(_CAPITAL.finditer(text))
    pool = sorted({one for other in others[:40] for one in _CAPITAL.findall(other)})
    pool = [one for one in pool if one not in text]
    if not found or not pool:
        return None
    return replace(text, *rng.choice(found).span(), rng.choice(pool))
