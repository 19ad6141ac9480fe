"""Lines of a file, plain or compressed, in bounded memory and whatever state the file is in."""

import zlib
from collections.abc import Callable, Iterator
from typing import IO, NamedTuple, Protocol

import zstandard

_CHUNK_BYTES = 1 << 16  # small, since a hostile archive may grow a thousandfold


class Line(NamedTuple):
    """A line without its end. `problem` is set where the bytes are not the whole line: a line
    longer than the limit (cut there), or the point where a compressed stream breaks off."""

    number: int
    content: bytes
    problem: str | None = None


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


_DECOMPRESSORS: dict[str, Callable[[], _Decompressor]] = {
    "jsonl.gz": lambda: zlib.decompressobj(wbits=31),
    "jsonl.zst": lambda: zstandard.ZstdDecompressor().decompressobj(),
}


class BrokenStreamError(Exception):
    """A compressed stream ends early or is damaged."""


def read_lines(
    handle: IO[bytes], kind: str, *, limit_bytes: int, on_bytes: Callable[[int], None]
) -> Iterator[Line]:
    """Yield the lines of `handle`; `on_bytes` hears how many (compressed) bytes were read.

    A damaged stream yields what came before the damage and one last line that says so.
    """
    chunks = _chunks(handle, on_bytes)
    if kind in _DECOMPRESSORS:
        chunks = _decompressed(chunks, _DECOMPRESSORS[kind])
    number, held = 0, 0
    parts: list[bytes] = []
    try:
        for chunk in chunks:
            *whole, rest = chunk.split(b"\n")
            for piece in whole:
                number += 1
                yield _line(number, [*parts, piece], held + len(piece), limit_bytes)
                parts, held = [], 0
            if held <= limit_bytes:  # beyond it, only the length matters
                parts.append(rest)
            held += len(rest)
    except BrokenStreamError as error:
        yield Line(number + 1, b"".join(parts), str(error))
        return
    if held:
        yield _line(number + 1, parts, held, limit_bytes)


def _line(number: int, parts: list[bytes], length: int, limit_bytes: int) -> Line:
    if length > limit_bytes:
        return Line(number, b"".join(parts)[:limit_bytes], f"line of {length:,} bytes")
    return Line(number, b"".join(parts).rstrip(b"\r"))


def _chunks(handle: IO[bytes], on_bytes: Callable[[int], None]) -> Iterator[bytes]:
    while chunk := handle.read(_CHUNK_BYTES):
        on_bytes(len(chunk))
        yield chunk


def _decompressed(
    chunks: Iterator[bytes], new_decompressor: Callable[[], _Decompressor]
) -> Iterator[bytes]:
    """Decompress a stream of one or more members (gzip) or frames (zstd)."""
    decompressor = new_decompressor()
    is_between_members = True
    for chunk in chunks:
        data = chunk
        while data:
            if decompressor.eof:
                decompressor = new_decompressor()
            try:
                yield decompressor.decompress(data)
            except (zlib.error, zstandard.ZstdError) as error:
                raise BrokenStreamError(f"damaged stream: {error}") from error
            is_between_members = decompressor.eof
            data = decompressor.unused_data if decompressor.eof else b""
    if not is_between_members:
        raise BrokenStreamError("the compressed stream ends before its end mark")
