"""The input of a run, by content: hashed once, and again only where size or time changed."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tahdhib.progress import Progress, Task
from tahdhib.readers.remote import is_remote, versions

_CHUNK_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class Input:
    """An input file as it was when the run began. `sha256` is the hash of its content, or, for a
    file in a store, of the mark by which the store tells its versions apart."""

    path: str
    bytes: int
    modified_ns: int
    sha256: str


Inputs = Mapping[str, tuple[Input, ...]]
"""The files that each stage reads from outside the run, by the stage's name."""


def read_inputs(
    paths: Mapping[str, Iterable[str]], known: Iterable[Input], progress: Progress
) -> Inputs:
    """Describe the files at `paths`; `known` ones of equal size and time are not read again."""
    by_path = {item.path: item for item in known}
    wanted = sorted({path for group in paths.values() for path in group})
    for file, mark in versions(filter(is_remote, wanted)):
        by_path[file.path] = Input(file.path, file.size, 0, mark)
    here = [path for path in wanted if not is_remote(path)]
    stale = [path for path in here if not _is_same(path, by_path.get(path))]
    total = sum(Path(path).stat().st_size for path in stale)
    with progress.task("input: hash", total, "bytes") as task:
        for path in stale:
            by_path[path] = _read(path, task)
    return {name: tuple(by_path[path] for path in sorted(group)) for name, group in paths.items()}


def _is_same(path: str, known: Input | None) -> bool:
    status = Path(path).stat()
    size_and_time = (status.st_size, status.st_mtime_ns)
    return known is not None and (known.bytes, known.modified_ns) == size_and_time


def _read(path: str, task: Task) -> Input:
    digest = hashlib.sha256()
    with open(path, "rb") as handle:
        while chunk := handle.read(_CHUNK_BYTES):
            digest.update(chunk)
            task.advance(len(chunk))
    status = Path(path).stat()
    return Input(path, status.st_size, status.st_mtime_ns, digest.hexdigest())
