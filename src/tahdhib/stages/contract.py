"""What a stage is, what it is given, and how it works through buckets."""

import ctypes
import signal
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

from tahdhib.conduct.conduct import Conduct
from tahdhib.config import Recipe
from tahdhib.progress import Progress
from tahdhib.store.ledger import Ledger
from tahdhib.store.run_folder import RunFolder, StageFolder


@dataclass(frozen=True, slots=True)
class Workplace:
    """All that a stage may touch."""

    recipe: Recipe
    conduct: Conduct
    run: RunFolder
    here: StageFolder
    progress: Progress


@dataclass(frozen=True, slots=True)
class Stage:
    """One arrow of the way.

    `sections` are the recipe's sections that the result depends on; `version` is raised when
    the stage's code changes its result, so that older results are redone.
    """

    name: str
    version: int
    needs: tuple[str, ...]
    sections: tuple[str, ...]
    uses_conduct: bool
    work: Callable[[Workplace], Ledger]


def over_buckets(
    place: Workplace,
    function: Callable[[int], int],
    buckets: Iterable[int],
    *,
    label: str,
    total: int,
    unit: str = "documents",
) -> None:
    """Call `function(bucket)` for every bucket, in as many processes as the recipe states.

    `function` is picklable, writes its bucket's shards (the one that marks the bucket as done
    last) and returns how many units it worked through. Which process takes which bucket is left
    to chance, so nothing may depend on it.
    """
    waiting = list(buckets)
    with place.progress.task(label, total, unit) as task:
        if place.recipe.processes == 1 or len(waiting) < 2:
            for bucket in waiting:
                task.advance(function(bucket))
            return
        workers = min(place.recipe.processes, len(waiting))
        with ProcessPoolExecutor(
            workers, mp_context=get_context("spawn"), initializer=_die_with_parent
        ) as pool:
            for done in as_completed([pool.submit(function, bucket) for bucket in waiting]):
                task.advance(done.result())


def _die_with_parent() -> None:
    """Ask Linux to kill this process when its parent dies, so that a killed run leaves nobody
    behind who still writes into its folder."""
    if sys.platform == "linux":
        parent_death_signal = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)
