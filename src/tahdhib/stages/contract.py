"""What a stage is, what it is given, and how it works through buckets."""

import signal
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.forkserver import ensure_running, set_forkserver_preload
from multiprocessing.sharedctypes import SynchronizedArray
from typing import NamedTuple

from tahdhib import cluster
from tahdhib.conduct.conduct import Conduct, from_json, to_json
from tahdhib.config import Recipe
from tahdhib.config.environment import set_variables, variables
from tahdhib.errors import TahdhibError
from tahdhib.processes.ties import tie_to_parent
from tahdhib.progress import Progress
from tahdhib.store.ledger import Ledger
from tahdhib.store.run_folder import RunFolder, StageFolder
from tahdhib.store.shards import read_json, write_json

_POLL_SECONDS = 0.5
_MOST_LOSSES = 3
"""So many times in a row a killed process is replaced while no bucket gets done."""
_START_METHOD = "forkserver" if sys.platform == "linux" else "spawn"
"""On Linux one process that has loaded our code, and does nothing else, forks off the others: to
load it in each of them at each stage would take a second or two."""
_LOADED_FIRST = ["tahdhib", "tahdhib.processes.tied"]
"""What that process loads; with the second it is tied to our life, as its forks are to its own."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """All that a stage may touch."""

    recipe: Recipe
    conduct: Conduct
    run: RunFolder
    here: StageFolder
    progress: Progress


def documents_of(run: RunFolder, recipe: Recipe) -> StageFolder:
    """The folder with the corpus as the filters leave it: what annotate and rewrite start from."""
    return run.stage("dedup" if recipe.clean is None else "clean")


_CONDUCT = "conduct.json"


def note_conduct(place: Workplace) -> None:
    """Write down the conduct that the stage's rows are made under, before any of them is."""
    write_json(place.here.file(_CONDUCT), to_json(place.conduct))


def noted_conduct(folder: StageFolder) -> Conduct | None:
    """The conduct that the rows in `folder` were made under; None where nobody wrote it down."""
    path = folder.file(_CONDUCT)
    if not path.exists():
        return None
    try:
        return from_json(read_json(path))
    except (KeyError, TypeError):  # by a version whose conducts have other fields
        return None


class Stay(NamedTuple):
    """How many of the documents of an earlier result stay under a changed conduct, of how many,
    and what is to be said of those that go."""

    stays: int
    total: int
    remark: str = ""


def _nothing(_recipe: Recipe) -> list[str]:
    return []


def _always(_recipe: Recipe) -> bool:
    return True


def _nothing_may(_recipe: Recipe) -> tuple[str, ...]:
    return ()


def _none_stays(_recipe: Recipe, _conduct: Conduct, _earlier: StageFolder) -> Stay | None:
    return None


@dataclass(frozen=True, slots=True)
class Stage:
    """One arrow of the way.

    `sections` are the recipe's sections that the result depends on, or single settings of them
    (`clean.boilerplate`); `version` is raised when the stage's code changes its result, so that
    older results are redone; `reads` names the files from outside the run that it reads; where
    `is_on` says no, the run goes on without the stage, from the first of its `needs`.

    `may_differ` names the parts of its fingerprint that may differ from those of an earlier result
    of which rows can stay; `stays` says how many do, None where that result cannot be used.
    """

    name: str
    version: int
    needs: tuple[str, ...]
    sections: tuple[str, ...]
    uses_conduct: bool
    work: Callable[[Workplace], Ledger]
    reads: Callable[[Recipe], list[str]] = _nothing
    is_on: Callable[[Recipe], bool] = _always
    may_differ: Callable[[Recipe], tuple[str, ...]] = _nothing_may
    stays: Callable[[Recipe, Conduct, StageFolder], Stay | None] = _none_stays


class Counts(NamedTuple):
    """What work on buckets says of itself: units done, and of the rewrites that the gate judged
    how many it refused."""

    done: int = 0
    judged: int = 0
    refused: int = 0


def over_buckets(  # noqa: PLR0913 - how work is shown, beside the work
    place: Workplace,
    function: Callable[[int], int],
    buckets: Iterable[int],
    *,
    label: str,
    total: int,
    unit: str = "documents",
    heed: Callable[[Counts], str] | None = None,
) -> None:
    """Call `function(bucket)` for every bucket, in as many processes as the recipe states, or on
    its Ray cluster.

    `function` is picklable and writes its bucket's shards, the one that marks the bucket as done
    last. It may `tick` while it works, and returns how many units it has not ticked. Which
    process takes which bucket is left to chance, so nothing may depend on it. A process that is
    killed is replaced, and its bucket begun again.

    `heed` is told in this process what was ticked since it was told last. What it returns is shown
    beside the progress; what it raises ends the work.

    Raises:
        TahdhibError: processes were killed again and again.
    """
    waiting = list(buckets)
    processes = min(place.recipe.processes, len(waiting))
    with place.progress.task(label, total, unit) as task:

        def hear(*news: int) -> None:
            counts = Counts(*news)
            task.advance(counts.done)
            if heed is not None and any(counts):
                task.note(heed(counts))

        if place.recipe.engine == "ray":
            _work_on_ray(function, waiting, hear)
        elif processes < 2:
            _work_here(function, waiting, hear)
        else:
            _work_in_processes(function, waiting, hear, processes)


