"""The trainer: Hugging Face's, told which sample comes when, which loss counts, and which of its
checkpoints are whole.

The data set is the whole training in its order, read from the start to the end, so that the sample
at an index depends on nothing but the seed: not on processes, loaders or on where it was resumed.
"""

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from tahdhib.config.pretrain import Optimizing
from tahdhib.errors import DataError, RecipeError
from tahdhib.store.shards import write_json
from tahdhib.train.order import Order
from tahdhib.train.tokens import TokenCorpus

WHOLE = "whole.json"
"""The last file of a checkpoint; one without it was cut off."""
_IGNORED = -100
_LEAST_SHARE = 0.1
"""Where a cosine ends, as a share of the highest learning rate."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_IN_WORDS = re.compile("No space left|File too large|quota|iostream error|unexpected pos")


class Samples(Dataset):  # type: ignore[misc]  # torch is Any to the type checker
    """All samples of a training in their order."""

    def __init__(
        self, corpora: Mapping[str, TokenCorpus], order: Order, *, documents_apart: bool
    ) -> None:
        self._corpora, self._order, self._apart = corpora, order, documents_apart

    def __len__(self) -> int:
        return self._order.steps * self._order.batch

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """Tokens and labels of shape (context,); with documents apart also positions, which begin
        anew with each document, and no label where one begins."""
        sample = self._order.sample(index)
        read, documents = self._corpora[sample.part].window(sample.window)
        tokens = torch.from_numpy(read.astype("int64"))
        if not self._apart:
            return {"input_ids": tokens, "labels": tokens}
        begins = torch.ones(len(tokens), dtype=torch.bool)
        begins[1:] = torch.from_numpy(documents[1:] != documents[:-1])
        places = torch.arange(len(tokens))
        started = torch.where(begins, places, 0).cummax(0).values
        labels = tokens.masked_fill(begins, _IGNORED)
        return {"input_ids": tokens, "labels": labels, "position_ids": places - started}


@dataclass(frozen=True, slots=True)
class Watch:
    """What is done while the model is trained: `measure` after the steps `measured_after`, and
    `on_step` after each, with its step and loss."""

    measure: Callable[[Any], dict[str, float]]
    measured_after: frozenset[int]
    on_step: Callable[[int, float], None]


def next_token_loss(outputs: Any, labels: torch.Tensor, num_items_in_batch: Any) -> torch.Tensor:
    """Cross-entropy of each token after the first, in nats, over all labels of the step.

    The trainer counts these over all processes and accumulated batches, so that a step is the same
    however its samples, and the labels in them, are spread.
    """
    logits = outputs["logits"][:, :-1]
    summed = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1).to(torch.promote_types(logits.dtype, torch.float32)),
        labels[:, 1:].flatten(),
        ignore_index=_IGNORED,
        reduction="sum",
    )
    loss: torch.Tensor = summed / num_items_in_batch
    return loss


def fit(
    model: Any,
    samples: Samples,
    settings: Optimizing,
    folder: Path,
    watch: Watch,
    *,
    seed: int,
) -> list[dict[str, float]]:
    """Train `model` on `samples`, on from the last whole checkpoint in `folder`, and return the
    log: of each step its loss, and what was measured.

    Raises:
        RecipeError: the batch cannot be spread over the processes, or the model not at all.
        DataError: the disk is full, or the loss is no number any more.
    """
    arguments = _arguments(settings, folder, len(samples) // settings.batch, seed)
    trainer = _Trainer(
        model=model,
        args=arguments,
        train_dataset=samples,
        compute_loss_func=next_token_loss,
        callbacks=[_Watching(watch)],
    )
    trainer.watch, trainer.keep = watch, settings.keep
    trainer.remove_callback(PrinterCallback)
    if trainer.is_world_process_zero():
        _remove_cut_off(folder)
    trainer.accelerator.wait_for_everyone()
    last = last_checkpoint(folder)
    with _at_threads(settings.threads), _disk_errors(folder):
        trainer.train(resume_from_checkpoint=None if last is None else str(last))
    return list(trainer.state.log_history)


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that is whole."""
    return max(_checkpoints(folder), key=_step_of, default=None)


def last_step(folder: Path) -> int:
    """The step of the newest checkpoint that is whole; 0 where there is none."""
    last = last_checkpoint(folder)
    return 0 if last is None else _step_of(last)


def _checkpoints(folder: Path) -> list[Path]:
    return [path.parent for path in folder.glob(f"checkpoint-*/{WHOLE}")]


