"""TRL's trainers for answers and for pairs of answers, told which sample comes when.

Tokens and labels are ours, from the one template; the data set is the whole training in its order,
so that nothing but weights, optimizer and step has to be restored.
"""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import torch
from datasets import Dataset
from transformers import PrinterCallback, set_seed
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

from tahdhib.config.tune import Adapters, Method, Tuning
from tahdhib.errors import RecipeError
from tahdhib.processes.threads import at_threads
from tahdhib.stats.draw import rank
from tahdhib.train.preflight import IGNORED, Sample, answer_cut, padding_hides_end, refuse
from tahdhib.train.template import Template
from tahdhib.train.watch import Watch, Watched, Watching, last_checkpoint, remove_cut_off

_LOOKED_AT = 64
"""Rows that are collated before the training, to see what the collator makes of them."""
_RATES = {"sft": 2e-5, "dpo": 1e-6}
_LORA_RATE = 10


class Lesson(NamedTuple):
    """What is learned from an example: an answer, or a better and a worse one; with two answers
    also what the model said of them before."""

    samples: tuple[Sample, ...]
    references: tuple[float, ...] = ()


def order_of(lessons: int, epochs: int, batch: int, seed: int) -> list[int]:
    """Numbers of lessons in the order of a training: each epoch all of them, drawn by the seed; the
    last batch is filled up with the first ones of another."""
    wanted = -(-lessons * epochs // batch) * batch
    found: list[int] = []
    for epoch in range(-(-wanted // lessons)):
        purpose = f"tune epoch {epoch}"
        found += sorted(range(lessons), key=lambda at: rank(purpose, seed, str(at)))
    return found[:wanted]


def fit(  # noqa: PLR0913 - what a training needs, named at its one call
    model: Any,
    lessons: Sequence[Lesson],
    template: Template,
    settings: Tuning,
    folder: Path,
    watch: Watch,
    *,
    method: Method,
    beta: float,
    lora: Adapters | None,
    seed: int,
) -> list[dict[str, float]]:
    """Tune `model`, on from the last whole checkpoint in `folder`, and return the log: of each step
    its loss, and what was measured.

    Raises:
        RecipeError: the batch cannot be spread, or the preflight finds what would be wasted.
        DataError: the loss is no number any more.
    """
    if settings.batch % settings.micro_batch:
        raise RecipeError(
            f"training.batch is {settings.batch}, and training.micro_batch {settings.micro_batch}. "
            "Make the first a multiple of the second."
        )
    numbers = order_of(len(lessons), settings.epochs, settings.batch, seed)
    rows = [_row(lesson) for lesson in lessons]
    shared = {
        "model": model,
        "train_dataset": Dataset.from_list(rows).select(numbers),
        "processing_class": template.tokenizer,
        "callbacks": [Watching(watch)],
        "peft_config": lora and _adapters(lora),
    }
    rate = settings.learning_rate or _RATES[method] * (_LORA_RATE if lora else 1)
    arguments = _arguments(settings, folder, len(numbers) // settings.batch, rate, seed)
    set_seed(seed)  # the adapters' first weights are drawn before the trainer does so
    trainer: Any = (
        _AnswerTrainer(
            args=SFTConfig(**arguments, dataset_kwargs={"skip_prepare_dataset": True}), **shared
        )
        if method == "sft"
        else _PairTrainer(
            args=DPOConfig(**arguments, precompute_ref_log_probs=True, beta=beta), **shared
        )
    )
    trainer.watch, trainer.keep = watch, settings.keep
    trainer.remove_callback(PrinterCallback)
    _check(trainer, [lessons[at] for at in islice(numbers, _LOOKED_AT)], template)
    remove_cut_off(folder)
    last = last_checkpoint(folder)
    with at_threads(settings.threads):
        trainer.train(resume_from_checkpoint=None if last is None else str(last))
    return list(trainer.state.log_history)


class _AnswerTrainer(Watched, SFTTrainer):  # type: ignore[misc]
    """Learns answers."""


class _PairTrainer(Watched, DPOTrainer):  # type: ignore[misc]
    """Learns from pairs of answers, whose tokens and references are there."""

    def _prepare_dataset(self, dataset: Dataset, *_: Any) -> Dataset:
        return dataset

    def _precompute_ref_logps(self, dataset: Dataset, *_: Any) -> Dataset:
        return dataset


def _adapters(lora: Adapters) -> Any:
    from peft import LoraConfig

    return LoraConfig(
        r=lora.rank,
        lora_alpha=lora.scale * lora.rank,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def _row(lesson: Lesson) -> dict[str, Any]:
    if len(lesson.samples) == 1:
        return dict(lesson.samples[0]._asdict())
    chosen, rejected = lesson.samples
    prompt = len(chosen.input_ids) - len(chosen.learned)
    return {
        "prompt_ids": list(chosen.input_ids[:prompt]),
        "chosen_ids": chosen.learned,
        "rejected_ids": rejected.learned,
        "ref_chosen_logps": lesson.references[0],
        "ref_rejected_logps": lesson.references[1],
    }


def _check(trainer: Any, lessons: Sequence[Lesson], template: Template) -> None:
    """The preflight of what the trainer makes of its rows, in the batches that it collates.

    Raises:
        RecipeError: answers are cut, or their ends go out of the loss with the padding.
    """
    some = trainer.train_dataset.select(range(len(lessons)))
    batch = trainer.data_collator([dict(row) for row in some])
    ids = batch["input_ids"]
    labels = (
        batch["labels"]
        if "labels" in batch
        else ids.masked_fill(batch["completion_mask"] == 0, IGNORED)
    )
    fed = list(map(Sample, ids.tolist(), labels.tolist()))
    written = [
        lesson.samples[which] for which in range(len(fed) // len(lessons)) for lesson in lessons
    ]
    pad = template.tokenizer.pad_token_id
    refuse(
        answer_cut(written, fed, template.show),
        padding_hides_end(fed, pad, template.ends, template.show),
    )


def _arguments(
    settings: Tuning, folder: Path, steps: int, rate: float, seed: int
) -> dict[str, Any]:
    schedule = {"cosine": "cosine", "linear": "linear", "constant": "constant_with_warmup"}
    has_gpu = torch.cuda.is_available()
    return {
        "output_dir": str(folder),
        "max_steps": steps,
        "train_sampling_strategy": "sequential",
        "per_device_train_batch_size": settings.micro_batch,
        "gradient_accumulation_steps": settings.batch // settings.micro_batch,
        "learning_rate": rate,
        "lr_scheduler_type": schedule[settings.schedule],
        "warmup_steps": settings.warmup,
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.clip,
        "max_length": None,  # what is too long was left out before
        "bf16": settings.precision == "bf16",
        "activation_checkpointing": has_gpu,
        "gradient_checkpointing": None,  # its name of old, which TRL turns on
        "remove_unused_columns": False,
        "use_cpu": not torch.accelerator.is_available(),
        "save_strategy": "steps",
        "save_steps": settings.save_every,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "report_to": "none",
        "disable_tqdm": True,
        "seed": seed,
    }
