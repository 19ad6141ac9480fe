"""The answer of a web server as an archive keeps it: status, type, and the body made plain."""

import re
import zlib
from typing import NamedTuple

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/\S+\s+(\d{3})")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.I)
_GZIP_OR_ZLIB = 47  # zlib's wbits: whichever the header says


class Response(NamedTuple):
    """A response; `media_type` is lower case and without the `parameters` after it."""

    status: int
    media_type: str
    parameters: str
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def charset(self) -> str | None:
        """The encoding that the server declares."""
        found = _CHARSET.search(self.parameters)
        return found.group(1) if found else None


def response_of(block: bytes, limit_bytes: int) -> Response:
    """Take an HTTP response apart, its body out of chunks and decompressed.

    Raises:
        ValueError: it is none, it is cut, or its body is longer than `limit_bytes` or packed in a
            way that is not known here.
        zlib.error: the body is damaged.
    """
    status = _STATUS.match(block)
    end = _HEAD_END.search(block)
    if status is None or end is None:
        raise ValueError("no HTTP response")
    fields: dict[str, str] = {}
    for line in block[: end.start()].decode("latin-1").splitlines()[1:]:
        name, _, value = line.partition(":")
        fields[name.strip().lower()] = value.strip()
    body = block[end.end() :]
    if "chunked" in fields.get("transfer-encoding", "").lower():
        body = _dechunked(body)
    body = _unpacked(body, fields.get("content-encoding", "").lower(), limit_bytes)
    media, _, parameters = fields.get("content-type", "").partition(";")
    return Response(int(status.group(1)), media.strip().lower(), parameters, body)


def _dechunked(body: bytes) -> bytes:
    """The body out of its chunks; as it is where it has none, as some archives keep it."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\r\n", at)
        size = body[at : max(end, at)].split(b";")[0].strip()
        if end < 0 or not re.fullmatch(rb"[0-9a-fA-F]{1,8}", size):
            if parts:
                raise ValueError("the chunks of the body break off")
            return body
        length = int(size, 16)
        if length == 0:
            return b"".join(parts)
        part = body[end + 2 : end + 2 + length]
        if len(part) < length:
            raise ValueError("the chunks of the body break off")
        parts.append(part)
        at = end + 2 + length + 2


def _unpacked(body: bytes, encoding: str, limit_bytes: int) -> bytes:
    if encoding in ("", "identity") or not body:
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        if body.lstrip()[:1] == b"<":  # unpacked by the crawler, which left the field as it was
            return body
        raise ValueError(f"content-encoding {encoding!r} is not known")
    is_packed = body.startswith((b"\x1f\x8b", b"\x78")) or encoding == "deflate"
    if not is_packed:
        return body
    wbits = _GZIP_OR_ZLIB if body.startswith((b"\x1f\x8b", b"\x78")) else -zlib.MAX_WBITS
    decompressor = zlib.decompressobj(wbits)
    whole = decompressor.decompress(body, limit_bytes + 1)
    if len(whole) > limit_bytes:
        raise ValueError(f"the body unpacks to over {limit_bytes:,} bytes")
    if not decompressor.eof:
        raise ValueError("the packed body breaks off")
    return whole
