"""Fold a text for matching, so that spellings of one text become equal.

What is folded is only ever compared, never kept. How much is folded is a ladder of three rungs,
with switches beside it: see `Folding`. Each rung merges all that the rung below it merges.

Most Arabic and English text is folded as bytes of a code page of our own, several times faster
than character by character; a text with any character outside the page takes the long way, which
is the one that defines the result.
"""

import codecs
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, islice
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Rung = Literal["none", "orthographic", "aggressive"]
"""How far spellings are merged."""


@dataclass(frozen=True, slots=True)
class Folding:
    """What is folded before texts are compared.

    Scripts that are written without spaces are cut into characters at every rung, and control
    characters are spaces: that is what a word is, not how it is spelt.
    """

    rung: Rung = "orthographic"
    """`none`: words as they stand. `orthographic`: Unicode and presentation forms, letter case,
    optional vowel signs, tatweel, zero-width characters, the script of digits. `aggressive`: also
    ى as ي, ة as ه, and a letter that stands three times or more in a row as one; a doubled letter
    stays doubled, since Arabic words differ by it. The letters of Persian and of loan words
    (گ چ پ ڤ) stay apart from ك ج ب ف at every rung: they tell words and languages apart."""
    hamza: bool = True
    """Read alef and the seats of hamza as the bare letter: أ إ آ ٱ as ا, ؤ as و, ئ as ي; not at
    rung `none`."""
    digits: bool = False
    """Read every digit as 0, at every rung."""
    punctuation: bool = True
    """Read marks and symbols as spaces, at every rung."""


_HAMZA_SEATS = dict(zip("أإآٱٲٳؤئ", "ااااااوي", strict=True))
_SAME_LETTER = {"ی": "ي", "ک": "ك"}
"""Letters of which keyboards and fonts for Persian have a code point of their own."""
_LETTER_VARIANTS = {"ى": "ي", "ة": "ه"}
_TATWEEL = 0x0640

