"""Which scorers there are: literal tables from a recipe's name to where the scorer lives.

A `Scorer` measures texts, a `PairScorer` what a rewrite kept of its source. A recipe names both as
`name` or `name:argument`, the argument being what the scorer of that name reads: a file of weights,
a model.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import RecipeError
from tahdhib.score.card import Card

SCORERS = {
    "ngram": "tahdhib.score.toxicity.ngram:NgramToxicity",
    "lexicon": "tahdhib.score.toxicity.lexicon:LexiconToxicity",
    "debris": "tahdhib.score.debris:Debris",
    "fluency": "tahdhib.score.fluency.builtin:Fluency",
    "perplexity": "tahdhib.score.fluency.perplexity:Perplexity",
    "classifier": "tahdhib.score.adapters.classifier:Classifier",
    "moderation": "tahdhib.score.adapters.moderation:Moderation",
    "judge": "tahdhib.score.adapters.judge:Judge",
}
"""Name -> module:attr; the attr, called with the argument where there is one, gives a `Scorer`."""

PAIR_SCORERS = {
    "preservation": "tahdhib.score.preservation.scorer:Preservation",
    "embedding": "tahdhib.score.preservation.embedding:Embedding",
    "nli": "tahdhib.score.preservation.nli:Nli",
}
"""The same for scorers of pairs: the attr gives a `PairScorer`."""


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


class PairScorer(Protocol):
    """A measure of what rewrites kept of their sources, in the units that its card states."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def card(self) -> Card: ...

    def compare(self, sources: Sequence[str], rewrites: Sequence[str]) -> NDArray[np.float64]:
        """Scores (N, K) of N pairs, columns as `card.scores`: always finite, each row a function
        of its own pair alone; 1 means that all is kept, 0 nothing, unless the card's unit says
        otherwise.

        Raises:
            ValueError: there are not as many rewrites as sources.
        """
        ...


def open_scorer(spec: str) -> Scorer:
    """Load the scorer that a recipe names as `name` or `name:argument`; nothing of it is imported
    before.

    Raises:
        RecipeError: no scorer has this name, or the argument is none of its own.
    """
    return cast(Scorer, _open("scorer", SCORERS, spec))


def open_card(spec: str) -> Card:
    """The card of a scorer or a scorer of pairs, named as a recipe names it.

    Raises:
        RecipeError: neither has this name, or the argument is none of its own.
    """
    opened = _open("scorer", {**SCORERS, **PAIR_SCORERS}, spec)
    return cast(Scorer | PairScorer, opened).card


def files_of(spec: str) -> list[str]:
    """The files that a scorer reads, as paths: its argument where that is a file or a folder."""
    path = Path(spec.partition(":")[2])
    if path.is_dir() and path != Path():
        return [str(file) for file in sorted(path.rglob("*")) if file.is_file()]
    return [str(path)] if path.is_file() else []


def described() -> dict[str, str]:
    """Each scorer's name -> the first sentence of the module that it lives in."""
    found = {}
    for name, where in {**SCORERS, **PAIR_SCORERS}.items():
        said = import_module(where.partition(":")[0]).__doc__ or ""
        found[name] = " ".join(said.strip().split("\n\n")[0].split())
    return found


def check_witness(witness: str, *chose: str) -> None:
    """Refuse a witness that had a part in what it is to measure: one of the scorers that `chose`,
    or one that learned from a labelled set that one of them learned from.

    Raises:
        RecipeError: it is refused, or no scorer has its name.
        TahdhibError: it cannot be opened.
    """
    card = open_scorer(witness).card
    for spec in chose:
        other = open_scorer(spec).card
        shared = sorted(set(card.training_sets) & set(other.training_sets))
        if witness == spec or card.version == other.version:
            why = "a scorer that chose a document cannot measure the result"
        elif shared:
            why = f"both learned from {', '.join(shared)}"
        else:
            continue
        raise RecipeError(
            f"audit.witness is {witness!r}, but {spec!r} chooses rewrites, and {why}. Name a "
            "scorer with other training sets: of `tahdhib score train`, set a beside set b."
        )


def open_pair_scorer(spec: str) -> PairScorer:
    """Load the scorer of pairs that a recipe names as `name` or `name:argument`.

    Raises:
        RecipeError: no scorer of pairs has this name, or the argument is none of its own.
    """
    return cast(PairScorer, _open("scorer of pairs", PAIR_SCORERS, spec))


def _open(kind: str, table: Mapping[str, str], spec: str) -> object:
    name, colon, argument = spec.partition(":")
    if name not in table:
        raise RecipeError(
            f"{kind} {name!r} is unknown; known: {', '.join(sorted(table))}. Name one of these."
        )
    module, _, attribute = table[name].partition(":")
    opened = getattr(import_module(module), attribute)
    return opened(argument) if colon else opened()
