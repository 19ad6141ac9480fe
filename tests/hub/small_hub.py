"""A hub on the loopback interface: as much of its protocol as an upload needs."""

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Hub:
    """Repositories with the files that were committed to them; `refuses` is a status for all."""

    def __init__(self, refuses: int = 0) -> None:
        self.refuses, self.address = refuses, ""
        self.made: list[dict[str, Any]] = []
        self.files: dict[str, dict[str, bytes]] = {}
        self.tokens: set[str | None] = set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._reply({}, 404)

    def do_POST(self) -> None:
        body = self._body()
        self.hub.tokens.add(self.headers.get("Authorization"))
        if self.hub.refuses:
            self._reply({"error": "no"}, self.hub.refuses)
        elif self.path == "/api/repos/create":
            asked = json.loads(body)
            self.hub.made.append(asked)
            self._reply({"url": f"{self.hub.address}/{asked['organization']}/{asked['name']}"})
        elif self.path == "/api/validate-yaml":
            self._reply({"errors": [], "warnings": []})
        elif match := re.fullmatch(r"/api/models/(.+)/preupload/main", self.path):
            files = json.loads(body)["files"]
            told = [{"path": one["path"], "uploadMode": "regular"} for one in files]
            self._reply({"files": [{**one, "shouldIgnore": False} for one in told]})
        elif match := re.fullmatch(r"/api/models/(.+)/commit/main", self.path):
            lines = [json.loads(line) for line in body.splitlines()]
            files = self.hub.files.setdefault(match[1], {})
            for line in lines:
                if line["key"] == "file":
                    files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            url = f"{self.hub.address}/{match[1]}/commit/{'0a' * 20}"
            self._reply({"commitOid": "0a" * 20, "commitUrl": url, "success": True})
        else:
            self._reply({"error": self.path}, 404)

    def _body(self) -> bytes:
        if length := self.headers.get("Content-Length"):
            return self.rfile.read(int(length))
        chunks = []
        while size := int(self.rfile.readline(), 16):  # sent in chunks
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _reply(self, value: object, status: int = 200) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(refuses: int = 0) -> Iterator[Hub]:
    """A hub that listens until it is done with."""
    hub = Hub(refuses)
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
