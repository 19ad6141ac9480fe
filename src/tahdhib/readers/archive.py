"""Web archives: WARC with its kin WET, and ARC, read record by record.

A record is what came back for one address. Pages are extracted, plain text and the conversions of
WET are taken as they are. What is no document by design (requests, metadata, revisits, redirects
and error pages, pictures, scripts) is passed over and counted.

The way from record to record is our own: of the readers at hand, one prints on stderr, hands out
cut records as whole ones and holds lines of any length in memory; another cannot read ARC.
"""

import re
import zlib
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from tahdhib.readers.http import Response, response_of
from tahdhib.readers.packing import BrokenStreamError, Packing, unpacked
from tahdhib.readers.page import page_of
from tahdhib.readers.reading import Reading
from tahdhib.readers.record import Fault, Record, excerpt_of, fault

_MAX_LINE_BYTES = 1 << 16
_MAX_HEADER_LINES = 200
_SKIP_BYTES = 1 << 16
_ARC_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$")
_RECORD = re.compile(rb"WARC/[01]\.|\w+://\S+ \S+ \d{14} \S+ (?:.* )?\d+\r?$")
_LENGTH = re.compile("[0-9]{1,15}")
_MEMBERS = 4
_PAGES = ("text/html", "application/xhtml+xml")


class _Broken(Exception):
    """The record cannot be read; what follows perhaps can."""


class _Entry(NamedTuple):
    """A record's head: its type, its fields by lower-case name, the bytes of its block."""

    type: str
    fields: dict[str, str]
    length: int


def read_archive(handle: IO[bytes], packing: Packing, how: Reading) -> Iterator[Record]:
    """Yield `text`, `url`, `date`, `title` and `content_type` of each record that is a document;
    places count the archive's records, documents or not."""
    stream = _Stream(handle, packing, how)
    place = 0
    try:
        while stream.skip_blank_lines():
            place += 1
            url: str | None = None
            if place == 2 and packing and not stream.is_at_member:
                yield fault(place, "not_record_wise", "the first member goes on with record 2")
            try:
                entry = _head(stream)
                url = _url(entry)
                record = _record(place, entry, stream, how)
                _check_end(stream)
            except _Broken as error:
                yield fault(place, "malformed_record", error, url or stream.last_line)
                stream.seek_record()
                continue
            if record is None:
                how.on_skipped(1)
            else:
                yield record
    except BrokenStreamError as error:
        yield fault(max(1, place), "broken_stream", error)


def _head(stream: "_Stream") -> _Entry:
    line = stream.line()
    if line.startswith(b"WARC/"):
        return _warc_head(stream)
    parts = line.decode("utf-8", "replace").strip().split(" ")
    if len(parts) >= 5 and _LENGTH.fullmatch(parts[-1]) and "://" in parts[0]:
        date = _ARC_DATE.match(parts[2])
        stamp = "{}-{}-{}T{}:{}:{}Z".format(*date.groups()) if date else parts[2]
        fields = {"warc-target-uri": parts[0], "warc-date": stamp, "content-type": parts[3]}
        kind = "warcinfo" if parts[0].startswith("filedesc://") else "response"
        return _Entry(kind, fields, int(parts[-1]))
    raise _Broken(f"neither WARC nor ARC: {line[:80]!r}")


def _warc_head(stream: "_Stream") -> _Entry:
    fields: dict[str, str] = {}
    for _ in range(_MAX_HEADER_LINES):
        line = stream.line().decode("utf-8", "replace").rstrip("\r\n")
        if not line:
            break
        name, colon, value = line.partition(":")
        if colon:
            fields[name.strip().lower()] = value.strip()
    length = fields.get("content-length", "")
    if not _LENGTH.fullmatch(length):
        raise _Broken(f"Content-Length is {length!r}, expected a number of bytes")
    return _Entry(fields.get("warc-type", "").lower(), fields, int(length))


def _record(place: int, entry: _Entry, stream: "_Stream", how: Reading) -> Record | None:
    """The record of an entry, whose block is read to its end; None where it is no document."""
    if entry.type not in ("response", "resource", "conversion"):
        stream.skip(entry.length)
        return None
    if entry.length > how.max_record_bytes:
        stream.skip(entry.length)
        return fault(place, "too_large", f"a record of {entry.length:,} bytes", _url(entry) or "")
    response = _response(entry, stream.exactly(entry.length), how.max_record_bytes)
    if isinstance(response, Fault):
        return Record(place, response, excerpt_of(_url(entry) or ""))
    if not response.is_success:
        return None
    content = _content(entry, response)
    if content is None:
        return None
    excerpt = f"{_url(entry)} {content['text'][:400]}" if isinstance(content, dict) else _url(entry)
    return Record(place, content, excerpt_of(excerpt or ""))


