"""A tiny chat model made on the spot: a tokenizer of real text, random weights, and a habit.

It is taught in seconds to say one of a few things, whatever it reads: so a server that runs it
gives usable answers, and its logits are those of a real network.
"""

import gzip
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

UNCHANGED = ("<analysis>ok</analysis>\n<unchanged/>",)
"""To leave everything as it is, in the words of the protocol."""
DIGITS = ("1", "2", "3", "4", "5")
"""To judge by one digit or another."""
TAGS = ["<analysis>", "</analysis>", "<rewrite>", "</rewrite>", "<unchanged/>"]
ROLES = ["<|system|>", "<|user|>", "<|assistant|>"]
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}</s>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
STEPS, ROWS, HEARD = 60, 4, 96


def demo_texts(number: int) -> list[str]:
    """Texts of the package: Egyptian Wikipedia (CC BY-SA 4.0)."""
    path = Path(str(files("tahdhib.demo").joinpath("data/raw-00.jsonl.gz")))
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    texts = [row["text"] for row in rows if row["id"].startswith("arz:")]
    return [text[:2000] for text in texts if len(text) > 80][:number]


@contextmanager
def one_thread() -> Iterator[None]:
    """Small products are quicker on one thread, most of all beside other tests."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def make(folder: Path, texts: list[str], habit: tuple[str, ...]) -> Path:
    """A folder that `transformers` can load, with a chat template."""
    import torch
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

    torch.manual_seed(5)
    tokenizer = _tokenizer(texts)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=8192,
        initializer_range=0.1,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    with one_thread():
        _teach(model, tokenizer, texts, habit)
    model.generation_config = GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer(texts: list[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1000,
        special_tokens=["<pad>", "</s>", *ROLES],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    raw.train_from_iterator(texts, trainer)
    raw.add_tokens(TAGS)
    made = PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token="<pad>",
        eos_token="</s>",
        additional_special_tokens=ROLES,
    )
    made.chat_template = TEMPLATE
    return made


def _teach(model: Any, tokenizer: Any, texts: list[str], habit: tuple[str, ...]) -> None:
    """Say one of `habit` after whatever was said before."""
    import torch

    answers = [
        tokenizer(f"<|assistant|>{one}</s>", add_special_tokens=False)["input_ids"] for one in habit
    ]
    heard = tokenizer("\n".join(texts), add_special_tokens=False)["input_ids"]
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    dice = random.Random(5)
    model.train()
    for _ in range(STEPS):
        starts = [dice.randrange(len(heard) - HEARD) for _ in range(ROWS)]
        rows = torch.tensor([[*heard[at : at + HEARD], *dice.choice(answers)] for at in starts])
        labels = rows.clone()
        labels[:, : HEARD + 1] = -100
        model(input_ids=rows, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()
