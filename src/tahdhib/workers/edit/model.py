"""The encoder behind the edit worker, and its folder on disk.

ModernBERT's block (rotary positions, gated units, two of three layers local) from scratch:
positions relative to the token are what edits depend on, and without dropout in attention, which
costs a third of the time on a CPU, it trains at the speed of BERT.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from transformers import (
    ModernBertConfig,
    ModernBertForTokenClassification,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from transformers.utils import logging as transformers_logging

from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.store.shards import read_json, write_json
from tahdhib.workers.edit.tokenizer import SPECIAL_TOKENS
from tahdhib.workers.edit.windows import CLS_ID, PAD_ID

_EXTRAS = "edit_worker.json"
_TOKENIZER = "tokenizer.json"
OUTPUT_FILES = ("config.json", _EXTRAS, "model.safetensors", _TOKENIZER)
"""What the worker's output depends on."""

_LOCAL_TOKENS = 64
_DROPOUT = 0.1  # of embeddings and gated units: a few thousand pairs are soon known by heart
_FEEDFORWARD_FACTOR = 2  # of a gated unit: as many weights as factor 3 of a plain one


class Tagger(NamedTuple):
    """A trained worker's parts: all that its output depends on."""

    model: PreTrainedModel
    tokenizer: Tokenizer
    labels: tuple[str, ...]
    keep_bias: Mapping[str, float]  # by family: log-odds that an edit's weakest label must reach
    max_tokens: int


def build_model(settings: EditSettings, vocabulary: int, labels: list[str]) -> PreTrainedModel:
    """A fresh encoder with one output per label; weights come from torch's random state."""
    config = ModernBertConfig(
        vocab_size=vocabulary,
        hidden_size=settings.hidden,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads,
        intermediate_size=_FEEDFORWARD_FACTOR * settings.hidden,
        max_position_embeddings=settings.max_tokens,
        local_attention=_LOCAL_TOKENS,
        embedding_dropout=_DROPOUT,
        mlp_dropout=_DROPOUT,
        pad_token_id=PAD_ID,
        cls_token_id=CLS_ID,
        bos_token_id=None,
        eos_token_id=None,
        sep_token_id=None,
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
    )
    return ModernBertForTokenClassification(config)


@contextmanager
def silence() -> Iterator[None]:
    """Keep transformers from drawing bars and giving advice: progress is shown by ours alone."""
    verbosity = transformers_logging.get_verbosity()
    has_bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
        if has_bars:
            transformers_logging.enable_progress_bar()


def save_tagger(folder: Path, tagger: Tagger) -> None:
    """Write a folder that plain transformers opens (units go in with `is_split_into_words`), with
    what is ours beside it."""
    pad, cls, *shapes = SPECIAL_TOKENS
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=tagger.tokenizer,
        pad_token=pad,
        cls_token=cls,
        additional_special_tokens=shapes,
    )
    with silence():
        tagger.model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    write_json(
        folder / _EXTRAS, {"keep_bias": dict(tagger.keep_bias), "max_tokens": tagger.max_tokens}
    )


def open_tagger(folder: Path) -> Tagger:
    """Read the folder back, ready to predict."""
    with silence():
        model = ModernBertForTokenClassification.from_pretrained(
            folder, local_files_only=True, dtype=torch.float32
        )
    extras = read_json(folder / _EXTRAS)
    return Tagger(
        model=model.eval(),
        tokenizer=Tokenizer.from_file(str(folder / _TOKENIZER)),
        labels=tuple(model.config.id2label[index] for index in range(model.config.num_labels)),
        keep_bias=extras["keep_bias"],
        max_tokens=extras["max_tokens"],
    )
