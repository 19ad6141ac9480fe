"""Two processes over gloo against one: the same steps, with unequal numbers of labels in them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from tahdhib.config.load import load_pretrain
from tahdhib.store.shards import read_json, read_rows
from tahdhib.train.fit import Samples
from tahdhib.train.order import Order, Part, Phase
from tahdhib.train.pretrain import pretrain
from tahdhib.train.tokens import TokenCorpus
from tests.train.test_pretrain import write_recipe

pytestmark = pytest.mark.slow  # each pair of processes takes half a minute

MICRO, BATCH = 2, 8


def trained(folder: Path, processes: int, steps: int, precision: str) -> Path:
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
        },
        held_out={"every": None},
        tokens=str(folder / "tokens"),
    )
    out = folder / f"{processes}-{precision}"
    if processes == 1:
        return pretrain(load_pretrain(recipe), out).folder
    run = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    command = ["-m", "tahdhib.cli.main", "pretrain", "-c", str(recipe), "--out", str(out)]
    subprocess.run(
        [sys.executable, *run, *command], check=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    return out


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
