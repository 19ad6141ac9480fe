"""A real OpenAI-compatible server on the loopback interface, for chat completions and moderations,
told what to do by a function.

It counts every call and how many were under way at once, so that tests can hold the client to
its promises by somebody else's count.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tahdhib.teachers.probe import MESSAGES


@dataclass(frozen=True)
class Answer:
    """What the server does with one call."""

    text: str | None = "answer"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    body: bytes | None = None
    """Sent in place of a chat completion."""
    cut_after: int | None = None
    """Close the connection after so many bytes of the body."""
    finish_reason: str = "stop"

    def content(self, model: str) -> bytes:
        if self.body is not None:
            return self.body
        if self.status != 200:
            return json.dumps({"error": {"message": f"status {self.status}"}}).encode()
        message = {"role": "assistant", "content": self.text}
        choice = {"index": 0, "message": message, "finish_reason": self.finish_reason}
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        return json.dumps(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1,
                "model": model,
                "choices": [choice],
                "usage": usage,
            }
        ).encode()


def verdict(text: str, tops: Mapping[str, float]) -> Answer:
    """A chat completion with log-probabilities: `tops` are those of its only token."""
    steps = [
        {
            "token": text,
            "logprob": max(tops.values()),
            "top_logprobs": [{"token": token, "logprob": one} for token, one in tops.items()],
        }
    ]
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "logprobs": {"content": steps}}
    return Answer(body=json.dumps({"choices": [{**choice, "finish_reason": "stop"}]}).encode())


def moderation(scores: Mapping[str, object]) -> Answer:
    """What a moderation service answers."""
    result = {"flagged": False, "categories": {}, "category_scores": dict(scores)}
    return Answer(body=json.dumps({"id": "modr-1", "results": [result]}).encode())


def is_probe(payload: Mapping[str, Any]) -> bool:
    """Whether a call only asks if the server holds a model to a schema."""
    return payload.get("messages") == list(MESSAGES)


Behaviour = Callable[[dict[str, Any], int], Answer]
"""From the payload and the number of earlier calls with the same payload to what is done."""


def refuse_schemas(payload: dict[str, Any], _earlier: int) -> Answer:
    """What a server says to such a question that knows no schemas."""
    return Answer(status=400) if "response_format" in payload else Answer("Green")


class Loopback:
    """Something that answers HTTP on a free port of this machine, in threads of its own."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._http = _Server(("127.0.0.1", 0), handler)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @contextmanager
    def running(self) -> Iterator[Self]:
        thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that are killed or give up are part of the tests."""


class ChatServer(Loopback):
    """Calls as they came, answers that were sent whole, and the most calls under way at once."""

    def __init__(self, behave: Behaviour, probed: Behaviour | None = None) -> None:
        self.behave = behave
        self.probed = probed or refuse_schemas
        self.calls: list[dict[str, Any]] = []
        self.probes: list[dict[str, Any]] = []
        """Questions that find out whether it holds a model to a schema, counted apart."""
        self.answered: list[str] = []
        self.authorizations: list[str | None] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        super().__init__(_handler(self))

    def begin(self, payload: dict[str, Any], authorization: str | None) -> Answer:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            if is_probe(payload):
                self.probes.append(payload)
                return self.probed(payload, len(self.probes) - 1)
            earlier = sum(call == payload for call in self.calls)
            self.calls.append(payload)
            self.authorizations.append(authorization)
        return self.behave(payload, earlier)

    def leave(self) -> None:
        with self._lock:
            self._at_once -= 1

    def note_answered(self, payload: dict[str, Any]) -> None:
        if is_probe(payload):
            return
        with self._lock:
            is_chat = "messages" in payload
            self.answered.append(
                payload["messages"][-1]["content"] if is_chat else payload["input"]
            )


def _handler(server: ChatServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            payload = json.loads(self.rfile.read(length))
            answer = server.begin(payload, self.headers.get("authorization"))
            time.sleep(answer.delay)
            content = answer.content(payload["model"])
            # A call is over for the client once it has the whole answer, so it must be counted
            # as over before the last byte leaves: else the count could pass the client's.
            server.leave()
            self.send_response(answer.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content[: answer.cut_after])
            self.wfile.flush()
            if answer.cut_after is not None:
                self.close_connection = True
            elif answer.status == 200:
                server.note_answered(payload)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    return Handler


@contextmanager
def serving(behave: Behaviour, probed: Behaviour | None = None) -> Iterator[ChatServer]:
    """A server for a `with` block."""
    with ChatServer(behave, probed).running() as server:
        yield server


def always(answer: Answer) -> Behaviour:
    return lambda _payload, _earlier: answer


def echo(payload: dict[str, Any], _earlier: int) -> Answer:
    return Answer(text=f"echo: {payload['messages'][-1]['content']}")
