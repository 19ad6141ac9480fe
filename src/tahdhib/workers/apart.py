"""A worker in a process of its own."""

from pathlib import Path
from typing import NamedTuple

from tahdhib.conduct.conduct import Conduct
from tahdhib.processes.apart import Opened
from tahdhib.workers.table import open_worker


class About(NamedTuple):
    """What is known of a worker once it is open."""

    name: str
    hash: str


def opened(  # noqa: PLR0913 - as `open_worker`
    kind: str,
    *,
    conduct: Conduct,
    folder: Path | None,
    seed: int,
    random_rate: float,
    batch: int,
    threads: int,
) -> Opened:
    """Open a worker as `open_worker` does, for `processes.Apart`: asked with a list of documents,
    it answers with their rewrites."""
    worker = open_worker(
        kind,
        conduct=conduct,
        folder=folder,
        seed=seed,
        random_rate=random_rate,
        batch=batch,
        threads=threads,
    )
    return Opened(worker.rewrite, About(worker.name, worker.hash))