def _remove_cut_off(folder: Path) -> None:
    for path in folder.glob("checkpoint-*"):
        if not (path / WHOLE).exists():
            shutil.rmtree(path)


def _step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.removeprefix("checkpoint-"))


class _Trainer(Trainer):  # type: ignore[misc]
    """The trainer with samples in order, measures of ours, and checkpoints that say when they are
    whole."""

    watch: Watch
    keep: int

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        found = self.watch.measure(self.model)
        self.log(found)
        self.control.should_evaluate = (
            False  # what is usually told by the method that this replaces
        )
        return found

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        folder = Path(self.args.output_dir)
        place = folder / f"checkpoint-{self.state.global_step}"
        self.accelerator.wait_for_everyone()
        if self.is_world_process_zero():
            _force_to_disk(place)
            write_json(place / WHOLE, {"step": self.state.global_step})
            whole = sorted(_checkpoints(folder), key=_step_of)
            for old in whole[: -self.keep]:
                (old / WHOLE).unlink()
                shutil.rmtree(old)


class _Watching(TrainerCallback):  # type: ignore[misc]
    """Steps as they are made."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def on_train_begin(self, args: Any, state: Any, control: Any, **of: Any) -> None:
        if state.global_step == 0 and 0 in self._watch.measured_after:
            state.log_history.append({**self._watch.measure(of["model"]), "step": 0})

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        control.should_evaluate = state.global_step in self._watch.measured_after
        return control

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        if not logs or "loss" not in logs:
            return
        loss = float(logs["loss"])
        if loss != loss or loss in (float("inf"), float("-inf")):
            raise DataError(
                f"step {state.global_step}: the loss is {loss}. Begin again in another folder with "
                "a lower training.learning_rate, or a longer training.warmup."
            )
        self._watch.on_step(state.global_step, loss)


def _arguments(settings: Optimizing, folder: Path, steps: int, seed: int) -> TrainingArguments:
    schedule = {
        "cosine": ("cosine_with_min_lr", {"min_lr_rate": _LEAST_SHARE}),
        "linear": ("linear", {}),
        "constant": ("constant_with_warmup", {}),
    }
    name, options = schedule[settings.schedule]
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=settings.micro_batch,
        train_sampling_strategy="sequential",
        learning_rate=settings.learning_rate,
        lr_scheduler_type=name,
        lr_scheduler_kwargs=options,
        warmup_steps=settings.warmup,
        weight_decay=settings.weight_decay,
        adam_beta1=settings.betas[0],
        adam_beta2=settings.betas[1],
        max_grad_norm=settings.clip,
        bf16=settings.precision == "bf16",
        torch_compile=settings.compile,
        fsdp=settings.fsdp or None,
        fsdp_config={"state_dict_type": "FULL_STATE_DICT"} if settings.fsdp else None,
        dataloader_num_workers=settings.loaders,
        dataloader_pin_memory=torch.cuda.is_available(),
        ddp_find_unused_parameters=False,
        average_tokens_across_devices=True,
        remove_unused_columns=False,
        save_strategy="steps",
        save_steps=settings.save_every,
        logging_steps=1,
        logging_nan_inf_filter=False,
        report_to="none",
        use_cpu=not torch.accelerator.is_available(),
        disable_tqdm=True,
        seed=seed,
    )
    if settings.fsdp and not torch.cuda.is_available():
        raise RecipeError(
            "training.fsdp shards a model over GPUs, and there is none here: on CPUs accelerate "
            "would leave the model whole without a word. Set it to false."
        )
    at_once = settings.micro_batch * arguments.world_size
    if settings.batch % at_once:
        raise RecipeError(
            f"training.batch is {settings.batch}, and {arguments.world_size} processes with "
            f"{settings.micro_batch} samples each take {at_once} at once. Make it a multiple."
        )
    arguments.gradient_accumulation_steps = settings.batch // at_once
    return arguments


@contextmanager
def _at_threads(threads: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    """A disk that is full, as a sentence; torch and safetensors say it each in their own way."""
    try:
        yield
    except Exception as error:
        number = error.errno if isinstance(error, OSError) else None
        is_full = number in _FULL or bool(
            re.search(
                r"No space left|File too large|quota|iostream error|unexpected pos", str(error)
            )
        )
        if not is_full:
            raise
        raise DataError(
            f"{folder}: a checkpoint could not be written ({' '.join(str(error).split())[:200]}). "
            "Make room; the same command goes on from the checkpoint before."
        ) from error


def _force_to_disk(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
