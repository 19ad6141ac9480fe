"""What the user can mend ends with one sentence and exit code 2; our own bugs keep a traceback."""

import json
import socket
from pathlib import Path

import pytest

from tahdhib.version import VERSION
from tests.run.small import tahdhib


def said(done: object) -> str:
    """Standard error, which for a broken request is one clear message and no traceback."""
    error = str(getattr(done, "stderr", ""))
    assert "Traceback" not in error
    return error


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text("ingest: {paths: [input.jsonl], id: id, buckets: 2}\nprocesses: 1\n")
    (tmp_path / "input.jsonl").write_text('{"id": "a", "text": "نص"}\n', encoding="utf-8")
    return path


def test_no_such_input(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "input.jsonl").unlink()
    done = tahdhib("run", "-c", recipe, "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "input.jsonl: no such file or folder. Check ingest.paths" in said(done)


def test_no_such_recipe(tmp_path: Path) -> None:
    done = tahdhib("run", "-c", tmp_path / "none.yaml", "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "none.yaml: no such recipe" in said(done)


def test_an_unknown_key_names_the_nearest(recipe: Path, tmp_path: Path) -> None:
    done = tahdhib("run", "-c", recipe, "--out", tmp_path / "run", "--set", "ingest.bucket=3")
    assert done.returncode == 2
    assert "Did you mean 'buckets'?" in said(done)


def test_a_text_field_that_is_not_there(recipe: Path, tmp_path: Path) -> None:
    done = tahdhib("ingest", "-c", recipe, "--out", tmp_path / "run", "--set", "ingest.text=body")
    assert done.returncode == 2
    assert "none of 1 records became a document (missing_text 1)" in said(done)


def test_an_out_folder_that_is_a_file(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = tahdhib("ingest", "-c", recipe, "--out", tmp_path / "file")
    assert done.returncode == 2
    assert "cannot be used as a run folder" in said(done)


def test_an_endpoint_that_refuses(recipe: Path, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    settings = (
        "annotate.teacher=openai",
        f"annotate.openai.base_url=http://127.0.0.1:{port}/v1",
        "annotate.openai.api_key_env=null",
        "annotate.openai.retries=0",
    )
    overrides = [word for setting in settings for word in ("--set", setting)]
    done = tahdhib("annotate", "-c", recipe, "--out", tmp_path / "run", *overrides)
    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in said(done)


def test_a_key_that_is_not_set_is_named(recipe: Path, tmp_path: Path) -> None:
    settings = ("annotate.teacher=openai", "annotate.openai.api_key_env=NO_SUCH_KEY")
    overrides = [word for setting in settings for word in ("--set", setting)]
    done = tahdhib("annotate", "-c", recipe, "--out", tmp_path / "run", *overrides)
    assert done.returncode == 2
    assert "NO_SUCH_KEY is not set" in said(done)


@pytest.mark.parametrize("verb", ["show", "report"])
def test_a_folder_that_is_no_run(verb: str, tmp_path: Path) -> None:
    done = tahdhib(verb, tmp_path)
    assert done.returncode == 2
    assert "is no run folder" in said(done)


def test_a_bug_of_ours_keeps_its_traceback_and_exits_1(recipe: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert tahdhib("dedup", "-c", recipe, "--out", run).returncode == 0
    ledger = json.loads((run / "dedup" / "ledger.json").read_text())
    (run / "dedup" / "ledger.json").write_text(json.dumps({**ledger, "came_in": 99}))
    done = tahdhib("dedup", "-c", recipe, "--out", run)
    assert done.returncode == 1
    assert "Traceback" in done.stderr and "does not balance" in done.stderr


def test_dry_run_writes_nothing(recipe: Path, tmp_path: Path) -> None:
    done = tahdhib("run", "-c", recipe, "--out", tmp_path / "run", "--dry-run")
    assert done.returncode == 0
    assert "ingest: to do" in done.stdout
    assert not (tmp_path / "run").exists()


def test_the_version_by_the_package_itself() -> None:
    done = tahdhib("--version", module="tahdhib")
    assert (done.returncode, done.stdout) == (0, f"tahdhib {VERSION}\n")
