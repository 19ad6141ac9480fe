"""Letters drawn out for effect: جمييييل, soooo, هههههههه.

Four and more of a letter become one in Arabic, or two where a list of real words says so
(ممممتاز is ممتاز, not متاز). Exactly three are more often a slip of the key in a word with two
(الكورييين, بتتتحرك, المشتتتين) than a drawl, so only vowels in their usual place become one, and
where all three may be meant (وووري, شتتت) they stay. Latin runs become two, since one would make
another word (goood is not god) and no English word has three. Laughter keeps three: it is a word
of its own. Runs of two are left alone: اللي, جاايبه and ممتاز look alike to a rule.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

import numpy as np

from tahdhib.conduct.rules.change import Change
from tahdhib.conduct.terms import fold

_ARABIC = r"\u0621-\u063A\u0641-\u064A\u067E\u0686\u0698\u06A4\u06A9\u06AF\u06CC"
_WORD = re.compile(rf"[{_ARABIC}\u064B-\u0652\u0670]{{3,}}")
_RUN = re.compile(rf"([{_ARABIC}])(?:\1{{2,}})")
_LATIN_WORD = re.compile(r"(?<![\w@#./:\\-])[A-Za-z]{4,}(?![\w@/\\-]|\.\w)")
_LATIN_RUN = re.compile(r"([a-zA-Z])\1{2,}")
_ROMAN = re.compile(r"[ivxlcdmIVXLCDM]+")
_LAUGHTER = "هخ"
_LAUGH = 3
_SLIP = 3
_VOWELS = "اأإآىويةهء"


def find(text: str) -> Iterator[Change]:
    """Yield the shortening of each drawn-out letter."""
    if not _has_triple(text):
        return
    for word in _WORD.finditer(text):
        if _RUN.search(word.group()):
            yield from _arabic(word)
    for word in _LATIN_WORD.finditer(text):
        if _LATIN_RUN.search(word.group()) and not _ROMAN.fullmatch(word.group()):
            yield from _latin(word)


def _has_triple(text: str) -> bool:
    """Whether any letter stands three times in a row; regexes take ten times as long to say no."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    same = codes[1:] == codes[:-1]
    return bool((same[1:] & same[:-1] & (codes[2:] > ord("@"))).any())


def _arabic(word: re.Match[str]) -> Iterator[Change]:
    text, start = word.group(), word.start()
    if len(set(text)) == 1:  # laughter, a hum, a cry
        if len(text) > _LAUGH:
            yield Change(start + _LAUGH, word.end(), "")
        return
    for run in _RUN.finditer(text):
        kept = _kept(text, run)
        if kept < run.end() - run.start():
            yield Change(start + run.start() + kept, start + run.end(), "")


def _kept(word: str, run: re.Match[str]) -> int:
    """How many of a run stay."""
    letter, before, after = run.group(1), word[: run.start()], word[run.end() :]
    if letter in _LAUGHTER and not (letter == "ه" and before.endswith("لل")):
        return _LAUGH
    if letter == "ل" and after and before in _BEFORE_DOUBLE_LAM:
        return 2
    if fold(before + letter * 2 + after) in _doubles():
        return 2
    return _kept_of_three(letter, before, after) if len(run.group()) == _SLIP else 1


def _kept_of_three(letter: str, before: str, after: str) -> int:
    if (letter == "و" and not before) or (letter == "ت" and not after) or letter == "ن":
        return _SLIP  # and he was buried (وووري); she scattered (شتتت); do you think me (تظننني)
    if letter == "ي" and after.startswith("ن"):  # the ending of الكوريين
        return 2
    return 1 if letter in _VOWELS else 2


_BEFORE_DOUBLE_LAM = {"", "و", "ف", "ا", "وا", "فا", "با", "بوا", "كا", "ولا", "يا"}


@cache
def _doubles() -> frozenset[str]:
    """Words, folded, whose doubled letter is right; see the head of the file for their source."""
    content = (resources.files("tahdhib.conduct") / "lexicon" / "doubles.txt").read_text("utf-8")
    return frozenset(line for line in content.splitlines() if line and not line.startswith("#"))


def _latin(word: re.Match[str]) -> Iterator[Change]:
    letters = set(word.group().lower())
    if len(letters) < 2 or not word.group()[1:].islower():  # hmmm; grades, acronyms, PPPcard
        return
    for run in _LATIN_RUN.finditer(word.group()):
        if run.group(1) not in "xX":
            yield Change(word.start() + run.start() + 2, word.start() + run.end(), "")
