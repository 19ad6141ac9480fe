"""The four faults that a training would waste its time on, from real tokenizers and templates."""

from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from tahdhib.train.preflight import (
    IGNORED,
    Sample,
    answer_cut,
    end_outside_loss,
    line,
    padding_hides_end,
    padding_is_end,
    templates_differ,
)
from tests.score import tiny_models

TEXTS = [f"القاهرة عاصمة مصر وعدد سكانها {n} مليون نسمة" for n in range(7)]
TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
THINKING = TEMPLATE.replace(
    "{{ message.content }}",
    "{% if message.role == 'assistant' %}<think></think>{% endif %}{{ message.content }}",
)
"""It puts an empty thought before what the assistant said, and none where it is to speak."""


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    made = tiny_models.tokenizer(TEXTS, begins=False)
    marks = ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
    made.add_special_tokens({"additional_special_tokens": marks, "eos_token": "<|end|>"})
    made.chat_template = TEMPLATE
    return made


def sample(tokenizer: Any, question: str, answer: str) -> Sample:
    """A sample whose answer and its end are learned."""
    prompt = tokens(tokenizer, f"<|user|>{question}<|end|><|assistant|>")
    said = tokens(tokenizer, f"{answer}<|end|>")
    return Sample(prompt + said, [IGNORED] * len(prompt) + said)


def tokens(tokenizer: Any, text: str) -> list[int]:
    found: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return found


def test_the_end_must_be_learned(tokenizer: Any) -> None:
    whole = sample(tokenizer, TEXTS[0], TEXTS[1])
    ends = {tokenizer.eos_token_id}
    assert end_outside_loss([whole], ends, tokenizer.decode) is None
    without = Sample(whole.input_ids, [*whole.labels[:-1], IGNORED])
    seen = end_outside_loss([whole, without], ends, tokenizer.decode)
    assert seen is not None and seen.startswith("sample 1: the end of the answer is outside")
    assert seen.endswith("[<|end|>]") and "expected" in seen
    nothing = Sample(whole.input_ids, [IGNORED] * len(whole.labels))
    assert "none at all" in (end_outside_loss([nothing], ends, tokenizer.decode) or "")


def test_padding_must_not_take_the_end_with_it(tokenizer: Any) -> None:
    """A collator of transformers takes every token that pads out of the loss; TRL's does not."""
    from transformers import DataCollatorForLanguageModeling

    whole = sample(tokenizer, TEXTS[0], TEXTS[1])
    show, pad, end = tokenizer.decode, tokenizer.pad_token_id, tokenizer.eos_token_id
    assert pad != end

    def collated(pad_token: str) -> list[Sample]:
        tokenizer.pad_token = pad_token
        batch = DataCollatorForLanguageModeling(tokenizer, mlm=False)(
            [{"input_ids": whole.input_ids}, {"input_ids": [*whole.input_ids, end]}]
        )
        tokenizer.pad_token = "<pad>"
        return [Sample(*row) for row in zip(*map(_lists, batch_of(batch)), strict=True)]

    assert padding_hides_end(collated("<pad>"), pad, {end}, show) is None
    seen = padding_hides_end(collated("<|end|>"), end, {end}, show)
    assert seen is not None and "padding is" in seen and "[<|end|>]" in seen
    assert "another padding token" in seen


def test_padding_must_not_be_learned(tokenizer: Any) -> None:
    whole = sample(tokenizer, TEXTS[0], TEXTS[1])
    show, pad, end = tokenizer.decode, tokenizer.pad_token_id, tokenizer.eos_token_id
    assert padding_is_end([whole], pad, show) is None
    assert padding_is_end([whole], None, show) is None
    seen = padding_is_end([whole], end, show)
    assert seen is not None and seen.startswith(f"sample 0: padding is {end} ('<|end|>')")
    assert seen.endswith("<|end|>") and "another padding token" in seen


def batch_of(batch: Any) -> tuple[Any, Any]:
    return batch["input_ids"], batch["labels"]


def _lists(rows: Any) -> list[list[int]]:
    found: list[list[int]] = rows.tolist()
    return found


def test_the_collator_of_trl_keeps_ends_in_the_loss(tokenizer: Any) -> None:
    sft = pytest.importorskip("trl.trainer.sft_trainer")
    end = tokenizer.eos_token_id
    rows = [sample(tokenizer, one, TEXTS[1])._asdict() for one in ("مصر", TEXTS[2])]
    batch = sft.DataCollatorForLanguageModeling(pad_token_id=end)(rows)
    found = [Sample(*row) for row in zip(*map(_lists, batch_of(batch)), strict=True)]
    assert padding_hides_end(found, end, {end}, tokenizer.decode) is None


def test_training_and_asking_fill_one_template(tokenizer: Any) -> None:
    """What a trainer makes of a conversation is held against what a server makes of a question."""

    def prompts(template: str) -> tuple[list[int], list[int]]:
        tokenizer.chat_template = template
        asked = [{"role": "user", "content": TEXTS[0]}]
        said = [*asked, {"role": "assistant", "content": TEXTS[1]}]
        trained = tokenizer.apply_chat_template(said, tokenize=False)
        before = trained[: trained.index(TEXTS[1])]
        there = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
        tokenizer.chat_template = TEMPLATE
        return tokens(tokenizer, before), tokens(tokenizer, there)

    here, there = prompts(TEMPLATE)
    assert templates_differ([here], [there], tokenizer.decode) is None
    here, there = prompts(THINKING)
    seen = templates_differ([there, here], [there, there], tokenizer.decode)
    assert seen is not None and seen.startswith("sample 1: the chat template gives another prompt")
    assert "'<think>" in seen and f"from token {len(there)}" in seen


def test_answers_must_be_whole(tokenizer: Any) -> None:
    whole = sample(tokenizer, TEXTS[0], TEXTS[1])
    cut = len(whole.labels) - 3
    part = Sample(whole.input_ids[:cut], whole.labels[:cut])
    assert answer_cut([whole], [whole], tokenizer.decode) is None
    seen = answer_cut([whole, whole], [whole, part], tokenizer.decode)
    learned = len(whole.learned)
    assert seen is not None
    assert seen.startswith(
        f"sample 1: cut inside the answer: {learned - 3} of its {learned} tokens"
    )
    assert line(part, tokenizer.decode) in seen and "\n" not in seen
