"""Words of two texts in one spacing: what one of them writes apart and the other together.

Arabic particles of one letter belong to the word behind them (و الفرد, والفرد), and names,
negations and compounds are written both ways (ابوظبي, ابو ظبي). Whoever mends that adds nothing and
takes nothing away.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from rapidfuzz.distance import Indel
from rapidfuzz.process import extract_iter

ALIKE = 0.7
"""Normalised Indel similarity from which two words are spellings or forms of one."""
ALIKE_JOINED = 0.8
"""The same for words that are written together and a word: they have more letters to agree in."""
LONGER = 2
"""Letters by which one of them may be longer: what is more was written into a word."""
_MOST = 3
"""Most words that are one word elsewhere."""
_ATTACHED = frozenset(("و", "ف", "ب", "ل", "ك", "ال"))


def is_alike(one: str, other: str) -> bool:
    """Whether two words in plain spelling are spellings or forms of one."""
    if abs(len(one) - len(other)) > LONGER:
        return False
    return Indel.normalized_similarity(one, other) >= ALIKE


def first_alike(word: str, others: Iterable[str], least: float = ALIKE) -> str | None:
    """The first of `others` that is a spelling or form of a word."""
    near = extract_iter(word, others, scorer=Indel.normalized_similarity, score_cutoff=least)
    return next((one for one, _, _ in near if abs(len(one) - len(word)) <= LONGER), None)


def in_one_spacing(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
    """Two texts as words in plain spelling, each with its words together where the other has them
    so, in this spelling or one near to it."""
    old, new = list(_attached(old)), list(_attached(new))
    return list(_together(old, new)), list(_together(new, old))


def _attached(words: Sequence[str]) -> Iterator[str]:
    """The words, each with the particles before it that cannot stand alone."""
    front = ""
    for word in words:
        if word in _ATTACHED:
            front += word
        else:
            yield front + word
            front = ""
    if front:
        yield front


def _together(words: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    """The words, and in the place of some on end the one word of `others` that they are."""
    there, here = frozenset(others), frozenset(words)
    only_there = [word for word in dict.fromkeys(others) if word not in here]
    at = 0
    while at < len(words):
        size, word = _joined(words[at : at + _MOST], there, only_there)
        yield word
        at += size


def _joined(
    run: Sequence[str], there: Collection[str], only_there: Sequence[str]
) -> tuple[int, str]:
    """How many words at the beginning of a run are one word elsewhere, and which: to the letter, or
    nearly so if none of them stands there by itself."""
    for size in range(len(run), 1, -1) if only_there else ():
        joined = "".join(run[:size])
        if joined in there and joined in only_there:
            return size, joined
        if not any(word in there for word in run[:size]):
            found = first_alike(joined, only_there, ALIKE_JOINED)
            if found is not None:
                return size, found
    return 1, run[0]
