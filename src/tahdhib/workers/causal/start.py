"""A small base from nothing: a byte-level vocabulary of the texts at hand, and a network like
Llama's. It can copy, and nothing else but what the pairs teach it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from tahdhib.config.recipe import CausalBase
from tahdhib.workers.causal.answer import TAGS
from tahdhib.workers.causal.copier import start_as_copier

_PAD, _END = "<|pad|>", "<|end|>"
_ROLES = ("<|system|>", "<|user|>", "<|assistant|>")
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


class Base(NamedTuple):
    """A model to be trained, and its tokenizer (of transformers)."""

    model: Any
    tokenizer: Any


_READS_FURTHER = 4
"""Rotary positions cost nothing, and a passage may be longer than any pair."""


def from_nothing(texts: Iterable[str], settings: CausalBase, longest: int) -> Base:
    """A base for samples of up to `longest` tokens; its weights come from torch's random state."""
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

    tokenizer = _tokenizer(texts, settings.vocabulary)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=settings.hidden,
        intermediate_size=-(-settings.hidden * 8 // 3 // 16) * 16,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads,
        max_position_embeddings=_READS_FURTHER * longest,
        attention_bias=True,  # by which a head looks one place back, whatever stands there
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    start_as_copier(model)
    model.generation_config = GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    return Base(model, tokenizer)


def _tokenizer(texts: Iterable[str], size: int) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(TAGS),
        min_frequency=2,
        special_tokens=[_PAD, _END, *_ROLES],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator(texts, trainer)
    raw.add_tokens(list(TAGS))
    made = PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token=_PAD,
        eos_token=_END,
        additional_special_tokens=list(_ROLES),
        clean_up_tokenization_spaces=False,
    )
    made.chat_template = TEMPLATE
    return made
