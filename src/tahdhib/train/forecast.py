"""What a training will take, reckoned from its recipe: nothing is read but a recipe, a base model's
config.json where it lies here, and the sizes of files.

Counted per token: 6 operations for each weight that is multiplied (all but the embeddings' rows),
and 12 × layers × width × context for attention, its causal half not taken off (Chowdhery et al.,
PaLM, App. B). Memory is the sum of what is kept: weights, gradients and AdamW's moments, what the
backward pass needs of each layer without recomputation, and the logits. Both are counts, not
measurements; where something is not known beforehand, that is said in its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tahdhib.config.pretrain import Dimensions, Pretrain, TrainingPhase
from tahdhib.errors import DataError
from tahdhib.readers import find_sources
from tahdhib.readers.remote import is_remote
from tahdhib.store.shards import read_json
from tahdhib.train.order import Order
from tahdhib.train.pretrain import phases_of
from tahdhib.train.sizes import SHAPES
from tahdhib.train.tokens import open_tokenizer

GIB = 1 << 30
_WIDTH = {"fp64": 8, "fp32": 4, "bf16": 4}
"""Bytes of a weight, of its gradient and of each of its two moments."""
_COMPUTED = {"fp64": 8, "fp32": 4, "bf16": 2}
"""Bytes of a number that is computed with."""
_LOGITS = {"fp64": 32, "fp32": 16, "bf16": 16}
"""Bytes for each logit: as computed, as copied for the loss, its logarithm and its gradient."""
_GATHERED_LAYERS = 2
"""Layers that a process has whole at once where they are sharded."""
_SMALL_VOCABULARY = 1 << 16
"""Tokens of a vocabulary that is packed in two bytes each."""
_NAMES = {
    "hidden": "hidden_size",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "inner": "intermediate_size",
    "vocabulary": "vocab_size",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A phase: its steps, and the tokens that it reads of each corpus."""

    name: str
    steps: int
    tokens: dict[str, float]


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes on each GPU."""

    states: float
    gathered: float
    activations: float
    logits: float

    @property
    def total(self) -> float:
        """All of them together."""
        return self.states + self.gathered + self.activations + self.logits


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a training will take; None and a sentence in `unknown` where the recipe does not say
    enough. `corpora` says of each what lies in its place; disks are in bytes."""

    corpora: dict[str, str]
    shape: Dimensions | None
    stretches: tuple[Stretch, ...] | None
    per_token: float | None
    memory: Memory | None
    tokens_disk: float | None
    checkpoints_disk: float | None
    unknown: tuple[str, ...]

    @property
    def tokens(self) -> float | None:
        """Tokens that are trained on, repeated ones as often as they are read."""
        if self.stretches is None:
            return None
        return sum(sum(stretch.tokens.values()) for stretch in self.stretches)

    @property
    def operations(self) -> float | None:
        """Floating-point operations of the whole training."""
        tokens = self.tokens
        return None if tokens is None or self.per_token is None else tokens * self.per_token


def forecast(recipe: Pretrain) -> Forecast:
    """Reckon what `recipe` will take.

    Raises:
        RecipeError: a phase reads more of a corpus than its stated tokens and repeats allow.
        DataError: the base model's config.json or the vocabulary's file cannot be read.
    """
    unknown: list[str] = []
    shape = _shape(recipe, unknown)
    stretches = _stretches(recipe, unknown)
    training = recipe.training
    return Forecast(
        corpora={name: _found(corpus.paths) for name, corpus in recipe.corpora.items()},
        shape=shape,
        stretches=stretches,
        per_token=None if shape is None else operations_per_token(shape, training.context),
        memory=None if shape is None else memory(recipe, shape),
        tokens_disk=_tokens_disk(recipe, shape, unknown),
        checkpoints_disk=None if shape is None else _checkpoints_disk(recipe, parameters(shape)),
        unknown=tuple(unknown),
    )


def parameters(shape: Dimensions) -> int:
    """Weights in all; those of norms too, biases not."""
    return _embeddings(shape) + shape.layers * _layer(shape) + shape.hidden


def operations_per_token(shape: Dimensions, context: int) -> float:
    """Operations for a token, forward and back, by the count that the module names."""
    multiplied = shape.layers * _layer(shape) + shape.vocabulary * shape.hidden
    return 6.0 * multiplied + 12.0 * shape.layers * shape.hidden * context


def memory(recipe: Pretrain, shape: Dimensions) -> Memory:
    """What a GPU holds while a batch is computed."""
    training, gpus = recipe.training, recipe.forecast.gpus
    width, computed = _WIDTH[training.precision], _COMPUTED[training.precision]
    shards = gpus if training.fsdp else 1
    whole = parameters(shape)
    kept = _embeddings(shape) + _GATHERED_LAYERS * _layer(shape) if training.fsdp else whole
    has_copies = training.fsdp or computed != width
    tokens = training.micro_batch * training.context
    return Memory(
        states=4.0 * width * whole / shards,
        gathered=float(computed * kept) if has_copies else 0.0,
        activations=float(tokens * shape.layers * kept_per_token(shape, computed)),
        logits=float(tokens * shape.vocabulary * _LOGITS[training.precision]),
    )


