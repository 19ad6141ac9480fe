"""A text as the built-in fluency model reads it: lines of folded words, marks each a word.

Letter case, vowel signs and invisible joiners are folded away and every digit is 0: what a
sentence is about may differ from the reference without being any worse. Letters stay as they are
spelled, and so do tatweel and letters that are drawn out, since they are what a careful text lacks.
"""

import re
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LINK, USER = "\u0001link", "\u0001user"
"""What a link and a mention are read as; no text has these words of its own."""

_DIGITS = {zero + digit: "0" for zero in (0x30, 0x660, 0x6F0, 0x966, 0xFF10) for digit in range(10)}
_SIGNS = {
    code: None
    for low, high in (
        (0x64B, 0x652),
        (0x670, 0x670),
        (0x200B, 0x200F),
        (0x202A, 0x202E),
        (0x2060, 0x2069),
        (0xFEFF, 0xFEFF),
        (0xFE0F, 0xFE0F),
        (0xAD, 0xAD),
        (1, 1),
    )
    for code in range(low, high + 1)
}
_FOLD = {**_DIGITS, **_SIGNS}
_LINK = re.compile(r"https?://\S+|www\.\S+")
_USER = re.compile(r"@\w+")
_WORD = re.compile(r"\u0001?\w+|[^\w\s]")


class Tokens(NamedTuple):
    """The words of N texts in one row; `lines` (L + 1,) cuts it into lines, `owners` (L,) says
    whose each line is."""

    words: list[str]
    lines: NDArray[np.int64]
    owners: NDArray[np.int64]


def tokens(texts: Sequence[str]) -> Tokens:
    """Cut texts into lines of words; lines without any are left out."""
    found: list[list[str]] = []
    owners: list[int] = []
    for owner, text in enumerate(texts):
        for line in folded(text).split("\n"):
            words = _WORD.findall(line)
            if words:
                found.append(words)
                owners.append(owner)
    sizes = np.fromiter((len(words) for words in found), dtype=np.int64, count=len(found))
    return Tokens(
        list(chain.from_iterable(found)),
        np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        np.array(owners, dtype=np.int64),
    )


def folded(text: str) -> str:
    """The text with all folded away that does not count."""
    text = text.lower().translate(_FOLD)
    if "://" in text or "www." in text:
        text = _LINK.sub(f" {LINK} ", text)
    return _USER.sub(f" {USER} ", text) if "@" in text else text


def with_borders(numbers: NDArray[np.int64], lines: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers (T,) of words with a 0 before, between and after the lines that `lines`
    (L + 1,) tells: (T + L + 1,)."""
    bordered = np.zeros(len(numbers) + len(lines), dtype=np.int64)
    bordered[inner_places(lines)] = numbers
    return bordered


def inner_places(lines: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each word (T,) stands in the row with borders."""
    line = np.repeat(np.arange(len(lines) - 1), np.diff(lines))
    return np.asarray(np.arange(lines[-1]) + line + 1, dtype=np.int64)


def spelled(words: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The letters of words as numbers from 1, and the borders (W + 1,) between the words."""
    joined = "".join(words).encode("utf-32-le", "surrogatepass")
    letters = np.frombuffer(joined, dtype=np.uint32).astype(np.int64) + 1
    sizes = np.fromiter((len(word) for word in words), dtype=np.int64, count=len(words))
    return letters, np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
