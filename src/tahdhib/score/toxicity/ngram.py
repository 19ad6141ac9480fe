"""The witness: toxicity by a logistic regression over hashed character n-grams, numpy alone.

It has no word list and shares no training text with the gate, the rules or a worker;
`tools/train_witness.py` makes its weights and its card. A document scores as its worst window of
280 characters, because toxic words drown in the mean of a long text. Figures and limits: the card.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from tahdhib.score.card import Card, from_json
from tahdhib.score.grams import grams, window_batches

WEIGHTS = "ngram.npz"
CARD = "ngram.card.json"
NO_LETTERS = 0.0
"""Score of a text without a letter, the empty one and a lone emoji among them."""


class NgramToxicity:
    """Probability, 0..1, that the worst window of a text is toxic (prior: see the card)."""

    name = "ngram"

    def __init__(self) -> None:
        self.card: Card = _card()
        self.version: str = self.card.version
        self._weights, self._offsets = _weights()

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N, 1); 0.0 for a text without letters, never NaN."""
        scores = np.full(len(texts), NO_LETTERS)
        for owners, batch in window_batches(texts):
            logits, is_read = decisions(batch, self._weights, self._offsets)
            probabilities = np.where(is_read, 1 / (1 + np.exp(-logits)), NO_LETTERS)
            np.maximum.at(scores, owners, probabilities)
        return scores[:, None]


def decisions(
    texts: Sequence[str], weights: NDArray[np.float32], offsets: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Logits (N,) of windows under weights (scripts, buckets), and which had a letter to read."""
    found = grams(texts)
    script = np.maximum(found.script, 0)
    each = weights[script[found.window], found.bucket]
    totals = np.bincount(found.window, weights=each, minlength=len(texts))
    logits = totals / np.sqrt(np.maximum(found.sizes, 1)) + offsets[script]
    return np.clip(logits, -30, 30), found.script >= 0


@cache
def _card() -> Card:
    return from_json((files("tahdhib.score") / "weights" / CARD).read_text("utf-8"))


@cache
def _weights() -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    with (files("tahdhib.score") / "weights" / WEIGHTS).open("rb") as stream:
        arrays = np.load(stream, allow_pickle=False)
        scale = arrays["scale"].astype(np.float32)  # (scripts, 1)
        return arrays["weights"].astype(np.float32) * scale, arrays["offsets"].astype(np.float64)
