"""Toxicity by logistic regressions over hashed character n-grams, numpy alone.

The weights in the package are the witness: they share no word list and no training text with the
gate, the rules or a worker (`tools/train_witness.py` makes them). `ngram:FOLDER` opens better ones
that `tahdhib score train` made. A document scores as its worst window of 280 characters, in each
score by itself, because toxic words drown in the mean of a long text. Figures and limits: the card.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import DataError
from tahdhib.score.card import Card, from_json
from tahdhib.score.domain import Profile, domain_distance
from tahdhib.score.grams import window_batches, windows
from tahdhib.score.toxicity.model import Weights, decisions, read

WEIGHTS = "ngram.npz"
CARD = "ngram.card.json"
NO_LETTERS = 0.0
"""Score of a text without a letter, the empty one and a lone emoji among them."""


class Driver(NamedTuple):
    """A word that drove a score: `text[start:end]`, and by how much the logit of the worst window
    falls where the word is taken out."""

    start: int
    end: int
    word: str
    effect: float


class NgramToxicity:
    """Probabilities, 0..1, that the worst window of a text is toxic (prior: see the card)."""

    name = "ngram"

    def __init__(self, folder: str | None = None) -> None:
        """Open the weights in the package, or those in a folder that `tahdhib score train` made.

        Raises:
            DataError: the folder holds no weights, or broken ones.
        """
        opened = _open_folder(folder) if folder is not None else _shipped()
        self.card: Card = opened[0]
        self.version: str = self.card.version
        self._weights = opened[1]

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N, K), columns as `card.scores`; 0.0 for a text without letters, never NaN."""
        scores = np.full((len(texts), self._weights.scores), NO_LETTERS)
        for owners, batch in window_batches(texts):
            np.maximum.at(scores, owners, probabilities(batch, self._weights))
        return scores

    def drivers(self, text: str, n: int = 5, score: str | None = None) -> tuple[Driver, ...]:
        """The at most `n` words that raised `score` (the first by default) the most, strongest
        first; each is taken out of the worst window by itself, and none that lowers it counts.

        Raises:
            ValueError: the card has no such score.
        """
        names = [one.name for one in self.card.scores]
        if score is not None and score not in names:
            raise ValueError(f"no score {score!r}; known: {', '.join(names)}")
        column = names.index(score) if score is not None else 0
        cut = windows(text)
        logits, is_read = self._logits(cut)
        if not is_read.any():
            return ()
        worst = int(np.where(is_read, logits[:, column], -np.inf).argmax())
        words = cut[worst].split()
        without = [" ".join(words[:at] + words[at + 1 :]) for at in range(len(words))]
        left, _ = self._logits(without)
        effects = logits[worst, column] - left[:, column]
        order = [at for at in np.argsort(-effects, kind="stable")[:n] if effects[at] > 0]
        places = _places(text, cut, worst)
        return tuple(
            Driver(start, end, text[start:end], float(effects[at]))
            for at, (start, end) in ((at, places[at]) for at in order)
        )

    @property
    def profile(self) -> Profile:
        """What the texts look like that the card's figures were measured on."""
        return self._weights.profile

    def domain_distance(self, texts: Sequence[str]) -> float:
        """Share of `texts`, 0..1, unlike those that the card's figures were measured on."""
        return domain_distance(self._weights.profile, texts)

    def _logits(self, batch: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        return decisions(batch, self._weights)


def probabilities(batch: Sequence[str], weights: Weights) -> NDArray[np.float64]:
    """Probabilities (N, K) of windows."""
    logits, is_read = decisions(batch, weights)
    return np.where(is_read[:, None], 1 / (1 + np.exp(-logits)), NO_LETTERS)


def _places(text: str, cut: Sequence[str], which: int) -> list[tuple[int, int]]:
    """Where the words of one window stand in the text: windows keep every character that is no
    white space, in order."""
    solid = [place for place, character in enumerate(text) if not character.isspace()]
    at = sum(len("".join(window.split())) for window in cut[:which])
    found: list[tuple[int, int]] = []
    for word in cut[which].split():
        found.append((solid[at], solid[at + len(word) - 1] + 1))
        at += len(word)
    return found


@cache
def _shipped() -> tuple[Card, Weights]:
    folder = files("tahdhib.score") / "weights"
    with (folder / WEIGHTS).open("rb") as stream:
        return from_json((folder / CARD).read_text("utf-8")), read(stream)


def _open_folder(folder: str) -> tuple[Card, Weights]:
    weights, card = Path(folder) / WEIGHTS, Path(folder) / CARD
    try:
        with weights.open("rb") as stream:
            opened = read(stream)
        described = from_json(card.read_text("utf-8"))
    except OSError as error:
        raise DataError(
            f"scorer 'ngram:{folder}': {error.filename or folder} cannot be read "
            f"({error.strerror}); expected a folder with {WEIGHTS} and {CARD}, as "
            "`tahdhib score train` makes it."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"scorer 'ngram:{folder}': {card} is no card of a scorer ({error}); train it again."
        ) from None
    if len(described.scores) != opened.scores:
        raise DataError(
            f"scorer 'ngram:{folder}': {len(described.scores)} scores on its card, "
            f"{opened.scores} in its weights; the two belong to different trainings. Train again."
        )
    return described, opened