_OPTIONAL_SIGNS = frozenset(
    (
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
)
"""Vowel signs and cantillation that Arabic and Hebrew may leave out. Marks of other scripts stay:
in Devanagari, say, a vowel sign is a letter like any other."""

_DROPPED = _OPTIONAL_SIGNS | {_TATWEEL, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
"""Signs, tatweel and variation selectors."""

_SPACED_SIGNS = re.compile("[\ufc5e-\ufc63\ufe70\ufe72\ufe74\ufe76\ufe78\ufe7a\ufe7c\ufe7e]")
"""Presentation forms of vowel signs. NFKC makes a space of each, which would cut the word."""

_RUN = re.compile(r"(.)\1\1+")

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

_WORD_LENGTH, _REMEMBERED_WORDS = 24, 1 << 16
"""Texts so short are words, as a rule, which come again and again."""


def fold(text: str, folding: Folding = Folding()) -> str:
    """The words of `text` in folded spelling, with one space between; empty where it has none."""
    return _fold_word(text, folding) if len(text) <= _WORD_LENGTH else _fold(text, folding)


def fold_lines(text: str, folding: Folding = Folding()) -> list[str]:
    """`fold` of every line of `text`, but faster than line by line."""
    encoded = _encode(text, _tables(folding)[1])
    if encoded is None:
        return [fold(line, folding) for line in text.split("\n")]
    page = encoded.page
    codes = encoded.codes.translate(page.line_codes, page.dropped)
    words = map(bytes.split, codes.split(b"\n"))
    folded = _decode(b"\n".join(map(b" ".join, words)), page)
    return _without_runs(folded, folding).split("\n")


def fold_all_lines(texts: Sequence[str], folding: Folding = Folding()) -> list[str]:
    """For each text its folded lines end to end, without those that have no word.

    Many texts at once take less time: spaces are sorted out in all of them together.
    """
    folded = [""] * len(texts)
    pages = _tables(folding)[1]
    waiting: dict[str, list[tuple[int, bytes]]] = {page.characters: [] for page in pages}
    mixed: list[int] = []
    for place, text in enumerate(texts):
        encoded = _encode(text, pages)
        if encoded is None and "\n" in text:
            mixed.append(place)
        elif encoded is None or _END_OF_TEXT in encoded.codes:
            folded[place] = "\n".join(filter(None, fold_lines(text, folding)))
        else:
            waiting[encoded.page.characters].append((place, encoded.codes))
    for page in pages:
        those = waiting[page.characters]
        for first in range(0, len(those), _TEXTS_AT_ONCE):
            some = those[first : first + _TEXTS_AT_ONCE]
            codes = _END_OF_TEXT.join(codes for _, codes in some)
            table = bytearray(page.line_codes)
            table[ord(_END_OF_TEXT)] = ord(_END_OF_TEXT)
            squeezed = _squeezed(codes.translate(bytes(table), page.dropped))
            made = _without_runs(_decode(squeezed, page), folding)
            for (place, _), text in zip(some, made.split(_END_OF_TEXT.decode()), strict=True):
                folded[place] = text
    if mixed:  # most of their lines are in a page all the same
        cut = [texts[place].split("\n") for place in mixed]
        lines = iter(fold_all_lines(list(chain.from_iterable(cut)), folding))
        for place, its in zip(mixed, cut, strict=True):
            folded[place] = "\n".join(filter(None, islice(lines, len(its))))
    return folded


def _squeezed(codes: bytes) -> bytes:
    """Leave one space between two words, and one end of line between two lines with words."""
    left = np.frombuffer(codes, np.uint8)
    space, line = ord(" "), ord("\n")
    left = left[~((left == space) & _follows(left <= space))]
    left = left[~((left == space) & _precedes(left < space))]
    left = left[~((left == line) & _follows(left < space))]
    squeezed: bytes = left[~((left == line) & _precedes(left < space))].tobytes()
    return squeezed


def _follows(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What comes after something marked, or at the beginning."""
    return np.concatenate((_MARKED, marked[:-1]))[: len(marked)]


def _precedes(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What comes before something marked, or at the end."""
    return np.concatenate((marked[1:], _MARKED))[: len(marked)]


_END_OF_TEXT = b"\x1e"
"""A control character, which folding never leaves behind."""
_TEXTS_AT_ONCE = 256
_MARKED = np.ones(1, np.bool_)


def match_form(text: str, folding: Folding = Folding()) -> str:
    """What `text` is compared by: its folded words, or a single made-up word that is its own.

    A text of nothing but emoji or punctuation folds to nothing. Compared by that, all such texts
    would be one; so each stands for itself, and matches only a text that is the same throughout.
    """
    return (
        fold(text, folding)
        or _NOT_A_WORD
        + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    )


def _fold(text: str, folding: Folding) -> str:
    table, pages = _tables(folding)
    encoded = _encode(text, pages)
    if encoded is None:
        return _without_runs(_fold_characters(text, table), folding)
    page = encoded.page
    codes = encoded.codes.translate(page.codes, page.dropped).strip(b" ")
    while b"  " in codes:
        codes = codes.replace(b"  ", b" ")
    return _without_runs(_decode(codes, page), folding)


@lru_cache(_REMEMBERED_WORDS)
def _fold_word(text: str, folding: Folding) -> str:
    """The long way, which is the shorter one for a word."""
    return _without_runs(_fold_characters(text, _tables(folding)[0]), folding)


def _without_runs(folded: str, folding: Folding) -> str:
    return _RUN.sub(_run_of_letters_as_one, folded) if folding.rung == "aggressive" else folded


def _run_of_letters_as_one(run: re.Match[str]) -> str:
    return run[1] if run[1].isalpha() else run[0]


class _Table(dict[int, str]):
    """A table for `str.translate` that looks a character up once, then remembers it."""

    def __init__(self, folding: Folding) -> None:
        super().__init__()
        self.folding = folding
        self.letters: dict[str, str] = {}
        if folding.rung != "none":
            self.letters |= _SAME_LETTER | (_HAMZA_SEATS if folding.hamza else {})
        if folding.rung == "aggressive":
            self.letters |= _LETTER_VARIANTS

    def __missing__(self, point: int) -> str:
        if self.folding.rung == "none":
            folded = self._read(chr(point))
        else:
            folded = "".join(map(self._fold, chr(point).casefold()))
        self[point] = folded
        return folded

    def _fold(self, character: str) -> str:
        if ord(character) in _DROPPED or unicodedata.category(character) in ("Cf", "Me"):
            return ""
        if character in self.letters:
            return self.letters[character]
        value = unicodedata.decimal(character, None)
        return self._read(character if value is None else str(value))

    def _read(self, character: str) -> str:
        """The character, its place among words, and nothing about its spelling."""
        category = unicodedata.category(character)
        if category == "Nd" and self.folding.digits:
            return "0"
        if category in ("Cc", "Cs", "Co", "Cn") or category[0] == "Z":
            return " "
        if self.folding.punctuation and _is_mark(character):
            return " "
        if any(low <= ord(character) <= high for low, high in _UNSPACED_SCRIPTS):
            return f" {character} "
        return character


def _is_mark(character: str) -> bool:
    """Whether a character is punctuation or a symbol; one that stands for letters (℃) is not."""
    alike = unicodedata.normalize("NFKC", character)
    return all(unicodedata.category(part)[0] in "PSZ" for part in alike)


def _fold_characters(text: str, table: _Table) -> str:
    """The long way: character by character, after Unicode's own normal form."""
    if table.folding.rung == "none":
        return " ".join(text.translate(table).split())
    folded = _fold_once(_SPACED_SIGNS.sub("", text), table)
    # What stood between a letter and its accent may be gone now, so that the two compose.
    while not unicodedata.is_normalized("NFKC", folded):
        before, folded = folded, _fold_once(folded, table)
        if before == folded:
            break
    return folded


def _fold_once(text: str, table: _Table) -> str:
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.translate(table).split())


_NO_CHARACTER = "\ufffe"
"""What `codecs` reads as a code without a character."""

_MARKS = "«»–—‘’“”•…·°"
_UNSEEN = "".join(
    map(chr, (0x00A0, 0x00AD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0xFEFF))
)


def _code_page(characters: str) -> str:
    ascii_ = "".join(map(chr, range(0x80)))
    return (ascii_ + _MARKS + _UNSEEN + characters).ljust(0x100, _NO_CHARACTER)


_CODE_PAGES = (
    _code_page(
        "".join(map(chr, (*range(0x0621, 0x063B), *range(0x0640, 0x0653), *range(0x0660, 0x066E))))
        + "،؛؟ٰٱپچژڤکگیéèà"
    ),
    _code_page("".join(map(chr, range(0x00C0, 0x0100))) + "œŒšŠžŽ£€©®™„×½"),
)
"""Characters that make up most Arabic and English, and most Western European pages. No two of one
page compose."""


class _Page(NamedTuple):
    """How texts of a code page are folded as bytes."""

    characters: str
    encoding: Any
    """What `codecs.charmap_encode` goes by; only for characters that fold to one of the page, to a
    space or to nothing."""
    codes: bytes
    """What each code becomes."""
    line_codes: bytes
    """The same, but ends of lines stay."""
    dropped: bytes
    """Codes that go."""


@cache
def _tables(folding: Folding) -> tuple[_Table, tuple[_Page, ...]]:
    table = _Table(folding)
    return table, tuple(_page(characters, table) for characters in _CODE_PAGES)


def _page(characters: str, table: _Table) -> _Page:
    left, codes, dropped = list(characters), bytearray(range(256)), bytearray()
    is_read_as_it_is = table.folding.rung == "none"
    for code, character in enumerate(characters):
        alike = character if is_read_as_it_is else unicodedata.normalize("NFKC", character)
        folded = alike.translate(table)
        if not folded:
            dropped.append(code)
        elif folded.isspace():
            codes[code] = ord(" ")
        elif len(folded) == 1 and folded in characters:
            codes[code] = characters.index(folded)
        else:
            left[code] = _NO_CHARACTER
    encoding = codecs.charmap_build("".join(left))
    line_codes = bytes(codes[: ord("\n")]) + b"\n" + bytes(codes[ord("\n") + 1 :])
    return _Page(characters, encoding, bytes(codes), line_codes, bytes(dropped))


class _Encoded(NamedTuple):
    """A text in the codes of a page."""

    codes: bytes
    page: _Page


def _encode(text: str, pages: Sequence[_Page]) -> _Encoded | None:
    """The text in the first page that holds all its characters, if any does."""
    if text.isascii():
        return _Encoded(text.encode(), pages[0])
    for page in pages:
        with suppress(UnicodeEncodeError):
            return _Encoded(codecs.charmap_encode(text, "strict", page.encoding)[0], page)
    return None


def _decode(codes: bytes, page: _Page) -> str:
    if codes.isascii():
        return codes.decode()
    return codecs.charmap_decode(codes, "strict", page.characters)[0]
