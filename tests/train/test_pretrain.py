"""Pre-training on the demo's real texts: what comes out, what a kill costs, what is refused."""

import gzip
import json
import math
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
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
    GPT2Config,
    GPT2LMHeadModel,
)
from typer.testing import CliRunner

from tahdhib.cli.main import app, main
from tahdhib.config.load import load_pretrain
from tahdhib.errors import DataError, RecipeError, TahdhibError
from tahdhib.store.shards import TEMPORARY, read_json, read_rows, write_json
from tahdhib.train.bits import Measured, bits_of
from tahdhib.train.fit import Samples
from tahdhib.train.folder import settle
from tahdhib.train.order import Order, Part, Phase
from tahdhib.train.pretrain import Pretrained, pretrain
from tahdhib.train.sizes import SHAPES
from tahdhib.train.split import Split
from tahdhib.train.tokens import TokenCorpus, train_tokenizer

DEMO = Path(__file__).parents[2] / "src" / "tahdhib" / "demo" / "data"
STEPS, SAVED_EVERY, RECORDS = 12, 4, 500
RESULTS = (
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "recipe.yaml",
    "corpora.json",
    "heldout.parquet",
    "curve.parquet",
    "bits.parquet",
    "pretrain.json",
)

_TRAIN_AND_DIE = """
import os, signal, sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from transformers import Trainer
from tahdhib import verbs

recipe, out, number = sys.argv[1:]
save, saved = Trainer._save_rng_state, []

def save_no_more(self, folder):
    saved.append(folder)
    if len(saved) == int(number):
        os.kill(os.getpid(), signal.SIGKILL)
    save(self, folder)

Trainer._save_rng_state = save_no_more
verbs.pretrain(recipe, out)
"""


def recipe_of(**changes: Any) -> dict[str, Any]:
    """A training of a few seconds: raw text, then the other half of the demo with replay."""
    tree: dict[str, Any] = {
        "corpora": {
            "raw": {"paths": ["raw-00.jsonl"]},
            "native": {"paths": ["raw-01.jsonl"]},
            "clean": {"paths": ["planted.jsonl"], "text": "clean"},
        },
        "phases": [
            {"name": "raw", "mix": {"raw": {}}, "steps": 7},
            {"name": "native", "mix": {"native": {"weight": 3}, "raw": {}}, "steps": STEPS - 7},
        ],
        "vocabulary": {"size": 400},
        "held_out": {"share": 0.05, "documents": 8, "every": 5},
        "training": {
            "context": 32,
            "batch": 4,
            "micro_batch": 2,
            "warmup": 2,
            "save_every": SAVED_EVERY,
        },
    }
    for name, value in changes.items():
        tree[name] = {**tree[name], **value} if isinstance(value, dict) else value
    return tree


def write_recipe(folder: Path, **changes: Any) -> Path:
    """The recipe in `folder`, with the start of each of the demo's files beside it."""
    for name in ("raw-00", "raw-01", "planted"):
        with gzip.open(DEMO / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            text = "".join(islice(lines, RECORDS))
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe_of(**changes), allow_unicode=True), encoding="utf-8")
    return path


def readable(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in RESULTS}


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pretrain")
    return write_recipe(folder, tokens=str(folder / "tokens"))


@pytest.fixture(scope="module")
def calm(recipe: Path) -> Path:
    """A training that nobody disturbed."""
    return pretrain(load_pretrain(recipe), recipe.parent / "calm").folder


