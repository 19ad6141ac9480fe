"""Train the edit worker from pairs, choose its keep bias, measure it on pairs it never saw.

Same pairs, settings, seed and threads give the same weights, bit for bit, on one kind of machine
and torch build.
"""

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence
from transformers import (
    PreTrainedModel,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.errors import DataError
from tahdhib.progress import Progress, Task
from tahdhib.text.edits import apply
from tahdhib.workers.edit.examples import (
    IGNORED,
    PEOPLE,
    Example,
    Labelled,
    Part,
    TrainingPair,
    drop_reason,
    examples,
    is_rewritten_anew,
    label,
    lost,
    part_of,
)
from tahdhib.workers.edit.labels import FAMILIES, KEEP, apply_labels, count_labels, vocabulary
from tahdhib.workers.edit.measure import Figures, Tally, figures, tally
from tahdhib.workers.edit.model import Tagger, build_model, silence
from tahdhib.workers.edit.predict import Run, Tags, decide, propose, tag
from tahdhib.workers.edit.tokenizer import UnitCoder, train_tokenizer
from tahdhib.workers.edit.units import units
from tahdhib.workers.edit.windows import PAD_ID

_LEAST_LABEL_COUNT = 3
_WARMUP_SHARE = 0.06
_WEIGHT_DECAY = 0.01
_KEEP_BIASES = [step / 2 for step in range(-3, 17)]
_NEVER = math.inf
_FEWEST = 8
"""Edits of a family in the tuning pairs, below which all families together decide."""


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
    scratch: Path,
    progress: Progress,
) -> Trained:
    """Train on `pairs`, whose order does not matter; `scratch` is a folder the trainer may use.

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
    counts = count_labels(lesson.labels for lesson in lessons)
    if not counts.keys() - {KEEP}:
        raise DataError(
            f"{len(pairs)} pairs: none of the {len(lessons)} to train on has an edit, so there is "
            "nothing for the edit worker to learn. Raise annotate.sample, add "
            "annotate.human_pairs, or run with --set worker.kind=rules."
        )
    names = vocabulary(counts, settings.labels, _LEAST_LABEL_COUNT)
    with _settled(seed, threads):
        tagger = _fit(lessons, names, settings, seed, scratch, progress)
        tagger = tagger._replace(keep_bias=_keep_bias(tagger, parts["tune"], settings))
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
    """Fix threads and random states, and put them back afterwards: the trainer seeds them all."""
    before = torch.get_num_threads(), random.getstate(), np.random.get_state()
    torch.set_num_threads(threads)
    try:
        with silence(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(before[0])
        random.setstate(before[1])
        np.random.set_state(before[2])


def _fit(
    lessons: Sequence[Labelled],
    names: list[str],
    settings: EditSettings,
    seed: int,
    scratch: Path,
    progress: Progress,
) -> Tagger:
    cuts = [units(lesson.pair.source) for lesson in lessons]
    tokenizer = train_tokenizer(
        (unit.text for cut in cuts for unit in cut[1:]), settings.vocabulary
    )
    coder = UnitCoder(tokenizer)
    index = {name: number for number, name in enumerate(names)}
    data = [
        example
        for lesson, cut in zip(lessons, cuts, strict=True)
        for example in examples(
            lesson, cut, coder.encode([unit.text for unit in cut]), index, settings.max_tokens
        )
    ]
    model = build_model(settings, tokenizer.get_vocab_size(), names)
    _run_trainer(model, data, settings, seed, scratch, progress)
    no_bias = dict.fromkeys(FAMILIES, 0.0)
    return Tagger(model.eval(), tokenizer, tuple(names), no_bias, settings.max_tokens)


def _run_trainer(
    model: PreTrainedModel,
    data: Sequence[Example],
    settings: EditSettings,
    seed: int,
    scratch: Path,
    progress: Progress,
) -> None:
    steps = math.ceil(math.ceil(len(data) / settings.batch) * settings.epochs)
    arguments = TrainingArguments(
        output_dir=str(scratch),
        per_device_train_batch_size=settings.batch,
        max_steps=steps,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=math.ceil(_WARMUP_SHARE * steps),
        weight_decay=_WEIGHT_DECAY,
        train_sampling_strategy="group_by_length",
        seed=seed,
        use_cpu=True,
        dataloader_pin_memory=False,
        remove_unused_columns=False,
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )
    with progress.task("train the edit worker", steps, "steps") as task:
        trainer = Trainer(
            model=model,
            args=arguments,
            data_collator=_collate,
            train_dataset=[example._asdict() for example in data],
            callbacks=[_Tell(task)],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()


class _Tell(TrainerCallback):  # type: ignore[misc]  # transformers is untyped
    """Passes each step on to our progress."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: object,
    ) -> None:
        self._task.advance()


def _collate(batch: Sequence[Mapping[str, list[int]]]) -> dict[str, torch.Tensor]:
    ids_BT = _padded([row["input_ids"] for row in batch], PAD_ID)
    return {
        "input_ids": ids_BT,
        "attention_mask": ids_BT != PAD_ID,
        "labels": _padded([row["labels"] for row in batch], IGNORED),
    }


def _padded(rows: Sequence[list[int]], padding: int) -> torch.Tensor:
    return pad_sequence(
        [torch.tensor(row) for row in rows], batch_first=True, padding_value=padding
    )


class _Judged(NamedTuple):
    """An edit that the model proposes for a tuning pair, held against the teacher's."""

    run: Run
    right: int
    made: int


def _keep_bias(
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
    for pair, tags in zip(pairs, _tags(tagger, pairs, batch), strict=True):
        chosen, runs = propose(tags, tagger.labels)
        for run in runs:
            alone = [KEEP] * len(chosen)
            alone[run.first : run.end] = chosen[run.first : run.end]
            rewrite = apply(pair.source, apply_labels(pair.source, alone, "edit"))
            one = tally(pair.source, rewrite, pair.rewrites)
            yield _Judged(run, one.right, one.made)


def _measure(tagger: Tagger, pairs: Sequence[TrainingPair], batch: int) -> dict[str, Figures]:
    tallies = _tallies(tagger, pairs, _tags(tagger, pairs, batch), tagger.keep_bias)
    by_teacher: dict[str, list[Tally]] = {}
    for pair, one in zip(pairs, tallies, strict=True):
        by_teacher.setdefault(pair.teacher, []).append(one)
    by_teacher["all"] = tallies
    return {teacher: figures(members) for teacher, members in sorted(by_teacher.items())}


def _tags(tagger: Tagger, pairs: Sequence[TrainingPair], batch: int) -> list[Tags]:
    return tag(tagger, UnitCoder(tagger.tokenizer), [pair.source for pair in pairs], batch)


def _tallies(
    tagger: Tagger,
    pairs: Sequence[TrainingPair],
    tags: Sequence[Tags],
    bias: Mapping[str, float],
) -> list[Tally]:
    tallies = []
    for pair, one in zip(pairs, tags, strict=True):
        chosen = decide(one, tagger.labels, bias)
        rewrite = apply(pair.source, apply_labels(pair.source, chosen, "edit"))
        tallies.append(tally(pair.source, rewrite, pair.rewrites))
    return tallies
