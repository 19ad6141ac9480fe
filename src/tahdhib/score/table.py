"""Which scorers there are: a literal table from a recipe's name to where the scorer lives.

A recipe names a scorer as `name` or `name:argument`, the argument being what the scorer of that
name reads: a file of weights, a model.
"""

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
"""Name -> module:attr; the attr, called with the argument where there is one, gives a `Scorer`."""


class Scorer(Protocol):
    """A measure of texts: one or more scores each, in the units that its card states."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def card(self) -> Card: ...

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N, K) of N texts, columns as `card.scores`: always finite, each row a function
        of its own text alone."""
        ...


def open_scorer(spec: str) -> Scorer:
    """Load the scorer that a recipe names as `name` or `name:argument`; nothing of it is imported
    before.

    Raises:
        RecipeError: no scorer has this name, or the argument is none of its own.
    """
    name, colon, argument = spec.partition(":")
    if name not in SCORERS:
        raise RecipeError(
            f"scorer {name!r} is unknown; known: {', '.join(sorted(SCORERS))}. Name one of these."
        )
    module, _, attribute = SCORERS[name].partition(":")
    opened = getattr(import_module(module), attribute)
    return cast(Scorer, opened(argument) if colon else opened())
