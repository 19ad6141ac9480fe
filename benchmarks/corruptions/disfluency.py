"""Ways in which a text stops being fluent, planted by code: what the fluency scorers are tested on.

Each takes a text and a generator and returns the damaged text; rates are shares of words. None of
them knows a word list of a scorer.
"""

import random
import re
from collections.abc import Callable

Damage = Callable[[str, random.Random], str]

_ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_LEADS = {
    "ar": (
        "إليك النص بعد التعديل:",
        "النص المعدل:",
        "بالتأكيد! فيما يلي النص المنقح:",
        "آسف، لا أستطيع المساعدة في ذلك.",
    ),
    "en": (
        "Sure, here is the rewritten text:",
        "Rewritten text:",
        "Analysis: the text keeps the rules.",
        "I'm sorry, I cannot assist with that.",
    ),
}
_TAGS = ("<rewrite>", "</rewrite>", "```", "<br />", "&nbsp;", "&quot;", "</p>", "**", "[[", "]]")


def shuffled_words(text: str, rng: random.Random) -> str:
    """The words of each line in another order."""
    return "\n".join(" ".join(_shuffled(line.split(), rng)) for line in text.split("\n"))


def shuffled_neighbours(text: str, rng: random.Random) -> str:
    """One pair of neighbours in ten changes places."""
    words = text.split(" ")
    for place in range(len(words) - 1):
        if rng.random() < 0.1:
            words[place], words[place + 1] = words[place + 1], words[place]
    return " ".join(words)


def dropped_words(text: str, rng: random.Random) -> str:
    """One word in ten is missing, at least one."""
    return _each_word(text, rng, 0.1, lambda word: "")


def doubled_words(text: str, rng: random.Random) -> str:
    """One word in twenty stands there twice, at least one."""
    return _each_word(text, rng, 0.05, lambda word: f"{word} {word}")


def typos(text: str, rng: random.Random) -> str:
    """One word in twenty has a letter too many, too few, wrong, or two in the wrong order."""
    return _each_word(text, rng, 0.05, lambda word: _misspelled(word, rng))


def scaffold(text: str, rng: random.Random) -> str:
    """What a model says around a rewrite, in the language of most letters."""
    arabic = len(re.findall("[\u0621-\u064a]", text))
    language = "ar" if 2 * arabic > len(re.findall(r"[^\W\d_]", text)) else "en"
    return f"{rng.choice(_LEADS[language])}\n{text}"


def tags(text: str, rng: random.Random) -> str:
    """Leftovers of markup between words: one in twenty-five, at least one."""
    return _each_word(text, rng, 0.04, lambda word: f"{word} {rng.choice(_TAGS)}")


def loop(text: str, rng: random.Random) -> str:
    """A generator that got caught: the last words again and again, to half the text more."""
    words = text.split(" ")
    tail = words[-rng.randint(2, 5) :]
    return " ".join(words + tail * max(2, len(words) // (2 * len(tail))))


def scrambled_letters(text: str, rng: random.Random) -> str:
    """One word in ten becomes a row of random letters of its script."""
    return _each_word(
        text, rng, 0.1, lambda word: "".join(rng.choice(_letters(word)) for _ in word)
    )


def wrong_encoding(text: str, rng: random.Random) -> str:
    """A fifth of the text, one stretch, read in the wrong encoding."""
    size = max(1, len(text) // 5)
    start = rng.randrange(max(1, len(text) - size))
    part = text[start : start + size].encode("utf-8", "ignore").decode("cp1252", "replace")
    return text[:start] + part + text[start + size :]


DAMAGES: dict[str, Damage] = {
    "words shuffled": shuffled_words,
    "neighbours swapped, 10 %": shuffled_neighbours,
    "words dropped, 10 %": dropped_words,
    "words doubled, 5 %": doubled_words,
    "typos, 5 %": typos,
    "random letters, 10 %": scrambled_letters,
    "caught in a loop": loop,
    "scaffold": scaffold,
    "tags, 4 %": tags,
    "wrong encoding, a fifth": wrong_encoding,
}


def damage(kind: str, text: str, seed: int = 17) -> str:
    """`text` with one kind of damage, the same on every call."""
    return DAMAGES[kind](text, random.Random(f"{seed}:{kind}:{text}"))


def _each_word(text: str, rng: random.Random, rate: float, change: Callable[[str], str]) -> str:
    words = text.split(" ")
    places = [place for place in range(len(words)) if rng.random() < rate]
    for place in places or [rng.randrange(len(words))]:
        words[place] = change(words[place])
    return " ".join(word for word in words if word)


def _shuffled(words: list[str], rng: random.Random) -> list[str]:
    rng.shuffle(words)
    return words


def _letters(word: str) -> str:
    return _ARABIC if re.search("[\u0621-\u064a]", word) else _LATIN


def _misspelled(word: str, rng: random.Random) -> str:
    if len(word) < 3:
        return word + rng.choice(_letters(word))
    place = rng.randrange(len(word) - 1)
    way = rng.randrange(4)
    if way == 0:
        return word[:place] + word[place + 1 :]
    if way == 1:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    letter = rng.choice(_letters(word))
    return word[:place] + letter + word[place + (way == 2) :]
