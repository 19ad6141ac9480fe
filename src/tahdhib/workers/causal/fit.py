"""Fit a causal model to samples, by TRL's trainer for supervised fine-tuning.

Same samples, settings, seed and threads give the same weights, bit for bit, on one kind of machine
and torch build.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tahdhib.config.recipe import CausalWorker as CausalSettings
from tahdhib.progress import Progress
from tahdhib.train.preflight import IGNORED, Sample
from tahdhib.workers.causal.order import order
from tahdhib.workers.causal.samples import Writer, check_trainer
from tahdhib.workers.causal.start import Base

_WARMUP_SHARE = 0.06
_GREATEST_GRADIENT = 1.0
_LORA_SCALE = 2


class Fitted(NamedTuple):
    """A trained model (of transformers, adapters merged), and in how many steps."""

    model: Any
    steps: int


def fit(  # noqa: PLR0913 - what a training needs, named at its one call
    base: Base,
    samples: Sequence[Sample],
    rehearsed: Sequence[Sample],
    writer: Writer,
    settings: CausalSettings,
    *,
    seed: int,
    ends: frozenset[int],
    scratch: Path,
    adapter: Path | None,
    progress: Progress,
) -> Fitted:
    """Train `base`, going on from the last state in `scratch`, if there is one: the weights are
    then those of a training that was never stopped. Adapters are trained where `adapter` names a
    folder, which they are kept in.

    Raises:
        RecipeError: the preflight finds what the trainer would waste.
    """
    from datasets import Dataset
    from peft import LoraConfig
    from transformers.trainer_callback import PrinterCallback

    from tahdhib.train.watch import Watch, Watching, last_checkpoint, last_step, remove_cut_off

    lengths = [len(sample.input_ids) for sample in samples]
    first = [len(sample.input_ids) for sample in rehearsed]
    again = order(lengths, settings.batch, settings.epochs, seed)
    numbers = order(first, settings.batch, 1, seed) if first else []
    numbers += [len(rehearsed) + number for number in again]
    samples = [*rehearsed, *samples]
    data = Dataset.from_list([sample._asdict() for sample in samples])
    lora = LoraConfig(
        r=settings.lora_rank,
        lora_alpha=_LORA_SCALE * settings.lora_rank,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    trainer: Any = _trainer()(
        model=base.model,
        args=_arguments(settings, seed, scratch),
        train_dataset=data.select(numbers),
        processing_class=base.tokenizer,
        peft_config=lora if adapter is not None else None,
    )
    trainer.remove_callback(PrinterCallback)
    places = {number: place for place, number in enumerate(numbers)}  # one of each sample
    rows = trainer.train_dataset.select(list(places.values()))
    fed = [Sample(row["input_ids"], row["labels"]) for row in rows]
    check_trainer([samples[at] for at in places], fed, trainer.data_collator, writer, ends)
    steps = math.ceil(len(numbers) / settings.batch)
    with progress.task("train the causal worker", steps, "steps") as task:
        task.advance(last_step(scratch))

        def on_step(step: int, loss: float) -> None:
            task.advance()
            task.note(f"loss {loss:.3f}")

        watch = Watch(lambda _model: {}, frozenset(), on_step)
        trainer.watch, trainer.keep = watch, 1
        trainer.add_callback(Watching(watch))
        remove_cut_off(scratch)
        last = last_checkpoint(scratch)
        done = trainer.train(resume_from_checkpoint=None if last is None else str(last))
    model = trainer.model
    if adapter is not None:
        model.save_pretrained(adapter)
        model = model.merge_and_unload()
    return Fitted(model, int(done.global_step))


def peak(settings: CausalSettings) -> float:
    """The peak learning rate."""
    if settings.learning_rate is not None:
        return settings.learning_rate
    if not settings.model:
        return 1e-3
    return 2e-4 if settings.method == "lora" else 2e-5


def _arguments(settings: CausalSettings, seed: int, scratch: Path) -> Any:
    import torch
    from trl import SFTConfig

    at_once = settings.micro_batch or settings.batch
    has_gpu = torch.cuda.is_available()
    arguments: Any = SFTConfig(
        output_dir=str(scratch),
        num_train_epochs=1,  # the order of samples holds all passes
        train_sampling_strategy="sequential",
        per_device_train_batch_size=at_once,
        gradient_accumulation_steps=max(1, settings.batch // at_once),
        learning_rate=peak(settings),
        lr_scheduler_type="cosine",
        warmup_steps=_WARMUP_SHARE,
        weight_decay=0.01,
        max_grad_norm=_GREATEST_GRADIENT,
        max_length=None,  # what is too long was left out before
        dataset_kwargs={"skip_prepare_dataset": True},  # tokens and labels are ours
        activation_checkpointing=has_gpu and bool(settings.model),
        gradient_checkpointing=None,  # its name of old, which TRL turns on
        bf16=False,  # the weights are in the numbers that are asked for
        use_cpu=not has_gpu,
        seed=seed,
        save_strategy="steps",
        save_steps=settings.checkpoint_steps,
        logging_steps=1,
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
    )
    arguments._n_gpu = min(1, arguments.n_gpu)  # a batch is split over no further ones unasked
    return arguments


def _trainer() -> Any:
    """TRL's trainer; without a GPU with a loss that looks at the columns alone in which something
    is learned. TRL's own goes through the head of the model piece by piece, twice, and over prompts
    too: it spares memory that a small model does not need, and takes four fifths of the time."""
    import torch
    from torch.nn.functional import cross_entropy
    from trl import SFTTrainer

    from tahdhib.train.watch import Watched

    class Plain(Watched, SFTTrainer):  # type: ignore[misc]
        """TRL's, watched."""

    if torch.cuda.is_available():
        return Plain

    class Trainer(Plain):
        """The same with our loss."""

        def compute_loss(
            self,
            model: Any,
            inputs: dict[str, Any],
            return_outputs: bool = False,
            num_items_in_batch: Any = None,
        ) -> Any:
            labels_BT = inputs["labels"][:, 1:]
            columns_K = (labels_BT != IGNORED).any(0).nonzero().flatten()
            outputs = model(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                logits_to_keep=columns_K,
                use_cache=False,
            )
            wanted_BK = labels_BT[:, columns_K]
            summed = cross_entropy(
                outputs.logits.flatten(0, 1).float(),
                wanted_BK.flatten(),
                ignore_index=IGNORED,
                reduction="sum",
            )
            known = (
                (wanted_BK != IGNORED).sum() if num_items_in_batch is None else num_items_in_batch
            )
            loss = summed / known
            return (loss, outputs) if return_outputs else loss

    return Trainer
