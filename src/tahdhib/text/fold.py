"""Fold a text for matching, so that spellings of one text become equal.

What is folded is only ever compared, never kept. The rung is the orthographic one: Unicode and
presentation forms, optional vowel signs, tatweel, alef and hamza seats, letter case, zero-width
characters; punctuation and symbols become spaces. Letters that carry meaning (ى and ي, ة and ه)
and the values of digits stay apart.
"""

import hashlib
import unicodedata

_SEATS = str.maketrans("أإآٱٲٳٵؤٶئٸیک", "اااااااووييیك".replace("ی", "ي"))
_TATWEEL = 0x0640

_OPTIONAL_SIGNS = (
    *range(0x0591, 0x05BE),
    *(0x05BF, 0x05C1, 0x05C2, 0x05C4, 0x05C5, 0x05C7),
    *range(0x0610, 0x061B),
    *range(0x064B, 0x0660),
    0x0670,
    *range(0x06D6, 0x06DD),
    *range(0x06DF, 0x06E5),
    *(0x06E7, 0x06E8),
    *range(0x06EA, 0x06EE),
    *range(0x08D3, 0x0900),
)
"""Vowel signs and cantillation that Arabic and Hebrew may leave out. Marks of other scripts stay:
in Devanagari, say, a vowel sign is a letter like any other."""

_VARIATION_SELECTORS = (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))

_UNSPACED_SCRIPTS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)
"""Scripts written without spaces between words: each character counts as a word, or a page in
them would be one word long."""

_NOT_A_WORD = "\ue000"
"""Private-use character that folding never leaves behind."""


class _Folding(dict[int, str]):
    """A table for `str.translate` that looks a character up once, then remembers it."""

    def __missing__(self, point: int) -> str:
        self[point] = folded = _fold_character(point)
        return folded


def _fold_character(point: int) -> str:
    character = chr(point)
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category in ("Cf", "Me"):
        return ""
    if category[0] not in "LMN":
        return " "
    if any(low <= point <= high for low, high in _UNSPACED_SCRIPTS):
        return f" {character} "
    return character


_FOLDING = _Folding(
    {point: chr(to) for point, to in _SEATS.items()}
    | dict.fromkeys((*_OPTIONAL_SIGNS, *_VARIATION_SELECTORS, _TATWEEL), "")
)


def fold(text: str) -> str:
    """The words of `text` in folded spelling, with one space between; empty where it has none."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_FOLDING)
    return " ".join(folded.split())


def match_form(text: str) -> str:
    """What `text` is compared by: its folded words, or a single made-up word that is its own.

    A text of nothing but emoji or punctuation folds to nothing. Compared by that, all such texts
    would be one; so each stands for itself, and matches only a text that is the same throughout.
    """
    return fold(text) or _NOT_A_WORD + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
