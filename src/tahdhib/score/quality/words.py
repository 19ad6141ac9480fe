"""The words of a text as the quality signals count them.

A word is what stands between white space, without the marks at its ends. What is left without a
letter or digit (a dash, an emoji) is a symbol. In scripts written without spaces each character
is a word.
"""

import re
from typing import NamedTuple

_ASCII_MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_ARABIC_MARKS = "،؛؟؍٪٫٬٭۔﴾﴿"
_OTHER_MARKS = "«»¡¿·¶§°†‡‐‑‒–—―‘’‚“”„•‣…‰′″‹›※⁃−⟦⟧●○■□▪▫◦★☆"
_WIDE_MARKS = "、。〈〉《》「」『』【】〔〕〜！＂（），．：；？［］｛｝～｡"
MARKS = _ASCII_MARKS + _ARABIC_MARKS + _OTHER_MARKS + _WIDE_MARKS
"""What is taken off the ends of a word: the marks of Latin, Arabic and wide scripts."""

OPTIONAL_SIGNS = re.compile("[\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u0591-\u05bd\u05bf-\u05c7]")
"""Tatweel and the vowel signs of Arabic and Hebrew: a word is the same without them."""

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U000323af]"
)
"""Scripts written without spaces between words, as in text/fold.py."""


class Words(NamedTuple):
    """`words` in order; how many `chunks` stand between white space, symbols among them; how many
    of these hold a letter; whether most words were cut out of a script without spaces."""

    words: list[str]
    chunks: int
    alphabetic: int
    is_unspaced: bool


def words_of(text: str) -> Words:
    """Cut `text` into words; see the module."""
    unspaced = 0
    if _UNSPACED.search(text):
        text, unspaced = _UNSPACED.subn(r" \g<0> ", text)
    chunks = text.split()
    words = chunks.copy()
    without_letter = 0
    for place, chunk in enumerate(chunks):
        if not chunk.isalpha():
            word = chunk.strip(MARKS)
            words[place] = word if word.isalnum() or any(map(str.isalnum, word)) else ""
            without_letter += not any(map(str.isalpha, chunk))
    words = [word for word in words if word]
    return Words(words, len(chunks), len(chunks) - without_letter, 2 * unspaced > len(words))
