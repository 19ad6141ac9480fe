"""The model of a training and its tokenizer: made new, or opened, and refused where they do not
fit each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaConfig,
    PreTrainedTokenizerFast,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from tahdhib.config.pretrain import Optimizing
from tahdhib.errors import DataError, RecipeError
from tahdhib.train.sizes import Shape
from tahdhib.train.tokens import END, open_tokenizer

DTYPES = {"fp64": torch.float64, "fp32": torch.float32, "bf16": torch.float32}
"""What the weights are kept in; in `bf16` they are of fp32, and computed with in half precision."""

_ROPE_THETA = 1_000_000.0  # as in Qwen1.5
_SEEN_CHARACTERS = 200


def new_model(shape: Shape, tokenizer: Any, training: Optimizing, *, seed: int) -> Any:
    """A model with first weights that `seed` names."""
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=training.context,
        rope_parameters={"rope_type": "default", "rope_theta": _ROPE_THETA},
        tie_word_embeddings=True,
        bos_token_id=tokenizer.eos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=None,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return AutoModelForCausalLM.from_config(config, dtype=DTYPES[training.precision])


def open_model(name: str, tokenizer: Any, training: Optimizing, *, added: int, seed: int) -> Any:
    """A causal language model: a folder that `save_pretrained` wrote, or a name on the hub. Where
    it has no room for the last `added` tokens, it gets embeddings for them that `seed` names.

    Raises:
        RecipeError: it is none, lacks weights, has fewer embeddings than the tokenizer has tokens,
            or reads less than `training.context` tokens.
    """
    with _named(name):
        config = AutoConfig.from_pretrained(name)
    written = list(getattr(config, "architectures", None) or [])
    causal = set(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.values())
    if written and not causal.intersection(written):
        raise RecipeError(
            f"model.path {name}: holds {', '.join(written)}, expected a causal language model such "
            "as LlamaForCausalLM. Name one."
        )
    with _named(name):
        model, told = AutoModelForCausalLM.from_pretrained(
            name, dtype=DTYPES[training.precision], output_loading_info=True
        )
    unfit = sorted([*told["missing_keys"], *(str(each[0]) for each in told["mismatched_keys"])])
    if unfit:
        raise RecipeError(
            f"model.path {name}: {len(unfit)} weights are missing or of another shape than its "
            f"config.json says ({', '.join(unfit[:3])}). Save the model again, or name another."
        )
    embeddings = model.get_input_embeddings().weight.shape[0]
    if embeddings < len(tokenizer) <= embeddings + added:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model.resize_token_embeddings(len(tokenizer))
    elif len(tokenizer) > embeddings:
        raise RecipeError(
            f"model.path {name}: it has {embeddings:,} embeddings, and the vocabulary "
            f"{len(tokenizer):,} tokens. Leave vocabulary.path out to take the model's own."
        )
    positions = getattr(config, "max_position_embeddings", None) or training.context
    if training.context > positions:
        raise RecipeError(
            f"training.context is {training.context:,}, and {name} reads {positions:,} tokens at "
            "most. Lower it."
        )
    return model


def named_tokenizer(path: str, end: str | None, setting: str = "model.path") -> Any:
    """The tokenizer of a model's folder, of a `tokenizer.json`, or of a name on the hub, which
    `setting` named; `end` names its end token, where it does not do so itself.

    Raises:
        DataError: there is none, or it cannot be read.
        RecipeError: nothing says which token ends a document, or it has no such token.
    """
    place = Path(path)
    if place.is_file() or (place.is_dir() and not (place / "tokenizer_config.json").exists()):
        tokenizer = wrapped(open_tokenizer(place), end or END)
    else:
        with _named(path, setting):
            tokenizer = AutoTokenizer.from_pretrained(path)
        if end is not None:
            tokenizer.eos_token = end
    if tokenizer.eos_token is None or tokenizer.eos_token not in tokenizer.get_vocab():
        raise RecipeError(
            f"vocabulary {path}: its end token is {tokenizer.eos_token!r}, which it does not have. "
            "Name one of its tokens with vocabulary.end."
        )
    return tokenizer


def wrapped(tokenizer: Any, end: str) -> Any:
    """A bare tokenizer as transformers wants it."""
    if tokenizer.token_to_id(end) is None:
        raise RecipeError(
            f"the vocabulary has no token {end!r} to end documents with. Name one it has with "
            "vocabulary.end."
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=end, eos_token=end, clean_up_tokenization_spaces=False
    )


def same_vocabulary(model: str, tokenizer: Any) -> None:
    """Refuse a tokenizer that gives a model's tokens other numbers than the model's own.

    Raises:
        RecipeError: it does.
    """
    try:
        own = AutoTokenizer.from_pretrained(model).get_vocab()
    except (OSError, ValueError, KeyError):
        return  # the model came without one
    given = tokenizer.get_vocab()
    other = sorted(token for token, number in own.items() if given.get(token) != number)
    if other:
        raise RecipeError(
            f"vocabulary.path: {len(other):,} of the {len(own):,} tokens of {model} have another "
            f"number in it or none ({', '.join(map(repr, other[:3]))}), so the model's weights "
            "would mean other words. Leave it out to take the model's own."
        )


@contextmanager
def _named(name: str, setting: str = "model.path") -> Iterator[None]:
    """Errors of the package as sentences that say what was to be opened."""
    try:
        yield
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, SafetensorError) as error:
        seen = " ".join(str(error).split())[:_SEEN_CHARACTERS]
        raise DataError(
            f"{setting} {name}: could not be opened ({seen}). Name a folder that save_pretrained "
            "wrote, or a model on the hub that can be reached."
        ) from error
