"""Train the edit worker from pairs, choose its keep bias, measure it on pairs it never saw.

Same pairs, settings, seed and threads give the same weights, bit for bit, on one kind of machine
and torch build.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch

from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.errors import DataError
from tahdhib.progress import Progress
from tahdhib.text.edits import apply
from tahdhib.workers.edit.examples import (
    Labelled,
    Part,
    TrainingPair,
    drop_reason,
    example,
    is_rewritten_anew,
    label,
    lost,
    part_of,
    with_settled,
)
from tahdhib.workers.edit.fit import fit
from tahdhib.workers.edit.labels import FAMILIES, KEEP, apply_labels, count_labels, vocabulary
from tahdhib.workers.edit.measure import Figures, Tally, figures, tally
from tahdhib.workers.edit.model import build_model
from tahdhib.workers.edit.predict import decide, tag
from tahdhib.workers.edit.tagger import Tagger
from tahdhib.workers.edit.tune import tuned

_LEAST_LABEL_COUNT = 3


class Trained(NamedTuple):
    """A worker and all that its card says."""

    tagger: Tagger
    parts: Mapping[Part, int]  # pairs
    drops: Mapping[str, int]
    label_counts: Mapping[str, int]  # in the training pairs, by label of the vocabulary
    lost_operations: int  # in the training pairs, outside the vocabulary
    held_out: Mapping[str, Figures]  # by teacher, and "all"


def train(
    pairs: Sequence[TrainingPair],
    settings: EditSettings,
    *,
    seed: int,
    threads: int,
    progress: Progress,
) -> Trained:
    """Train on `pairs`, whose order does not matter.

    Raises:
        DataError: there is nothing to learn: no pair changes anything.
    """
    drops = Counter(reason for pair in pairs if (reason := drop_reason(pair)))
    parts: dict[Part, list[TrainingPair]] = {"train": [], "tune": [], "held_out": []}
    for pair in sorted(pairs, key=lambda pair: pair.id):
        if drop_reason(pair) is None:
            parts[part_of(pair.id, seed, settings.held_out)].append(pair)
    mined = [label(pair) for pair in parts["train"]]
    lessons = [lesson for lesson in mined if not is_rewritten_anew(lesson)]
    if len(mined) > len(lessons):
        drops["rewritten_anew"] = len(mined) - len(lessons)
    lessons = with_settled(lessons, settings.unchanged_share, seed)
    counts = count_labels(lesson.labels for lesson in lessons)
    if not counts.keys() - {KEEP}:
        raise DataError(
            f"{len(pairs)} pairs: none of the {len(lessons)} to train on has an edit, so there is "
            "nothing for the edit worker to learn. Raise annotate.sample, add "
            "annotate.human_pairs, or run with --set worker.kind=rules."
        )
    names = vocabulary(counts, settings.labels, _LEAST_LABEL_COUNT)
    with _settled(seed, threads):
        tagger = _fitted(lessons, names, settings, progress)
        tagger = tuned(tagger, parts["tune"], settings)
        held_out = _measure(tagger, parts["held_out"], settings.batch)
    return Trained(
        tagger=tagger,
        parts={
            "train": len(lessons),
            "tune": len(parts["tune"]),
            "held_out": len(parts["held_out"]),
        },
        drops=dict(sorted(drops.items())),
        label_counts={name: counts[name] for name in names},
        lost_operations=lost(counts, names),
        held_out=held_out,
    )


@contextmanager
def _settled(seed: int, threads: int) -> Iterator[None]:
    """Fix threads and torch's random state, and put them back afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(before)


def _fitted(
    lessons: Sequence[Labelled], names: list[str], settings: EditSettings, progress: Progress
) -> Tagger:
    index = {name: number for number, name in enumerate(names)}
    model = build_model(settings, len(names))
    fit(model, [example(lesson, index) for lesson in lessons], settings, progress)
    return Tagger(model, tuple(names), dict.fromkeys(FAMILIES, 0.0))


def _measure(tagger: Tagger, pairs: Sequence[TrainingPair], batch: int) -> dict[str, Figures]:
    by_teacher: dict[str, list[Tally]] = {}
    tallies = []
    tags = tag(tagger, [pair.source for pair in pairs], batch)
    for pair, one in zip(pairs, tags, strict=True):
        chosen = decide(one, tagger.labels, tagger.keep_bias)
        rewrite = apply(pair.source, apply_labels(one.cut, chosen, "edit"))
        tallies.append(tally(pair.source, rewrite, pair.rewrites))
        by_teacher.setdefault(pair.teacher, []).append(tallies[-1])
    by_teacher["all"] = tallies
    return {teacher: figures(members) for teacher, members in sorted(by_teacher.items())}
