"""`make smoke-train` on the demo's texts: every part of the training, one after another."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tahdhib.report.trained import read_models
from tahdhib.store.run_folder import RunFolder

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("with_benchmarks", [True, False])
def test_the_whole_way_of_training(
    with_benchmarks: bool, shared_data: Path, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "recipes" / "smoke", tmp_path / "recipes" / "smoke")
    (tmp_path / "src").symlink_to(ROOT / "src")
    data = shared_data.resolve() if with_benchmarks else tmp_path / "nowhere"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "recipes/smoke/train.sh"],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "DATA": str(data)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = read_models(RunFolder(tmp_path / "runs" / "smoke"))
    assert found is not None
    names = ["1-raw", "2-native", "3-sft", "4-dpo"]
    assert [one.name for one in found.trainings] == names
    assert all(one.losses[-1] < one.losses[0] for one in found.trainings)
    assert [one.task for one in found.scores][-1] == "toxicity_prompts"
    assert len(found.scores) == (5 if with_benchmarks else 1)
    assert len(found.comparisons) == len(names) - 1
    assert ("no benchmarks:" in done.stdout) != with_benchmarks
