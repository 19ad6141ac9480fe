"""Faults in whole sentences: dropped, added from elsewhere, a claim made up, the end cut off."""

import random
from collections.abc import Sequence

from fault import replace, sentence_spans

_CLAIMS = {
    "ar": (
        "وقد حصل مقابل ذلك على مبلغ كبير من المال",
        "وهذا ما أثار غضب السكان في المنطقة",
        "وقد اعترف بذلك لاحقا أمام المحكمة",
        "وذلك بسبب خلاف قديم مع عائلته",
        "وهو ما نفته الشركة في بيان رسمي",
        "بعد أن خسر وظيفته في البنك",
        "لأن والده كان يعمل هناك منذ الطفولة",
        "ووصفه الخبراء بأنه الأسوأ في التاريخ",
        "وسيعلن عن التفاصيل في مؤتمر صحفي قريب",
        "كما تضررت عشرات المنازل المجاورة",
    ),
    "en": (
        "and he was paid a large sum of money for it",
        "because his family had asked him to",
        "which the company later denied in a statement",
        "after losing a job at the bank",
        "and the police opened an investigation the same week",
        "and experts called it the worst case in history",
        "although nobody in the village believed it",
        "so the whole office was closed for a month",
        "and the neighbours complained about the noise",
        "which doctors say is dangerous for children",
    ),
}


def sentence_dropped(
    text: str, language: str, rng: random.Random, others: Sequence[str]
) -> str | None:
    """One of at least two sentences taken out."""
    spans = sentence_spans(text)
    if len(spans) < 2:
        return None
    return replace(text, *rng.choice(spans), "")


def sentence_added(
    text: str, language: str, rng: random.Random, others: Sequence[str]
) -> str | None:
    """A sentence of another text, after one of this text's own."""
    spans = sentence_spans(text)
    pool = [
        other[low:high].strip()
        for other in rng.sample(list(others), min(5, len(others)))
        for low, high in sentence_spans(other)
        if other != text
    ]
    pool = [one for one in pool if len(one.split()) <= 40 and one not in text]
    if not spans or not pool:
        return None
    place = rng.choice(spans)[1]
    return replace(text, place, place, f" {rng.choice(pool)} ")


def claim_added(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """A clause that nothing in the text bears out, at the end of one of its sentences."""
    spans = sentence_spans(text, least_words=3)
    if not spans:
        return None
    low, high = rng.choice(spans)
    sentence = text[low:high]
    place = low + len(sentence.rstrip(" .!?؟\n"))
    comma = "، " if language == "ar" else ", "
    return replace(text, place, place, comma + rng.choice(_CLAIMS[language]))


def truncation(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """The end cut off at a word: a tenth to two fifths of the words."""
    words = text.split(" ")
    if len(words) < 8:
        return None
    return " ".join(words[: round(len(words) * rng.uniform(0.6, 0.9))])


def any_sentence_dropped(
    text: str, language: str, rng: random.Random, others: Sequence[str]
) -> str | None:
    """One of at least two sentences of three words and more taken out, wherever it stands."""
    spans = sentence_spans(text, least_words=3)
    if len(spans) < 2:
        return None
    return replace(text, *rng.choice(spans), "")


def cut_off(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """The end cut off at a word: a tenth to two fifths of the words, and three of them at least."""
    words = text.split(" ")
    keep = min(round(len(words) * rng.uniform(0.6, 0.9)), len(words) - 3)
    return " ".join(words[:keep]) if keep >= 3 else None


def repeated(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """What a model that loops makes: a sentence twice, the last words over and over, or the whole
    text again."""
    spans = sentence_spans(text)
    way = rng.choice(("sentence", "loop", "whole"))
    if way == "sentence" and spans:
        low, high = rng.choice(spans)
        return replace(text, high, high, f" {text[low:high].strip()} ")
    if way == "loop":
        last = " ".join(text.split()[-rng.randint(3, 8) :])
        return text.rstrip() + f" {last}" * rng.randint(3, 6)
    return f"{text.rstrip()} {text}"
