"""Answers on disk: one JSON file each, whole or absent, under the hash of what was asked.

One file per answer rather than one database: a killed process can leave nothing half-written,
and anyone can read, copy or delete a single answer.
"""

from dataclasses import asdict
from pathlib import Path

from tahdhib.llm.chat import Reply, Usage
from tahdhib.store.shards import read_json, write_json


def load(folder: Path, key: str) -> Reply | None:
    """The answer under `key`, marked as cached, or None."""
    try:
        content = read_json(_place(folder, key))
    except FileNotFoundError:
        return None
    return Reply(
        content["text"], content["finish_reason"], Usage(**content["usage"]), is_cached=True
    )


def save(folder: Path, key: str, reply: Reply) -> None:
    """Put an answer on disk; when this returns, it is there."""
    write_json(
        _place(folder, key),
        {
            "text": reply.text,
            "finish_reason": reply.finish_reason,
            "usage": asdict(reply.usage),
        },
    )


def _place(folder: Path, key: str) -> Path:
    return folder / key[:2] / f"{key}.json"
