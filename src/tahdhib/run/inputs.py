"""The input of a run, by content: hashed once, and again only where size or time changed."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tahdhib.progress import Progress

_CHUNK_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class Input:
    """An input file as it was when the run began."""

    path: str
    bytes: int
    modified_ns: int
    sha256: str


def read_inputs(
    paths: Iterable[str], known: Iterable[Input], progress: Progress
) -> tuple[Input, ...]:
    """Describe the files at `paths`; `known` ones of equal size and time are not read again."""
    by_path = {item.path: item for item in known}
    found: list[Input] = []
    to_read: list[Path] = []
    for path in map(Path, paths):
        status = path.stat()
        old = by_path.get(str(path))
        if old and (old.bytes, old.modified_ns) == (status.st_size, status.st_mtime_ns):
            found.append(old)
        else:
            to_read.append(path)
    total = sum(path.stat().st_size for path in to_read)
    with progress.task("input: hash", total, "bytes") as task:
        for path in to_read:
            digest = hashlib.sha256()
            with path.open("rb") as handle:
                while chunk := handle.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    task.advance(len(chunk))
            status = path.stat()
            found.append(Input(str(path), status.st_size, status.st_mtime_ns, digest.hexdigest()))
    return tuple(sorted(found, key=lambda item: item.path))
