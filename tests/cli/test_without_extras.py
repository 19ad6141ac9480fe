"""The base install has no torch: what must work without it is run with torch made unimportable."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.run.small import write_recipe

BLOCKED = ("torch", "transformers", "accelerate", "safetensors", "tokenizers", "scipy")


def base_install(*arguments: str | Path) -> Any:
    """Run the command line where importing anything of an extra fails."""
    code = (
        f"import sys\nfor name in {BLOCKED!r}: sys.modules[name] = None\n"
        f"sys.argv = ['tahdhib', *{[str(a) for a in arguments]!r}]\n"
        "from tahdhib.cli.main import main; main()"
    )
    root = Path(__file__).parents[2]
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)


def test_help_works_and_teaches() -> None:
    done = base_install("--help")
    assert done.returncode == 0
    for verb in ("demo", "run", "estimate", "preview", "show", "report", "doctor", "ingest"):
        assert verb in done.stdout
    assert "tahdhib demo" in done.stdout


def test_every_stage_to_the_report_works_with_the_rules_worker(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, worker={"kind": "rules"})
    for verb in ("ingest", "dedup", "audit"):
        done = base_install(verb, "-c", recipe, "--out", tmp_path / "run")
        assert done.returncode == 0, done.stderr
        assert verb in done.stdout
    done = base_install("run", "-c", recipe, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "report.html").exists()


def test_the_edit_worker_says_what_to_install(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path)
    done = base_install("worker", "-c", recipe, "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "pip install 'tahdhib[train]'" in done.stderr


@pytest.mark.parametrize("verb", ["estimate", "preview"])
def test_looking_at_a_file_needs_no_model(tmp_path: Path, verb: str) -> None:
    write_recipe(tmp_path)
    done = base_install(verb, tmp_path / "input-0.jsonl")
    assert done.returncode == 0, done.stderr
    assert "tatweel" in done.stdout or "%" in done.stdout


def test_doctor_looks_at_this_machine() -> None:
    done = base_install("doctor")
    assert done.returncode == 0, done.stderr
    assert "daft engine" in done.stdout and "extra: train" in done.stdout


def test_show_follows_one_document(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, worker={"kind": "rules"})
    assert base_install("dedup", "-c", recipe, "--out", tmp_path / "run").returncode == 0
    first = json.loads((tmp_path / "input-0.jsonl").read_bytes().splitlines()[0])
    done = base_install("show", tmp_path / "run", "--id", first["id"])
    assert done.returncode == 0, done.stderr
    assert first["id"] in done.stdout


def test_training_a_scorer_says_what_to_install(tmp_path: Path) -> None:
    done = base_install("score", "train", "--data", tmp_path, "--out", tmp_path / "weights")
    assert done.returncode == 2
    assert "pip install 'tahdhib[score]'" in done.stderr
