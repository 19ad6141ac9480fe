"""Choose the keep biases and the lean of a trained encoder, on pairs that it was not trained on."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.text.edits import apply
from tahdhib.workers.edit.examples import PEOPLE, SILVER, TrainingPair
from tahdhib.workers.edit.labels import FAMILIES, KEEP, apply_labels, labels_of
from tahdhib.workers.edit.measure import tally
from tahdhib.workers.edit.predict import Run, Tags, decide, leaning, propose, tag
from tahdhib.workers.edit.tagger import Tagger

_KEEP_BIASES = [step / 2 for step in range(-3, 17)]
_NEVER = math.inf
ALWAYS = -100.0
"""A bias that every edit reaches."""
_LEANS = [step / 2 for step in range(-16, 9)]
_FEWEST = 8
"""Edits of a family in the tuning pairs, below which all families together decide."""


class _Judged(NamedTuple):
    """An edit that the model proposes for a tuning pair, held against the teacher's."""

    run: Run
    right: int
    made: int


def tuned(tagger: Tagger, pairs: Sequence[TrainingPair], settings: EditSettings) -> Tagger:
    """The tagger with its keep biases and its lean.

    Where there are documents of the corpus, they decide the biases; exact agreement with a person
    is no measure of what is right, since people agree with each other at .27 (first reference of
    2,002 ParaDetox pairs against the others, precision of 6,973 edits), nor is it with a scorer's
    deletions, of which many would do. Where these alone teach, every edit that the model leans to
    is made, and an edit is right where they changed something too. In both cases few enough of the
    texts that are to stay may change.
    """
    taught = [pair for pair in pairs if pair.teacher not in (PEOPLE, SILVER)]
    settled = [pair for pair in pairs if not _changes_something(pair)]
    tags = tag(tagger, [pair.source for pair in settled], settings.batch)
    if taught:
        tagger = tagger._replace(keep_bias=_keep_bias(tagger, taught, settings))
        highest = 0.0
        fits = [True] * len(_LEANS)
    else:
        tagger = tagger._replace(keep_bias=dict.fromkeys(FAMILIES, ALWAYS))
        highest = _LEANS[-1]
        fits = _precise_leans(tagger, list(filter(_changes_something, pairs)), settings)
    for lean, is_precise in zip(reversed(_LEANS), reversed(fits), strict=True):
        if lean > highest or not is_precise:
            continue
        changed = sum(_changes(tagger, one, lean) for one in tags)
        if changed <= settings.max_changed * len(settled):
            return tagger._replace(lean=lean)
    return tagger._replace(lean=_LEANS[0])


def _changes_something(pair: TrainingPair) -> bool:
    return any(text != pair.source for text in pair.rewrites)


def _changes(tagger: Tagger, tags: Tags, lean: float) -> bool:
    labels = decide(leaning(tags, lean), tagger.labels, tagger.keep_bias)
    return any(name != KEEP for name in labels)


def _precise_leans(
    tagger: Tagger, pairs: Sequence[TrainingPair], settings: EditSettings
) -> list[bool]:
    """For each of `_LEANS`, whether enough of the units that it changes lie where a person changed
    something too."""
    tags = tag(tagger, [pair.source for pair in pairs], settings.batch)
    touched = [_touched(pair, len(one.cut)) for pair, one in zip(pairs, tags, strict=True)]
    fits = []
    for lean in _LEANS:
        right = made = 0
        for one, places in zip(tags, touched, strict=True):
            for run in propose(leaning(one, lean), tagger.labels)[1]:
                made += run.end - run.first
                right += sum(place in places for place in range(run.first, run.end))
        fits.append(right >= settings.min_precision * made)
    return fits


def _touched(pair: TrainingPair, size: int) -> set[int]:
    """Places of the units that any rewrite of a pair changes."""
    lists = [labels_of(pair.source, rewrite) for rewrite in pair.rewrites]
    return {place for place in range(size) if any(labels[place] != KEEP for labels in lists)}


def _keep_bias(
    tagger: Tagger, pairs: Sequence[TrainingPair], settings: EditSettings
) -> dict[str, float]:
    """By family, the smallest bias at which its edits of `pairs` are precise enough.

    Each family is tuned with the others held still; one with too few edits takes the bias of all
    together.
    """
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
            rewrite = apply(pair.source, apply_labels(one.cut, alone, "edit"))
            made = tally(pair.source, rewrite, pair.rewrites)
            yield _Judged(run, made.right, made.made)
