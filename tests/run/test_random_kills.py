"""Ten kills of whole runs at random moments: slow, so outside `make test`."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.run.small import WORKER, ledgers, published, tahdhib, write_recipe

KILLS = 10
SEED = 5


@pytest.mark.slow
def test_the_demo_killed_ten_times_publishes_the_same_bytes(tmp_path: Path) -> None:
    start = time.monotonic()
    assert tahdhib("demo", "--out", tmp_path / "undisturbed").returncode == 0
    seconds = time.monotonic() - start
    clock = random.Random(SEED)
    kills = 0
    command = [sys.executable, "-m", "tahdhib.cli.main", "demo", "--out", str(tmp_path / "killed")]
    while kills < KILLS:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=clock.uniform(0.5, seconds / 2))
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
    assert kills > 1
    assert tahdhib("demo", "--out", tmp_path / "killed").returncode == 0
    assert published(tmp_path / "killed") == published(tmp_path / "undisturbed")


@pytest.mark.slow
def test_a_ladder_whose_processes_are_killed_publishes_the_same_bytes(tmp_path: Path) -> None:
    """Ten times some process of the run is killed: the run itself, one that works on a bucket, or
    one that a worker lives in. Where the run is left it goes on; where not, it is begun again."""
    recipe = write_recipe(
        tmp_path, processes=2, rewrite={"ladder": ["rules", "edit"]}, worker=WORKER
    )
    start = time.monotonic()
    assert tahdhib("run", "-c", recipe, "--out", tmp_path / "undisturbed").returncode == 0
    seconds = time.monotonic() - start
    clock = random.Random(SEED)
    arguments = ["run", "-c", str(recipe), "--out", str(tmp_path / "killed")]
    command = [sys.executable, "-m", "tahdhib.cli.main", *arguments]
    process = None
    for _ in range(KILLS):
        if process is None or process.poll() is not None:
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        time.sleep(clock.uniform(0.5, seconds / 3))
        try:
            family = [psutil.Process(process.pid)]
            family += family[0].children(recursive=True)
            clock.choice(family).kill()
        except psutil.NoSuchProcess:
            (tmp_path / "killed" / "rewrite" / "ledger.json").unlink(missing_ok=True)
            for shard in (tmp_path / "killed" / "rewrite" / "documents").glob("*"):
                shard.unlink()
    assert process is not None
    process.wait()
    assert tahdhib(*arguments).returncode == 0
    assert published(tmp_path / "killed") == published(tmp_path / "undisturbed")
    accounts = [ledgers(tmp_path / run)["rewrite"] for run in ("killed", "undisturbed")]
    assert accounts[0] == accounts[1]
