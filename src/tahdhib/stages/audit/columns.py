"""What the audit measures of a document: its columns, where they come from, and their names."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa

from tahdhib.config import Recipe
from tahdhib.score.card import Card, Score
from tahdhib.score.table import PairScorer, Scorer, open_pair_scorer, open_scorer
from tahdhib.stages.audit.arms import Arms

NEAR_DUPLICATES = "near_duplicates"
_SITES = ("source", "site", "url", "domain")
SIDES = ("before", "after")
DISTINCT = (1, 2, 3)
"""Lengths of the runs of words of which the distinct share is measured."""


@dataclass(frozen=True, slots=True)
class Column:
    """A score of a scorer, and the name that its columns end in."""

    name: str
    score: Score
    scorer: str


@dataclass(frozen=True, slots=True)
class Columns:
    """All scores that are measured, in order; the first of `witness` is the one that arms and
    samples are shown by."""

    witness: tuple[Column, ...]
    others: tuple[Column, ...]
    kept: tuple[Column, ...]
    fields: tuple[str, ...]
    """Metadata fields that documents are grouped by."""

    @property
    def main(self) -> Column:
        return self.witness[0]

    def schema(self) -> pa.Schema:
        """Columns of a measured document.

        `before_X` and `after_X` are the score X of the source and of what goes on; of the main
        score also what null rewriters and each kind of edit alone would have left. `kept_X` says
        what a rewrite kept (1 where nothing was changed). `keys`: bands of MinHash that tell
        near-duplicates; `sites`: values that make clusters.
        """
        numbers = [
            *(f"{arm}_{self.main.name}" for arm in Arms._fields),
            *(f"{side}_{one.name}" for one in (*self.witness[1:], *self.others) for side in SIDES),
            *(f"kept_{one.name}" for one in self.kept),
            *(f"{side}_distinct_{order}" for order in DISTINCT for side in SIDES),
        ]
        return pa.schema(
            [
                ("id", pa.string()),
                ("language", pa.string()),
                ("state", pa.string()),
                ("worker", pa.string()),
                ("rules", pa.list_(pa.string())),
                *((f"by_{name}", pa.string()) for name in self.fields),
                *((f"{side}_dialect", pa.string()) for side in SIDES),
                *((f"{side}_topic", pa.int16()) for side in SIDES),
                *((f"{side}_length", pa.int64()) for side in SIDES),
                *((name, pa.float64()) for name in numbers),
                ("overlap", pa.float64()),
                ("sites", pa.list_(pa.string())),
                ("keys", pa.list_(pa.uint64())),
            ]
        )


@cache
def scorer(spec: str) -> Scorer:
    """The scorer, opened once per process."""
    return open_scorer(spec)


@cache
def pair_scorer(spec: str) -> PairScorer:
    """The scorer of pairs, opened once per process."""
    return open_pair_scorer(spec)


def columns_of(recipe: Recipe) -> Columns:
    """What a recipe has measured.

    Raises:
        RecipeError: a scorer is unknown.
    """
    settings = recipe.audit
    taken: set[str] = set(SIDES) | {"length", "topic", "dialect"}
    witness = _named(scorer(settings.witness).card, settings.witness, taken)
    others = [c for spec in settings.scorers for c in _named(scorer(spec).card, spec, taken)]
    taken = set()
    kept = [
        c for spec in settings.preservation for c in _named(pair_scorer(spec).card, spec, taken)
    ]
    return Columns(witness, tuple(others), tuple(kept), group_fields(recipe))


def group_fields(recipe: Recipe) -> tuple[str, ...]:
    """The metadata fields by which figures are grouped."""
    if recipe.audit.group_by is not None:
        return recipe.audit.group_by
    boilerplate = recipe.dedup.boilerplate
    named = [boilerplate.site] if boilerplate and boilerplate.site else []
    carried = [name for name in (*named, *_SITES) if name in recipe.ingest.metadata]
    return tuple(carried[:1])


def cards(recipe: Recipe) -> Mapping[str, Card]:
    """The card of each scorer that the recipe names, by its spec."""
    settings = recipe.audit
    return {
        **{spec: scorer(spec).card for spec in (settings.witness, *settings.scorers)},
        **{spec: pair_scorer(spec).card for spec in settings.preservation},
    }


def _named(card: Card, spec: str, taken: set[str]) -> tuple[Column, ...]:
    """The scores of a card under names that are not taken, which are taken then."""
    found = []
    for score in card.scores:
        name = score.name
        tries = iter([name, f"{card.name} {name}", f"{spec} {name}"])
        while name in taken:
            name = next(tries, f"{name}'")
        taken.add(name)
        found.append(Column(name, score, spec))
    return tuple(found)


Row = dict[str, Any]
