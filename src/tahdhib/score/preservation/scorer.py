"""What a rewrite kept of its source: the built-in measures as one scorer of pairs.

Each measure is 1 where all is kept and 0 where nothing is; two texts that both have nothing of what
it looks for get 1. All of them are the same for (a, b) and (b, a) but for chrF, which weighs what
was lost twice, and the combination.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from math import prod
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tahdhib.score.card import Card, Measured, Score, evidence, measured_from
from tahdhib.score.dates import dates
from tahdhib.score.length import count_letters
from tahdhib.score.links import links
from tahdhib.score.overlap import chrf
from tahdhib.score.preservation.coverage import coverage
from tahdhib.score.preservation.modality import modalities
from tahdhib.score.preservation.names import compare_names
from tahdhib.score.preservation.negation import flips
from tahdhib.score.preservation.quantities import measures, quantities
from tahdhib.score.preservation.shares import shared

VERSION = "5"
MEASURED = "measured.json"
"""What `benchmarks/preservation.py --card` wrote: how well each measure tells its own fault."""

_Fact = TypeVar("_Fact")
Measure = Callable[[str, str], float]


def _length(source: str, rewrite: str) -> float:
    short, long = sorted((count_letters(source).total, count_letters(rewrite).total))
    return short / long if long else 1.0


def _names(source: str, rewrite: str) -> float:
    found = compare_names(source, rewrite)
    return 1 - min(1.0, len(found.lost + found.came) / found.total) if found.total else 1.0


def _negation(source: str, rewrite: str) -> float:
    found = flips(source, rewrite)
    flipped, more = len(found.stems), found.difference
    return 1 / (1 + min(flipped, more) + abs(flipped - more) / 4)


def _run(words: int) -> float:
    return 1 / (1 + words / 3)


def _facts(read: Callable[[str], Counter[_Fact]]) -> Measure:
    return lambda source, rewrite: shared(read(source), read(rewrite))


MEASURES: tuple[tuple[Score, Measure], ...] = (
    (Score("numbers", "share", "values of figures and number words"), _facts(quantities)),
    (Score("units", "share", "quantities with their units"), _facts(measures)),
    (Score("dates", "share", "dates"), _facts(dates)),
    (Score("links", "share", "web addresses"), _facts(links)),
    (Score("names", "share", "names that the other text has, too"), _names),
    (
        Score(
            "negation",
            "1 / (1 + flips)",
            "words that one text denies and the other says; see the guide",
        ),
        _negation,
    ),
    (Score("modality", "share", "words of must, should, may, can, will"), _facts(modalities)),
    (
        Score("kept", "share", "content words of the source that are kept"),
        lambda source, rewrite: coverage(source, rewrite).kept,
    ),
    (
        Score("backed", "share", "content words of the rewrite that the source has"),
        lambda source, rewrite: coverage(source, rewrite).backed,
    ),
    (
        Score("least_kept", "share", "`kept` of the source's sentence where it is lowest"),
        lambda source, rewrite: coverage(source, rewrite).least_kept,
    ),
    (
        Score("least_backed", "share", "`backed` of the rewrite's sentence where it is lowest"),
        lambda source, rewrite: coverage(source, rewrite).least_backed,
    ),
    (
        Score("uncut", "1 / (1 + words / 3)", "longest stretch of content words that went"),
        lambda source, rewrite: _run(coverage(source, rewrite).cut),
    ),
    (
        Score("unpadded", "1 / (1 + words / 3)", "longest stretch of content words that came"),
        lambda source, rewrite: _run(coverage(source, rewrite).added),
    ),
    (
        Score("chrf", "share", "character n-grams, chrF / 100"),
        lambda source, rewrite: chrf(source, rewrite) / 100,
    ),
    (Score("length", "ratio", "letters and digits of the shorter text by the longer"), _length),
)
"""Each measure with the score that it gives."""


FACTS = ("numbers", "units", "dates", "links", "names", "negation", "modality")
FACT_WEIGHT = 0.15
"""What a fact measure of 0 takes of the combination."""
WEIGHTS = {"kept": 1.0, "backed": 0.5, "uncut": 1.0, "length": 1.0, "chrf": 1.0}


def combined(found: Mapping[str, float]) -> float:
    """The weighted mean of coverage and length, times what is left by each of the facts.

    Weights: round numbers, chosen on one half of TextDetox's ratings in Arabic and English and on
    those in seven other languages (see `docs/log/preservation.md`).
    """
    mean = sum(weight * found[name] for name, weight in WEIGHTS.items()) / sum(WEIGHTS.values())
    return mean * prod(1 - FACT_WEIGHT * (1 - found[name]) for name in FACTS)


class Preservation:
    """All built-in measures, and before them their combination."""

    name = "preservation"
    version = VERSION

    def __init__(self) -> None:
        measured = _measured()
        whole = Score("preservation", "share", "how much of what the source says is kept")
        self.card = Card(
            name=self.name,
            version=self.version,
            measures="what a rewrite kept of its source",
            scores=(whole, *(score for score, _ in MEASURES)),
            languages=("ar", "en"),
            training=("none: word lists written for this project",),
            measured=measured,
            is_evidence=evidence(measured),
            notes=(
                "measured: real rewrites (positive) against the same with one planted fault, each "
                "measure on the fault that it is made for; all of it in docs/log/preservation.md",
            ),
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


def _measured() -> tuple[Measured, ...]:
    content = (files("tahdhib.score.preservation") / MEASURED).read_text(encoding="utf-8")
    return measured_from(json.loads(content))


def _row(source: str, rewrite: str) -> tuple[float, ...]:
    if source == rewrite:
        return (1.0,) * (1 + len(MEASURES))
    found = {score.name: measure(source, rewrite) for score, measure in MEASURES}
    return (combined(found), *found.values())