def tick(done: int, judged: int = 0, refused: int = 0) -> None:
    """From inside a bucket's function: say that so much more is done, see `Counts`."""
    _tick(done, judged, refused)


def _ignore(*_counts: int) -> None:
    pass


Hear = Callable[..., None]

_tick: Hear = _ignore


def _work_here(function: Callable[[int], int], buckets: list[int], hear: Hear) -> None:
    global _tick
    _tick = hear
    try:
        for bucket in buckets:
            hear(function(bucket))
    finally:
        _tick = _ignore


@dataclass(frozen=True, slots=True)
class _Processes:
    """Processes that stand ready, and the counter that they tick."""

    pool: ProcessPoolExecutor
    ticked: "SynchronizedArray[int]"


_ready: dict[int, _Processes] = {}


def prepare_processes() -> None:
    """Start the process that forks off the others, so that it loads our code while we do other
    things."""
    if _START_METHOD == "forkserver":
        set_forkserver_preload(_LOADED_FIRST)
        ensure_running()


def end_processes() -> None:
    """Send the processes home. A stage of many steps keeps them in between; the next stage should
    not find their memory taken."""
    while _ready:
        _, processes = _ready.popitem()
        processes.pool.shutdown(wait=True, cancel_futures=True)


def _work_in_processes(
    function: Callable[[int], int], buckets: list[int], hear: Hear, count: int
) -> None:
    left = dict.fromkeys(buckets)
    losses = 0
    while left:
        before = len(left)
        try:
            _work_in_these(function, left, hear, _processes(count))
        except BrokenProcessPool as error:
            _ready.pop(count).pool.shutdown(wait=True, cancel_futures=True)
            losses = losses + 1 if len(left) == before else 1
            if losses == _MOST_LOSSES:
                raise TahdhibError(
                    f"processes: one was killed {losses} times before any of them finished a "
                    "bucket, as happens where memory is short. Set fewer with --set processes=1, "
                    "or more ingest.buckets; what is finished stays finished."
                ) from error
        except BaseException:
            _ready.pop(count).pool.shutdown(wait=False, cancel_futures=True)
            raise


def _work_in_these(
    function: Callable[[int], int], left: dict[int, None], hear: Hear, processes: _Processes
) -> None:
    """Work on the buckets that are `left`, taking out what is done."""
    shown = processes.ticked[:]
    bucket_of: dict[Future[int], int] = {
        processes.pool.submit(function, bucket): bucket for bucket in left
    }
    pending = set(bucket_of)
    while pending:
        done, pending = wait(pending, timeout=_POLL_SECONDS)
        told = processes.ticked[:]
        hear(*(new - old for new, old in zip(told, shown, strict=True)))
        shown = told
        for future in sorted(done, key=lambda one: one.exception() is not None):
            hear(future.result())
            del left[bucket_of[future]]


def _processes(count: int) -> _Processes:
    if count not in _ready:
        prepare_processes()
        context = get_context(_START_METHOD)
        ticked = context.Array("q", len(Counts()))
        pool = ProcessPoolExecutor(
            count,
            mp_context=context,
            initializer=_start_process,
            initargs=(ticked, variables()),
        )
        _ready[count] = _Processes(pool, ticked)
    return _ready[count]


def _work_on_ray(function: Callable[[int], int], buckets: list[int], hear: Hear) -> None:
    for count in cluster.results(partial(_ticking, function), buckets, hear):
        hear(count)


def _ticking(function: Callable[[int], int], bucket: int, tick: Hear) -> int:
    """One bucket in a process of Ray's, which may have had other buckets before."""
    global _tick
    _tick = tick
    try:
        return function(bucket)
    finally:
        _tick = _ignore


def _start_process(ticked: "SynchronizedArray[int]", environment: dict[str, str]) -> None:
    """Tie a process to its parent's life and counter, and give it our environment of today: what
    forked it off has that of the first stage."""
    global _tick
    tie_to_parent()
    set_variables(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C and ends us

    def add(*counts: int) -> None:
        with ticked.get_lock():
            for place, count in enumerate(counts):
                ticked[place] += count

    _tick = add
