"""Files that are one document: plain text, and web pages."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO

from tahdhib.readers.packing import BrokenStreamError, read_whole
from tahdhib.readers.page import page_of
from tahdhib.readers.reading import Reading
from tahdhib.readers.record import Fault, Record, excerpt_of, fault
from tahdhib.readers.sources import SourceFile


def read_text_file(handle: IO[bytes], source: SourceFile, how: Reading) -> Iterator[Record]:
    """Yield the file as one record: its `text`, and its `name` without the folder."""
    raw = _content(handle, source, how)
    if isinstance(raw, Record):
        yield raw
        return
    encoding = "utf-16" if raw.startswith((BOM_UTF16_BE, BOM_UTF16_LE)) else "utf-8"
    try:
        text = raw.removeprefix(BOM_UTF8).decode(encoding)
    except UnicodeDecodeError as error:
        seen = f"byte {raw[error.start]:#04x} at offset {error.start}"
        yield fault(1, "invalid_utf8", seen, raw)
        return
    yield Record(1, {"text": text, "name": PurePosixPath(source.path).name}, excerpt_of(text))


def read_page_file(handle: IO[bytes], source: SourceFile, how: Reading) -> Iterator[Record]:
    """Yield the page's main `text`, with `title`, `url` and `date` where it states them, and the
    `name` of the file."""
    raw = _content(handle, source, how)
    if isinstance(raw, Record):
        yield raw
        return
    page = page_of(raw)
    if isinstance(page, Fault):
        yield Record(1, page, excerpt_of(raw))
        return
    record = {**page._asdict(), "name": PurePosixPath(source.path).name}
    yield Record(1, record, excerpt_of(page.text))


def _content(handle: IO[bytes], source: SourceFile, how: Reading) -> bytes | Record:
    limit = how.max_record_bytes
    try:
        raw = read_whole(handle, source.packing, limit_bytes=limit, on_bytes=how.on_bytes)
    except BrokenStreamError as error:
        return fault(1, "broken_stream", error)
    return raw if raw is not None else fault(1, "too_large", f"a file of over {limit:,} bytes")
