"""The model that a worker's training started from, as its record names it."""

import hashlib
from itertools import chain
from pathlib import Path
from typing import NamedTuple


class Base(NamedTuple):
    """A name that tells no path, and the commit on the hub or the hash of the weights."""

    name: str
    revision: str


def base_of(model: str, revision: str) -> Base:
    """What `model` is, a name on the hub at `revision` or a folder here."""
    folder = Path(model)
    if not folder.is_dir():
        return Base(model, revision)
    digest = hashlib.sha256()
    for path in sorted(chain(folder.glob("*.safetensors"), folder.glob("*.bin"))):
        with path.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return Base(folder.name, f"sha256:{digest.hexdigest()}")
