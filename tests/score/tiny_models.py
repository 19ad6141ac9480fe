"""Tiny real models made on the spot: random weights, a tokenizer of their own."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")


TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
MARKS = ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]


def tokenizer(texts: list[str], *, begins: bool) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<pad>", "<s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    raw.train_from_iterator(texts, trainer)
    special = {"bos_token": "<s>"} if begins else {}
    return PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="<pad>", **special)


def causal(folder: Path, texts: list[str], *, begins: bool = True, longest: int = 64) -> Path:
    """A folder with a tiny LLaMA."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(5)
    made = tokenizer(texts, begins=begins)
    config = LlamaConfig(
        vocab_size=len(made),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=longest,
        initializer_range=0.3,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    made.save_pretrained(folder)
    return folder


def classifier(folder: Path, texts: list[str], labels: list[str], problem: str | None) -> Path:
    """A folder with a tiny BERT that classifies texts of up to 32 tokens."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(5)
    made = tokenizer(texts, begins=False)
    config = BertConfig(
        vocab_size=len(made),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=32,
        initializer_range=0.5,
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
        problem_type=problem,
        pad_token_id=0,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    made.save_pretrained(folder)
    return folder


def one_answer(folder: Path, texts: list[str], answer: str, *, longest: int) -> Path:
    """A model that answers everything with `answer`.

    Its layers add nothing, so that what follows hangs on the last token alone: the answer on the
    mark of the assistant, and the end on the answer.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    made = tokenizer(texts, begins=False)
    made.add_special_tokens({"additional_special_tokens": MARKS, "eos_token": "<|end|>"})
    made.add_tokens(answer)
    made.chat_template = TEMPLATE
    made.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(made),
        hidden_size=256,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=longest,
        tie_word_embeddings=False,
        eos_token_id=made.eos_token_id,
    )
    torch.manual_seed(3)
    model = LlamaForCausalLM(config)
    layer = model.model.layers[0]
    said, end, asked = made.convert_tokens_to_ids([answer, "<|end|>", "<|assistant|>"])
    with torch.no_grad():
        model.model.embed_tokens.weight.normal_()
        for part in (layer.self_attn.o_proj, layer.mlp.down_proj, model.lm_head):
            part.weight.zero_()
        model.lm_head.weight[said] = model.model.embed_tokens.weight[asked]
        model.lm_head.weight[end] = model.model.embed_tokens.weight[said]
    model.save_pretrained(folder)
    return folder
