"""A trained edit worker's parts, and its folder on disk; no torch, so that it opens at once.

The network behind it may be any that says of each unit what `Sums` asks for: the convolutions in
torch (`model`), the same in numpy for a fast start (`light`).

Axes: N places that were read.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from tahdhib.errors import DataError
from tahdhib.store.shards import read_json, write_json

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

EXTRAS = "edit_worker.json"
WEIGHTS = "model.safetensors"
OUTPUT_FILES = (EXTRAS, WEIGHTS)
"""What the worker's output depends on."""

KEEP_INDEX, DELETE_INDEX = 0, 1
"""Where KEEP and DELETE stand among the labels."""

_WIDEST_DILATION = 8


@dataclass(frozen=True, slots=True)
class Form:
    """What decides the shapes of an encoder's weights, but for the labels."""

    features: int
    embedding: int
    hidden: int
    layers: int

    @property
    def dilations(self) -> list[int]:
        """How far apart the three units lie that a layer reads: 1, 2, 4, 8, then 8 again."""
        return [min(2**layer, _WIDEST_DILATION) for layer in range(self.layers)]

    @property
    def reach(self) -> int:
        """How many units to either side bear on what becomes of one."""
        return sum(self.dilations)


class Sums(NamedTuple):
    """What is kept of the logits of each place: as much as any keep bias needs."""

    keep_N: Floats  # logit of KEEP
    other_N: Floats  # logit of the best other label
    best_N: Indices  # that label's index
    delete_N: Floats  # logit of DELETE
    rest_N: Floats  # log of the summed weight of all labels but KEEP

    def of(self, places: slice) -> "Sums":
        """Those of some places."""
        return Sums(
            self.keep_N[places],
            self.other_N[places],
            self.best_N[places],
            self.delete_N[places],
            self.rest_N[places],
        )


class Seen(NamedTuple):
    """What a network says of the units `where` of the document at index `document`."""

    document: int
    where: slice
    sums: Sums


class Network(Protocol):
    """Reads units and weighs their labels."""

    def see(self, documents: Sequence[Sequence[str]], batch: int) -> Iterator[Seen]:
        """Read documents, each given as its units' texts, about `batch` units at a time; every
        unit is seen once."""


class Tagger(NamedTuple):
    """A trained worker's parts: all that its output depends on."""

    model: Any  # a Network; training knows which one
    labels: tuple[str, ...]
    keep_bias: Mapping[str, float]  # by family: log-odds that an edit's weakest label must reach
    lean: float = 0.0  # what KEEP's logit is lowered by before the best label is looked for


class Extras(NamedTuple):
    """What the folder's JSON says beside the weights; no form: the encoder is one of transformers,
    whose own config says it."""

    form: Form | None
    labels: tuple[str, ...]
    keep_bias: Mapping[str, float]
    lean: float


def write_extras(folder: Path, extras: Extras) -> None:
    """Write the JSON beside the weights."""
    write_json(
        folder / EXTRAS,
        {
            "form": extras.form and asdict(extras.form),
            "labels": list(extras.labels),
            "keep_bias": dict(extras.keep_bias),
            "lean": extras.lean,
        },
    )


def read_extras(folder: Path) -> Extras:
    """Read it back.

    Raises:
        DataError: the folder does not hold a whole worker.
    """
    missing = [name for name in OUTPUT_FILES if not (folder / name).is_file()]
    if missing:
        raise DataError(
            f"{folder}: {', '.join(missing)} missing, so this is no trained edit worker. "
            "Train one first: tahdhib worker."
        )
    extras = read_json(folder / EXTRAS)
    return Extras(
        form=extras["form"] and Form(**extras["form"]),
        labels=tuple(extras["labels"]),
        keep_bias=extras["keep_bias"],
        lean=extras.get("lean", 0.0),  # older folders have none
    )


def folder_hash(folder: Path) -> str:
    """Hash of the files that the output depends on: not of the card, which only tells about it."""
    digest = hashlib.sha256()
    for name in (*OUTPUT_FILES, *_output_files_of_base(folder)):
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()


def _output_files_of_base(folder: Path) -> list[str]:
    """What more the output of an encoder of transformers depends on."""
    if read_extras(folder).form is not None:
        return []
    return [name for name in ("config.json", "tokenizer.json") if (folder / name).is_file()]
