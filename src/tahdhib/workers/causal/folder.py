"""The folder of a causal worker: a model that transformers and every server open, and beside it
what the worker must know to ask it."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from tahdhib.errors import DataError
from tahdhib.store.shards import read_json, write_json
from tahdhib.workers.card import CARD, RECORD
from tahdhib.workers.causal.answer import Instruction, Output

SETTINGS = "causal_worker.json"
ADAPTER = "adapter"
PILOT = "pilot"
"""Where the record beside the weights says whether it is worth while to guess ahead."""
_CHUNK_BYTES = 1 << 22


class Asked(NamedTuple):
    """How the model was taught to be asked, and to answer."""

    output: Output
    instruction: Instruction


def save_asked(folder: Path, asked: Asked) -> None:
    """Write it down beside the model."""
    write_json(folder / SETTINGS, asked._asdict())


def open_asked(folder: Path) -> Asked:
    """Read it.

    Raises:
        DataError: the folder does not hold a whole worker.
    """
    try:
        return Asked(**read_json(folder / SETTINGS))
    except (OSError, ValueError, TypeError) as error:
        raise DataError(
            f"{folder}: holds no causal worker ({error}). Train one first: worker.kind=causal, "
            "tahdhib worker."
        ) from error


def piloted(folder: Path) -> int:
    """Tokens to guess ahead, as the answers to held-out documents decided; 0: none.

    Raises:
        DataError: the folder's record says nothing of it.
    """
    try:
        return int(read_json(folder / RECORD)[PILOT]["lookup"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{folder / RECORD}: says nothing of a pilot ({error!r}), and rewrite.causal.lookup is "
            "'pilot'. Train the worker again (tahdhib worker), or set lookup to a number."
        ) from error


def folder_hash(folder: Path) -> str:
    """Hash of the files that the output depends on: not of the card, nor of the adapter, which is
    merged into the weights."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name not in (CARD, RECORD):
            digest.update(f"\0{path.name}\0{path.stat().st_size}\0".encode())
            with path.open("rb") as content:
                while chunk := content.read(_CHUNK_BYTES):
                    digest.update(chunk)
    return digest.hexdigest()
