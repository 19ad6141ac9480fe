"""Two processes over gloo against one: the same steps, with unequal numbers of labels in them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from tahdhib.config.load import load_pretrain
from tahdhib.store.shards import read_json, read_rows
from tahdhib.train.fit import Samples
from tahdhib.train.order import Order, Part, Phase
from tahdhib.train.pretrain import pretrain
from tahdhib.train.tokens import TokenCorpus
from tests.train.test_pretrain import write_recipe

pytestmark = pytest.mark.slow  # each pair of processes takes half a minute

MICRO, BATCH = 2, 8


_DIE_IN_THE_SECOND_CHECKPOINT = """
import os, signal
from transformers import Trainer
from tahdhib.cli.main import main

save, saved = Trainer._save_rng_state, []

def save_no_more(self, folder):
    saved.append(folder)
    if len(saved) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    save(self, folder)

Trainer._save_rng_state = save_no_more
main()
"""


def trained(
    folder: Path, processes: int, steps: int, precision: str, *, sharded: bool = False
) -> Path:
    """A model of `processes` processes, each of which accumulates gradients."""
    recipe = write_recipe(
        folder,
        phases=[{"name": "raw", "mix": {"raw": {"repeats": 3}}, "steps": steps}],
        training={
            "batch": BATCH,
            "micro_batch": MICRO,
            "precision": precision,
            "documents_apart": True,
            "save_every": 1000,
            "fsdp": sharded,
        },
        held_out={"every": None},
        tokens=str(folder / "tokens"),
    )
    out = folder / f"{processes}-{precision}{'-sharded' if sharded else ''}"
    if processes == 1:
        return pretrain(load_pretrain(recipe), out).folder
    assert started(processes, ["-m", "tahdhib.cli.main"], recipe, out) == 0
    return out


def started(processes: int, program: list[str], recipe: Path, out: Path, *options: str) -> int:
    """The exit code of a training in so many processes."""
    run = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    command = ["pretrain", "-c", str(recipe), "--out", str(out), *options]
    done = subprocess.run(
        [sys.executable, *run, *program, *command], env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    return done.returncode


def curve(folder: Path) -> list[float]:
    return [row["loss"] for row in read_rows(folder / "curve.parquet")]


def labels_by_process(folder: Path, model: Path, step: int) -> list[int]:
    corpus = TokenCorpus(folder / "tokens" / read_json(model / "corpora.json")["raw"], 32)
    order = Order((Phase("raw", (Part("raw", len(corpus), repeats=3),), 20),), BATCH, 17)
    samples = Samples({"raw": corpus}, order, documents_apart=True)
    counts = [0, 0]
    for place in range(BATCH):
        labels: Any = samples[step * BATCH + place]["labels"]
        counts[place // MICRO % 2] += int((labels[1:] != -100).sum())
    return counts


def test_twenty_steps_in_fp64_end_with_the_same_weights(tmp_path: Path) -> None:
    one, two = (trained(tmp_path, processes, 20, "fp64") for processes in (1, 2))
    counts = [labels_by_process(tmp_path, one, step) for step in range(20)]
    assert sum(mine != other for mine, other in counts) > 10
    before, after = (load_file(model / "model.safetensors") for model in (one, two))
    assert before.keys() == after.keys()
    for name, weights in before.items():
        assert (weights - after[name]).abs().max().item() < 1e-8
    assert curve(two) == pytest.approx(curve(one), rel=1e-6)  # which the trainer keeps in fp32


def test_a_hundred_steps_in_fp32_have_the_same_losses(tmp_path: Path) -> None:
    one, two = (curve(trained(tmp_path, processes, 100, "fp32")) for processes in (1, 2))
    assert len(one) == len(two) == 100
    assert one[-1] < one[0]
    assert two == pytest.approx(one, rel=1e-3)


def test_two_processes_that_share_the_weights_out_end_with_the_same(tmp_path: Path) -> None:
    one, two = trained(tmp_path, 1, 20, "fp64"), trained(tmp_path, 2, 20, "fp64", sharded=True)
    last = two / "checkpoints" / "checkpoint-20"
    assert (last / "pytorch_model_fsdp.bin").exists()  # which only a sharded model writes
    before, after = (load_file(model / "model.safetensors") for model in (one, two))
    assert before.keys() == after.keys()
    for name, weights in before.items():
        assert (weights - after[name]).abs().max().item() < 1e-8
    opened = AutoModelForCausalLM.from_pretrained(two).state_dict()
    assert all(torch.equal(opened[name], weights) for name, weights in after.items())


def test_shared_out_killed_in_a_checkpoint_and_reopened_it_ends_the_same(tmp_path: Path) -> None:
    calm = trained(tmp_path, 2, 12, "fp32", sharded=True)
    killed, die = tmp_path / "killed", tmp_path / "die.py"
    die.write_text(_DIE_IN_THE_SECOND_CHECKPOINT)
    often = ["--set", "training.save_every=4"]
    assert started(2, [str(die)], tmp_path / "recipe.yaml", killed, *often) != 0
    assert not (killed / "checkpoints" / "checkpoint-8" / "whole.json").exists()
    program = ["-m", "tahdhib.cli.main"]
    assert started(2, program, tmp_path / "recipe.yaml", killed, *often) == 0
    for name in ("model.safetensors", "curve.parquet", "bits.parquet"):
        assert (killed / name).read_bytes() == (calm / name).read_bytes(), name
