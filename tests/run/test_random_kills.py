"""Ten kills of the whole demo at random moments: slow, so outside `make test`."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.run.small import published, tahdhib

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
