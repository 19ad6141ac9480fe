"""The processes of a run do not outlive it: whoever is left behind would still write into it."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

PATIENCE_SECONDS = 60


def wait_for(is_so: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so() and time.monotonic() < end:
        time.sleep(0.05)
    return is_so()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody kills them")
def test_a_killed_run_takes_its_processes_with_it(tmp_path: Path) -> None:
    run = subprocess.Popen([sys.executable, "-m", "tests.stages.sleepers", str(tmp_path)])
    try:
        assert wait_for(lambda: len(list(tmp_path.glob("*.process"))) == 2)
        others = psutil.Process(run.pid).children(recursive=True)
        sleepers = {int(said.read_text()) for said in tmp_path.glob("*.process")}
        assert sleepers <= {other.pid for other in others}
    finally:
        run.kill()
        run.wait()
    assert wait_for(lambda: not any(map(is_alive, others)))


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
