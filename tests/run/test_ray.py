"""The same recipe on a Ray cluster: same rows, no part by itself, nobody left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest

from tests.run.small import WORKER, ledgers, published, tahdhib, write_recipe

pytest.importorskip("ray", reason="the extra 'ray' is not installed")
pytestmark = pytest.mark.slow  # a cluster takes 5 to 20 s to start, and each run starts its own

RULES = {"worker": {"kind": "rules"}}


@pytest.fixture(scope="module")
def on_ray(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole run on a cluster of two processes, from thirteen input files."""
    folder = tmp_path_factory.mktemp("ray")
    recipe = write_recipe(folder, shards=13, engine="ray", processes=2, **RULES)
    done = tahdhib("run", "-c", recipe, "--out", folder / "run")
    assert done.returncode == 0, done.stderr
    return folder / "run"


def test_a_cluster_publishes_the_rows_of_one_process(on_ray: Path, tmp_path: Path) -> None:
    done = tahdhib("run", "-c", write_recipe(tmp_path, **RULES), "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert published(on_ray) == published(tmp_path / "run")
    assert ledgers(on_ray)["dedup"] == ledgers(tmp_path / "run")["dedup"]


def test_a_ladder_of_workers_gives_the_same_rows_there(tmp_path: Path) -> None:
    """The whole data half, with a trained worker and one that is asked after it."""
    ladder = {"worker": WORKER, "rewrite": {"ladder": ["rules", "edit"]}}
    for name, where in (("here", {"processes": 1}), ("there", {"engine": "ray", "processes": 2})):
        (tmp_path / name).mkdir()
        recipe = write_recipe(tmp_path / name, **ladder, **where)
        done = tahdhib("run", "-c", recipe, "--out", tmp_path / name / "run")
        assert done.returncode == 0, done.stderr
    here, there = tmp_path / "here" / "run", tmp_path / "there" / "run"
    assert published(here) == published(there)
    for table in ("documents", "drops", "refusals", "faults"):
        rows = [pq.read_table(run / "rewrite" / table).to_pylist() for run in (here, there)]
        assert rows[0] == rows[1]
    assert ledgers(here)["rewrite"] == ledgers(there)["rewrite"]


def test_where_the_work_is_done_redoes_nothing(on_ray: Path) -> None:
    recipe = on_ray.parent / "recipe.yaml"
    planned = tahdhib("run", "-c", recipe, "--out", on_ray, "--set", "engine=native", "--dry-run")
    assert planned.returncode == 0, planned.stderr
    lines = planned.stdout.splitlines()
    assert lines
    assert all(line.endswith("finished, nothing to do") for line in lines)


def test_a_duplicate_in_another_partition_is_found(tmp_path: Path) -> None:
    """Each copy of a text lies in a bucket, and so in a task, of its own."""
    texts = [f"نص {name} " + " ".join(f"كلمة{name}{n}" for n in range(60)) for name in "ابج"]
    rows = [
        {"id": f"{copy}-{number}", "text": text + (" زيادة" if copy else "")}
        for copy in range(4)
        for number, text in enumerate(texts)
    ]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (tmp_path / "input-0.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(
        "{engine: ray, processes: 2, ingest: {paths: [input-0.jsonl], id: id, buckets: 12}}"
    )
    done = tahdhib("dedup", "-c", tmp_path / "recipe.yaml", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    stage = tmp_path / "run" / "dedup"
    kept = pq.read_table(stage / "documents")["id"].to_pylist()
    drops = pq.read_table(stage / "drops")
    assert sorted(kept) == ["0-0", "0-1", "0-2"]
    assert len(drops) == 9
    homes = {
        shard.name
        for shard in (stage / "drops").glob("*.parquet")
        if pq.read_metadata(shard).num_rows
    }
    assert len(homes) > 1, "the copies were to lie in several buckets"


def test_an_address_where_nobody_listens_is_said_at_once(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, engine="ray", ray_address="127.0.0.1:9", **RULES)
    done = tahdhib("ingest", "-c", recipe, "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "no Ray cluster answers at 127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fault_in_a_task_is_a_sentence(tmp_path: Path) -> None:
    """A DataError that is raised on the cluster ends as it does here."""
    recipe = write_recipe(tmp_path, engine="ray", processes=2, **RULES)
    (tmp_path / "input-0.jsonl").write_text('{"wrong": 1}\n')
    done = tahdhib("ingest", "-c", recipe, "--out", tmp_path / "run")
    assert done.returncode == 2, done.stderr
    assert "none of 1 records became a document" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_killed_driver_leaves_nobody_behind(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, engine="ray", processes=2, **RULES)
    command = [sys.executable, "-m", "tahdhib.cli.main", "run", "-c", str(recipe), "--out"]
    driver = subprocess.Popen(
        [*command, str(tmp_path / "run")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        family = _wait_for_family(driver.pid)
    finally:
        os.kill(driver.pid, signal.SIGKILL)
        driver.wait()
    gone, alive = psutil.wait_procs(
        family, timeout=120
    )  # Ray's agents look for their parent now and then
    assert gone
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def _wait_for_family(driver: int) -> list[psutil.Process]:
    """The driver's processes, once Ray's workers are among them."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        family = psutil.Process(driver).children(recursive=True)
        if any("ray::" in " ".join(_command(process)) for process in family):
            return family
        time.sleep(0.2)
    raise AssertionError("no worker of Ray's within a minute")


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
