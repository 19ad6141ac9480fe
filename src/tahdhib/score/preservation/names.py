"""The names of two texts: which of one are not in the other.

A name is a capitalised word within a sentence, a word of the list of names, or a word behind a
title, with or without clitics and article. It counts as kept where the other text has it in any
letter case, in a spelling near to it (هاني عبد الله, هاني عبدالله), or in the other script with
the same consonants (حسين, Hussein). A word that is none of these but rare, and that went while
another rare word came, counts as a name as well: so Arabic, which has no capitals, shows names that
no list holds.
"""

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import Indel
from rapidfuzz.process import extractOne

from tahdhib.score.preservation.gazetteer import known_names
from tahdhib.score.preservation.plain import plain, words

ALIKE = 0.8
"""Normalised Indel similarity from which two spellings are one name."""
_CAPITAL = re.compile(
    r"(?<![.!?:;\"“”'()\[\]…*•\-–—|\n\t])(?<=\S) +['\"“(]?"
    r"(?P<name>[A-Z][a-zÀ-ž]+(?:-[A-Z][a-z]+)?|[A-Z]{2,6})\b"
)
_NO_NAMES = frozenset(("ok", "lol", "wtf", "omg", "tv", "the", "and", "but", "not", "no", "you"))
_TITLE_WORDS = (
    "السيد السيده الدكتور الدكتوره الشيخ الملك الامير الاميره الرئيس الوزير اللواء العميد العقيد "
    "المهندس الاستاذ الاستاذه الحاج الحاجه الفنان الفنانه اللاعب المدرب الكابتن النائب القاضي "
    "المحامي الصحفي الاعلامي المدعو المدعوه السلطان الامام الممثل الممثله المطرب الكاتب الشاعر "
    "دكتور شيخ مهندس استاذ كابتن حاج بن ابن بنت ابو ابا ابي ام ال"
)
_TITLES = frozenset(_TITLE_WORDS.split())
_CLITIC = re.compile(r"[وف]?(?:[بلك]?ال|لل|[بلك])?")
_SKELETON = {
    **dict(zip("بتثجحخدذرزسشصضطظغفقكلمنه", "bttghkddrzsssdtzgfkklmnh", strict=True)),
    **dict(zip("bcdfghjklmnpqrstvxz", "bkdfghgklmnbkrstfsz", strict=True)),
}
_PAIRS = re.compile("(?:kh|gh|sh|th|dh|ph|ch)")
_ONE = {"kh": "k", "gh": "g", "sh": "s", "th": "t", "dh": "d", "ph": "f", "ch": "s"}


class Names(NamedTuple):
    """How many names one text has, and which of them the other has not."""

    found: int
    missing: tuple[str, ...]


def names_missing(text: str, other: str) -> Names:
    """The names of `text` that are not in `other`."""
    found = names(text)
    there = _there(other)
    return Names(len(found), tuple(sorted(name for name in found if not _is_in(name, there))))


@lru_cache(maxsize=16)
def names(text: str) -> frozenset[str]:
    """The names of `text` in plain spelling, without clitics."""
    found = (
        {plain(match["name"]) for match in _CAPITAL.finditer(text)} if _is_cased(text) else set()
    )
    listed = known_names()
    read = words(text)
    for place, word in enumerate(read):
        bare = word if word.isascii() else _bare(word, listed)
        if bare in listed:
            found.add(bare)
        elif word in _TITLES and place + 1 < len(read) and not read[place + 1].isascii():
            found.add(read[place + 1])
    return frozenset(name for name in found if len(name) > 1 and name not in _NO_NAMES)


def _is_cased(text: str) -> bool:
    """Whether capitals mean something: most letters are small."""
    capitals = sum(map(str.isupper, text[:2000]))
    return 0 < capitals < 0.3 * max(1, sum(map(str.isalpha, text[:2000])))


def _bare(word: str, listed: frozenset[str]) -> str:
    """`word` without the clitics that leave a listed name; itself where none does."""
    if word in listed:
        return word
    for front in ("و", "ب", "ل", "ف", "ك", "ال", "وال", "بال", "لل", "وب", "ول", "فال"):
        if word.startswith(front) and word[len(front) :] in listed:
            return word[len(front) :]
    return word


class _There(NamedTuple):
    spelt: frozenset[str]
    joined: str
    skeletons: frozenset[str]


@lru_cache(maxsize=16)
def _there(text: str) -> _There:
    read = words(text)
    bare = {_CLITIC.sub("", word, count=1) for word in read if not word.isascii()}
    pairs = {one + two for one, two in pairwise(read) if one in ("عبد", "ابو")}
    spelt = frozenset({*read, *bare, *pairs})
    return _There(spelt, " ".join(read), frozenset(filter(None, map(_skeleton, spelt))))


def _is_in(name: str, there: _There) -> bool:
    if name in there.spelt or f"ال{name}" in there.spelt:
        return True
    if name.startswith("عبد") and f"عبد {name[3:]}" in there.joined:
        return True
    if len(name) > 3 and extractOne(
        name, there.spelt, scorer=Indel.normalized_similarity, processor=None, score_cutoff=ALIKE
    ):
        return True
    skeleton = _skeleton(name)
    return name.isascii() and len(skeleton) > 2 and skeleton in there.skeletons


@lru_cache(maxsize=1 << 14)
def _skeleton(word: str) -> str:
    """The consonants of a word as Latin letters, doubled ones once; empty for less than two."""
    word = _PAIRS.sub(lambda match: _ONE[match.group()], word)
    found = ""
    for letter in word:
        consonant = _SKELETON.get(letter, "")
        if consonant and not found.endswith(consonant):
            found += consonant
    return found if len(found) > 1 else ""
