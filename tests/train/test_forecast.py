"""What a training will take, held against models that are made and against what is kept of them."""

import socket
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
import yaml
from transformers import AutoModelForCausalLM, LlamaConfig
from typer.testing import CliRunner

from tahdhib.cli.main import app
from tahdhib.config.load import load_pretrain
from tahdhib.config.pretrain import Dimensions
from tahdhib.errors import DataError, RecipeError
from tahdhib.train.forecast import (
    by_gpus,
    forecast,
    kept_per_token,
    operations_per_token,
    parameters,
)
from tahdhib.train.sizes import SHAPES

RECIPES = Path(__file__).parents[2] / "recipes"
LLAMA3 = RECIPES / "native" / "llama3-8b.yaml"
SMALL = Dimensions(hidden=64, layers=2, heads=4, kv_heads=2, inner=96, vocabulary=300)
CONTEXT = 32


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a connection fails."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def model_of(shape: Dimensions) -> Any:
    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        intermediate_size=shape.inner,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=shape.tied,
    )
    return AutoModelForCausalLM.from_config(config)


@pytest.mark.parametrize("tied", [False, True])
def test_parameters_are_those_of_the_model(tied: bool) -> None:
    shape = SMALL.model_copy(update={"tied": tied})
    assert parameters(shape) == model_of(shape).num_parameters()


def test_sizes_by_name_and_the_paper_s_models_are_counted_right() -> None:
    demo = load_pretrain(RECIPES / "pretrain" / "demo.yaml")
    shape = forecast(demo).shape
    assert shape and parameters(shape) == SHAPES["toy"].parameters(SHAPES["toy"].vocabulary)
    llama = forecast(load_pretrain(LLAMA3)).shape
    assert llama and parameters(llama) == 8_030_261_248  # as its hub counts


def kept(layers: int) -> int:
    """Bytes that autograd keeps of a forward pass, weights not counted."""
    model = model_of(SMALL.model_copy(update={"layers": layers}))
    weights = {one.untyped_storage().data_ptr() for one in model.parameters()}
    found: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        place = tensor.untyped_storage().data_ptr()
        if place not in weights:
            found[place] = tensor  # held, so that its place is not given away
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(input_ids=torch.zeros(1, CONTEXT, dtype=torch.long), use_cache=False)
    return sum(one.untyped_storage().nbytes() for one in found.values())


def test_what_a_layer_keeps_is_what_autograd_keeps() -> None:
    measured = (kept(3) - kept(1)) / 2 / CONTEXT
    assert kept_per_token(SMALL, computed=4) == pytest.approx(measured, rel=0.02)


def test_operations_are_those_that_torch_counts() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    model = model_of(SMALL)
    model.set_attn_implementation("eager")  # whose products the counter sees
    with FlopCounterMode(display=False) as counter:
        out = model(input_ids=torch.zeros(1, CONTEXT, dtype=torch.long), use_cache=False)
        out.logits.sum().backward()
    counted = counter.get_total_flops() / CONTEXT
    norms = 6 * (2 * SMALL.layers * SMALL.hidden)  # counted by us as if they were products
    assert operations_per_token(SMALL, CONTEXT) - norms == counted


def test_the_paper_s_main_run(unreachable: None) -> None:
    recipe = load_pretrain(LLAMA3)
    found = forecast(recipe)
    assert not found.unknown and found.tokens and found.operations
    conventional, native = found.stretches or ()
    assert sum(conventional.tokens.values()) == pytest.approx(100e9, rel=1e-3)
    assert native.tokens == {"native": pytest.approx(10e9, rel=1e-3)}
    needs = by_gpus(found.operations, recipe)
    assert needs["gpu_hours"] == pytest.approx(found.operations / (989e12 * 0.4 * 3600))
    assert needs["hours"] * 64 == pytest.approx(needs["gpu_hours"])
    assert found.memory and found.memory.total < 80 * 2**30
    assert found.tokens_disk == pytest.approx(4 * 112e9)  # 128,256 tokens need four bytes


def test_weights_are_shared_out_only_where_they_are_sharded() -> None:
    sharded, whole = (
        forecast(load_pretrain(LLAMA3, [f"training.fsdp={one}"])).memory for one in (True, False)
    )
    assert sharded and whole
    assert whole.states == 64 * sharded.states == 16 * 8_030_261_248


@pytest.mark.parametrize("name", ["refinedweb-0.5b", "llama3-8b"])
def test_a_dry_run_says_it_all(name: str, unreachable: None) -> None:
    path = RECIPES / "native" / f"{name}.yaml"
    done = CliRunner().invoke(app, ["pretrain", "-c", str(path), "--dry-run"])
    assert done.exit_code == 0, done.output
    for word in ("parameters", "steps of", "operations", "GPU hours", "memory", "disk for tokens"):
        assert word in done.output
    assert "not here yet" in done.output and "unknown" not in done.output


def test_what_is_not_known_is_said(unreachable: None) -> None:
    told = ["forecast={}", "phases=[{name: all, mix: {native: {}}}]"]
    found = forecast(load_pretrain(LLAMA3, told))
    assert (found.shape, found.tokens, found.operations, found.memory) == (None,) * 4
    text = " ".join(found.unknown)
    assert "it is not here, and no hub is asked. State them under forecast.shape" in text
    assert "the steps of phase 'all'" in text and "the disk for tokens" in text
    done = CliRunner().invoke(
        app, ["pretrain", "-c", str(LLAMA3), "--dry-run", *(f"--set={one}" for one in told)]
    )
    assert done.exit_code == 0 and done.output.count("unknown: ") == 3


def test_a_base_model_s_folder_tells_its_dimensions(tmp_path: Path) -> None:
    model_of(SMALL).config.save_pretrained(tmp_path)
    settings = [f"model.path={tmp_path}", "forecast.shape=null"]
    assert forecast(load_pretrain(LLAMA3, settings)).shape == SMALL
    (tmp_path / "config.json").write_text('{"n_embd": 64}')
    assert "has no hidden_size" in " ".join(forecast(load_pretrain(LLAMA3, settings)).unknown)
    (tmp_path / "config.json").write_text("[")
    with pytest.raises(DataError, match=r"is no config\.json"):
        forecast(load_pretrain(LLAMA3, settings))


def test_more_than_there_is_cannot_be_read() -> None:
    with pytest.raises(RecipeError, match="allow more repeats"):
        forecast(load_pretrain(LLAMA3, ["forecast.tokens.native=1.0e+9"]))
    with pytest.raises(RecipeError, match=r"forecast\.tokens names 'nativ', which is none"):
        load_pretrain(LLAMA3, ["forecast.tokens={nativ: 1.0e+9}"])


def test_what_lies_here_is_told_by_its_size(tmp_path: Path) -> None:
    (tmp_path / "raw.jsonl").write_text('{"text": "نص"}\n' * 10)
    recipe = {
        "corpora": {"raw": {"paths": ["raw.jsonl"]}, "far": {"paths": ["hf://datasets/a/b/c"]}},
        "phases": [{"name": "raw", "mix": {"raw": {}}, "steps": 2}],
    }
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    found = forecast(load_pretrain(tmp_path / "recipe.yaml"))
    assert found.corpora["raw"].startswith("1 files") and "far away" in found.corpora["far"]


def test_a_training_needs_a_folder() -> None:
    done = CliRunner().invoke(app, ["pretrain", "-c", str(LLAMA3)])
    assert done.exit_code == 2 and "--out" in done.output
