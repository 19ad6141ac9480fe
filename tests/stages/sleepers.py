"""A stage whose processes sleep: run as `python -m tests.stages.sleepers FOLDER`."""

import os
import sys
import time
from functools import partial
from pathlib import Path

from tahdhib.stages.contract import over_buckets
from tests.stages.workplaces import workplace


def sleep(said: Path, bucket: int) -> int:
    """Say which process this is, and sleep longer than any test waits."""
    (said / f"{bucket}.tmp").write_text(str(os.getpid()))
    (said / f"{bucket}.tmp").rename(said / f"{bucket}.process")
    time.sleep(600)
    return 0


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    recipe = {"name": "sleepers", "processes": 2, "ingest": {"paths": ["."]}}
    place = workplace(folder / "run", "ingest", recipe)
    over_buckets(place, partial(sleep, folder), range(2), label="sleep", total=2)
