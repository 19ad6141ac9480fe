"""Choose the keep biases of a trained encoder, on pairs that it was not trained on."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.text.edits import apply
from tahdhib.workers.edit.examples import PEOPLE, TrainingPair
from tahdhib.workers.edit.labels import FAMILIES, KEEP, apply_labels
from tahdhib.workers.edit.measure import tally
from tahdhib.workers.edit.predict import Run, propose, tag
from tahdhib.workers.edit.tagger import Tagger

_KEEP_BIASES = [step / 2 for step in range(-3, 17)]
_NEVER = math.inf
_FEWEST = 8
"""Edits of a family in the tuning pairs, below which all families together decide."""


class _Judged(NamedTuple):
    """An edit that the model proposes for a tuning pair, held against the teacher's."""

    run: Run
    right: int
    made: int


def keep_bias(
    tagger: Tagger, pairs: Sequence[TrainingPair], settings: EditSettings
) -> dict[str, float]:
    """By family, the smallest bias at which its edits of `pairs` are precise enough.

    Each family is tuned with the others held still; one with too few edits takes the bias of all
    together. Where there are documents of the corpus they alone decide: exact agreement with a
    person is no measure of what is right, since people agree with each other at .27 (first
    reference of 2,002 ParaDetox pairs against the others, precision of 6,973 edits).
    """
    pairs = [pair for pair in pairs if pair.teacher != PEOPLE] or list(pairs)
    judged = list(_judged(tagger, pairs, settings.batch))

    def smallest(families: Sequence[str]) -> float | None:
        """The smallest precise bias of `families`; None where too few edits say anything."""
        for bias in _KEEP_BIASES:
            trial = {name: bias if name in families else _NEVER for name in FAMILIES}
            made = [one for one in judged if one.run.is_made(trial)]
            edits = sum(one.made for one in made)
            if edits < _FEWEST:
                return None
            right = sum(one.right for one in made)
            if right + 1 >= settings.min_precision * (edits + 1):  # one miss of a few is no sign
                return bias
        return _KEEP_BIASES[-1]

    of_all = smallest(FAMILIES)
    default = _KEEP_BIASES[-1] if of_all is None else of_all
    by_family = {name: smallest([name]) for name in FAMILIES}
    return {name: default if bias is None else bias for name, bias in by_family.items()}


def _judged(tagger: Tagger, pairs: Sequence[TrainingPair], batch: int) -> Iterator[_Judged]:
    """Every edit that the model proposes, made alone: edits do not touch, so one by one will do."""
    tags = tag(tagger, [pair.source for pair in pairs], batch)
    for pair, one in zip(pairs, tags, strict=True):
        chosen, runs = propose(one, tagger.labels)
        for run in runs:
            alone = [KEEP] * len(chosen)
            alone[run.first : run.end] = chosen[run.first : run.end]
            rewrite = apply(pair.source, apply_labels(pair.source, alone, "edit"))
            made = tally(pair.source, rewrite, pair.rewrites)
            yield _Judged(run, made.right, made.made)
