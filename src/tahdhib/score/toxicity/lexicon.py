"""Toxicity by the conduct's lexicon: what the gate uses, and therefore never a witness.

A term counts wherever it stands, in a frame of address or not: the gate asks whether a rewrite
has more of them than its source, and there the context is the same on both sides.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tahdhib.conduct.rules.insults import matches
from tahdhib.conduct.terms import by_first_word, is_suspect, lexicon_hash, words
from tahdhib.score.card import Card, Score


class LexiconToxicity:
    """Terms of the lexicon per 100 words."""

    name = "lexicon"

    def __init__(self) -> None:
        self.version = lexicon_hash()[:12]
        self.card = Card(
            name=self.name,
            version=self.version,
            measures="insults, slurs and obscenity of the lexicon in the package",
            scores=(Score("terms", "terms per 100 words", "how often its terms stand in a text"),),
            languages=("ar", "en"),
            training=("none: a word list written for this project",),
            measured=(),
            is_evidence={},
            notes=("the gate chooses rewrites by it: it cannot measure what came of them",),
        )

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N, 1); 0.0 for a text without words."""
        return np.array([_rate(text) for text in texts], dtype=np.float64).reshape(-1, 1)


def count_terms(text: str) -> int:
    """How many terms of the lexicon stand in `text`; a term inside a longer one too."""
    if not is_suspect(text):
        return 0
    found = words(text)
    index = by_first_word()
    return sum(
        any(matches(found, place, term) for term in index.get(word.key, ()))
        for place, word in enumerate(found)
    )


def _rate(text: str) -> float:
    terms = count_terms(text)
    return 100 * terms / max(1, len(words(text))) if terms else 0.0
