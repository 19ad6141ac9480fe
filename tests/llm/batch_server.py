"""A real server on the loopback interface for files and batches, told what to do by a function.

It validates what it is sent, counts every request that it worked on, and holds batches back until
it is told to end them, or for so many looks at them.
"""

import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.llm.chat_server import Answer, Loopback

Behaviour = Callable[[dict[str, Any], int], "Line"]
"""From the body of a request and how often it came before to what is done with it."""


@dataclass(frozen=True)
class Line:
    """What comes of one request: a chat completion, an error, a line as it is, or nothing."""

    answer: Answer | None = None
    raw: bytes | None = None
    is_late: bool = False
    """The batch expires before the request is worked on."""


@dataclass
class Batch:
    """A batch as the server knows it."""

    id: str
    file: str
    metadata: Mapping[str, str]
    looks: int = 0
    is_failed: str | None = None
    ended: dict[str, Any] | None = None


@dataclass
class BatchServer(Loopback):
    """Files and batches. `looks`: how often a batch is looked at before it has ended;
    `refuse_batches`: statuses that the next creations answer with, and whether they make the batch
    all the same; `fail`: why the next batches fail as a whole."""

    behave: Behaviour
    looks: int = 1
    refuse_batches: list[tuple[int, bool]] = field(default_factory=list)
    fail: list[str] = field(default_factory=list)
    status: int = 200
    """What every request is answered with, where it is no success."""

    def __post_init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, Batch] = {}
        self.worked_on: list[str] = []
        self.lists = 0
        self.is_held = threading.Event()
        self.is_held.set()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        super().__init__(_handler(self))

    def take_file(self, content: bytes) -> dict[str, Any]:
        with self._lock:
            name = f"file-{next(self._numbers)}"
            self.files[name] = content
        return {
            "id": name,
            "object": "file",
            "bytes": len(content),
            "created_at": 1,
            "filename": "parcel.jsonl",
            "purpose": "batch",
            "status": "processed",
        }

    def create(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        assert asked["endpoint"] == "/v1/chat/completions"
        assert asked["completion_window"] == "24h"
        with self._lock:
            status, is_made = self.refuse_batches.pop(0) if self.refuse_batches else (200, True)
            if is_made:
                batch = Batch(
                    f"batch-{next(self._numbers)}", asked["input_file_id"], asked["metadata"]
                )
                batch.is_failed = self.fail.pop(0) if self.fail else None
                self.batches[batch.id] = batch
        if status != 200:
            return status, {"error": {"message": f"status {status}"}}
        return 200, self.shown(batch)

    def look(self, name: str) -> tuple[int, dict[str, Any]]:
        with self._lock:
            batch = self.batches.get(name)
            if batch is None:
                return 404, {"error": {"message": "no such batch"}}
            batch.looks += 1
            if batch.ended is None and batch.looks > self.looks and self.is_held.is_set():
                batch.ended = self._end(batch)
        return 200, self.shown(batch)

    def shown(self, batch: Batch) -> dict[str, Any]:
        total = len(self.files[batch.file].splitlines())
        done = total // 2 if batch.looks else 0
        return {
            "id": batch.id,
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "input_file_id": batch.file,
            "completion_window": "24h",
            "created_at": 1,
            "status": "in_progress",
            "metadata": dict(batch.metadata),
            "request_counts": {"total": total, "completed": done, "failed": 0},
            **(batch.ended or {}),
        }

    def _end(self, batch: Batch) -> dict[str, Any]:
        if batch.is_failed is not None:
            error = {"code": batch.is_failed, "message": "as a whole", "line": None}
            return {"status": "failed", "errors": {"object": "list", "data": [error]}}
        good, bad, is_expired = [], [], False
        for line in self.files[batch.file].splitlines():
            request = json.loads(line)
            assert (request["method"], request["url"]) == ("POST", "/v1/chat/completions")
            text = request["body"]["messages"][-1]["content"]
            came = self.behave(request["body"], self.worked_on.count(text))
            if came.is_late:
                is_expired = True
                error = {"code": "batch_expired", "message": "not begun in time"}
                bad.append({"custom_id": request["custom_id"], "response": None, "error": error})
                continue
            self.worked_on.append(text)
            if came.raw is not None:
                good.append(came.raw)
            elif came.answer is not None:
                body = json.loads(came.answer.content(request["body"]["model"]))
                response = {"status_code": came.answer.status, "request_id": "r", "body": body}
                one = {"id": "b", "custom_id": request["custom_id"], "error": None}
                lines = good if came.answer.status == 200 else bad
                lines.append({**one, "response": response})
        files = {}
        for name, lines in (("output_file_id", good), ("error_file_id", bad)):
            if lines:
                content = [
                    one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines
                ]
                file = f"file-{next(self._numbers)}"
                self.files[file] = b"".join(one + b"\n" for one in content)
                files[name] = file
        return {"status": "expired" if is_expired else "completed", **files}

    def page(self, after: str | None) -> dict[str, Any]:
        """Two batches a page, newest first, as far back as there are any."""
        with self._lock:
            self.lists += 1
            names = list(self.batches)[::-1]
        start = names.index(after) + 1 if after else 0
        shown = [self.shown(self.batches[name]) for name in names[start : start + 2]]
        return {"object": "list", "data": shown, "has_more": start + 2 < len(names)}


def _handler(server: BatchServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self._send(*_post(server, self.path, body, self.headers["content-type"]))

        def do_GET(self) -> None:
            self._send(*_get(server, *self.path.partition("?")[::2]))

        def _send(self, status: int, content: bytes | Mapping[str, Any]) -> None:
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    return Handler


def _post(server: BatchServer, path: str, body: bytes, kind: str) -> tuple[int, dict[str, Any]]:
    if server.status != 200:
        return server.status, {"error": {"message": "as told"}}
    if path == "/v1/files":
        return 200, server.take_file(_uploaded(body, kind))
    assert path == "/v1/batches"
    return server.create(json.loads(body))


def _get(server: BatchServer, path: str, query: str) -> tuple[int, bytes | dict[str, Any]]:
    if match := re.fullmatch(r"/v1/files/(.+)/content", path):
        return 200, server.files[match[1]]
    if match := re.fullmatch(r"/v1/batches/(.+)", path):
        return server.look(match[1])
    assert path == "/v1/batches"
    after = re.search(r"after=([^&]+)", query)
    return 200, server.page(after[1] if after else None)


def _uploaded(body: bytes, content_type: str) -> bytes:
    """The file in a form that was sent."""
    assert b'name="purpose"\r\n\r\nbatch' in body
    boundary = content_type.partition("boundary=")[2].encode()
    (part,) = [part for part in body.split(b"--" + boundary) if b'name="file"' in part]
    return part.partition(b"\r\n\r\n")[2][:-2]


@contextmanager
def serving_batches(behave: Behaviour, **settings: Any) -> Iterator[BatchServer]:
    """A server for a `with` block."""
    with BatchServer(behave, **settings).running() as server:
        yield server


def echo(body: dict[str, Any], _earlier: int) -> Line:
    return Line(Answer(f"echo: {body['messages'][-1]['content']}"))
