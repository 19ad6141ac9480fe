"""A server of paid chat completions in a process of its own: it outlives whoever is killed, and
keeps a count of its own.

    python -m tests.llm.paid_server --latency 0.05 --unusable 0.1 --failing 0.05

prints the port it listens on. `GET /count` tells what it did, `GET /calls` how often each text
was asked. What becomes of a call follows from
its text and from how often that was asked, so that it is the same whatever comes in between.
"""

import argparse
import asyncio
import hashlib
import json
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
USABLE, UNUSABLE = "<unchanged/>", "I would rather talk about the weather."
TOKENS = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


class Count:
    """Calls by text, usable answers that were sent whole by text, most calls under way at once."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.bought: Counter[str] = Counter()
        self.unusable = 0
        self.failed = 0
        self.at_once = 0
        self.most_at_once = 0

    def words(self) -> dict[str, int]:
        return {
            "calls": sum(self.calls.values()),
            "texts": len(self.calls),
            "bought": sum(self.bought.values()),
            "unusable": self.unusable,
            "failed": self.failed,
            "bought_twice": sum(number > 1 for number in self.bought.values()),
            "most_at_once": self.most_at_once,
        }


class Answering(asyncio.Protocol):
    """One connection: a call is answered before the next is read, as HTTP/1.1 has it."""

    def __init__(self, asked: argparse.Namespace, count: Count) -> None:
        self._asked, self._count = asked, count
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        head, found, body = self._waiting.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        length = 0
        if b"content-length:" in lower:
            length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        self._waiting = body[length:]
        if head.startswith(b"GET"):
            told = self._count.calls if b"/calls" in head else self._count.words()
            self._send(200, json.dumps(told).encode())
            return
        text = json.loads(body[:length])["messages"][-1]["content"]
        count = self._count
        count.calls[text] += 1
        count.at_once += 1
        count.most_at_once = max(count.most_at_once, count.at_once)
        loop = asyncio.get_running_loop()
        loop.call_later(self._asked.latency, self._answer, text, count.calls[text])

    def _answer(self, text: str, tries: int) -> None:
        self._count.at_once -= 1
        chance = int.from_bytes(hashlib.sha256(f"{text}:{tries}".encode()).digest()[:4], "big")
        luck = chance / 2**32
        if luck < self._asked.failing:
            self._count.failed += 1
            self._send(500, b'{"error": {"message": "fell over"}}')
            return
        is_usable = luck >= self._asked.failing + self._asked.unusable
        message = {"role": "assistant", "content": USABLE if is_usable else UNUSABLE}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m"}
        if self._send(200, json.dumps({**body, "choices": [choice], "usage": TOKENS}).encode()):
            self._count.bought[text] += is_usable
            self._count.unusable += not is_usable

    def _send(self, status: int, body: bytes) -> bool:
        if self._transport.is_closing():
            return False
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: "
        self._transport.write(f"{head}{len(body)}\r\n\r\n".encode() + body)
        return True


async def serve(asked: argparse.Namespace) -> None:
    loop, count = asyncio.get_running_loop(), Count()
    server = await loop.create_server(lambda: Answering(asked, count), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class PaidServer:
    """The running process, seen from outside."""

    def __init__(self, port: int, pid: int) -> None:
        self.pid = pid
        self._root = f"http://127.0.0.1:{port}"

    @property
    def base_url(self) -> str:
        return f"{self._root}/v1"

    def count(self) -> dict[str, int]:
        return self._told("count")

    def calls(self) -> dict[str, int]:
        return self._told("calls")

    def _told(self, what: str) -> dict[str, int]:
        with urllib.request.urlopen(f"{self._root}/{what}") as answer:
            return dict(json.load(answer))


@contextmanager
def paid_server(**settings: float) -> Iterator[PaidServer]:
    """A server process for a `with` block; settings as the options above."""
    options = [f"--{name}={value}" for name, value in settings.items()]
    command = [sys.executable, "-m", "tests.llm.paid_server", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield PaidServer(int(process.stdout.readline()), process.pid)
        finally:
            process.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--latency", type=float, default=0.0, help="seconds per call")
    parser.add_argument("--unusable", type=float, default=0.0, help="share of answers that are")
    parser.add_argument("--failing", type=float, default=0.0, help="share of calls, with a 500")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
