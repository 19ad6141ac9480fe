"""Tune a causal language model: conversations through one template, looked at before anything is
learned, held-out answers measured.

    MODEL/                     opens with AutoModelForCausalLM.from_pretrained
      config.json model.safetensors tokenizer.json chat_template.jinja …
      recipe.yaml              the recipe, every default written out
      data.json                the records: trained on, held out, dropped by reason; their hash
      curve.parquet            the loss of every step
      measured.parquet         held-out answers, by step
      tune.json                the record, written last
      adapter/                 with LoRA: what was trained, before it went into the weights
      checkpoints/ references/

Killed at any instant and called again, it goes on from the last checkpoint that is whole, and ends
with the same weights, curve and record. What the clock says stands nowhere in them.
"""

import heapq
import math
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import yaml

from tahdhib.config.pretrain import Optimizing
from tahdhib.config.tune import Tune
from tahdhib.errors import DataError, MissingExtraError, RecipeError
from tahdhib.llm.speaker import ends as ends_of
from tahdhib.progress import Progress, Silence
from tahdhib.readers import find_sources
from tahdhib.stats.intervals import wilson
from tahdhib.store.shards import read_json, write_json, write_rows
from tahdhib.train.base_model import opened_base
from tahdhib.train.conversations import Example, Unfit, read_examples
from tahdhib.train.folder import Log, copy_model, hash_of, settle, versions, write_curve
from tahdhib.train.preflight import (
    Sample,
    answer_cut,
    end_outside_loss,
    padding_is_end,
    refuse,
    templates_differ,
)
from tahdhib.train.split import Split
from tahdhib.train.template import PLAIN, Template, check_syntax, prompts

if TYPE_CHECKING:
    from tahdhib.train.tuner import Lesson

_FREE = ("save_every", "keep")
"""Settings of the training that change nothing in its result."""
_PAD = "<|pad|>"
_MEASURED = pa.schema([("step", pa.int64()), ("measure", pa.string()), ("value", pa.float64())])


@dataclass(frozen=True, slots=True)
class Tuned:
    """A tuned model's folder, and the record of how it came about."""

    folder: Path
    record: dict[str, Any]


class _Read(NamedTuple):
    """An example and its answers as samples."""

    example: Example
    samples: tuple[Sample, ...]


def tune(recipe: Tune, out: Path, *, progress: Progress | None = None) -> Tuned:
    """Tune the model of `recipe` into the folder `out`, or go on where it stopped.

    Raises:
        TahdhibError: the model or its conversations cannot be used, the preflight refuses what
            would be learned, or the disk is full; the message says what to do.
    """
    try:
        import torch
        import trl  # noqa: F401 - said to be missing before anything is read
        from accelerate import PartialState
        from transformers.utils.logging import disable_progress_bar
    except ImportError as error:
        raise MissingExtraError("tuning", "train") from error
    disable_progress_bar()  # it has one for each checkpoint
    if PartialState(cpu=not torch.accelerator.is_available()).num_processes > 1:
        raise RecipeError("tahdhib tune is one process. Start it without torchrun.")
    from tahdhib.train.watch import disk_errors

    with disk_errors(out):
        settle(recipe, out, _FREE)
        if not (out / "tune.json").exists():
            _tuned(recipe, out, progress or Silence())
    return Tuned(out, read_json(out / "tune.json"))


def _tuned(recipe: Tune, out: Path, progress: Progress) -> None:
    import torch

    from tahdhib.train.tuner import fit, order_of
    from tahdhib.train.watch import Watch, last_step

    training, checkpoints = recipe.training, out / "checkpoints"
    model, template = _opened(recipe)
    if torch.accelerator.is_available():
        model.to(torch.accelerator.current_accelerator())  # its references are computed there
    trained, held_out = _parted(recipe, template, out, progress)
    _check([*trained, *held_out], template)
    measured = _lessons(recipe, held_out, model, out, progress)
    lessons = _lessons(recipe, trained, model, out, progress)

    def measure(model: Any) -> dict[str, float]:
        return _measure(model, measured, recipe)

    numbers = order_of(len(lessons), training.epochs, training.batch, recipe.seed)
    steps = len(numbers) // training.batch
    every = recipe.held_out.every
    after = frozenset({0, steps, *(range(every, steps, every) if every else ())})
    with progress.task("tune", steps - last_step(checkpoints), "steps") as task:

        def on_step(step: int, loss: float) -> None:
            task.advance()
            task.note(f"step {step:,} of {steps:,}, loss {loss:.3f}")

        log = fit(
            model,
            lessons,
            template,
            training,
            checkpoints,
            Watch(measure, after, on_step),
            method=recipe.method,
            beta=recipe.beta,
            lora=recipe.lora,
            seed=recipe.seed,
        )
    _write_model(recipe, template, out)
    _write_record(recipe, template, log, out)


