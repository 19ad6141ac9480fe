"""Answers on disk: a line of JSON each in `answers.jsonl`, under the hash of what was asked.

    {"key": "9f0c…", "text": "…", "finish_reason": "stop", "usage": {"calls": 1, …}}

Lines are only ever added, each in one write, so a kill can tear the last one and no other; of lines
with one key the last counts. A file for each answer would take a quarter of the time of a call.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from tahdhib.llm.chat import Reply, Usage

FILE = "answers.jsonl"


class _Place(NamedTuple):
    start: int
    length: int


class Answers:
    """The answers that lie in a folder, whoever wrote them; to be closed by who opened them."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._file: int | None = None
        self._places: dict[str, _Place] = {}
        self._read_to = 0

    def load(self, key: str) -> Reply | None:
        """The answer under `key`, marked as cached, or None."""
        self._read_on()
        place = self._places.get(key)
        if place is None or self._file is None:
            return None
        content = json.loads(os.pread(self._file, place.length, place.start))
        return Reply(
            content["text"], content["finish_reason"], Usage(**content["usage"]), is_cached=True
        )

    def save(self, key: str, reply: Reply) -> None:
        """Put an answer on disk; when this returns, it is there."""
        self.write(key, reply)
        self.force()

    def write(self, key: str, reply: Reply) -> None:
        """Add an answer: no kill takes it any more."""
        file = self._open()
        content = {
            "key": key,
            "text": reply.text,
            "finish_reason": reply.finish_reason,
            "usage": asdict(reply.usage),
        }
        data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        if os.write(file, data) < len(data):
            raise OSError(f"{self._path}: the disk took only a part of a line; make room on it")

    def force(self) -> None:
        """Force all that was written to disk: no power cut takes it any more."""
        os.fsync(self._open())

    def close(self) -> None:
        """Leave the file to others."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self) -> int:
        """The file, to be read and added to behind a whole line."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            size = os.fstat(self._file).st_size
            if size and os.pread(self._file, 1, size - 1) != b"\n":
                os.write(self._file, b"\n")
        return self._file

    def _read_on(self) -> None:
        """Note where the answers stand that were added since the last look."""
        if self._file is None and not self._path.exists():
            return
        file = self._open()
        left = os.fstat(file).st_size - self._read_to
        if not left:
            return
        with open(os.dup(file), "rb") as lines:
            lines.seek(self._read_to)
            for line in lines:
                if not line.endswith(b"\n"):
                    break  # somebody is writing it
                if (key := _key(line)) is not None:
                    self._places[key] = _Place(self._read_to, len(line))
                self._read_to += len(line)


def _key(line: bytes) -> str | None:
    try:
        content: Any = json.loads(line)
    except ValueError:
        return None  # torn by a kill
    return content["key"] if isinstance(content, dict) else None
