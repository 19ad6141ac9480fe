"""The names of two texts: which of one are not in the other.

A name is a capitalised word within a sentence, a word of the list of names, or a word behind a
title, with or without clitics and article. It counts as kept where the other text has it in any
letter case, in a spelling near to it (هاني عبد الله, هاني عبدالله), or in the other script with
the same consonants (حسين, Hussein).
"""

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import Indel
from rapidfuzz.process import extractOne

from tahdhib.score.preservation.gazetteer import doubtful_names, known_names
from tahdhib.score.preservation.plain import plain, words

ALIKE = 0.8
"""Normalised Indel similarity from which two spellings are one name."""
_COMPARED = 2_000_000
"""Most pairs of a name and a word of the other text that are compared by spelling; in texts so long
that there are more, a name is looked for as it is spelt."""
_CAPITAL = re.compile(
    r"(?<![.!?:;\"“”'()\[\]…*•\-–—|\n\t])(?<=\S) +['\"“(]?"
    r"(?P<name>[A-Z][a-zÀ-ž]+(?:-[A-Z][a-z]+)?|[A-Z]{2,6})\b"
)
_NO_NAMES = frozenset(
    ("ok", "lol", "wtf", "omg", "tv", "the", "and", "but", "not", "no", "you", "us")
)
_TITLE_WORDS = (
    "السيد السيده الدكتور الدكتوره الشيخ الملك الامير الاميره الرئيس الوزير اللواء العميد العقيد "
    "المهندس الاستاذ الاستاذه الحاج الحاجه الفنان الفنانه اللاعب المدرب الكابتن النائب القاضي "
    "المحامي الصحفي الاعلامي المدعو المدعوه السلطان الامام الممثل الممثله المطرب المخرج المنتج "
    "المقدم الملازم النقيب العريف الرقيب الرائد المستشار السفير البروفيسور "
    "البروفسور دكتور شيخ مهندس استاذ كابتن حاج بن ابن بنت ابو ابا ابي"
)
_TITLES = frozenset(_TITLE_WORDS.split())
_SON = frozenset(("بن", "ابن", "بنت"))
_CLITIC = re.compile(r"[وف]?(?:[بلك]?ال|لل|[بلك])?")
_SKELETON = {
    **dict(zip("بتثجحخدذرزسشصضطظغفقكلمنه", "bttghkddrzsssdtzgfkklmnh", strict=True)),
    **dict(zip("bcdfghjklmnpqrstvxz", "bkdfghgklmnbkrstfsz", strict=True)),
}
_PAIRS = re.compile("(?:kh|gh|sh|th|dh|ph|ch)")
_ONE = {"kh": "k", "gh": "g", "sh": "s", "th": "t", "dh": "d", "ph": "f", "ch": "s"}


class Names(NamedTuple):
    """The names that only the source has, those that only the rewrite has, and how many both texts
    have together."""

    lost: tuple[str, ...]
    came: tuple[str, ...]
    total: int


class _There(NamedTuple):
    spelt: Counter[str]
    joined: str
    skeletons: frozenset[str]


def compare_names(source: str, rewrite: str) -> Names:
    """Hold the names of two texts against each other.

    A name that is said less often than before, but still said, counts as lost only where another
    one came for it: a repeated name may go, or become a pronoun.
    """
    before, after = names(source), names(rewrite)
    lost, fewer = _missing(before, _there(rewrite))
    came, more = _missing(after, _there(source))
    lost += fewer[: len(came)]
    came += more[: len(lost) - len(came)]
    return Names(tuple(sorted(lost)), tuple(sorted(came)), before.total() + after.total())


def _missing(found: Counter[str], there: _There) -> tuple[list[str], list[str]]:
    """Names that the other text has not, and those that it has less often."""
    gone, fewer = [], []
    compared = 0
    for name, count in sorted(found.items()):
        elsewhere = there.spelt[name] + there.spelt[f"ال{name}"]
        if not elsewhere:
            compared += len(there.spelt)
            if not _is_in(name, there, by_spelling=compared <= _COMPARED):
                gone += [name] * count
        elif 0 < elsewhere < count:
            fewer += [name] * (count - elsewhere)
    return gone, fewer


@lru_cache(maxsize=16)
def names(text: str) -> Counter[str]:
    """The names of `text` in plain spelling, without clitics, and how often each is said."""
    capitals = _CAPITAL.finditer(text) if _is_cased(text) else ()
    found = {plain(match["name"]) for match in capitals}
    listed = known_names()
    read = words(text)
    counts: Counter[str] = Counter()
    was_name = False
    for place, word in enumerate(read):
        bare = word if word.isascii() else _bare(word, listed)
        before = read[place - 1] if place else ""
        if before == "عبد":
            bare, was_name = before + bare, True
        elif word.isascii():
            was_name = bare in listed or bare in found
        else:
            after = read[place + 1] if place + 1 < len(read) else ""
            beside = was_name or after in _SON or _bare(after, listed) in listed
            is_doubtful = beside and word in doubtful_names()
            was_name = bare in listed or before in _TITLES or is_doubtful
        if was_name and word not in _TITLES:
            counts[bare] += 1
    return Counter(
        {name: n for name, n in counts.items() if len(name) > 1 and name not in _NO_NAMES}
    )


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


@lru_cache(maxsize=16)
def _there(text: str) -> _There:
    read = words(text)
    listed = known_names()
    spelt = Counter(word if word.isascii() else _bare(word, listed) for word in read)
    spelt.update(one + two for one, two in pairwise(read) if one in ("عبد", "ابو"))
    for word in [word for word in spelt if not word.isascii()]:
        spelt.setdefault(_CLITIC.sub("", word, count=1), 1)
    return _There(spelt, " ".join(read), frozenset(filter(None, map(_skeleton, spelt))))


def _is_in(name: str, there: _There, *, by_spelling: bool) -> bool:
    if name in there.spelt or f"ال{name}" in there.spelt:
        return True
    if name.startswith("عبد") and f"عبد {name[3:]}" in there.joined:
        return True
    if (
        by_spelling
        and len(name) > 3
        and extractOne(
            name,
            there.spelt.keys(),
            scorer=Indel.normalized_similarity,
            processor=None,
            score_cutoff=ALIKE,
        )
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