def _opened(recipe: Tune) -> tuple[Any, Template]:
    """The model that is tuned, and the template that it is tuned by."""
    from tahdhib.train.model import named_tokenizer, open_model

    training = recipe.training
    tokenizer = named_tokenizer(recipe.model.path, recipe.vocabulary.end)
    opened = Optimizing(context=training.context, precision=training.precision)
    model = open_model(recipe.model.path, tokenizer, opened, added=0, seed=recipe.seed)
    return model, _template(recipe, tokenizer, model)


def _template(recipe: Tune, tokenizer: Any, model: Any) -> Template:
    """The template of the recipe or of the model; a tokenizer without padding gets some."""
    import torch

    if recipe.template is not None:
        try:
            tokenizer.chat_template = Path(recipe.template).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RecipeError(f"template: {recipe.template} cannot be read: {error}.") from error
        check_syntax(tokenizer, recipe.template)
    elif not tokenizer.chat_template:
        tokenizer.chat_template = PLAIN
    pad = recipe.vocabulary.pad or tokenizer.pad_token or _PAD
    if pad != tokenizer.pad_token:
        tokenizer.add_special_tokens({"pad_token": pad})
    if len(tokenizer) > model.get_input_embeddings().weight.shape[0]:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    ends = ends_of(tokenizer, recipe.model.path)
    model.generation_config.eos_token_id = sorted(ends)
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    return Template(tokenizer, ends)


def _parted(
    recipe: Tune, template: Template, out: Path, progress: Progress
) -> tuple[list[_Read], list[_Read]]:
    """What is trained on and what is measured; the account of all records goes to disk."""
    from tahdhib.train.likelihood import hash_of_numbers, hash_of_sample

    sources = find_sources(recipe.data.paths, "data.paths")
    dropped: Counter[str] = Counter()
    trained: list[_Read] = []
    held_out: list[_Read] = []
    split = Split(recipe.held_out.share)
    with progress.task("conversations", sum(source.size for source in sources), "bytes") as task:
        for example in read_examples(sources, recipe.data, recipe.method, dropped, task.advance):
            try:
                read = _Read(example, _samples(recipe, template, example))
            except Unfit as reason:
                dropped[str(reason)] += 1
                continue
            (held_out if split.holds_out(example.hash) else trained).append(read)
    if not trained:
        seen = ", ".join(f"{count:,} {reason}" for reason, count in dropped.most_common())
        raise DataError(
            f"data.paths: no record is left to train on ({seen or 'no record at all'}; "
            f"{len(held_out):,} held out). See the fields of data in docs/reference/tune.md."
        )
    digests = [hash_of_sample(sample) for read in (*trained, *held_out) for sample in read.samples]
    account = {
        "dropped": dict(sorted(dropped.items())),
        "hash": hash_of_numbers([int(digest, 16) for digest in digests]),
        "held_out": len(held_out),
        "learned_tokens": sum(len(sample.learned) for read in trained for sample in read.samples),
        "read": len(trained) + len(held_out) + sum(dropped.values()),
        "tokens": sum(len(sample.input_ids) for read in trained for sample in read.samples),
        "trained_on": len(trained),
    }
    file = out / "data.json"
    if file.exists() and read_json(file) != account:
        raise RecipeError(
            f"{out}: the conversations, or the model's tokenizer, are others than when this "
            "training was begun. Put them back, or name another folder with --out."
        )
    write_json(file, account)
    measured = heapq.nsmallest(
        recipe.held_out.records,
        held_out,
        key=lambda read: read.example.hash,
    )
    return trained, measured


def _samples(recipe: Tune, template: Template, example: Example) -> tuple[Sample, ...]:
    """An example's answers as samples, none of them cut."""
    context, is_sft = recipe.training.context, recipe.method == "sft"
    found = tuple(
        template.sample(example.conversation(number), every_answer=is_sft)
        for number in range(len(example.answers))
    )
    for sample in found:
        if len(sample.input_ids) <= context:
            continue
        if recipe.training.too_long == "drop":
            raise Unfit("too_long")
        cut = Sample(sample.input_ids[:context], sample.labels[:context])
        fault = answer_cut([sample], [cut], template.show)
        raise RecipeError(
            f"not trained: a conversation has {len(sample.input_ids):,} tokens, and "
            f"training.context is {context:,}: {fault} Or set training.too_long=drop."
        )
    return found


def _check(read: Sequence[_Read], template: Template) -> None:
    """The preflight of what would be learned.

    Raises:
        RecipeError: the model would learn not to stop, or from other prompts than it is asked.
    """
    samples = [sample for each in read for sample in each.samples]
    conversations = [
        each.example.conversation(number) for each in read for number in range(len(each.samples))
    ]
    pairs = list(prompts(template, conversations, samples))
    refuse(
        end_outside_loss(samples, template.ends, template.show),
        padding_is_end(samples, template.tokenizer.pad_token_id, template.show),
        templates_differ(
            (trained for trained, _ in pairs), (asked for _, asked in pairs), template.show
        ),
    )


