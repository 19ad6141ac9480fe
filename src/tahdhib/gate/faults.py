"""Faults that need no list of words, planted into texts of any language: what a gate must find.

They are few and plain; what they cannot plant (a negation, a name, how sure a text is) comes from
files of faulty rewrites, where somebody has them.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence

from tahdhib.text.segment import Token, sentences

SENTENCE_WORDS = 4
"""Shorter sentences are not planted with faults."""
_NUMBER = re.compile(r"(?<![\w.,/:-])[1-9]\d{0,3}(?![\w.,/:-])")

Plant = Callable[[str, str, random.Random], str | None]
"""(text, another text, chance) -> the text with one thing wrong; None where it has no place."""


def planted(texts: Sequence[str], seed: int) -> Iterator[tuple[str, str, str]]:
    """(kind, text, faulty text), each kind in each text that has a place for it.

    A fault is a function of the text, its place in `texts` and the seed.
    """
    for at, text in enumerate(texts):
        for kind, plant in FAULTS.items():
            rng = random.Random(f"{seed}:{kind}:{text}")
            faulty = plant(text, texts[at - 1], rng)
            if faulty is not None and faulty != text:
                yield kind, text, faulty


def _sentence_dropped(text: str, other: str, rng: random.Random) -> str | None:
    found = _sentences(text)
    if len(found) < 2:
        return None
    gone = rng.choice(found)
    return text[: gone.start] + text[gone.end :]


def _end_cut_off(text: str, other: str, rng: random.Random) -> str | None:
    words = list(re.finditer(r"\S+", text))
    if len(words) < 2 * SENTENCE_WORDS:
        return None
    keep = min(len(words) - 3, round(len(words) * rng.uniform(0.6, 0.9)))
    return text[: words[keep - 1].end()]


def _sentence_repeated(text: str, other: str, rng: random.Random) -> str | None:
    found = _sentences(text)
    if not found:
        return None
    twice = rng.choice(found)
    return f"{text[: twice.end].rstrip()} {twice.text.strip()} {text[twice.end :]}"


def _sentence_added(text: str, other: str, rng: random.Random) -> str | None:
    found, strange = _sentences(text), _sentences(other)
    if not found or not strange:
        return None
    place, came = rng.choice(found).end, rng.choice(strange).text.strip()
    return None if came in text else f"{text[:place].rstrip()} {came} {text[place:]}"


def _number_changed(text: str, other: str, rng: random.Random) -> str | None:
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    one = rng.choice(found)
    return f"{text[: one.start()]}{int(one.group()) + rng.randint(1, 9)}{text[one.end() :]}"


def _sentences(text: str) -> list[Token]:
    return [one for one in sentences(text) if len(one.text.split()) >= SENTENCE_WORDS]


FAULTS: dict[str, Plant] = {
    "sentence dropped": _sentence_dropped,
    "end cut off": _end_cut_off,
    "sentence repeated": _sentence_repeated,
    "sentence of another text added": _sentence_added,
    "number changed": _number_changed,
}
