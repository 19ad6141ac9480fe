"""A run of the demo's documents, up to a worker that learned from the rules."""

from pathlib import Path

import pytest

import tahdhib
from tests.run.small import write_recipe

SMALL = {"layers": 1, "hidden": 32, "features": 2048, "epochs": 6, "held_out": 0.2}


@pytest.fixture(scope="package")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("compare")
    worker = {"kind": "edit", "edit": SMALL}
    recipe = write_recipe(folder, clean=None, annotate={"sample": 150}, worker=worker)
    tahdhib.run(recipe, folder / "run", until="worker")
    return folder / "run"
