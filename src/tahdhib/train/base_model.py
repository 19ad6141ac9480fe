"""The model that a training started from, as its record names it."""

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


def opened_base(model: str) -> Base:
    """The same of a model that was opened here: what it was on the hub is what lies in the cache,
    and an unknown commit is an empty revision."""
    from huggingface_hub import try_to_load_from_cache

    if Path(model).is_dir():
        return base_of(model, "")
    cached = try_to_load_from_cache(model, "config.json")
    return base_of(model, Path(cached).parent.name if isinstance(cached, str) else "")
