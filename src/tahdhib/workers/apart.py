"""A worker in a process of its own."""

from collections.abc import Callable
from typing import NamedTuple

from tahdhib.processes.apart import Opened
from tahdhib.workers.worker import Worker


class About(NamedTuple):
    """What is known of a worker once it is open."""

    name: str
    hash: str


def opened(open_it: Callable[[], Worker]) -> Opened:
    """Open a worker for `processes.Apart`: asked with a list of documents, it answers with their
    rewrites."""
    worker = open_it()
    return Opened(worker.rewrite, About(worker.name, worker.hash))
