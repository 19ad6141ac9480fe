"""The preflight where a worker is trained: real models that would waste it."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl")
pytest.importorskip("peft")

from tahdhib.conduct.conduct import Conduct
from tahdhib.errors import RecipeError
from tahdhib.train.preflight import Sample
from tahdhib.workers.causal import fit, samples
from tahdhib.workers.causal.start import TEMPLATE
from tests.score import tiny_models
from tests.workers.causal.lessons import pairs, taught

MARKS = ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model of random weights with a template in which all is well."""
    folder = tiny_models.causal(
        tmp_path / "model", [pair.source for pair in pairs()], begins=False, longest=8192
    )
    with_template(folder, TEMPLATE)
    return folder


def with_template(folder: Path, template: str) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_special_tokens({"additional_special_tokens": MARKS, "eos_token": "<|end|>"})
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    torch.manual_seed(5)
    model = AutoModelForCausalLM.from_pretrained(folder)
    model.resize_token_embeddings(len(tokenizer))
    model.save_pretrained(folder)


def learn(folder: Path, model: Path, conduct: Conduct, **changes: Any) -> None:
    told = {"model": str(model), "instruction": "brief", "epochs": 0.1, "measured": 0}
    taught(folder, conduct, **{**told, **changes})


@pytest.mark.parametrize("instruction", ["brief", "conduct"])
def test_all_is_well(tmp_path: Path, model: Path, conduct: Conduct, instruction: str) -> None:
    learn(tmp_path / "worker", model, conduct, instruction=instruction, max_length=8192)
    assert (tmp_path / "worker" / "model.safetensors").exists()


def test_a_template_that_trims_what_it_is_given(
    tmp_path: Path, model: Path, conduct: Conduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server would show the model other blanks than it learned from."""
    with_template(model, TEMPLATE.replace("message['content']", "message['content'] | trim"))
    learn(tmp_path / "worker", model, conduct)  # no text begins or ends with a blank
    monkeypatch.setattr(
        samples, "asked", lambda text, conduct, instruction: (conduct.name, f" {text}\n")
    )
    with pytest.raises(RecipeError, match="not trained: sample 0: the chat template gives another"):
        learn(tmp_path / "other", model, conduct)
    assert not (tmp_path / "other" / "model.safetensors").exists()


def test_a_template_that_knows_no_system(tmp_path: Path, model: Path, conduct: Conduct) -> None:
    with_template(
        model,
        "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system here') }}{% endif %}"
        + TEMPLATE,
    )
    with pytest.raises(RecipeError, match=r"takes no message of the system.*template=plain"):
        learn(tmp_path / "worker", model, conduct)
    learn(tmp_path / "worker", model, conduct, template="plain")


def test_an_end_that_is_none_of_the_model_s(
    tmp_path: Path, model: Path, conduct: Conduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is closed by a token at which nothing stops."""
    whole = samples.Writer.sample

    def unended(self: samples.Writer, lesson: samples.Lesson) -> Sample:
        one = whole(self, lesson)
        return Sample(one.input_ids[:-1], one.labels[:-1])

    monkeypatch.setattr(samples.Writer, "sample", unended)
    with pytest.raises(RecipeError, match="the end of the answer is outside the loss"):
        learn(tmp_path / "worker", model, conduct)


def test_a_trainer_that_cuts(
    tmp_path: Path, model: Path, conduct: Conduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = fit._arguments

    def cutting(*told: Any) -> Any:
        found = arguments(*told)
        found.dataset_kwargs, found.max_length = None, 30
        return found

    monkeypatch.setattr(fit, "_arguments", cutting)
    with pytest.raises(RecipeError, match=r"cut inside the answer: \d+ of its \d+ tokens are left"):
        learn(tmp_path / "worker", model, conduct)


def test_padding_that_takes_ends_out_of_the_loss(
    tmp_path: Path, model: Path, conduct: Conduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tokenizer that pads with its end, and a collator that unlearns whatever pads."""
    from transformers import AutoTokenizer
    from trl import SFTTrainer

    tokenizer = AutoTokenizer.from_pretrained(model)
    tokenizer.pad_token = "<|end|>"
    tokenizer.save_pretrained(model)
    learn(tmp_path / "worker", model, conduct)  # TRL's own collator keeps them
    prepared = SFTTrainer.__init__

    def unlearning(self: Any, *told: Any, **named: Any) -> None:
        prepared(self, *told, **named)
        collate = self.data_collator

        def collator(rows: list[dict[str, Any]]) -> dict[str, Any]:
            batch: dict[str, Any] = collate(rows)
            batch["labels"][batch["input_ids"] == tokenizer.pad_token_id] = -100
            return batch

        self.data_collator = collator

    monkeypatch.setattr(SFTTrainer, "__init__", unlearning)
    with pytest.raises(RecipeError, match=r"padding is .* which also ends an answer"):
        learn(tmp_path / "other", model, conduct)
