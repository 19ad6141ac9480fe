"""Stores far away, on the loopback interface: as much of their protocols as reading needs.

They run in a process of their own, since Arrow's clients may wait for them without letting another
thread run: python -m tests.readers.stores s3 FOLDER [--refuses 403] [--breaks-off]
"""

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

Query = dict[str, str]
_DATE = "Mon, 01 Jan 2024 00:00:00 GMT"


class Store:
    """What a store holds, and how it misbehaves: the status with which it refuses every request
    (0: it does not), whether its downloads end in the middle."""

    def __init__(self, folder: Path, refuses: int, breaks_off: bool) -> None:
        self.folder, self.refuses, self.breaks_off = folder, refuses, breaks_off

    def names(self, prefix: str = "") -> list[str]:
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        names = (path.relative_to(self.folder).as_posix() for path in paths)
        return sorted(name for name in names if name.startswith(prefix))

    def content(self, name: str) -> bytes | None:
        path = self.folder / name
        return path.read_bytes() if path.is_file() else None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store: Store

    def log_message(self, *_: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._begin()

    def do_GET(self) -> None:
        self._begin()

    def do_POST(self) -> None:
        self._begin()

    def _begin(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if self.store.refuses:
            self.refuse(self.store.refuses)
            return
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query, True).items()}
        self.answer(unquote(parts.path), query, body)

    def answer(self, path: str, query: Query, body: bytes) -> None:
        raise NotImplementedError

    def refuse(self, status: int) -> None:
        self.reply(b"", status=status)

    def reply(
        self, body: bytes, kind: str = "application/json", status: int = 200, **fields: str
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_file(self, content: bytes, **fields: str) -> None:
        """The file, or the range of it that was asked for."""
        total = len(content)
        first, last = 0, total - 1
        asked = self.headers.get("Range")
        if asked:
            start, _, end = asked.removeprefix("bytes=").partition("-")
            first, last = int(start), min(int(end), total - 1) if end else total - 1
        piece = content[first : last + 1]
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{total}")
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(piece)))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Last-Modified", _DATE)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if self.store.breaks_off:
            self.wfile.write(piece[: len(piece) // 2])
            self.close_connection = True
            return
        self.wfile.write(piece)


class _S3(_Handler):
    """ListObjectsV2, HeadObject and GetObject, by path."""

    def answer(self, path: str, query: Query, body: bytes) -> None:
        bucket, _, key = path.lstrip("/").partition("/")
        if bucket != "bucket":
            self.error(404, "NoSuchBucket")
        elif "list-type" in query:
            self._list(query)
        elif not key:
            self.reply(b"", "application/xml")
        elif (content := self.store.content(key)) is None:
            self.error(404, "NoSuchKey")
        else:
            self.send_file(content, ETag=f'"{hashlib.md5(content).hexdigest()}"')

    def _list(self, query: Query) -> None:
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        files, folders = [], set()
        for name in self.store.names(prefix):
            inner = name.removeprefix(prefix)
            if delimiter and delimiter in inner:
                folders.add(prefix + inner.split(delimiter)[0] + delimiter)
            else:
                files.append(name)
        items = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(self.store.content(name) or b'')}"
            "</Size><LastModified>2024-01-01T00:00:00.000Z</LastModified></Contents>"
            for name in files
        )
        items += "".join(
            f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>"
            for name in sorted(folders)
        )
        count = len(files) + len(folders)
        self.reply(
            f'<?xml version="1.0"?><ListBucketResult><Name>bucket</Name><Prefix>{escape(prefix)}'
            f"</Prefix><KeyCount>{count}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false"
            f"</IsTruncated>{items}</ListBucketResult>".encode(),
            "application/xml",
        )

    def refuse(self, status: int) -> None:
        self.error(status, "AccessDenied")

    def error(self, status: int, code: str) -> None:
        body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'
        self.reply(body.encode(), "application/xml", status)


