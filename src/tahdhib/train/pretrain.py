"""Pre-train a causal language model: corpora packed, phases in order, held-out text measured.

    MODEL/                     opens with AutoModelForCausalLM.from_pretrained
      config.json model.safetensors tokenizer.json …
      recipe.yaml              the recipe, every default written out
      corpora.json             what was packed for it, and from when on that is fixed
      heldout.parquet          the documents that were never trained on, by the hash of their id
      curve.parquet            the loss of every step
      bits.parquet             bits per byte of held-out text, by step, corpus and group
      pretrain.json            the record, written last
      tokens/ checkpoints/

Killed at any instant and called again, it goes on from the last checkpoint that is whole, and ends
with the same weights, curve and record. What the clock says stands nowhere in them.
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tahdhib.config.pretrain import Pretrain, TrainingPhase
from tahdhib.errors import DataError, MissingExtraError, RecipeError
from tahdhib.progress import Progress, Silence
from tahdhib.readers import find_sources
from tahdhib.store.shards import read_json, read_rows, write_json, write_rows
from tahdhib.train.control import Control
from tahdhib.train.folder import Log, copy_model, settle
from tahdhib.train.order import Order, Part, Phase
from tahdhib.train.record import RECORD, Fed, bits_key, write_record
from tahdhib.train.sizes import SHAPES
from tahdhib.train.split import Split
from tahdhib.train.tokens import (
    END,
    Names,
    Packed,
    Texts,
    TokenCorpus,
    held_out_of,
    open_tokenizer,
    pack,
    read_packed,
    vocabulary_of,
)

if TYPE_CHECKING:
    from tahdhib.train.bits import Measured

_FREE = ("loaders", "save_every", "keep", "forecast")
"""Settings that change nothing in the training's result."""

_TOLD = ("good", "bad")
"""What a control token can say of a document."""

_HELD_OUT = pa.schema(
    [
        ("corpus", pa.string()),
        ("hash", pa.string()),
        ("group", pa.string()),
        ("bytes", pa.int64()),
        ("text", pa.string()),  # of those that are measured
    ]
)


@dataclass(frozen=True, slots=True)
class Pretrained:
    """A trained model's folder, the record of how it came about, and whether this is the process
    that tells of it."""

    folder: Path
    record: dict[str, Any]
    is_first: bool = True


def pretrain(recipe: Pretrain, out: Path, *, progress: Progress | None = None) -> Pretrained:
    """Train the model of `recipe` into the folder `out`, or go on where it stopped.

    Every process that `torchrun` started calls this; the first one writes.

    Raises:
        TahdhibError: a corpus, model or vocabulary cannot be used, or the disk is full; the message
            says what to do.
    """
    try:
        import torch
        from accelerate import PartialState
        from transformers.utils.logging import disable_progress_bar
    except ImportError as error:
        raise MissingExtraError("pre-training", "train") from error
    from tahdhib.train.watch import disk_errors

    disable_progress_bar()  # it has one for each checkpoint
    process = PartialState(cpu=not torch.accelerator.is_available())
    listener = progress if progress is not None and process.is_main_process else Silence()
    with disk_errors(out):
        with process.main_process_first():
            settle(recipe, out, _FREE)
            if is_new := not (out / RECORD).exists():
                tokenizer = _tokenizer(recipe, out)
                packed = _packed(recipe, tokenizer, out, listener)
        if is_new:
            fed = _fed(recipe, packed)
            log = _trained(recipe, tokenizer, fed, out, listener)
            if process.is_main_process:
                _write_model(tokenizer, out)
                write_record(recipe, tokenizer, fed, log, out)
            process.wait_for_everyone()
    return Pretrained(out, read_json(out / RECORD), process.is_main_process)


def phases_of(recipe: Pretrain, windows: Mapping[str, int]) -> tuple[Phase, ...]:
    """The phases of an order over corpora of so many windows.

    Raises:
        RecipeError: a phase without steps has too little data for one.
    """
    return tuple(_phase(phase, windows, recipe.training.batch) for phase in recipe.phases)