def test_a_model_comes_out_that_transformers_opens(calm: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(calm)
    tokenizer = AutoTokenizer.from_pretrained(calm)
    assert model.num_parameters() < 1_000_000
    assert len(tokenizer) == model.config.vocab_size == 400
    asked = tokenizer("في القاهرة", return_tensors="pt")
    answer = model.generate(**asked, max_new_tokens=3, do_sample=False, pad_token_id=0)
    assert answer.shape[1] > asked["input_ids"].shape[1]


def test_the_record_says_what_it_was_made_of(calm: Path) -> None:
    record = read_json(calm / "pretrain.json")
    curve = read_rows(calm / "curve.parquet")
    assert [row["step"] for row in curve] == list(range(1, STEPS + 1))
    assert record["loss"] == {"first": curve[0]["loss"], "last": curve[-1]["loss"]}
    assert curve[-1]["loss"] < curve[0]["loss"]
    bits = read_rows(calm / "bits.parquet")
    assert {row["step"] for row in bits} == {0, 5, 7, 10, STEPS}
    assert {row["corpus"] for row in bits} == {"raw", "native", "clean"}
    before, after = (
        sum(row["bits_per_byte"] for row in bits if row["step"] == step) for step in (0, STEPS)
    )
    assert after < before
    assert record["tokens"] == STEPS * 4 * 32
    assert record["parameters"] == SHAPES["toy"].parameters(400)
    for corpus in ("raw", "native"):
        found = record["corpora"][corpus]
        assert found["read"] == found["documents"] + sum(found["dropped"].values())
        assert found["dropped"]["held_out"] == record["held_out"]["documents"][corpus] > 10
        assert found["longer_than_context"] > 100


def test_what_is_held_out_can_be_told_by_its_id(calm: Path, recipe: Path) -> None:
    rows = read_rows(calm / "heldout.parquet")
    with (recipe.parent / "raw-00.jsonl").open(encoding="utf-8") as lines:
        ids = [str(record["id"]) for record in map(readable, lines) if "id" in record]
    hashes = {Split().hash_of({"id": name}, "") for name in ids}
    split = Split(0.05)
    named = {row["hash"] for row in rows if row["corpus"] == "raw"}
    assert named
    assert named <= {one for one in hashes if split.holds_out(one)}
    assert all(split.holds_out(row["hash"]) for row in rows if row["corpus"] == "native")
    measured = [row for row in rows if row["corpus"] == "raw" and row["text"] is not None]
    assert len(measured) == 8
    assert max(row["hash"] for row in measured) == sorted(named)[7]
    tokens = read_json(calm / "corpora.json")
    assert set(tokens) == {"raw", "native"}  # what no phase names is only measured


def test_killed_in_a_checkpoint_and_begun_again_it_ends_the_same(recipe: Path, calm: Path) -> None:
    killed = recipe.parent / "killed"
    command = [sys.executable, "-c", _TRAIN_AND_DIE, str(recipe), str(killed), "2"]
    assert subprocess.run(command).returncode == -signal.SIGKILL
    checkpoints = killed / "checkpoints"
    assert {path.name for path in checkpoints.iterdir()} == {"checkpoint-4", "checkpoint-8"}
    assert not (checkpoints / "checkpoint-8" / "whole.json").exists()
    settings = ["training.loaders=2", "training.save_every=5"]
    source = recipe.parent / "raw-00.jsonl"
    text = source.read_bytes()
    source.write_bytes(text[: len(text) // 2])  # what came in is not read again
    pretrain(load_pretrain(recipe, settings), killed)
    source.write_bytes(text)
    assert results(killed) == results(calm)


def test_killed_before_the_record_it_is_only_written_again(recipe: Path, calm: Path) -> None:
    again = recipe.parent / "again"
    shutil.copytree(calm, again)
    for name in ("pretrain.json", "curve.parquet", "model.safetensors"):
        (again / name).unlink()
    pretrain(load_pretrain(recipe), again)
    assert results(again) == results(calm)


def test_another_recipe_does_not_go_on_with_it(recipe: Path, calm: Path) -> None:
    with pytest.raises(RecipeError, match=r"begun with seed = 17, and now it is 18"):
        pretrain(load_pretrain(recipe, ["seed=18"]), calm)
    with pytest.raises(RecipeError, match="holds something, and no training"):
        pretrain(load_pretrain(recipe), recipe.parent / "tokens")


def test_a_folder_left_while_its_recipe_was_written_is_begun(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "left"
    out.mkdir()
    (out / f"{TEMPORARY}1-recipe.yaml").write_text("seed:")
    settle(load_pretrain(recipe), out, ())
    assert (out / "recipe.yaml").exists()


def test_tokens_that_are_gone_are_not_packed_anew(recipe: Path, calm: Path, tmp_path: Path) -> None:
    for name in ("recipe.yaml", "heldout.parquet", "corpora.json"):
        shutil.copy(calm / name, tmp_path / name)
    names = read_json(calm / "corpora.json")
    write_json(tmp_path / "corpora.json", {**names, "raw": "0123456789abcdef"})
    with pytest.raises(DataError, match=r"0123456789abcdef: the tokens of 'raw' .* are gone"):
        pretrain(load_pretrain(recipe), tmp_path)


def test_a_full_disk_is_said_in_a_sentence_and_costs_no_checkpoint(
    recipe: Path, calm: Path
) -> None:
    short = recipe.parent / "short"
    size = (calm / "model.safetensors").stat().st_size
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    changed = load_pretrain(recipe, ["model.size=toy"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 1000, unlimited[1]))
    try:
        with pytest.raises(DataError, match="could not be written"):
            pretrain(changed, short)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    pretrain(changed, short)
    assert results(short) == results(calm)


def test_documents_apart_see_nothing_of_each_other(calm: Path, recipe: Path) -> None:
    packed = recipe.parent / "tokens" / read_json(calm / "corpora.json")["raw"]
    corpus = TokenCorpus(packed, 64)
    order = Order((Phase("raw", (Part("raw", len(corpus)),), 20),), 8, 17)
    samples = Samples({"raw": corpus}, order, documents_apart=True)
    found = next(
        one
        for one in (samples[number] for number in range(len(samples)))
        if (one["position_ids"][1:] == 0).any()
    )
    begins = (found["position_ids"] == 0).nonzero().flatten().tolist()
    assert len(begins) > 1
    assert (found["labels"][begins] == -100).all()
    model = AutoModelForCausalLM.from_pretrained(calm).eval()
    last = begins[-1]
    with torch.no_grad():
        whole = model(
            input_ids=found["input_ids"][None],
            position_ids=found["position_ids"][None],
            use_cache=False,
        ).logits[0, last:]
        alone = model(input_ids=found["input_ids"][None, last:]).logits[0]
    assert torch.allclose(whole, alone, atol=1e-4)


def test_bits_are_what_the_models_own_loss_says(calm: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(calm).eval()
    tokenizer = AutoTokenizer.from_pretrained(calm)
    texts = ["السلام عليكم", "كان يا ما كان في قديم الزمان " * 4]
    documents = [
        Measured("raw", "some", tuple(tokenizer(text)["input_ids"]), len(text.encode()))
        for text in texts
    ]
    context = 16
    expected = 0.0
    for document in documents:
        whole = [tokenizer.eos_token_id, *document.tokens]
        for start in range(0, len(document.tokens), context):
            stretch = torch.tensor([whole[start : start + context + 1]])
            with torch.no_grad():
                mean = model(input_ids=stretch, labels=stretch).loss.item()
            expected += mean * (stretch.shape[1] - 1) / math.log(2)
    (found,) = bits_of(model, documents, before=[tokenizer.eos_token_id], context=context)
    assert found.documents == 2
    assert found.bits == pytest.approx(expected, rel=1e-5)
    assert found.per_byte == pytest.approx(expected / sum(one.bytes for one in documents))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"phases": [{"name": "raw", "mix": {"rw": {}}}]}, "which is none of the corpora"),
        ({"training": {"contxt": 8}}, "Did you mean 'context'"),
        ({"model": {"size": "tiny"}}, "From scratch: `toy`"),
        ({"corpora": {"raw": {}}}, "corpora.raw.paths: is missing"),
    ],
)
def test_what_a_recipe_cannot_say(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    tree = recipe_of()
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump({**tree, **changes}), encoding="utf-8")
    done = CliRunner().invoke(app, ["pretrain", "-c", str(path), "--out", str(tmp_path / "out")])
    assert done.exit_code == 1  # the entry point makes 2 of it
    assert isinstance(done.exception, RecipeError)
    assert said in str(done.exception)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("corpora.clean.text=text", "nothing can be measured on it"),
        ("corpora.raw.text=txt", "none of .* records holds text in the field 'txt'"),
        ("training.batch=5", "Make it a multiple"),
        ("training.fsdp=true", "this is the only one. Start several with torchrun"),
        ("training.context=10000000", "less than one window"),
        ("phases=[{name: raw, mix: {raw: {}}, steps: 100000}]", "allow more repeats"),
        ("vocabulary.path=nowhere", "could not be opened|no such file"),
    ],
)
def test_what_cannot_be_trained_is_said_in_a_sentence(
    setting: str, said: str, recipe: Path, calm: Path, tmp_path: Path
) -> None:
    with pytest.raises((DataError, RecipeError), match=said):
        pretrain(load_pretrain(recipe, [setting]), tmp_path / "out")


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_the_same(recipe: Path, calm: Path) -> None:
    killed = recipe.parent / "often"
    drawn = random.Random(17)
    command = [sys.executable, "-m", "tahdhib.cli.main", "pretrain", "-c", str(recipe)]
    command += ["--out", str(killed)]
    kills, code = 0, -signal.SIGKILL
    while kills < 12 and code == -signal.SIGKILL:
        before = set(killed.rglob("*"))
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while set(killed.rglob("*")) == before and process.poll() is None:
            time.sleep(0.05)  # soon after something new is there, however quick the machine
        time.sleep(drawn.uniform(0, 0.3))
        process.kill()
        code = process.wait()
        kills += code == -signal.SIGKILL
    if code:  # a busy machine may reach no further checkpoint between two kills
        assert code == -signal.SIGKILL
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    assert kills > 2
    assert results(killed) == results(calm)


