"""Tuning a tiny model on real instructions: what is refused before it starts, what comes out, what
a kill costs."""

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    LlamaConfig,
    LlamaForCausalLM,
)
from typer.testing import CliRunner

from tahdhib.cli.main import app
from tahdhib.config.load import load_tune
from tahdhib.config.tune import Conversations
from tahdhib.errors import DataError, RecipeError
from tahdhib.readers import find_sources
from tahdhib.store.shards import read_json, read_rows
from tahdhib.train.conversations import read_examples
from tahdhib.train.likelihood import log_likelihoods
from tahdhib.train.template import PLAIN, Template
from tahdhib.train.tune import tune
from tahdhib.train.tuner import order_of
from tests.score import tiny_models

TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
QUESTIONS = [f"كم عدد سكان المدينة رقم {n}؟" for n in range(24)]
RESULTS = ("config.json", "model.safetensors", "curve.parquet", "measured.parquet", "tune.json")

_TRAIN_AND_DIE = """
import os, signal, sys
from transformers import Trainer
from tahdhib import verbs

save, saved = Trainer._save_rng_state, []

def save_no_more(self, folder):
    saved.append(folder)
    if len(saved) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    save(self, folder)

Trainer._save_rng_state = save_no_more
verbs.tune(sys.argv[1], sys.argv[2])
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has learned nothing, with a tokenizer and a chat template."""
    folder = tmp_path_factory.mktemp("base")
    made = tiny_models.tokenizer(QUESTIONS, begins=False)
    marks = ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
    made.add_special_tokens({"additional_special_tokens": marks, "eos_token": "<|end|>"})
    made.chat_template = TEMPLATE
    config = LlamaConfig(
        vocab_size=len(made),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=128,
        bos_token_id=None,
        eos_token_id=made.eos_token_id,
        pad_token_id=made.pad_token_id,
    )
    torch.manual_seed(5)
    LlamaForCausalLM(config).save_pretrained(folder)
    made.save_pretrained(folder)
    return folder


