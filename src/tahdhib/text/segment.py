r"""Cut text into tokens, sentences and lines, always with offsets, never losing a character.

Joining the pieces gives the text back; a property test holds that. A combining mark or a
zero-width joiner stays with its letter: `\w` alone would cut a vocalised Arabic word apart.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

_WORD = (
    r"[^\W_](?:[^\W_]|[\u0610-\u061A\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E8\u06EA-\u06ED"
    r"\u0640\u200C\u200D\u0300-\u036F'’_])*"
)
_DIGIT = r"[0-9\u0660-\u0669\u06F0-\u06F9]"
_NUMBER = rf"{_DIGIT}+(?:[.,:/\u066B\u066C-]{_DIGIT}+)*"
_WHOLE = (
    r"https?://[^\s<>\"'»”]+|[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|</?[A-Za-z][^<>\n]{0,200}>|&(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z]{2,10});"
)
"""What is one thing to a reader: a link, an address, a tag, an entity."""
_TOKEN = re.compile(rf"{_WHOLE}|{_NUMBER}(?![^\W\d_])|{_WORD}|\n|[^\S\n]+|(.)\1*", re.DOTALL)
_SENTENCE_END = re.compile(r"(?:[.!?؟۔…]+[\"'”’»)\]]*(?=\s)|\n)\s*")


class Token(NamedTuple):
    """A piece of a text: a word, number, link, tag, run of one mark, newline, or white space."""

    start: int
    end: int
    text: str

    @property
    def is_space(self) -> bool:
        return self.text.isspace()

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()


def tokens(text: str) -> list[Token]:
    """Cut into words, numbers, links, addresses, tags, entities, runs of one mark, newlines and
    other white space."""
    return [Token(*piece) for piece in bare_tokens(text)]


def bare_tokens(text: str) -> Iterator[tuple[int, int, str]]:
    """The same, one by one and as plain tuples, for whoever keeps few of them."""
    return ((*match.span(), match[0]) for match in _TOKEN.finditer(text))


def words(text: str) -> list[Token]:
    """The tokens of `text` that are words or numbers."""
    return [token for token in tokens(text) if token.is_word]


def sentences(text: str) -> list[Token]:
    """Cut after sentence marks and newlines; trailing white space stays with its sentence."""
    return _cut(text, [match.end() for match in _SENTENCE_END.finditer(text)])


def lines(text: str) -> list[Token]:
    """Cut after each newline; the newline stays with its line."""
    return _cut(text, [match.end() for match in re.finditer("\n", text)])


def _cut(text: str, ends: list[int]) -> list[Token]:
    borders = [0, *(end for end in ends if end < len(text)), len(text)]
    return [Token(start, end, text[start:end]) for start, end in pairwise(borders) if start < end]
