"""From documents to labels.

Axes: U units of a document, L labels.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tahdhib.workers.edit.features import LONGEST_UNIT
from tahdhib.workers.edit.labels import KEEP, LINE, family
from tahdhib.workers.edit.tagger import (
    DELETE_INDEX,
    KEEP_INDEX,
    Floats,
    Indices,
    Network,
    Seen,
    Sums,
    Tagger,
)
from tahdhib.workers.edit.units import Unit, units

_SUREST = np.float32(-1e-6)  # keeps log-odds finite: about 14


class Tags(NamedTuple):
    """What the model thinks of each unit of a document, as far as any keep bias needs it."""

    cut: list[Unit]
    keep_U: Floats  # logit of KEEP, less the tagger's lean
    other_U: Floats  # logit of the best other label
    best_U: Indices  # that label's index
    delete_U: Floats  # logit of DELETE
    rest_U: Floats  # log of the summed weight of all labels but KEEP


def tag(tagger: Tagger, texts: Sequence[str], batch: int) -> list[Tags]:
    """Run the network over `texts`, about `batch` units at a time. What it says of a unit depends
    on its neighbours alone, but for the last bits, which depend on the whole list."""
    network: Network = tagger.model
    cuts = [units(text) for text in texts]
    parts: list[list[Seen]] = [[] for _ in cuts]
    for seen in network.see([[unit.text for unit in cut] for cut in cuts], batch):
        parts[seen.document].append(seen)
    return [
        Tags(cut, whole.keep_N - np.float32(tagger.lean), *whole[1:])
        for cut, whole in zip(cuts, map(_joined, parts), strict=True)
    ]


def leaning(tags: Tags, lean: float) -> Tags:
    """The tags with KEEP lowered by so much more."""
    return tags._replace(keep_U=tags.keep_U - np.float32(lean))


class Run(NamedTuple):
    """An edit in waiting: the changed units `[first, end)` of a document, and for each family of
    labels among them how sure the weakest is, in log-odds."""

    first: int
    end: int
    odds: Mapping[str, float]

    def is_made(self, keep_bias: Mapping[str, float]) -> bool:
        """Whether every family reaches its bias."""
        return all(odds >= keep_bias[name] for name, odds in self.odds.items())


def decide(tags: Tags, labels: Sequence[str], keep_bias: Mapping[str, float]) -> list[str]:
    """One label per unit: the best one, where the edit that it belongs to is sure enough.

    An edit is a run of changed units. It is made whole or not at all, by its weakest label, whose
    log-odds must reach the `keep_bias` of the label's family: a bias on each unit's KEEP instead
    would break edits into pieces, and half an edit is worse than either (measured: the precision
    *falls* as it grows).
    """
    chosen, runs = propose(tags, labels)
    for run in runs:
        if not run.is_made(keep_bias):
            chosen[run.first : run.end] = [KEEP] * (run.end - run.first)
    return chosen


def propose(tags: Tags, labels: Sequence[str]) -> tuple[list[str], list[Run]]:
    """The best label of each unit, and the runs of units that would change. Of a deletion, which
    may run over many units, the average counts as one label."""
    chosen_U = np.where(tags.other_U > tags.keep_U, tags.best_U, KEEP_INDEX)
    if not chosen_U.any():
        return [KEEP] * len(chosen_U), []
    odds_U = _log_odds(tags.other_U, np.logaddexp(tags.rest_U, tags.keep_U))
    voted_U = np.zeros(len(chosen_U), bool)
    if (chosen_U == DELETE_INDEX).any():
        _vote(tags, chosen_U, odds_U, voted_U)
    runs = []
    for first, end in _runs(chosen_U):
        if any(len(unit.body) > LONGEST_UNIT for unit in tags.cut[first:end]):
            chosen_U[first:end] = KEEP_INDEX
            continue
        here = slice(first, end)
        runs.append(Run(first, end, _odds(labels, chosen_U[here], odds_U[here], voted_U[here])))
    return [labels[index] for index in chosen_U.tolist()], runs


def _odds(
    labels: Sequence[str], chosen_U: Indices, odds_U: Floats, voted_U: npt.NDArray[np.bool_]
) -> dict[str, float]:
    """By family, the log-odds of a run's weakest label."""
    by_family: dict[str, list[float]] = {}
    for index, odds, is_voted in zip(
        chosen_U.tolist(), odds_U.tolist(), voted_U.tolist(), strict=True
    ):
        name = LINE if is_voted else family(labels[index])
        by_family.setdefault(name, []).append(odds)
    return {
        name: sum(odds) / len(odds) if name in (LINE, "delete") else min(odds)
        for name, odds in by_family.items()
    }


def _vote(tags: Tags, chosen_U: Indices, odds_U: Floats, voted_U: npt.NDArray[np.bool_]) -> None:
    """Delete a line whole where its units on average are to be deleted, and the line as a whole is
    as sure as its average: a line of advertising is one thing. A text of one line has no vote."""
    lines = list(_lines(tags.cut))
    delete_odds_U = _log_odds(tags.delete_U, np.logaddexp(tags.rest_U, tags.keep_U))
    for first, end in lines if len(lines) > 1 else ():
        is_ended = tags.cut[end - 1].body == "\n"
        content = slice(first, end - 1 if is_ended else end)
        if content.stop > content.start and delete_odds_U[content].mean() > 0:
            odds_U[content] = delete_odds_U[content].mean()
            chosen_U[content], voted_U[content] = DELETE_INDEX, True
            if is_ended and chosen_U[end - 1] != DELETE_INDEX:
                chosen_U[end - 1], odds_U[end - 1] = DELETE_INDEX, odds_U[first]
                voted_U[end - 1] = True


def _log_odds(logit_U: Floats, total_U: Floats) -> Floats:
    """Log-odds of one label against all others, from its logit and the log of the summed weight."""
    log_share_U = np.minimum(logit_U - total_U, _SUREST)
    odds_U: Floats = log_share_U - np.log(-np.expm1(log_share_U))
    return odds_U


def _runs(chosen_U: Indices) -> Iterator[tuple[int, int]]:
    """Index ranges of neighbouring units that change."""
    first = end = 0
    for place in np.flatnonzero(chosen_U).tolist():
        if place > end and end:
            yield first, end
        if place > end or not end:
            first = place
        end = place + 1
    if end:
        yield first, end


def _lines(cut: Sequence[Unit]) -> Iterator[tuple[int, int]]:
    """Index ranges of the units of each line, its newline included."""
    first = 1
    for index in range(1, len(cut)):
        if cut[index].body == "\n" or index == len(cut) - 1:
            yield first, index + 1
            first = index + 1


def _joined(parts: Sequence[Seen]) -> Sums:
    """A document's sums, from those of its pieces, which come in any order."""
    if len(parts) == 1:
        return parts[0].sums
    in_order = sorted(parts, key=lambda seen: seen.where.start)
    return Sums(*map(np.concatenate, zip(*(seen.sums for seen in in_order), strict=True)))