def _lessons(
    recipe: Tune, read: Sequence[_Read], model: Any, out: Path, progress: Progress
) -> "list[Lesson]":
    from tahdhib.train.likelihood import hash_of_weights, log_likelihoods
    from tahdhib.train.references import References
    from tahdhib.train.tuner import Lesson

    if recipe.method == "sft":
        return [Lesson(each.samples) for each in read]
    is_bf16 = recipe.training.precision == "bf16"
    place = Path(recipe.references) if recipe.references else out / "references"
    known = References(place, hash_of_weights(model) + ("-bf16" if is_bf16 else ""))
    samples = [sample for each in read for sample in each.samples]
    with progress.task("reference", len(samples), "answers") as task:
        found = known.of(
            samples, lambda some: log_likelihoods(model, some, bf16=is_bf16), task.advance
        )
    pairs = zip(found[::2], found[1::2], strict=True)
    return [Lesson(each.samples, pair) for each, pair in zip(read, pairs, strict=True)]


def _measure(model: Any, lessons: "Sequence[Lesson]", recipe: Tune) -> dict[str, float]:
    """Of answers the nats per token; of pairs DPO's loss, and in how many the better one gained."""
    from tahdhib.train.likelihood import log_likelihoods

    if not lessons:
        return {}
    samples = [sample for lesson in lessons for sample in lesson.samples]
    found = log_likelihoods(model, samples, bf16=recipe.training.precision == "bf16")
    if recipe.method == "sft":
        tokens = sum(len(sample.learned) for sample in samples)
        return {"held_out/nats_per_token": -math.fsum(found) / tokens}
    gains = [
        recipe.beta * ((chosen - lesson.references[0]) - (rejected - lesson.references[1]))
        for chosen, rejected, lesson in zip(found[::2], found[1::2], lessons, strict=True)
    ]
    losses = [max(-gain, 0.0) + math.log1p(math.exp(-abs(gain))) for gain in gains]
    return {
        "held_out/loss": math.fsum(losses) / len(losses),
        "held_out/chosen_gained_more": float(sum(gain > 0 for gain in gains)),
    }


def _write_model(recipe: Tune, template: Template, out: Path) -> None:
    """The last checkpoint's model becomes the folder's, its adapters put into the weights."""
    from tahdhib.train.watch import last_checkpoint

    last = last_checkpoint(out / "checkpoints")
    assert last is not None  # the trainer saves after the last step
    if recipe.lora is not None:
        _merge(recipe, last, out)
    else:
        copy_model(last, out)
    template.tokenizer.save_pretrained(out)


def _merge(recipe: Tune, checkpoint: Path, out: Path) -> None:
    from peft import PeftModel

    model, _ = _opened(recipe)
    PeftModel.from_pretrained(model, checkpoint).merge_and_unload().save_pretrained(out)
    for file in checkpoint.glob("adapter_*"):
        (out / "adapter").mkdir(exist_ok=True)
        shutil.copyfile(file, out / "adapter" / file.name)


def _write_record(recipe: Tune, template: Template, log: Log, out: Path) -> None:
    curve = write_curve(log, out)
    measured = [
        {"step": int(entry["step"]), "measure": name.removeprefix("held_out/"), "value": value}
        for entry in log
        for name, value in sorted(entry.items())
        if name.startswith("held_out/")
    ]
    write_rows(out / "measured.parquet", measured, _MEASURED)
    account = read_json(out / "data.json")
    tokenizer = template.tokenizer
    write_json(
        out / "tune.json",
        {
            "base": opened_base(recipe.model.path)._asdict(),
            "data": account,
            "ends": tokenizer.convert_ids_to_tokens(sorted(template.ends)),
            "held_out": _held_out(measured, min(account["held_out"], recipe.held_out.records)),
            "loss": {"first": curve[0]["loss"], "last": curve[-1]["loss"]},
            "method": recipe.method,
            "model": read_json(out / "config.json"),
            "recipe": yaml.safe_load((out / "recipe.yaml").read_text("utf-8")),
            "seed": recipe.seed,
            "steps": len(curve),
            "template": tokenizer.chat_template,
            "versions": _versions(),
            "vocabulary": {"hash": hash_of(out / "tokenizer.json"), "size": len(tokenizer)},
            "weights": {
                file.name: hash_of(file) for file in sorted(out.glob("model*.safetensors"))
            },
        },
    )


def _held_out(measured: Sequence[Mapping[str, Any]], records: int) -> dict[str, Any]:
    """What was measured before the first step and after the last, over so many records."""
    found: dict[str, Any] = {"records": records}
    for row in measured:
        figures = found.setdefault(row["measure"], {})
        figures.setdefault("first", row["value"])
        figures["last"] = row["value"]
    gained = found.get("chosen_gained_more")
    if gained is not None:
        interval = wilson(round(gained["last"]), records)
        found["chosen_gained_more"] = {
            "share": interval.estimate,
            "low": interval.low,
            "high": interval.high,
        }
    return found


def _versions() -> dict[str, str]:
    import trl

    return {**versions(), "trl": trl.__version__}
