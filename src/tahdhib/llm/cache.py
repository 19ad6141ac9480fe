"""Answers on disk: one JSON file each, whole or absent, under the hash of what was asked.

One file per answer rather than one database: a killed process can leave nothing half-written,
and anyone can read, copy or delete a single answer.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path

from tahdhib.llm.chat import Reply, Usage
from tahdhib.store.shards import TEMPORARY, read_json


def load(folder: Path, key: str) -> Reply | None:
    """The answer under `key`, marked as cached, or None."""
    try:
        content = read_json(_place(folder, key))
    except FileNotFoundError:
        return None
    except ValueError:
        return None  # the power went between `write` and `force`
    return Reply(
        content["text"], content["finish_reason"], Usage(**content["usage"]), is_cached=True
    )


def save(folder: Path, key: str, reply: Reply) -> None:
    """Put an answer on disk; when this returns, it is there."""
    force(write(folder, key, reply))


def write(folder: Path, key: str, reply: Reply) -> Path:
    """Write an answer, whole or not at all: no kill takes it any more.

    As `store.shards.whole` does, in few system calls: threads write hundreds of answers a second
    beside the one that has the calls under way, and each system call is a turn in which one waits
    for the other.
    """
    content = {
        "text": reply.text,
        "finish_reason": reply.finish_reason,
        "usage": asdict(reply.usage),
    }
    data = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    place = _place(folder, key)
    temporary = place.with_name(f"{TEMPORARY}{os.getpid()}-{place.name}")
    with open(_created(temporary), "wb") as file:
        file.write(data.encode("utf-8"))
    os.replace(temporary, place)
    return place


def force(place: Path) -> None:
    """Force a written answer to disk: no power cut takes it any more."""
    with place.open("rb") as file:
        os.fsync(file.fileno())


def _created(file: Path) -> int:
    """A new file to write to, in a folder that is made where it is missing."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        return os.open(file, flags, 0o666)
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
        return os.open(file, flags, 0o666)


def _place(folder: Path, key: str) -> Path:
    return folder / key[:2] / f"{key}.json"