def write_recipe(folder: Path, base: Path, **changes: Any) -> Path:
    """A training of a few steps in `folder`, with its records."""
    answers = [{"id": n, "instruction": q, "response": "نعم"} for n, q in enumerate(QUESTIONS)]
    pairs = [
        {"id": n, "prompt": q, "chosen": "نعم", "rejected": "لا أعرف"}
        for n, q in enumerate(QUESTIONS)
    ]
    for name, rows in {"answers": answers, "pairs": pairs}.items():
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    tree: dict[str, Any] = {
        "model": {"path": str(base)},
        "data": {"paths": ["answers.jsonl"]},
        "held_out": {"share": 0.3},
        "training": {
            "context": 96,
            "batch": 8,
            "micro_batch": 4,
            "epochs": 2,
            "warmup": 0,
            "learning_rate": 0.01,
            "save_every": 2,
        },
    }
    for name, value in changes.items():
        tree[name] = {**tree.get(name, {}), **value} if isinstance(value, dict) else value
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def recipe(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recipe(tmp_path_factory.mktemp("recipe"), base, training={"epochs": 10})


@pytest.fixture(scope="module")
def calm(recipe: Path) -> Path:
    """The model of a training that nobody stopped."""
    out = recipe.parent / "calm"
    done = CliRunner().invoke(app, ["tune", "-c", str(recipe), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "records" in done.output and "nats per token" in done.output
    return out


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in RESULTS}


def test_a_tuned_model_answers_and_stops(calm: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(calm)
    model = AutoModelForCausalLM.from_pretrained(calm)
    assert model.generation_config.eos_token_id == [tokenizer.eos_token_id]
    template = Template(tokenizer, frozenset([tokenizer.eos_token_id]))
    prompt = template.asked([{"role": "user", "content": QUESTIONS[3]}])
    written = model.generate(torch.tensor([prompt]), max_new_tokens=40, do_sample=False)[0]
    answer = written[len(prompt) :].tolist()
    assert answer[-1] == tokenizer.eos_token_id and len(answer) < 40
    assert template.answer(answer) == "نعم"


def test_the_record_accounts_for_all_records(calm: Path) -> None:
    record = read_json(calm / "tune.json")
    data = record["data"]
    assert data["read"] == len(QUESTIONS) == data["trained_on"] + data["held_out"]
    assert data["held_out"] == record["held_out"]["records"] > 0
    measured = record["held_out"]["nats_per_token"]
    assert measured["last"] < measured["first"]
    assert record["ends"] == ["<|end|>"] and record["template"] == TEMPLATE
    assert len(read_rows(calm / "curve.parquet")) == record["steps"]


@pytest.mark.slow
def test_killed_in_a_checkpoint_and_begun_again_it_ends_the_same(recipe: Path, calm: Path) -> None:
    out = recipe.parent / "killed"
    command = [sys.executable, "-c", _TRAIN_AND_DIE, str(recipe), str(out)]
    assert subprocess.run(command, capture_output=True).returncode == -signal.SIGKILL
    assert not (out / "tune.json").exists()
    tune(load_tune(recipe), out)
    assert results(out) == results(calm)


def test_other_records_do_not_go_on_with_it(recipe: Path, calm: Path, base: Path) -> None:
    (calm / "tune.json").rename(calm / "away")
    lines = (recipe.parent / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    (recipe.parent / "answers.jsonl").write_text("\n".join(lines[:-1]), encoding="utf-8")
    try:
        with pytest.raises(RecipeError, match="are others than when this training was begun"):
            tune(load_tune(recipe), calm)
    finally:
        (recipe.parent / "answers.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (calm / "away").rename(calm / "tune.json")


@pytest.mark.parametrize(
    ("template", "changes", "said"),
    [
        (
            TEMPLATE.replace("{{ message.content }}<|end|>", "{{ message.content }}\n"),
            {},
            r"end of the answer is outside the loss.* م$",
        ),
        (TEMPLATE, {"vocabulary": {"pad": "<|end|>"}}, r"padding is \d+ \('<\|end\|>'\), which"),
        (
            TEMPLATE.replace("<|assistant|>{% endif %}", "<|assistant|><think>{% endif %}"),
            {},
            r"gives another prompt in training than when",
        ),
        (
            TEMPLATE,
            {"training": {"context": 12}},
            r"cut inside the answer: 2 of its 5 tokens are left.*It ends:",
        ),
    ],
    ids=["end outside the loss", "padding is the end", "another template", "answer cut"],
)
def test_what_would_be_wasted_is_refused(
    template: str, changes: dict[str, Any], said: str, tmp_path: Path, base: Path
) -> None:
    (tmp_path / "chat.jinja").write_text(template, encoding="utf-8")
    path = write_recipe(tmp_path, base, template="chat.jinja", **changes)
    with pytest.raises(RecipeError, match=said) as raised:
        tune(load_tune(path), tmp_path / "out")
    assert "not trained: " in str(raised.value)
    assert not (tmp_path / "out" / "checkpoints").exists()


def test_models_and_settings_that_do_not_fit_are_refused(base: Path, tmp_path: Path) -> None:
    def refused(said: str, **changes: Any) -> None:
        path = write_recipe(tmp_path, changes.pop("model", base), **changes)
        with pytest.raises((DataError, RecipeError), match=said):
            tune(load_tune(path), tmp_path / "out")
        shutil.rmtree(tmp_path / "out")

    tokenizer = AutoTokenizer.from_pretrained(base)
    bert, short = tmp_path / "bert", tmp_path / "short"
    config = BertConfig(vocab_size=400, hidden_size=16, num_hidden_layers=1, num_attention_heads=2)
    BertForMaskedLM(config).save_pretrained(bert)
    tokenizer.save_pretrained(bert)
    refused("holds BertForMaskedLM, expected a causal language model", model=bert)
    AutoModelForCausalLM.from_pretrained(base).save_pretrained(short)
    tokenizer.add_tokens([f"<{number}>" for number in range(40)])
    tokenizer.save_pretrained(short)
    refused(r"embeddings, and the vocabulary \d+ tokens", model=short)
    refused(r"^model.path .*nothing: could not be opened", model=tmp_path / "nothing")
    refused("reads 128 tokens at most", training={"context": 4096})
    refused("its end token is '<none>', which it does not have", vocabulary={"end": "<none>"})
    (tmp_path / "chat.jinja").write_text("{{ bos_token }}\n{% for %}")
    refused(r"chat.jinja, line 2: is no chat template", template="chat.jinja")
    refused(
        r"no record is left to train on \(no record at all; 24 held out",
        held_out={"share": 0.9999999},
    )
    (tmp_path / "empty.jsonl").write_text("")
    refused(r"no record at all; 0 held out", data={"paths": ["empty.jsonl"]})


def test_a_base_model_gets_a_plain_template_and_padding(tmp_path: Path, base: Path) -> None:
    bare = tmp_path / "bare"
    AutoModelForCausalLM.from_pretrained(base).save_pretrained(bare)
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.chat_template, tokenizer.pad_token = None, None
    tokenizer.save_pretrained(bare)
    path = write_recipe(tmp_path, bare, training={"epochs": 1, "batch": 32, "micro_batch": 32})
    record = tune(load_tune(path), tmp_path / "out").record
    tuned = AutoTokenizer.from_pretrained(tmp_path / "out")
    assert tuned.chat_template == PLAIN == record["template"]
    assert tuned.pad_token == "<|pad|>" and tuned.pad_token_id not in {tuned.eos_token_id, None}
    assert AutoModelForCausalLM.from_pretrained(tmp_path / "out").vocab_size == len(tuned)


def test_records_are_dropped_by_reason(tmp_path: Path, base: Path) -> None:
    path = write_recipe(tmp_path, base)
    odd: list[Any] = [
        {"instruction": "سؤال", "response": "<|end|>"},
        {"instruction": "سؤال", "response": " "},
        {"instruction": "سؤال"},
        {"messages": [{"role": "assistant", "content": "نعم"}]},
        {"messages": [{"role": "tool", "content": "نعم"}]},
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in odd)
    (tmp_path / "answers.jsonl").write_text(lines + "{\n", encoding="utf-8")
    with pytest.raises(DataError, match="no record is left to train on") as raised:
        tune(load_tune(path), tmp_path / "out")
    for reason in ("spells_a_mark", "empty", "2 no_conversation", "no_question_and_answer"):
        assert reason in str(raised.value)


def test_each_epoch_has_every_lesson_once() -> None:
    numbers = order_of(7, 3, 4, seed=1)
    assert len(numbers) == 24
    assert all(sorted(numbers[at : at + 7]) == list(range(7)) for at in (0, 7, 14))
    assert numbers[:7] != numbers[7:14] and numbers == order_of(7, 3, 4, seed=1)


@pytest.fixture(scope="module")
def preferred(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model tuned by DPO."""
    folder = tmp_path_factory.mktemp("pairs")
    path = write_recipe(
        folder, base, method="dpo", data={"paths": ["pairs.jsonl"]}, references="references"
    )
    tune(load_tune(path), folder / "out")
    return folder


def test_references_are_kept_and_are_what_the_base_says(preferred: Path, base: Path) -> None:
    files = sorted((preferred / "references").rglob("*.parquet"))
    kept = {row["sample"]: row["log_likelihood"] for file in files for row in read_rows(file)}
    assert len(kept) == 2 * len(QUESTIONS)
    tokenizer = AutoTokenizer.from_pretrained(base)
    template = Template(tokenizer, frozenset([tokenizer.eos_token_id]))
    said = [{"role": "user", "content": QUESTIONS[0]}, {"role": "assistant", "content": "نعم"}]
    sample = template.sample(said)
    model = AutoModelForCausalLM.from_pretrained(base).eval()
    with torch.no_grad():
        logits = model(torch.tensor([sample.input_ids])).logits[0].log_softmax(-1)
    places = range(len(sample.input_ids) - len(sample.learned) - 1, len(sample.input_ids) - 1)
    own = sum(float(logits[at, token]) for at, token in zip(places, sample.learned, strict=True))
    (found,) = log_likelihoods(model, [sample])
    assert found == pytest.approx(own, abs=1e-4)
    assert found in kept.values()
    first = read_rows(preferred / "out" / "curve.parquet")[0]["loss"]
    assert first == pytest.approx(0.6931, abs=1e-3)  # policy and reference are still the same
    before = {file: file.stat().st_mtime_ns for file in files}
    path = preferred / "recipe.yaml"
    tune(load_tune(path), preferred / "again")
    after = sorted((preferred / "references").rglob("*.parquet"))
    assert {file: file.stat().st_mtime_ns for file in after} == before
    assert results(preferred / "again") == results(preferred / "out")


def test_the_better_answer_gains(preferred: Path) -> None:
    held_out = read_json(preferred / "out" / "tune.json")["held_out"]
    assert held_out["loss"]["first"] == pytest.approx(0.6931, abs=1e-4)
    assert held_out["loss"]["last"] < held_out["loss"]["first"]
    assert held_out["chosen_gained_more"]["share"] == 1


def test_adapters_are_trained_and_put_into_the_weights(tmp_path: Path, base: Path) -> None:
    from peft import PeftModel

    path = write_recipe(tmp_path, base, lora={"rank": 4}, method="sft")
    record = tune(load_tune(path), tmp_path / "out").record
    measured = record["held_out"]["nats_per_token"]
    assert measured["last"] < measured["first"]
    merged = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    before = AutoModelForCausalLM.from_pretrained(base)
    adapted = PeftModel.from_pretrained(before, tmp_path / "out" / "adapter")
    some = torch.tensor([[5, 6, 7, 8]])
    with torch.no_grad():
        found, expected = merged(some).logits, adapted(some).logits
        with adapted.disable_adapter():
            without = adapted(some).logits
    assert torch.allclose(found, expected, atol=1e-4)
    assert not torch.allclose(found, without, atol=1e-2)


def test_conversations_of_people_become_samples(base: Path, shared_data: Path) -> None:
    """Dialogues of hh-rlhf: two answers to one question, several turns before it."""
    place = str(shared_data / "hh_rlhf_harmless" / "harmless_base_test.jsonl.gz")
    dropped: Counter[str] = Counter()
    found = read_examples(find_sources([place]), Conversations(paths=(place,)), "dpo", dropped)
    some = list(islice(found, 200))
    assert len(some) == 200 and sum(dropped.values()) < 20
    tokenizer = AutoTokenizer.from_pretrained(base)
    template = Template(tokenizer, frozenset([tokenizer.eos_token_id]))
    for example in some:
        assert example.asked[-1]["role"] == "user" and example.answers[0] != example.answers[1]
        sample = template.sample(example.conversation(1))
        assert template.answer(sample.learned) == example.answers[1]
        prompt = list(sample.input_ids[: -len(sample.learned)])
        assert prompt == template.asked(example.asked)
