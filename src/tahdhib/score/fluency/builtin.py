"""Fluency by the built-in language model: `fluency:FILE`, numpy alone.

How surprising a text is to one who has read the reference and nothing else. Lower is more fluent
*as the reference understands it*: a dialect that it lacks surprises it, so give it text of every
variety that the corpus is to keep.

`gain` sets the rarity of the words aside, as SLOR does (Lau, Clark and Lappin 2017): bits per word
by the lowest order less bits after the words before.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import RecipeError
from tahdhib.score.card import Card, Score
from tahdhib.score.fluency.model import LanguageModel, Reader, load
from tahdhib.score.fluency.words import tokens

STRETCH_WORDS = 12
"""Words of the stretch that `worst` looks at."""
_CHARACTERS_AT_ONCE = 1_000_000
_STEPS = 1024
"""A bit is counted in so many steps: sums of whole numbers do not depend on who stands beside."""

SCORES = (
    Score("bits", "bits per character", "how surprising the text is; lower is more fluent"),
    Score("worst", "bits per character", f"the same of its worst {STRETCH_WORDS} words in a row"),
    Score("unknown", "share of words, 0..1", "words that the reference has less than twice"),
    Score("gain", "bits per word", "what the words before tell of a word; higher is more fluent"),
)


class Fluency:
    """Bits per character under a model of reference text; spaces are not counted."""

    name = "fluency"

    def __init__(self, file: str = "") -> None:
        if not file:
            raise RecipeError(
                "scorer 'fluency' needs a model of reference text, as fluency:FILE. Make one: "
                "tahdhib score fluency --reference PATH --out FILE"
            )
        self._open(load(Path(file)))

    @classmethod
    def of(cls, model: LanguageModel) -> "Fluency":
        """The scorer of a model in memory."""
        scorer = cls.__new__(cls)
        scorer._open(model)
        return scorer

    def _open(self, model: LanguageModel) -> None:
        origin = model.origin
        self.version = f"1-{origin.order}-{origin.sha256[:12]}"
        self._reader = Reader(model)
        self.card = Card(
            name=self.name,
            version=self.version,
            measures="how surprising a text is to a language model of reference text",
            scores=SCORES,
            languages=(),
            training=(
                f"{', '.join(origin.reference)}: {origin.documents:,} documents, "
                f"{origin.words:,} words",
            ),
            measured=(),
            is_evidence={},
            notes=(
                f"modified Kneser-Ney over runs of up to {origin.order} words, with a model of "
                "letters for new ones",
                "what the reference lacks surprises it, a dialect or a subject too",
                "a text without letters scores 0 everywhere",
            ),
        )

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N, 4); 0.0 for a text without letters."""
        scores = np.zeros((len(texts), len(SCORES)))
        for start, batch in _batches(texts):
            scores[start : start + len(batch)] = self._batch(batch)
        return scores

    def _batch(self, texts: Sequence[str]) -> NDArray[np.float64]:
        found = tokens(texts)
        scores = np.zeros((len(texts), len(SCORES)))
        if not found.words:
            return scores
        bits, gain, is_unknown = self._reader.read(found)
        steps, gains = (np.rint(one * _STEPS).astype(np.int64) for one in (bits, gain))
        sizes = np.fromiter(map(len, found.words), dtype=np.int64, count=len(found.words))
        lengths = np.diff(found.lines)
        owner = np.repeat(found.owners, lengths)
        firsts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
        rows = owner[firsts]
        words = np.diff(np.r_[firsts, len(owner)])
        characters = np.add.reduceat(sizes, firsts)
        scores[rows, 0] = np.add.reduceat(steps, firsts) / characters / _STEPS
        scores[rows, 1] = _worst(steps, sizes, firsts, words) / _STEPS
        scores[rows, 2] = np.add.reduceat(is_unknown.astype(np.int64), firsts) / words
        scores[rows, 3] = np.add.reduceat(gains, firsts) / words / _STEPS
        is_read = np.array([any(map(str.isalpha, text)) for text in texts])
        return np.where(is_read[:, None], scores, 0.0)


def _worst(
    steps: NDArray[np.int64],
    sizes: NDArray[np.int64],
    firsts: NDArray[np.int64],
    words: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Most steps per character of any stretch of each text; one shorter than a stretch is one."""
    sums, characters = (np.concatenate(([0], np.cumsum(array))) for array in (steps, sizes))
    start = np.arange(len(steps))
    first, last = np.repeat(firsts, words), np.repeat(firsts + words, words)
    start = np.maximum(np.minimum(start, last - STRETCH_WORDS), first)
    end = np.minimum(start + STRETCH_WORDS, last)
    rates = (sums[end] - sums[start]) / (characters[end] - characters[start])
    return np.asarray(np.maximum.reduceat(rates, firsts), dtype=np.float64)


def _batches(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Stretches of the texts of bounded size, each with the place of its first."""
    start = size = 0
    for place, text in enumerate(texts):
        size += len(text)
        if size >= _CHARACTERS_AT_ONCE:
            yield start, texts[start : place + 1]
            start, size = place + 1, 0
    if start < len(texts):
        yield start, texts[start:]