def _response(entry: _Entry, block: bytes, limit_bytes: int) -> Response | Fault:
    media, _, parameters = entry.fields.get("content-type", "").partition(";")
    is_http = block.startswith(b"HTTP/") or media.strip().lower() == "application/http"
    if entry.type != "response" or not is_http:
        return Response(200, media.strip().lower(), parameters, block)
    try:
        return response_of(block, limit_bytes)
    except (ValueError, zlib.error) as error:
        return Fault("malformed_record", " ".join(str(error).split()))


def _content(entry: _Entry, response: Response) -> dict[str, Any] | Fault | None:
    about = {
        "url": _url(entry),
        "date": entry.fields.get("warc-date"),
        "content_type": response.media_type,
    }
    if response.media_type in _PAGES:
        page = page_of(response.body, response.charset, _url(entry))
        if isinstance(page, Fault):
            return page
        return {"text": page.text, "title": page.title, **about}
    if response.media_type == "text/plain" or entry.type == "conversion":
        try:
            text = response.body.decode(response.charset or "utf-8")
        except (LookupError, UnicodeDecodeError) as error:
            return Fault("invalid_utf8", " ".join(str(error).split())[:200])
        return {"text": text, "title": None, **about}
    return None


def _url(entry: _Entry) -> str | None:
    url = entry.fields.get("warc-target-uri")
    return url.strip("<>") if url else None  # some writers add the brackets


def _check_end(stream: "_Stream") -> None:
    """After a block comes an empty line, the next record or the end; else its length is wrong."""
    line = stream.peek_line()
    if line.strip() and not _RECORD.match(line):
        raise _Broken(f"the block is not as long as it says; after it stands {line[:40]!r}")


class _Stream:
    """Bytes in chunks, taken by line and by length in bounded memory."""

    def __init__(self, handle: IO[bytes], packing: Packing, how: Reading) -> None:
        self._chunks = unpacked(handle, packing, how.on_bytes, self._begin_member)
        self._held = bytearray()
        self._taken = 0
        self._members: list[int] = []  # where the first ones begin
        self._problem: BrokenStreamError | None = None
        self.last_line = b""

    @property
    def is_at_member(self) -> bool:
        """Whether one of the first compressed members begins here."""
        return self._taken in self._members

    def line(self) -> bytes:
        """The next line with its end, cut where it is longer than any head's; empty at the end."""
        self.last_line = self._take(len(self.peek_line()))
        return self.last_line

    def peek_line(self) -> bytes:
        searched = 0
        while True:
            end = self._held.find(b"\n", searched)
            if end >= 0 or len(self._held) >= _MAX_LINE_BYTES:
                return bytes(self._held[: end + 1 if end >= 0 else _MAX_LINE_BYTES])
            searched = len(self._held)
            if not self._more():
                return bytes(self._held)

    def exactly(self, length: int) -> bytes:
        """The next `length` bytes.

        Raises:
            BrokenStreamError: fewer are left.
        """
        while len(self._held) < length:
            if not self._more():
                seen = f"{len(self._held):,} of {length:,} bytes of the record are there"
                raise BrokenStreamError(f"{self._problem}; {seen}" if self._problem else seen)
        return self._take(length)

    def skip(self, length: int) -> None:
        """Pass over the next `length` bytes."""
        while length > 0:
            step = min(length, _SKIP_BYTES)
            self.exactly(step)
            length -= step

    def skip_blank_lines(self) -> bool:
        """Go to the next line with something in it; whether there is one.

        Raises:
            BrokenStreamError: there is none, because the stream is damaged.
        """
        while line := self.peek_line():
            if line.strip():
                return True
            self.line()
        if self._problem is not None:
            raise self._problem
        return False

    def seek_record(self) -> None:
        """Go to the next line that begins a record, or to the end."""
        while (line := self.peek_line()) and not _RECORD.match(line):
            self.line()

    def _take(self, length: int) -> bytes:
        taken = bytes(self._held[:length])
        del self._held[:length]
        self._taken += length
        return taken

    def _begin_member(self) -> None:
        if len(self._members) < _MEMBERS:
            self._members.append(self._taken + len(self._held))

    def _more(self) -> bool:
        try:
            chunk = next(self._chunks, None)
        except BrokenStreamError as error:
            self._problem = error
            chunk = None
        self._held += chunk or b""
        return chunk is not None