def kept_per_token(shape: Dimensions, computed: int) -> int:
    """Bytes that the backward pass needs of a layer, for each token: the inputs of norms and
    products, queries, keys and values, and both halves of the gate with what they become; norms
    are not computed in half precision."""
    keys = 2 * shape.hidden * shape.kv_heads // shape.heads
    in_norms = 4 * shape.hidden * max(0, _WIDTH["bf16"] - computed)
    return computed * (8 * shape.hidden + keys + 4 * shape.inner) + in_norms


def _embeddings(shape: Dimensions) -> int:
    return shape.vocabulary * shape.hidden * (1 if shape.tied else 2)


def _layer(shape: Dimensions) -> int:
    keys = 2 * shape.hidden * (shape.hidden * shape.kv_heads // shape.heads)
    return 2 * shape.hidden**2 + keys + 3 * shape.hidden * shape.inner + 2 * shape.hidden


def _shape(recipe: Pretrain, unknown: list[str]) -> Dimensions | None:
    if recipe.forecast.shape is not None:
        return recipe.forecast.shape
    if recipe.model.path is None:
        return _named(recipe)
    file = Path(recipe.model.path) / "config.json"
    if not file.is_file():
        unknown.append(
            f"the dimensions of {recipe.model.path}: it is not here, and no hub is asked. State "
            "them under forecast.shape."
        )
        return None
    try:
        told = read_json(file)
        found = {name: told[theirs] for name, theirs in _NAMES.items() if theirs in told}
    except (ValueError, TypeError) as error:
        raise DataError(f"{file}: is no config.json of a model ({error}).") from error
    if missing := [theirs for name, theirs in _NAMES.items() if name not in found]:
        unknown.append(
            f"the dimensions of {recipe.model.path}: its config.json has no {', '.join(missing)}. "
            "State them under forecast.shape."
        )
        return None
    return Dimensions(
        **found,
        kv_heads=told.get("num_key_value_heads") or found["heads"],
        tied=bool(told.get("tie_word_embeddings")),
    )


def _named(recipe: Pretrain) -> Dimensions:
    size, settings = SHAPES[recipe.model.size], recipe.vocabulary
    vocabulary = settings.size or size.vocabulary
    if settings.path is not None and Path(settings.path).exists():
        vocabulary = open_tokenizer(Path(settings.path)).get_vocab_size()
    return Dimensions(
        hidden=size.hidden,
        layers=size.layers,
        heads=size.heads,
        kv_heads=size.heads,
        inner=size.inner,
        vocabulary=vocabulary,
        tied=True,
    )


def _stretches(recipe: Pretrain, unknown: list[str]) -> tuple[Stretch, ...] | None:
    """The phases in steps and tokens; what the recipe has no steps for hangs on stated tokens."""
    told, context = recipe.forecast.tokens or {}, recipe.training.context
    windows = {name: int(told[name]) // context for name in recipe.trained if name in told}
    found, is_known = [], True
    for phase in recipe.phases:
        missing = [name for name in phase.mix if name not in windows]
        if not missing:
            one = recipe.model_copy(update={"phases": (phase,)})
            order = Order(phases_of(one, windows), recipe.training.batch, recipe.seed)
            found.append(_stretch(recipe, phase, order.steps))
        elif phase.steps is not None:
            found.append(_stretch(recipe, phase, phase.steps))
        else:
            is_known = False
            unknown.append(
                f"the steps of phase {phase.name!r}: they hang on the tokens of "
                f"{', '.join(missing)}. State them under forecast.tokens, or the phase's steps."
            )
    return tuple(found) if is_known else None


def _stretch(recipe: Pretrain, phase: TrainingPhase, steps: int) -> Stretch:
    tokens = steps * recipe.training.batch * recipe.training.context
    weights = sum(share.weight for share in phase.mix.values())
    return Stretch(
        phase.name,
        steps,
        {name: tokens * share.weight / weights for name, share in phase.mix.items()},
    )


def _tokens_disk(recipe: Pretrain, shape: Dimensions | None, unknown: list[str]) -> float | None:
    """Bytes of the packed corpora."""
    told = recipe.forecast.tokens or {}
    if missing := [name for name in recipe.trained if name not in told]:
        unknown.append(
            f"the disk for tokens: how many {', '.join(missing)} holds. State it under "
            "forecast.tokens."
        )
        return None
    if shape is None:
        return None
    width = 2 if shape.vocabulary <= _SMALL_VOCABULARY else 4
    return width * sum(told[name] for name in recipe.trained)


def _checkpoints_disk(recipe: Pretrain, weights: int) -> float:
    """Bytes of the checkpoints that are kept and the one that is written, each with weights and two
    moments, and of the model beside them."""
    width = _WIDTH[recipe.training.precision]
    return float(weights * width * (3 * (recipe.training.keep + 1) + 1))


def _found(paths: tuple[str, ...]) -> str:
    """What lies in a corpus' place, without a look into it."""
    if any(is_remote(path) for path in paths):
        return "far away, not looked at"
    try:
        files = find_sources(paths)
    except DataError:
        return "not here yet"
    return f"{len(files):,} files, {sum(file.size for file in files) / GIB:,.2f} GiB as they lie"


def by_gpus(operations: float, recipe: Pretrain) -> Mapping[str, float]:
    """GPU hours, hours by the clock and money at the recipe's peak, utilisation and price."""
    told = recipe.forecast
    hours = operations / (told.teraflops * 1e12 * told.utilisation) / 3600
    return {"gpu_hours": hours, "hours": hours / told.gpus, "money": hours * told.gpu_hour}
