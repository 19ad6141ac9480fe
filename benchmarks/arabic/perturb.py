"""Ways in which one Arabic article is written differently, each drawn from a seed and its id.

Every function takes the article, the random numbers of this article and this kind of change, and
the sentences of other articles (which only `one_sentence` needs).
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from random import Random

from arabic.plain import grams, jaccard, words

_LETTER = re.compile("[ء-غف-ي]")
_WORD = re.compile("[ء-غف-ي]{3,}")
_DIACRITICS = "ًٌٍَُِّْ"
_JOINING = "بتثجحخسشصضطظعغفقكلمنهيئ"
_INVISIBLE = "\u200c\u200d\u200e\u200f\u00ad"
_HAMZA_SEATS = str.maketrans("أإآؤئ", "اااوي")
_LETTER_VARIANTS = str.maketrans("ىة", "يه")
_ASCII, _ARABIC_INDIC = "0123456789", "٠١٢٣٤٥٦٧٨٩"
_DIGITS = str.maketrans(_ASCII + _ARABIC_INDIC, _ARABIC_INDIC + _ASCII)
_OTHER_MARK = str.maketrans("،؛؟,;?«»\"“”'…-", ',;?،؛؟""««»’.–')
_MARK = re.compile(r"[!-/:-@\[-^{-~،؛؟«»“”‘’…–—]")
_SENTENCE_END = re.compile(r"(?<=[.!؟?…])\s+|\n+")

EDIT_WORDS = 5
LEAST_JACCARD = 0.8
_TRIES = 12


def diacritics(text: str, random: Random, _: Sequence[str]) -> str:
    """A vowel sign upon every other letter."""

    def signed(match: re.Match[str]) -> str:
        return match[0] + (random.choice(_DIACRITICS) if random.random() < 0.5 else "")

    return _LETTER.sub(signed, text)


def tatweel(text: str, random: Random, _: Sequence[str]) -> str:
    """Three words in ten drawn out by one to four strokes at a place where letters join."""

    def drawn_out(match: re.Match[str]) -> str:
        word = match[0]
        places = [at for at in range(1, len(word)) if word[at - 1] in _JOINING]
        if not places or random.random() >= 0.3:
            return word
        at = random.choice(places)
        return word[:at] + "ـ" * random.randint(1, 4) + word[at:]

    return _WORD.sub(drawn_out, text)


def hamza_seats(text: str, _: Random, __: Sequence[str]) -> str:
    """No hamza upon a letter."""
    return text.translate(_HAMZA_SEATS)


def digits(text: str, _: Random, __: Sequence[str]) -> str:
    """ASCII digits as Arabic-Indic ones, and the other way round."""
    return text.translate(_DIGITS)


def presentation_forms(text: str, _: Random, __: Sequence[str]) -> str:
    """Every letter as the glyph that a page shows, as old PDF and word processor files have it."""
    shaped = []
    for at, letter in enumerate(text):
        forms = _FORMS.get(letter)
        after = text[at + 1 : at + 2]
        before = text[at - 1 : at]
        if forms is None or (before == "ل" and "ل" + letter in _FORMS):
            shaped.append("" if forms else letter)
            continue
        if "ل" + after in _FORMS and letter == "ل":
            forms, after = _FORMS["ل" + after], ""
        joins_before = "initial" in _FORMS.get(before, {}) and "final" in forms
        joins_after = "initial" in forms and "final" in _FORMS.get(after, {})
        name = ("isolated", "initial", "final", "medial")[2 * joins_before + joins_after]
        shaped.append(forms[name])
    return "".join(shaped)


def invisible(text: str, random: Random, _: Sequence[str]) -> str:
    """Joiners, direction marks and soft hyphens in one word of five, no-break spaces."""

    def marked(match: re.Match[str]) -> str:
        if random.random() >= 0.2:
            return match[0]
        at = random.randrange(1, len(match[0]))
        return match[0][:at] + random.choice(_INVISIBLE) + match[0][at:]

    marked_text = _WORD.sub(marked, text)
    return re.sub(" ", lambda _: "\u00a0" if random.random() < 0.2 else " ", marked_text)


def punctuation(text: str, random: Random, _: Sequence[str]) -> str:
    """Of the marks a third each is left out, of the other script, or set apart by spaces; a comma
    after one word in twenty."""

    def changed(match: re.Match[str]) -> str:
        mark = match[0]
        return random.choice((" ", mark.translate(_OTHER_MARK), f" {mark} "))

    def with_comma(match: re.Match[str]) -> str:
        return match[0] + ("،" if random.random() < 0.05 else "")

    return _WORD.sub(with_comma, _MARK.sub(changed, text))


def one_sentence(text: str, random: Random, sentences: Sequence[str]) -> str:
    """One sentence taken out, put in or replaced, drawn again while the true similarity falls
    below `LEAST_JACCARD`; the text itself where no draw does better."""
    before = grams(words(text), EDIT_WORDS)
    own = sentences_of(text)
    if len(own) < 3:
        return text
    for _ in range(_TRIES):
        at, edit = random.randrange(len(own)), random.choice(("delete", "add", "replace"))
        end = at if edit == "add" else at + 1
        put_in = [] if edit == "delete" else [random.choice(sentences)]
        edited = " ".join((*own[:at], *put_in, *own[end:]))
        similarity = jaccard(before, grams(words(edited), EDIT_WORDS))
        if LEAST_JACCARD <= similarity < 1:
            return edited
    return text


def letter_variants(text: str, _: Random, __: Sequence[str]) -> str:
    """ي for ى and ه for ة."""
    return text.translate(_LETTER_VARIANTS)


def elongation(text: str, random: Random, _: Sequence[str]) -> str:
    """One word in a hundred with a vowel, or its last letter, three to six times over."""

    def stretched(match: re.Match[str]) -> str:
        word = match[0]
        if random.random() >= 0.01:
            return word
        at = random.choice([n for n, letter in enumerate(word) if letter in "اوي"] or [-1])
        at %= len(word)
        return word[:at] + word[at] * random.randint(3, 6) + word[at + 1 :]

    return _WORD.sub(stretched, text)


def together(text: str, random: Random, sentences: Sequence[str]) -> str:
    """Marks, digits, hamza, tatweel, invisible characters and diacritics, one after another."""
    for change in (punctuation, digits, hamza_seats, tatweel, invisible, diacritics):
        text = change(text, random, sentences)
    return text


def sentences_of(text: str) -> list[str]:
    """The sentences of an article."""
    return [part for part in map(str.strip, _SENTENCE_END.split(text)) if part]


def _forms() -> dict[str, dict[str, str]]:
    """Presentation forms of letters, and of ل with an alef, by their names in Unicode."""
    forms: dict[str, dict[str, str]] = {}
    for point in range(0xFE80, 0xFEFD):
        name, *points = unicodedata.decomposition(chr(point)).split()
        letters = "".join(chr(int(each, 16)) for each in points)
        forms.setdefault(letters, {})[name.strip("<>")] = chr(point)
    return forms


_FORMS = _forms()

Change = Callable[[str, Random, Sequence[str]], str]

SPELLINGS: dict[str, Change] = {
    "diacritics": diacritics,
    "tatweel": tatweel,
    "hamza seats": hamza_seats,
    "digits": digits,
    "presentation forms": presentation_forms,
    "invisible characters": invisible,
    "punctuation": punctuation,
    "all of these but forms": together,
}
"""What the orthographic rung is for: the same words."""

EDITS: dict[str, Change] = {"one sentence": one_sentence}

VARIANTS: dict[str, Change] = {"ى/ي, ة/ه": letter_variants, "elongation": elongation}
"""What only the aggressive rung is for."""
