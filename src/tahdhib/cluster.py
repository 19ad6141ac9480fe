"""Ray behind one door: join a cluster, or start one here, and have work done on it.

Work is a function of one item that reads and writes files in the run folder, which every machine
of the cluster must see under the same path. Which machine takes what is left to chance, so nothing
may depend on it. What was begun ends with the process that asked for it: Ray stops the tasks of a
driver that is gone, and a cluster that was started here goes with it.
"""

import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from itertools import zip_longest
from typing import Any, TypeVar

from tahdhib.config.environment import tell_libraries
from tahdhib.errors import MissingExtraError, RecipeError, TahdhibError

T = TypeVar("T")
R = TypeVar("R")

Tick = Callable[..., None]
"""Says how much more is done, in whole numbers: any fixed count of them."""

_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
_REACH_SECONDS = 5.0
_POLL_SECONDS = 0.5
_OBJECT_STORE_BYTES = 128 << 20
"""Of a cluster that is started here: only numbers and names pass through it, texts lie on disk."""
_ERRORS_ONLY = 40  # of the standard library's logging


def connect(address: str | None, processes: int) -> None:
    """Join the cluster at `address`, or where there is none start one with `processes` here.

    Once joined, a process stays so until it ends; a second call does nothing.

    Raises:
        MissingExtraError: Ray is not installed.
        RecipeError: nothing answers at `address`.
    """
    if find_spec("ray") is None:
        raise MissingExtraError("engine: ray", "ray")
    ray = _ray()
    if ray.is_initialized():
        return
    quiet = {"log_to_driver": False, "logging_level": _ERRORS_ONLY}
    if address is None:
        ray.init(
            num_cpus=processes,
            include_dashboard=False,
            object_store_memory=_OBJECT_STORE_BYTES,
            **quiet,
        )
        return
    _check_listens(address)
    try:
        ray.init(address=address, **quiet)
    except (ConnectionError, RuntimeError, ValueError, AssertionError) as error:
        raise _unreachable(address, str(error).splitlines()[0]) from error


def is_connected() -> bool:
    """Whether this process has joined a cluster."""
    return "ray" in sys.modules and bool(_ray().is_initialized())


def results(function: Callable[[T, Tick], R], items: Sequence[T], on_tick: Tick) -> Iterator[R]:
    """Yield `function(item, tick)` of every item, as they come; `on_tick` hears the ticks.

    Raises:
        TahdhibError: what a task raised, as it was raised there. Anything else is raised with the
            task's own traceback.
    """
    ray = _ray()
    counter = ray.remote(num_cpus=0)(_Counter).remote()
    task = ray.remote(num_cpus=1)(_run)
    pending = [task.remote(function, item, counter) for item in items]
    told: list[int] = []
    while pending:
        done, pending = ray.wait(pending, num_returns=1, timeout=_POLL_SECONDS)
        ticked = ray.get(counter.read.remote())
        on_tick(*(new - old for new, old in zip_longest(ticked, told, fillvalue=0)))
        told = ticked
        for reference in done:
            yield _result(ray, reference, pending)


def _ray() -> Any:
    """Ray itself, imported only when it is needed, and told to keep quiet before it can speak."""
    tell_libraries(_QUIET)
    return import_module("ray")


def _result(ray: Any, reference: Any, pending: list[Any]) -> Any:
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        for other in pending:
            with suppress(Exception):
                ray.cancel(other, force=True)
        if isinstance(error.cause, TahdhibError):
            raise error.cause from None
        raise


class _Counter:
    """Adds up, in a process of its own, what the tasks have done."""

    def __init__(self) -> None:
        self._counts: list[int] = []

    def add(self, counts: list[int]) -> None:
        self._counts = _sum(self._counts, counts)

    def read(self) -> list[int]:
        return self._counts


def _run(function: Callable[[T, Tick], R], item: T, counter: Any) -> R:
    """A task: the ticks are sent off bundled, and the last ones before the result."""
    held: list[int] = []
    sent_at = time.monotonic()

    def tick(*counts: int) -> None:
        nonlocal held, sent_at
        held = _sum(held, counts)
        if time.monotonic() - sent_at > _POLL_SECONDS:
            counter.add.remote(held)
            held, sent_at = [], time.monotonic()

    result = function(item, tick)
    counter.add.remote(held)
    return result


def _sum(some: Sequence[int], more: Sequence[int]) -> list[int]:
    return [sum(pair) for pair in zip_longest(some, more, fillvalue=0)]


def _check_listens(address: str) -> None:
    """Ray itself waits for minutes before it says that nobody answers."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if address in ("auto", "local"):
        return
    if not host or not port.isdecimal():
        raise RecipeError(
            f"ray_address: {address!r} is no address of a Ray cluster; expected 'auto', "
            "'HOST:6379' or 'ray://HOST:10001'."
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), _REACH_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise _unreachable(address, str(error)) from error


def _unreachable(address: str, why: str) -> RecipeError:
    return RecipeError(
        f"ray_address: no Ray cluster answers at {address} ({why}). Start one with "
        "'ray start --head', correct the address, or leave it out to start one here."
    )
