"""A worker in a process of its own."""

from collections.abc import Callable
from typing import NamedTuple

from tahdhib.processes.apart import Opened
from tahdhib.workers.worker import Generating, Worker


class About(NamedTuple):
    """What is known of a worker once it is open."""

    name: str
    hash: str


def opened(open_it: Callable[[], Worker]) -> Opened:
    """Open a worker for `processes.Apart`: asked with a list of documents, it answers with their
    rewrites, or of one that generates with why there is none."""
    worker = open_it()
    answer = worker.answers if isinstance(worker, Generating) else worker.rewrite
    return Opened(answer, About(worker.name, worker.hash))