class _Gcs(_Handler):
    """The JSON interface: list, look at and download objects."""

    def answer(self, path: str, query: Query, body: bytes) -> None:
        _, _, rest = path.partition("/b/")
        bucket, _, after = rest.partition("/o")
        name = after.lstrip("/")
        if not rest and path.startswith("/bucket/"):
            name, query = path.removeprefix("/bucket/"), {"alt": "media"}
        elif bucket.split("/")[0] != "bucket":
            self.reply(b'{"error": {"code": 404, "message": "no such bucket"}}', status=404)
            return
        elif "/o" not in rest:
            self.reply(json.dumps({"kind": "storage#bucket", "name": "bucket"}).encode())
            return
        if not name:
            found = [self._about(name) for name in self.store.names(query.get("prefix", ""))]
            self.reply(json.dumps({"kind": "storage#objects", "items": found}).encode())
        elif (content := self.store.content(name)) is None:
            self.reply(b'{"error": {"code": 404, "message": "no such object"}}', status=404)
        elif query.get("alt") == "media":
            self.send_file(content, x_goog_generation="1")
        else:
            self.reply(json.dumps(self._about(name)).encode())

    def _about(self, name: str) -> dict[str, Any]:
        return {
            "kind": "storage#object",
            "name": name,
            "bucket": "bucket",
            "generation": "1",
            "size": str(len(self.store.content(name) or b"")),
            "updated": "2024-01-01T00:00:00.000Z",
            "timeCreated": "2024-01-01T00:00:00.000Z",
        }


class _Hub(_Handler):
    """A data set `owner/name` of the Hub: what it holds, and its files."""

    def answer(self, path: str, query: Query, body: bytes) -> None:
        api = "/api/datasets/owner/name"
        if path.startswith(f"{api}/tree/"):
            self._tree(path.removeprefix(f"{api}/tree/"), query)
        elif path.startswith(f"{api}/paths-info/"):
            wanted = json.loads(body or b"{}").get("paths", [])
            found = [self._about(name) for name in wanted if self.store.content(name) is not None]
            folders = [name for name in wanted if self.store.names(f"{name}/")]
            found += [{"type": "directory", "path": name, "oid": "0" * 40} for name in folders]
            self.reply(json.dumps(found).encode())
        elif path.startswith(api):
            about = {"_id": "1", "id": "owner/name", "sha": "0" * 40, "siblings": [], "tags": []}
            self.reply(json.dumps(about | {"private": False, "downloads": 0, "likes": 0}).encode())
        elif path.startswith("/datasets/owner/name/resolve/"):
            name = path.removeprefix("/datasets/owner/name/resolve/").partition("/")[2]
            content = self.store.content(name)
            if content is None:
                self._missing("EntryNotFound")
            else:
                etag = f'"{hashlib.sha1(content).hexdigest()}"'
                self.send_file(content, ETag=etag, X_Repo_Commit="0" * 40)
        else:
            self._missing("RepoNotFound")

    def _tree(self, inner: str, query: Query) -> None:
        prefix = inner.partition("/")[2]
        names = self.store.names(f"{prefix}/" if prefix else "")
        if not names:
            self._missing("EntryNotFound")
            return
        found = [self._about(name) for name in names]
        folders = {parent for name in names for parent in Path(name).parents} - {Path(".")}
        found += [{"type": "directory", "path": str(f), "oid": "0" * 40} for f in sorted(folders)]
        if query.get("recursive", "false").lower() not in ("true", "1"):
            depth = len(Path(prefix).parts) + 1
            found = [item for item in found if len(Path(item["path"]).parts) == depth]
        self.reply(json.dumps(found).encode())

    def _about(self, name: str) -> dict[str, Any]:
        content = self.store.content(name) or b""
        oid = hashlib.sha1(content).hexdigest()
        return {"type": "file", "path": name, "size": len(content), "oid": oid}

    def _missing(self, code: str) -> None:
        self.reply(b'{"error": "not found"}', status=404, X_Error_Code=code)


HANDLERS = {"s3": _S3, "gs": _Gcs, "hf": _Hub}


@contextmanager
def serving(scheme: str, folder: Path, *options: str) -> Iterator[str]:
    """Serve `folder` as the store of `scheme` (as bucket `bucket`, or data set `owner/name`) and
    give its address."""
    command = [sys.executable, "-m", "tests.readers.stores", scheme, str(folder), *options]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("scheme", choices=HANDLERS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--refuses", type=int, default=0)
    parser.add_argument("--breaks-off", action="store_true")
    options = parser.parse_args()
    store = Store(options.folder, options.refuses, options.breaks_off)
    handler = type("Handler", (HANDLERS[options.scheme],), {"store": store})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
