"""What a web page, a wrong encoding or a model leaves in a text: signs of damage, each counted.

Every column but the sum is a rate per 1,000 characters. They are signals, not verdicts: a text
about HTML is full of tags, and a poem has lines without a full stop. What is damaged and what is
style is for the reader of the numbers to say.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np
from ftfy.badness import badness
from numpy.typing import NDArray

from tahdhib.score.card import Card, Score
from tahdhib.score.scaffold import scaffolds
from tahdhib.text.mojibake import unscramble_arabic

_MARKUP = re.compile(
    r"</?[a-zA-Z][\w-]{0,20}(?:\s[^<>\n]{0,200})?/?>|<!--|-->"
    r"|\[/?(?:b|i|u|url|img|quote|code)\b[^\]\n]{0,100}\]"
    r"|\{\{|\}\}|\[\[|\]\]|\*\*|__[A-Z]+__|^#{2,6}\s",
    re.MULTILINE,
)
_ENTITIES = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,6});")
_FENCES = re.compile(r"```|~~~")
_NO_BRACKET = re.compile(
    r"^[ \t]{0,20}\w{1,3}[)\]]|[:;=8xX]['’]?-?[()\[\]{}]{1,9}|[()]{1,5}[:;=]", re.MULTILINE
)
"""Brackets of numbered lists and of faces."""
_BRACKETS = re.compile(r"[()\[\]{}«»]")
_CLOSES = {")": "(", "]": "[", "}": "{", "»": "«"}
_REPLACED = re.compile("[\ufffd\ufffc\ud800-\udfff]")
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]"
)
_DOUBLED = re.compile(r"(?<!\w)([^\W\d_]++)(?:\s+\1(?!\w))+")
_REPEATED = re.compile(r"([!?؟.,،؛;:\-_=~*#|/\\])(?:\s?\1){3,}")

SCORES = (
    Score("debris", "signs per 1,000 characters", "all of the others together"),
    Score("markup", "per 1,000 characters", "tags and brackets of HTML, wiki, forum and Markdown"),
    Score("entities", "per 1,000 characters", "character references such as &nbsp;"),
    Score("fences", "per 1,000 characters", "fences of code"),
    Score("brackets", "per 1,000 characters", "brackets and quotes without their other half"),
    Score("mojibake", "per 1,000 characters", "letters of a text read in the wrong encoding"),
    Score("replaced", "per 1,000 characters", "characters that stand for lost ones"),
    Score("control", "per 1,000 characters", "control and direction characters"),
    Score("scaffold", "per 1,000 characters", "what a model says around its answer"),
    Score("repeated", "per 1,000 characters", "runs of four and more of one mark"),
    Score("doubled", "per 1,000 characters", "words that stand there twice in a row, or more"),
    Score("bare_lines", "per 1,000 characters", "lines without a letter, where there are others"),
)


class Debris:
    """Signs of damage per 1,000 characters."""

    name = "debris"
    version = "2"

    def __init__(self) -> None:
        self.card = Card(
            name=self.name,
            version=self.version,
            measures="what a web page, a wrong encoding or a model leaves in a text",
            scores=SCORES,
            languages=(),
            training=("none: patterns written for this project, and ftfy's",),
            measured=(),
            is_evidence={},
            notes=("signs of damage, which a text about HTML or a chat has too",),
        )

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N, 12); 0.0 everywhere for the empty text and a lone emoji."""
        rates = np.zeros((len(texts), len(SCORES)))
        for row, text in enumerate(texts):
            counts = [count(text) for count in COUNTS]
            rates[row, 1:] = 1000 * np.array(counts) / max(1, len(text))
        rates[:, 0] = rates[:, 1:].sum(axis=1)
        return rates


def markup(text: str) -> int:
    """Tags and brackets of HTML, wiki, forum and Markdown."""
    if not any(sign in text for sign in "<>[{*_#-"):
        return 0
    return _count(_MARKUP, text)


def entities(text: str) -> int:
    """Character references that nobody read."""
    return _count(_ENTITIES, text) if "&" in text else 0


def fences(text: str) -> int:
    """Fences of code."""
    return _count(_FENCES, text)


def unbalanced(text: str) -> int:
    """Brackets and guillemets without their other half, and a straight quote left over."""
    open_: list[str] = []
    alone = 0
    for match in _BRACKETS.finditer(_NO_BRACKET.sub(" ", text)):
        sign = match.group()
        if sign not in _CLOSES:
            open_.append(sign)
        elif open_ and open_[-1] == _CLOSES[sign]:
            open_.pop()
        else:
            alone += 1
    return alone + len(open_) + text.count('"') % 2


def mojibake(text: str) -> int:
    """Sequences that ftfy knows to be wrong, and words of Arabic in a wrong encoding."""
    if text.isascii():
        return 0
    repaired = unscramble_arabic(text)
    changed = 0
    if repaired != text:
        pairs = zip(text.split(), repaired.split(), strict=False)
        changed = sum(before != after for before, after in pairs)
    return int(badness(text)) + changed


def replaced(text: str) -> int:
    """Characters that stand for lost ones, and halves of characters."""
    return _count(_REPLACED, text)


def control(text: str) -> int:
    """Control and direction characters, but for tab, line end and the joiners that scripts use."""
    return _count(_CONTROL, text)


def scaffold(text: str) -> int:
    """What a model says around its answer."""
    return sum(leak.kind != "markup" for leak in scaffolds(text))


def repeated(text: str) -> int:
    """Runs of four and more of one mark."""
    return _count(_REPEATED, text)


def doubled(text: str) -> int:
    """Words that stand there twice in a row or more often, each run once."""
    return _count(_DOUBLED, text)


def bare_lines(text: str) -> int:
    """Lines without a letter, empty ones left out; 0 in a text of one line."""
    if "\n" not in text:
        return 0
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2:
        return 0
    return sum(not any(map(str.isalpha, line)) for line in lines)


COUNTS: tuple[Callable[[str], int], ...] = (
    markup,
    entities,
    fences,
    unbalanced,
    mojibake,
    replaced,
    control,
    scaffold,
    repeated,
    doubled,
    bare_lines,
)
"""What counts each column of `SCORES` after the sum."""


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))
