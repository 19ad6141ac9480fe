"""Which scorers there are: a literal table from a recipe's name to where the scorer lives."""

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import RecipeError
from tahdhib.score.card import Card

SCORERS = {
    "ngram": "tahdhib.score.toxicity.ngram:NgramToxicity",
    "lexicon": "tahdhib.score.toxicity.lexicon:LexiconToxicity",
}
"""Name -> module:attr; the attr called without arguments gives a `Scorer`."""


class Scorer(Protocol):
    """A measure of texts, in the unit that its card states."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def card(self) -> Card: ...

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N,) of N texts: always finite, each a function of its own text alone."""
        ...


def open_scorer(name: str) -> Scorer:
    """Load the scorer of this name; nothing of it is imported before.

    Raises:
        RecipeError: no scorer has this name.
    """
    if name not in SCORERS:
        raise RecipeError(
            f"scorer {name!r} is unknown; known: {', '.join(sorted(SCORERS))}. Name one of these."
        )
    module, _, attribute = SCORERS[name].partition(":")
    return cast(Scorer, getattr(import_module(module), attribute)())
