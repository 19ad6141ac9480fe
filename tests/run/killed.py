"""The command line, killed by SIGKILL at a stated moment: run as `python -m tests.run.killed`.

    python -m tests.run.killed STAGE MOMENT NUMBER -- run -c … --out …

MOMENT `before` dies between write and rename of the NUMBERth file of STAGE, `after` right after
that rename. Nothing in the package knows of this: the rename that every writer uses is wrapped.
"""

import os
import signal
import sys
from typing import Any

from tahdhib.cli.main import main
from tahdhib.store import shards


def arm(stage: str, moment: str, number: int) -> None:
    """Wrap the rename so that the process dies at the moment."""
    rename = os.replace
    seen = 0

    def replace(source: Any, target: Any) -> None:
        nonlocal seen
        is_meant = f"/{stage}/" in str(target) and not str(target).endswith("plan.json")
        seen += is_meant
        if is_meant and seen == number and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        rename(source, target)
        if is_meant and seen == number and moment == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    shards.os.replace = replace  # type: ignore[attr-defined]


if __name__ == "__main__":
    stage, moment, number, dashes, *arguments = sys.argv[1:]
    assert dashes == "--"
    arm(stage, moment, int(number))
    sys.argv = ["tahdhib", *arguments]
    main()
