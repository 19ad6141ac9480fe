"""The control: changes of spelling and spacing that take nothing from what a text says."""

import random
import re
from collections.abc import Sequence

_TO_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_TO_ASCII = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")
_LATIN_IN_IT = re.compile(r"[A-Za-z@#&]|\d[.,/:-]\d")
_TASHKEEL = re.compile("[\u064b-\u0652]")
_ENGLISH_FORMS = (
    ("do not", "don't"),
    ("does not", "doesn't"),
    ("is not", "isn't"),
    ("cannot", "can't"),
    ("can't", "cannot"),
    ("don't", "do not"),
    ("isn't", "is not"),
    ("it's", "it is"),
    ("I'm", "I am"),
    ("you're", "you are"),
)


def noise(text: str, language: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """Two of the harmless changes that the text offers, at random."""
    ways = list(_ARABIC if language == "ar" else _ENGLISH)
    rng.shuffle(ways)
    done, count = text, 0
    for way in ways:
        changed = way(done, rng)
        count += changed != done
        done = changed
        if count == 2:
            break
    return done if done != text else None


def _double_space(text: str, rng: random.Random) -> str:
    places = [match.start() for match in re.finditer(" ", text)]
    if not places:
        return text
    place = rng.choice(places)
    return text[:place] + " " + text[place:]


def _marks(text: str, rng: random.Random) -> str:
    return re.sub(r"([!؟?.])\1+", r"\1", text)


def _elongate(text: str, rng: random.Random) -> str:
    return re.sub(r"(?<=[بتسمني])(?=[اروي])", "ـ", text, count=rng.randint(1, 4))


def _digits(text: str, rng: random.Random) -> str:
    if _LATIN_IN_IT.search(text):
        return text
    table = _TO_ARABIC if re.search("[0-9]", text) else _TO_ASCII
    return text.translate(table)


def _hamza(text: str, rng: random.Random) -> str:
    return re.sub(r"(?<!\w)[أإ](?=\w{3,})", "ا", text, count=rng.randint(1, 5))


def _vowels(text: str, rng: random.Random) -> str:
    return _TASHKEEL.sub("", text)


def _comma(text: str, rng: random.Random) -> str:
    return re.sub(r"(?<=[^\W\d])\s?،\s?(?=[^\W\d])", "، ", text)


def _ha(text: str, rng: random.Random) -> str:
    return re.sub(r"(?<=\w{3})ة(?=\s)", "ه", text, count=rng.randint(1, 2))


def _forms(text: str, rng: random.Random) -> str:
    for old, new in rng.sample(_ENGLISH_FORMS, len(_ENGLISH_FORMS)):
        done = re.sub(rf"\b{old}\b", new, text, count=1)
        if done != text:
            return done
    return text


def _quotes(text: str, rng: random.Random) -> str:
    return text.replace("'", "’") if "'" in text else re.sub(r'"([^"\n]+)"', r"“\1”", text)


def _capital(text: str, rng: random.Random) -> str:
    return text[:1].upper() + text[1:]


def _full_stop(text: str, rng: random.Random) -> str:
    return text.rstrip() + "." if text.rstrip()[-1:].isalpha() else text


_ARABIC = (_double_space, _marks, _elongate, _digits, _hamza, _vowels, _comma, _ha, _full_stop)
_ENGLISH = (_double_space, _marks, _forms, _quotes, _capital, _full_stop)