@pytest.fixture
def onward(recipe: Path, calm: Path) -> Callable[..., Pretrained]:
    """Go on with a model for two steps."""

    def train(model: Path, out: Path, *settings: str) -> Pretrained:
        short = "phases=[{name: more, mix: {native: {}}, steps: 2}]"
        changed = load_pretrain(recipe, [f"model.path={model}", short, *settings])
        return pretrain(changed, out)

    return train


def test_a_model_is_gone_on_with(
    onward: Callable[..., Pretrained], calm: Path, tmp_path: Path
) -> None:
    found = onward(calm, tmp_path / "more", "training.learning_rate=1e-9", "training.warmup=0")
    before = {
        (row["corpus"], row["group"]): row["bits_per_byte"]
        for row in read_json(calm / "pretrain.json")["bits_per_byte"]
    }
    for row in read_rows(found.folder / "bits.parquet"):
        assert row["bits_per_byte"] == pytest.approx(before[row["corpus"], row["group"]], rel=1e-5)
    assert (found.folder / "tokenizer.json").read_bytes() == (calm / "tokenizer.json").read_bytes()


@pytest.mark.slow  # two more trainings
def test_a_model_with_dropout_that_is_killed_ends_the_same(
    recipe: Path, calm: Path, tmp_path: Path
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(calm)
    config = GPT2Config(vocab_size=400, n_positions=32, n_embd=16, n_layer=1, n_head=2)
    GPT2LMHeadModel(config).save_pretrained(tmp_path / "gpt2")
    tokenizer.save_pretrained(tmp_path / "gpt2")
    changed = load_pretrain(recipe, [f"model.path={tmp_path / 'gpt2'}"])
    whole, stopped = (pretrain(changed, tmp_path / name).folder for name in ("whole", "stopped"))
    shutil.rmtree(stopped / "checkpoints" / f"checkpoint-{STEPS}")
    (stopped / "pretrain.json").unlink()
    pretrain(changed, stopped)
    assert results(stopped) == results(whole)


def test_models_that_do_not_fit_are_refused(
    onward: Callable[..., Pretrained], calm: Path, tmp_path: Path
) -> None:
    AutoTokenizer.from_pretrained(calm).save_pretrained(tmp_path / "bert")
    config = BertConfig(vocab_size=400, hidden_size=16, num_hidden_layers=1, num_attention_heads=2)
    BertForMaskedLM(config).save_pretrained(tmp_path / "bert")
    with pytest.raises(RecipeError, match="holds BertForMaskedLM, expected a causal"):
        onward(tmp_path / "bert", tmp_path / "one")
    shutil.copytree(calm, tmp_path / "wider", ignore=shutil.ignore_patterns("checkpoints"))
    config_json = read_json(calm / "config.json")
    write_json(tmp_path / "wider" / "config.json", {**config_json, "hidden_size": 48})
    with pytest.raises(TahdhibError, match=r"another shape|could not be opened"):
        onward(tmp_path / "wider", tmp_path / "two")
    write_json(tmp_path / "wider" / "config.json", {**config_json, "num_hidden_layers": 5})
    with pytest.raises(RecipeError, match="weights are missing"):
        onward(tmp_path / "wider", tmp_path / "three")
    with pytest.raises(RecipeError, match="reads 32 tokens at most"):
        onward(calm, tmp_path / "four", "training.context=64")
    with pytest.raises(DataError, match=r"^model.path .*nothing: could not be opened"):
        onward(tmp_path / "nothing", tmp_path / "five")
    write_json(tmp_path / "wider" / "config.json", config_json)
    weights = tmp_path / "wider" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(DataError, match=r"^model.path .*wider: could not be opened"):
        onward(tmp_path / "wider", tmp_path / "six")


@pytest.mark.parametrize("content", ["", "{\n", '{"text": null}\n{"text": " "}\n{"txt": "نص"}\n'])
def test_a_corpus_without_text_is_named(content: str, tmp_path: Path) -> None:
    path = write_recipe(tmp_path)
    for name in ("raw-00", "raw-01"):
        (tmp_path / f"{name}.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"raw-01.jsonl: no text to train a vocabulary on; read"):
        pretrain(load_pretrain(path), tmp_path / "out")


def test_exit_code_2_and_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_recipe(tmp_path)
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(
        sys, "argv", ["tahdhib", "pretrain", "-c", str(path), "--out", str(tmp_path / "file")]
    )
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr().err
    assert left.value.code == 2
    assert said.count("\n") == 1 and "file: is a file, and a model needs a folder" in said


def test_another_vocabulary_is_refused(
    onward: Callable[..., Pretrained], calm: Path, tmp_path: Path
) -> None:
    other = tmp_path / "tokenizer.json"
    train_tokenizer(["كلمات أخرى تماما " * 9, "other words " * 9], 300).save(str(other))
    with pytest.raises(RecipeError, match="have another number in it or none"):
        onward(calm, tmp_path / "one", f"vocabulary.path={other}")
    with pytest.raises(RecipeError, match="which it does not have"):
        onward(calm, tmp_path / "two", "vocabulary.end=</s>")


@pytest.mark.slow  # compiling takes a minute
@pytest.mark.parametrize("setting", ["precision=bf16", "compile=true"])
def test_half_precision_and_compiling_train_the_same_model(
    setting: str, recipe: Path, calm: Path, tmp_path: Path
) -> None:
    found = pretrain(load_pretrain(recipe, [f"training.{setting}"]), tmp_path / "out")
    before, after = (read_rows(one / "curve.parquet") for one in (calm, found.folder))
    assert [row["loss"] for row in after] == pytest.approx(
        [row["loss"] for row in before], rel=0.01
    )
    model = AutoModelForCausalLM.from_pretrained(found.folder)
    assert model.dtype == torch.float32
    weights = dict(model.named_parameters())
    for name, expected in AutoModelForCausalLM.from_pretrained(calm).named_parameters():
        assert torch.allclose(weights[name], expected, atol=0.02)
