"""The processes of a run do not outlive it: whoever is left behind would still write into it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest

from tahdhib.errors import TahdhibError
from tahdhib.stages.contract import Workplace, end_processes, over_buckets
from tests.stages.workplaces import workplace

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


def die_once(said: Path, bucket: int) -> int:
    """Bucket 2 kills its process at the first try."""
    mark = said / f"{bucket}.begun"
    if bucket == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    (said / f"{bucket}.done").touch()
    return 1


def die_always(_said: Path, _bucket: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 1


def place_of_two(root: Path) -> Workplace:
    recipe = {"name": "dying", "processes": 2, "ingest": {"paths": ["."]}}
    return workplace(root / "run", "ingest", recipe)


def test_a_killed_process_is_replaced_and_its_bucket_begun_again(tmp_path: Path) -> None:
    place = place_of_two(tmp_path)
    try:
        over_buckets(place, partial(die_once, tmp_path), range(6), label="die", total=6)
    finally:
        end_processes()
    assert len(list(tmp_path.glob("*.done"))) == 6


def test_processes_that_are_killed_again_and_again_end_the_run_with_a_sentence(
    tmp_path: Path,
) -> None:
    place = place_of_two(tmp_path)
    try:
        with pytest.raises(TahdhibError, match="Set fewer with --set processes=1"):
            over_buckets(place, partial(die_always, tmp_path), range(6), label="die", total=6)
    finally:
        end_processes()
