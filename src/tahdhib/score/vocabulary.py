"""Which words a corpus holds before and after, how many kinds of them, and which come and go.

Words are folded (`tahdhib.text.fold`). Their counts lie in a fixed number of places by a hash, so
that memory does not grow with the corpus; how many kinds there are follows from the places that
stay empty (linear counting, Whang et al. 1990). Words that an edit takes or brings are kept by
name, the commonest of them.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.text.fold import fold

PLACES = 1 << 20
NAMED = 20_000
"""Changed words that are remembered by name; the rarest go where there are twice as many."""
FIRST_WORDS = 200
"""So many words of a text tell how it repeats itself: a longer text repeats more in any case."""
_MIXER = np.uint64(0x9E3779B97F4A7C15)
_PRIOR = 10_000.0
"""Words that the corpus itself counts for beside what was seen on either side."""


class Kinds(NamedTuple):
    """Words (running), kinds of words on each side, and kinds that both sides have."""

    before_words: int
    after_words: int
    before: float
    after: float
    both: float


class Moved(NamedTuple):
    """A word with its counts and the weighted log-odds, in standard errors; below 0: it goes."""

    word: str
    before: int
    after: int
    odds: float


class Vocabulary:
    """Counts of words on both sides; two of them can be added."""

    def __init__(self) -> None:
        self.before: NDArray[np.int64] = np.zeros(PLACES, np.int64)
        self.after: NDArray[np.int64] = np.zeros(PLACES, np.int64)
        self.lost: Counter[str] = Counter()
        self.gained: Counter[str] = Counter()

    def add(self, before: Sequence[str], after: Sequence[str]) -> None:
        """Count the words of one document; both may be the same list."""
        places = places_of(before)
        np.add.at(self.before, places, 1)
        if before is after:
            np.add.at(self.after, places, 1)
            return
        np.add.at(self.after, places_of(after), 1)
        old, new = Counter(before), Counter(after)
        self.name(old - new, new - old)

    def name(self, lost: Mapping[str, int], gained: Mapping[str, int]) -> None:
        """Remember words that an edit took or brought."""
        for named, more in ((self.lost, lost), (self.gained, gained)):
            named.update({word: n for word, n in more.items() if n})
            if len(named) > 2 * NAMED:
                _trim(named)

    def kinds(self) -> Kinds:
        """How many words and kinds of words there are."""
        before, after = self.before > 0, self.after > 0
        either = _kinds(before | after)
        one, other = _kinds(before), _kinds(after)
        return Kinds(
            int(self.before.sum()),
            int(self.after.sum()),
            one,
            other,
            max(0.0, one + other - either),
        )

    def moved(self, number: int) -> tuple[list[Moved], list[Moved]]:
        """The words that go most and that come most, by weighted log-odds with the corpus itself
        as prior (Monroe, Colaresi and Quinn 2008, section 3.4). A ranking, no test: both sides are
        the same documents."""
        words = sorted(self.lost.keys() | self.gained.keys())
        if not words:
            return [], []
        places = places_of(words)
        before, after = self.before[places], self.after[places]
        odds = _log_odds(before, after, int(self.before.sum()), int(self.after.sum()))
        rows = [
            Moved(word, int(b), int(a), float(z))
            for word, b, a, z in zip(words, before, after, odds, strict=True)
        ]
        ordered = sorted(rows, key=lambda row: (row.odds, row.word))
        gone = [row for row in ordered[:number] if row.odds < 0]
        come = [row for row in ordered[::-1][:number] if row.odds > 0]
        return gone, come


def words_of(text: str) -> list[str]:
    """The folded words of a text."""
    return fold(text).split()


def distinct(words: Sequence[str], order: int) -> float:
    """Share of a text's first runs of `order` words that are its own, 0..1; 1 without any run."""
    read = words[:FIRST_WORDS]
    runs = [tuple(read[at : at + order]) for at in range(len(read) - order + 1)]
    return len(set(runs)) / len(runs) if runs else 1.0


def places_of(words: Iterable[str]) -> NDArray[np.int64]:
    """The place (N,) of each word, the same in every process."""
    hashed = (zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in words)
    # A checksum alone spreads words that are alike too evenly.
    mixed = np.fromiter(hashed, np.uint64) * _MIXER
    return ((mixed ^ (mixed >> np.uint64(29))) & np.uint64(PLACES - 1)).astype(np.int64)


def _kinds(filled: NDArray[np.bool_]) -> float:
    empty = max(1, PLACES - int(filled.sum()))
    return float(-PLACES * np.log(empty / PLACES))


def _trim(named: Counter[str]) -> None:
    kept = sorted(named.items(), key=lambda item: (-item[1], item[0]))[:NAMED]
    named.clear()
    named.update(dict(kept))


def _log_odds(
    before: NDArray[np.int64], after: NDArray[np.int64], words_before: int, words_after: int
) -> NDArray[np.float64]:
    prior = _PRIOR * (before + after) / max(1, words_before + words_after)
    old, new = before + prior, after + prior
    rest_old = np.maximum(words_before + _PRIOR - old, 1e-9)
    rest_new = np.maximum(words_after + _PRIOR - new, 1e-9)
    safe_old, safe_new = np.maximum(old, 1e-9), np.maximum(new, 1e-9)
    odds = np.log(safe_new / rest_new) - np.log(safe_old / rest_old)
    return np.asarray(odds / np.sqrt(1 / safe_new + 1 / safe_old), dtype=np.float64)
