"""Words and similarities counted in the plainest way, by nothing that is measured here."""

import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from math import ceil

_TOLERANCE = 1e-9

_MARKS = {
    point: None
    for point in range(sys.maxunicode + 1)
    if unicodedata.category(chr(point)) in ("Mn", "Cf")
}
_LOOSE = _MARKS | str.maketrans("أإآٱؤئىیکة", "ااااويييكه", "ـ")


def words(text: str) -> list[str]:
    """Lower-cased runs of letters, digits and underscores."""
    return re.findall(r"\w+", text.lower())


def grams(said: Sequence[str], count: int) -> Set[tuple[str, ...]]:
    """The distinct runs of `count` words; a shorter text is one run."""
    runs = range(max(1, len(said) - count + 1))
    return {tuple(said[start : start + count]) for start in runs}


def jaccard(left: Set[tuple[str, ...]], right: Set[tuple[str, ...]]) -> float:
    """Shared runs as a share of all."""
    return len(left & right) / len(left | right)


def loosely(text: str) -> str:
    """Without marks on letters, letters that are easily confused as one."""
    return unicodedata.normalize("NFKC", text).lower().translate(_LOOSE)


def masked(title: str, text: str) -> list[str]:
    """The words of an article below its title, with digits as 0 and words of the title as X."""
    names = set(words(loosely(title)))
    body = re.sub(r"\d", "0", loosely(text.removeprefix(title)))
    return ["X" if word in names else word for word in words(body)]


def alike(sets: Sequence[Set[tuple[str, ...]]], least: float) -> Iterator[tuple[int, int]]:
    """All pairs of at least this similarity.

    Two such sets share one of their rarest runs: a set that shared none of the first
    n - ceil(least n) + 1 of another's n could not share enough of the rest.
    """
    counts = Counter(run for runs in sets for run in runs)
    index: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, runs in enumerate(sets):
        rarest = sorted(runs, key=lambda run: (counts[run], run))
        rarest = rarest[: len(runs) - ceil(least * len(runs) - _TOLERANCE) + 1]
        for other in sorted({other for run in rarest for other in index[run]}):
            if jaccard(runs, sets[other]) >= least:
                yield other, number
        for run in rarest:
            index[run].append(number)


def quantiles(numbers: Sequence[float], parts: int = 4) -> list[float]:
    """Least, quarters and most."""
    ordered = sorted(numbers)
    places = [round(part * (len(ordered) - 1) / parts) for part in range(parts + 1)]
    return [ordered[place] for place in places]
