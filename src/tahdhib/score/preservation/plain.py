"""A text as the measures of preservation read it: one spelling per word, and its words in order."""

import re
from functools import lru_cache

from tahdhib.score.numbers import ascii_digits, visible

_SIGNS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]+")
_NOT_READ = re.compile(r"(?:https?://|www\.)\S+|&#\w{1,8};?|&[a-z]{2,8};", re.IGNORECASE)
_LETTERS = (
    *(("أ", "ا"), ("إ", "ا"), ("آ", "ا"), ("ٱ", "ا")),
    *(("ى", "ي"), ("ی", "ي"), ("ة", "ه"), ("ک", "ك")),
)
_APOSTROPHES = (("’", "'"), ("‘", "'"), ("ʼ", "'"))
_WORD = re.compile(r"[^\W_]+(?:'[^\W\d_]+)*")
_NOT_APART = re.compile(r"n (?:'\s?)?t\b")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
LONGEST = 40
"""Characters of a word that are read: what is longer is no word of a language."""


@lru_cache(maxsize=32)
def plain(text: str) -> str:
    """`text` in lower case and ASCII digits, without vowel signs, tatweel, invisible characters,
    web addresses and character references; presentation forms as letters; forms of alef, ya and
    final ha as one letter, letters that are drawn out three times and more as one; `don 't` and
    `don t` as `don't`."""
    if "&" in text or "://" in text or "www." in text.lower():
        text = _NOT_READ.sub(" ", text)
    text = text.replace("`", "'")
    if not text.isascii():
        text = ascii_digits(visible(text))
        for written, read in _APOSTROPHES:
            text = text.replace(written, read)
        text = _SIGNS.sub("", text)
        for written, read in _LETTERS:
            text = text.replace(written, read)
    text = text.lower()
    if "n '" in text or "n t" in text:
        text = _NOT_APART.sub("n't", text)
    return _DRAWN_OUT.sub(r"\1", text)


@lru_cache(maxsize=32)
def words(text: str) -> tuple[str, ...]:
    """The words and runs of digits of `text` in plain spelling; `don't` is one word."""
    return tuple(word[:LONGEST] for word in _WORD.findall(plain(text)))
