"""How much of each sentence of a source is found in its rewrite, and the other way round.

The two texts' content words are matched one to one, in order, then by stem anywhere, then by
spelling; a sentence's share of matched words is its coverage, and a stretch of unmatched ones what
was cut out or put in. So a sentence may be split, joined, moved or said in another order, but not
go. To lose a term of abuse is no loss; one that comes in is new like any other word. Figures and
number words are left to the measure of numbers.
"""

from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import Indel, LCSseq
from rapidfuzz.process import extractOne

from tahdhib.score.preservation.number_words import number_words
from tahdhib.score.preservation.plain import words
from tahdhib.score.preservation.stems import is_abuse, is_content, stem
from tahdhib.text.segment import sentences

ALIKE = 0.7
"""Normalised Indel similarity from which two words of a sentence are spellings or forms of one."""
_PAIRS = 40_000
"""Most unmatched words of one side times those of the other that are compared by spelling."""
_ALIGNED = 4_000_000
"""Most words of one side times those of the other that are aligned in order."""
_LEAST_WORDS = 3
"""Content words below which a sentence has no coverage of its own."""


class Coverage(NamedTuple):
    """What two texts have of each other, 0..1; 1 where there is nothing to cover.

    `kept`, `backed`: share of the source's (the rewrite's) content words that the other has;
    `least_kept`, `least_backed`: the same of the sentence where it is lowest; `cut`, `added`:
    content words in the longest stretch of the source (the rewrite) of which the other has none.
    """

    kept: float
    backed: float
    least_kept: float
    least_backed: float
    cut: int
    added: int


class _Read(NamedTuple):
    stems: tuple[str, ...]
    ends: tuple[int, ...]
    """After how many content words each sentence ends."""
    abuse: frozenset[int]
    """Which of them are terms of abuse."""


@lru_cache(maxsize=16)
def coverage(source: str, rewrite: str) -> Coverage:
    """Compare two texts; see the module."""
    before, after = _read(source), _read(rewrite)
    has, came = _matched(before.stems, after.stems)
    has = [is_there or place in before.abuse for place, is_there in enumerate(has)]
    return Coverage(
        _share(has),
        _share(came),
        _least(has, before.ends),
        _least(came, after.ends),
        _longest(has),
        _longest(came),
    )


@lru_cache(maxsize=16)
def _read(text: str) -> _Read:
    stems: list[str] = []
    ends: list[int] = []
    abuse: set[int] = set()
    for sentence in sentences(text):
        for word in filter(_is_told, words(sentence.text)):
            if is_abuse(word):
                abuse.add(len(stems))
            stems.append(stem(word))
        ends.append(len(stems))
    return _Read(tuple(stems), tuple(ends), frozenset(abuse))


def _is_told(word: str) -> bool:
    """Whether a word says something that no measure of numbers reads."""
    if not is_content(word) or word[0].isdecimal():
        return False
    number = number_words().get(word)
    return number is None or number.kind == "dual"


def _matched(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[list[bool], list[bool]]:
    """Which words of each side the other has: in order, then anywhere, then by their spelling."""
    has, came = [False] * len(before), [False] * len(after)
    _match_in_order(before, after, has, came)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place in range(len(after) - 1, -1, -1):
        if not came[place]:
            places[after[place]].append(place)
    for place, one in enumerate(before):
        if not has[place] and places.get(one):
            came[places[one].pop()] = has[place] = True
    lost = [place for place, is_there in enumerate(has) if not is_there]
    new = [place for place, is_there in enumerate(came) if not is_there]
    if len(lost) * len(new) <= _PAIRS:
        for place in lost:
            like = _most_alike(before[place], [after[one] for one in new])
            if like is not None:
                has[place] = came[new.pop(like)] = True
    return has, came


def _match_in_order(
    before: tuple[str, ...], after: tuple[str, ...], has: list[bool], came: list[bool]
) -> None:
    if len(before) * len(after) > _ALIGNED:
        return
    for block in LCSseq.opcodes(before, after):
        if block.tag == "equal":
            for place in range(block.src_start, block.src_end):
                has[place] = True
            for place in range(block.dest_start, block.dest_end):
                came[place] = True


def _most_alike(word: str, others: list[str]) -> int | None:
    """Place of the other spelling that is nearest to `word`, if one is near."""
    if len(word) <= _LEAST_WORDS:
        return None
    found = extractOne(
        word, others, scorer=Indel.normalized_similarity, processor=None, score_cutoff=ALIKE
    )
    return found[2] if found else None


def _share(matched: list[bool]) -> float:
    return sum(matched) / len(matched) if matched else 1.0


def _least(matched: list[bool], ends: tuple[int, ...]) -> float:
    """Lowest share in a sentence; sentences of a word or two count with the next one."""
    least, start = 1.0, 0
    for end in ends:
        if end - start >= _LEAST_WORDS or (end == len(matched) and start == 0):
            least = min(least, _share(matched[start:end]))
            start = end
    return least


def _longest(matched: list[bool]) -> int:
    longest = run = 0
    for is_there in matched:
        run = 0 if is_there else run + 1
        longest = max(longest, run)
    return longest