def _phase(phase: TrainingPhase, windows: Mapping[str, int], batch: int) -> Phase:
    parts = tuple(
        Part(name, windows[name], share.weight, share.repeats) for name, share in phase.mix.items()
    )
    cycles = min(part.windows * part.repeats // part.weight for part in parts)
    most = cycles * sum(part.weight for part in parts) // batch
    if phase.steps is None and most < 1:
        held = ", ".join(f"{part.windows:,} of {part.name!r}" for part in parts)
        raise RecipeError(
            f"phase {phase.name!r}: {held} are too few windows for a step of {batch}. Lower "
            "training.batch or training.context, or allow more repeats."
        )
    return Phase(phase.name, parts, phase.steps or most)


def corpus_of(recipe: Pretrain, name: str, end: str) -> Texts:
    """A corpus of the recipe as it is packed, without what is held out of it; `end` is the token
    after each document.

    Raises:
        DataError: its paths name nothing.
    """
    corpus = recipe.corpora[name]
    share = recipe.held_out.share if name in recipe.trained else 1.0
    return Texts(
        tuple(find_sources(corpus.paths, f"corpora.{name}.paths")),
        Names(corpus.text, corpus.group, end),
        Split(share, corpus.id),
        control_of(recipe),
    )


def control_of(recipe: Pretrain) -> Control | None:
    """The control tokens that the recipe asks for."""
    told = recipe.control
    return None if told is None else Control(**told.model_dump(), seed=recipe.seed)


def _tokenizer(recipe: Pretrain, out: Path) -> Any:
    """The vocabulary of what is trained, with its control tokens."""
    tokenizer = _bare_tokenizer(recipe, out)
    if control := control_of(recipe):
        tokens = list(control.tokens.values())
        if tokenizer.eos_token in tokens:
            raise RecipeError(
                f"control: {tokenizer.eos_token!r} ends documents already. Name another token."
            )
        tokenizer.add_special_tokens({"additional_special_tokens": tokens})
    return tokenizer


def _bare_tokenizer(recipe: Pretrain, out: Path) -> Any:
    """The vocabulary of the model, of the recipe, or one trained on all that is trained on."""
    from tahdhib.train.model import named_tokenizer, same_vocabulary, wrapped

    settings, model = recipe.vocabulary, recipe.model
    place = settings.path or model.path
    if place is None and (begun := _begun(recipe, out)):
        return wrapped(open_tokenizer(next(iter(begun.values()))), END)
    if place is None:
        size = settings.size or SHAPES[model.size].vocabulary
        corpora = [corpus_of(recipe, name, END) for name in recipe.trained]
        return wrapped(vocabulary_of(corpora, size, _tokens(recipe, out)), END)
    setting = "vocabulary.path" if settings.path else "model.path"
    tokenizer = named_tokenizer(place, settings.end, setting)
    if model.path is not None and settings.path is not None:
        same_vocabulary(model.path, tokenizer)
    return tokenizer


def _tokens(recipe: Pretrain, out: Path) -> Path:
    return Path(recipe.tokens) if recipe.tokens else out / "tokens"


def _begun(recipe: Pretrain, out: Path) -> dict[str, Path]:
    """The folders of tokens that this training was begun with, by corpus; none before that."""
    file = out / "corpora.json"
    names = read_json(file) if file.exists() else {}
    folders = {name: _tokens(recipe, out) / folder for name, folder in names.items()}
    for name, folder in folders.items():
        if not (folder / "card.json").is_file():
            raise DataError(
                f"{folder}: the tokens of {name!r} that this training was begun with are gone. "
                "Put them back, or begin again in another folder with --out."
            )
    return folders


def _packed(recipe: Pretrain, tokenizer: Any, out: Path, progress: Progress) -> dict[str, Packed]:
    """The corpora as tokens, and what is held out of them on disk.

    Once that is done the sources are not read again, so that a training that is gone on with has
    the tokens that it began with.
    """
    begun, places = _begun(recipe, out), _tokens(recipe, out)
    if begun:
        return {name: read_packed(folder) for name, folder in begun.items()}
    corpora = {name: corpus_of(recipe, name, tokenizer.eos_token) for name in recipe.corpora}
    rows = [
        row
        for name, corpus in corpora.items()
        for row in _held_out(name, corpus, recipe.held_out.documents)
    ]
    write_rows(out / "heldout.parquet", rows, _HELD_OUT)
    packed = {
        name: pack(corpora[name], tokenizer.backend_tokenizer, places, progress=progress)
        for name in recipe.trained
    }
    if recipe.control and not any(each.control.get(k) for each in packed.values() for k in _TOLD):
        raise RecipeError(
            f"control.field is {recipe.control.field!r}, and no document that is trained on holds "
            "a number there. Name the field with the score; `tahdhib score run --whole` writes one."
        )
    write_json(out / "corpora.json", {name: each.folder.name for name, each in packed.items()})
    return packed


def _held_out(name: str, corpus: Texts, measured: int) -> list[dict[str, Any]]:
    """The documents of a corpus that are held out; with their texts those of the lowest hashes."""
    rows: list[dict[str, Any]] = []

    def numbered() -> Iterator[tuple[str, int, str]]:
        for document in held_out_of(corpus):
            size = len(document.text.encode("utf-8"))
            rows.append(
                {"corpus": name, "hash": document.hash, "group": document.group, "bytes": size}
            )
            yield document.hash, len(rows) - 1, document.text

    chosen = heapq.nsmallest(measured, numbered())
    if not rows and corpus.split.share == 1:
        raise DataError(
            f"corpora.{name}: no record holds text in the field {corpus.names.text!r}, so that "
            "nothing can be measured on it. Name the right field, or leave the corpus out."
        )
    for _, number, text in chosen:
        rows[number]["text"] = text
    return rows


def _measured(tokenizer: Any, out: Path) -> "list[Measured]":
    from tahdhib.train.bits import Measured

    rows = [row for row in read_rows(out / "heldout.parquet") if row["text"] is not None]
    bare = type(tokenizer.backend_tokenizer).from_str(tokenizer.backend_tokenizer.to_str())
    bare.encode_special_tokens = True  # as in what is trained on
    bare.no_truncation()
    bare.no_padding()
    encoded = bare.encode_batch_fast([row["text"] for row in rows], add_special_tokens=False)
    return [
        Measured(row["corpus"], row["group"], tuple(one.ids), row["bytes"])
        for row, one in zip(rows, encoded, strict=True)
    ]


def _fed(recipe: Pretrain, packed: Mapping[str, Packed]) -> Fed:
    context = recipe.training.context
    corpora = {name: TokenCorpus(each.folder, context) for name, each in packed.items()}
    phases = phases_of(recipe, {name: len(corpus) for name, corpus in corpora.items()})
    return Fed(packed, corpora, Order(phases, recipe.training.batch, recipe.seed))


def _trained(recipe: Pretrain, tokenizer: Any, fed: Fed, out: Path, progress: Progress) -> Log:
    """Train to the end of the last phase, and say how it went."""
    from tahdhib.train.bits import bits_of
    from tahdhib.train.fit import Samples, fit
    from tahdhib.train.model import new_model, open_model
    from tahdhib.train.watch import Watch, last_step

    training, folder = recipe.training, out / "checkpoints"
    order, control = fed.order, control_of(recipe)
    if recipe.model.path is not None:
        added = len(control.tokens) if control else 0
        model = open_model(recipe.model.path, tokenizer, training, added=added, seed=recipe.seed)
    else:
        model = new_model(SHAPES[recipe.model.size], tokenizer, training, seed=recipe.seed)
    documents = _measured(tokenizer, out)
    before = [tokenizer.eos_token_id]
    if control:
        numbers = tokenizer.convert_tokens_to_ids([control.good, control.bad])
        never = {*(model.generation_config.suppress_tokens or ()), *numbers}
        model.generation_config.suppress_tokens = sorted(never)
        before.append(numbers[0])

    def measure(model: Any) -> dict[str, float]:
        found = bits_of(model, documents, before=before, context=training.context)
        return {bits_key(each.corpus, each.group): each.per_byte for each in found}

    step_tokens = training.batch * training.context
    with progress.task(
        "pretrain", step_tokens * (order.steps - last_step(folder)), "tokens"
    ) as task:

        def on_step(step: int, loss: float) -> None:
            task.advance(step_tokens)
            task.note(f"step {step:,} of {order.steps:,}, loss {loss:.3f}")

        watch = Watch(measure, _measured_after(order, recipe.held_out.every), on_step)
        samples = Samples(fed.corpora, order, documents_apart=training.documents_apart)
        return fit(model, samples, training, folder, watch, seed=recipe.seed)


def _measured_after(order: Order, every: int | None) -> frozenset[int]:
    ends = {0}
    for phase in order.phases:
        ends.add(max(ends) + phase.steps)
    return frozenset(ends | set(range(every, order.steps, every) if every else ()))


def _write_model(tokenizer: Any, out: Path) -> None:
    """The last checkpoint's model becomes the folder's."""
    from tahdhib.train.watch import last_checkpoint

    last = last_checkpoint(out / "checkpoints")
    assert last is not None  # the trainer saves after the last step
    copy_model(last, out)
    tokenizer.save_pretrained(out)
