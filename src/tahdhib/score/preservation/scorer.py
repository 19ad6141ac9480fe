"""What a rewrite kept of its source: the built-in measures as one scorer of pairs.

Each measure is 1 where all is kept and 0 where nothing is; two texts that both have nothing of what
it looks for get 1. All of them are the same for (a, b) and (b, a) but for chrF, which weighs what
was lost twice, and the combination.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tahdhib.score.card import Card, Score
from tahdhib.score.dates import dates
from tahdhib.score.length import count_letters
from tahdhib.score.links import links
from tahdhib.score.numbers import numbers
from tahdhib.score.overlap import chrf
from tahdhib.score.preservation.shares import shared

VERSION = "1"

Measure = Callable[[str, str], float]


def _length(source: str, rewrite: str) -> float:
    short, long = sorted((count_letters(source).total, count_letters(rewrite).total))
    return short / long if long else 1.0


MEASURES: tuple[tuple[Score, Measure], ...] = (
    (
        Score("numbers", "share", "numbers by value that both texts have"),
        lambda source, rewrite: shared(numbers(source), numbers(rewrite)),
    ),
    (
        Score("dates", "share", "dates that both texts have"),
        lambda source, rewrite: shared(dates(source), dates(rewrite)),
    ),
    (
        Score("links", "share", "web addresses that both texts have"),
        lambda source, rewrite: shared(links(source), links(rewrite)),
    ),
    (
        Score("chrf", "share", "character n-grams that both texts have, chrF / 100"),
        lambda source, rewrite: chrf(source, rewrite) / 100,
    ),
    (Score("length", "ratio", "letters and digits of the shorter text by the longer"), _length),
)
"""Each measure with the score that it gives."""


class Preservation:
    """All built-in measures, and before them their combination: the lowest of them."""

    name = "preservation"
    version = VERSION

    def __init__(self) -> None:
        combined = Score("preservation", "share", "how much of what the source says is kept")
        self.card = Card(
            name=self.name,
            version=self.version,
            measures="what a rewrite kept of its source",
            scores=(combined, *(score for score, _ in MEASURES)),
            languages=("ar", "en"),
            training=("none",),
            measured=(),
            is_evidence={},
        )

    def compare(self, sources: Sequence[str], rewrites: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N, K) in 0..1; identical texts get 1 in every column.

        Raises:
            ValueError: there are not as many rewrites as sources.
        """
        if len(sources) != len(rewrites):
            raise ValueError(f"{len(sources)} sources, {len(rewrites)} rewrites: expected as many")
        rows = [_row(*pair) for pair in zip(sources, rewrites, strict=True)]
        return np.array(rows, dtype=np.float64).reshape(-1, len(self.card.scores))


def _row(source: str, rewrite: str) -> tuple[float, ...]:
    if source == rewrite:
        return (1.0,) * (1 + len(MEASURES))
    found = tuple(measure(source, rewrite) for _, measure in MEASURES)
    return (min(found), *found)
