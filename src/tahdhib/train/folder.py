"""A model's folder: it belongs to one recipe, and its record says what it was made with."""

import hashlib
import platform
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from tahdhib.config.load import dump_recipe
from tahdhib.config.recipe import Section
from tahdhib.errors import RecipeError
from tahdhib.store.shards import TEMPORARY, read_json, write_json, write_rows, write_text
from tahdhib.version import VERSION

Log = Sequence[Mapping[str, float]]
"""A trainer's: an entry for each step's loss and for each measuring."""

_CURVE = pa.schema([("step", pa.int64()), ("loss", pa.float64()), ("learning_rate", pa.float64())])


def settle(recipe: Section, out: Path, free: Collection[str]) -> None:
    """Write the recipe into the folder, or see that it is the one the folder was begun with, but
    for settings and sections named `free`.

    Raises:
        RecipeError: it is another, or the folder holds something else.
    """
    file = out / "recipe.yaml"
    text = dump_recipe(recipe)
    if file.exists():
        before, now = (
            dict(_leaves(yaml.safe_load(each))) for each in (file.read_text("utf-8"), text)
        )
        for name in sorted(before.keys() | now.keys()):
            is_free = not {name.partition(".")[0], name.rpartition(".")[2]}.isdisjoint(free)
            if before.get(name) != now.get(name) and not is_free:
                raise RecipeError(
                    f"{out}: this training was begun with {name} = {before.get(name)!r}, and now "
                    f"it is {now.get(name)!r}. Set it back, or name another folder with --out."
                )
    elif out.exists() and not out.is_dir():
        raise RecipeError(f"{out}: is a file, and a model needs a folder. Name another with --out.")
    elif out.exists() and not all(path.name.startswith(TEMPORARY) for path in out.iterdir()):
        raise RecipeError(f"{out}: holds something, and no training. Name a new folder with --out.")
    else:
        write_text(file, text)


def _leaves(tree: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from _leaves(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(tree, list) and any(isinstance(value, dict) for value in tree):
        for number, value in enumerate(tree):
            yield from _leaves(value, f"{prefix}.{number}")
    else:
        yield prefix, tree


def versions() -> dict[str, str]:
    """The packages on which last bits depend."""
    import numpy
    import tokenizers
    import torch
    import transformers

    packages = {
        each.__name__: each.__version__ for each in (numpy, tokenizers, torch, transformers)
    }
    return {"python": platform.python_version(), "tahdhib": VERSION, **packages}


def hash_of(file: Path) -> str:
    """32 hexadecimal digits of a file's bytes."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def copy_model(checkpoint: Path, out: Path) -> None:
    """The model of a checkpoint becomes the folder's."""
    for name in ("generation_config.json", "model*.safetensors*"):
        for file in checkpoint.glob(name):
            shutil.copyfile(file, out / file.name)
    config = read_json(checkpoint / "config.json")
    write_json(out / "config.json", {**config, "use_cache": True})  # off while it was trained


def write_curve(log: Log, out: Path) -> list[dict[str, float]]:
    """Write the loss of every step into the folder, and return it."""
    curve = [{name: entry[name] for name in _CURVE.names} for entry in log if "loss" in entry]
    write_rows(out / "curve.parquet", curve, _CURVE)
    return curve
