"""The trainer: Hugging Face's, told which sample comes when, which loss counts, and which of its
checkpoints are whole.

The data set is the whole training in its order, read from the start to the end, so that the sample
at an index depends on nothing but the seed: not on processes, loaders or on where it was resumed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import DistributedType, FullyShardedDataParallelPlugin
from torch.utils.data import Dataset
from transformers import PrinterCallback, Trainer, TrainingArguments

from tahdhib.config.pretrain import Optimizing
from tahdhib.errors import RecipeError
from tahdhib.processes.threads import at_threads
from tahdhib.train.order import Order
from tahdhib.train.preflight import IGNORED
from tahdhib.train.tokens import TokenCorpus
from tahdhib.train.watch import Watch, Watched, Watching, last_checkpoint, remove_cut_off

_LEAST_SHARE = 0.1
"""Where a cosine ends, as a share of the highest learning rate."""


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
        labels = tokens.masked_fill(begins, IGNORED)
        return {"input_ids": tokens, "labels": labels, "position_ids": places - started}


def next_token_loss(outputs: Any, labels: torch.Tensor, num_items_in_batch: Any) -> torch.Tensor:
    """Cross-entropy of each token after the first, in nats, over all labels of the step.

    The trainer counts these over all processes and accumulated batches, so that a step is the same
    however its samples, and the labels in them, are spread.
    """
    logits = outputs["logits"][:, :-1]
    summed = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1).to(torch.promote_types(logits.dtype, torch.float32)),
        labels[:, 1:].flatten(),
        ignore_index=IGNORED,
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
        DataError: the loss is no number any more.
    """
    arguments = _arguments(settings, folder, len(samples) // settings.batch, seed)
    trainer = _Trainer(
        model=model,
        args=arguments,
        train_dataset=samples,
        compute_loss_func=next_token_loss,
        callbacks=[Watching(watch)],
    )
    trainer.watch, trainer.keep = watch, settings.keep
    trainer.remove_callback(PrinterCallback)
    if trainer.is_world_process_zero():
        remove_cut_off(folder)
    trainer.accelerator.wait_for_everyone()
    last = last_checkpoint(folder)
    with at_threads(settings.threads):
        trainer.train(resume_from_checkpoint=None if last is None else str(last))
    return list(trainer.state.log_history)


class _Trainer(Watched, Trainer):  # type: ignore[misc]
    """The trainer, watched; it shards over CPUs, too."""

    is_fsdp_enabled: bool

    def create_accelerator_and_postprocess(self) -> None:
        super().create_accelerator_and_postprocess()
        if self.args.fsdp and not self.is_fsdp_enabled:
            # accelerate takes the setting up between accelerators only, and would leave the model
            # whole without a word; what it does with it afterwards works between CPUs as well
            plugin = FullyShardedDataParallelPlugin(**self.args.fsdp_plugin_args)
            if self.accelerator.mixed_precision != "no":
                plugin.set_mixed_precision(self.accelerator.mixed_precision)
            self.accelerator.state.fsdp_plugin = plugin
            for state in (PartialState(), self.accelerator.state):
                state.distributed_type = DistributedType.FSDP
            self.is_fsdp_enabled = True

    def _save(
        self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None
    ) -> None:
        """What is gathered from shards holds a weight that two layers share twice."""
        if state_dict is not None:
            again = self.model.all_tied_weights_keys
            state_dict = {name: one for name, one in state_dict.items() if name not in again}
        super()._save(output_dir, state_dict)


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
    if settings.fsdp and arguments.world_size == 1:
        raise RecipeError(
            "training.fsdp shards a model over processes, and this is the only one. Start several "
            "with torchrun, or set it to false."
        )
    at_once = settings.micro_batch * arguments.world_size
    if settings.batch % at_once:
        raise RecipeError(
            f"training.batch is {settings.batch}, and {arguments.world_size} processes with "
            f"{settings.micro_batch} samples each take {at_once} at once. Make it a multiple."
        )
    arguments.gradient_accumulation_steps = settings.batch // at_once
    return arguments
