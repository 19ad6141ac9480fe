"""The bytes of a file, unpacked in bounded memory and whatever state the file is in."""

import zlib
from collections.abc import Callable, Iterator
from typing import IO, Literal, Protocol

import zstandard

_CHUNK_BYTES = 1 << 16  # small, since a hostile archive may grow a thousandfold

Packing = Literal["", "gz", "zst"]
"""How a file is compressed; empty: not at all."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


_DECOMPRESSORS: dict[str, Callable[[], _Decompressor]] = {
    "gz": lambda: zlib.decompressobj(wbits=31),
    "zst": lambda: zstandard.ZstdDecompressor().decompressobj(),
}


class BrokenStreamError(Exception):
    """A compressed stream ends early or is damaged."""


def _nobody() -> None:
    pass


def unpacked(
    handle: IO[bytes],
    packing: Packing,
    on_bytes: Callable[[int], None],
    on_member: Callable[[], None] = _nobody,
) -> Iterator[bytes]:
    """Yield the content of `handle` in chunks; `on_bytes` hears how many bytes of it were read,
    `on_member` that a member (gzip) or frame (zstd) begins with the next chunk.

    Raises:
        BrokenStreamError: after what came before the damage.
    """
    chunks = _chunks(handle, on_bytes)
    return _decompressed(chunks, _DECOMPRESSORS[packing], on_member) if packing else chunks


def read_whole(
    handle: IO[bytes], packing: Packing, *, limit_bytes: int, on_bytes: Callable[[int], None]
) -> bytes | None:
    """The whole content of `handle`; None where it is longer than `limit_bytes`.

    Raises:
        BrokenStreamError: the content is compressed and damaged.
    """
    parts: list[bytes] = []
    held = 0
    for chunk in unpacked(handle, packing, on_bytes):
        held += len(chunk)
        if held > limit_bytes:
            return None
        parts.append(chunk)
    return b"".join(parts)


def _chunks(handle: IO[bytes], on_bytes: Callable[[int], None]) -> Iterator[bytes]:
    while chunk := handle.read(_CHUNK_BYTES):
        on_bytes(len(chunk))
        yield chunk


def _decompressed(
    chunks: Iterator[bytes],
    new_decompressor: Callable[[], _Decompressor],
    on_member: Callable[[], None],
) -> Iterator[bytes]:
    """Decompress a stream of one or more members (gzip) or frames (zstd)."""
    decompressor = new_decompressor()
    is_between_members = True
    for chunk in chunks:
        data = chunk
        while data:
            if is_between_members:
                decompressor = new_decompressor()
                on_member()
            try:
                yield decompressor.decompress(data)
            except (zlib.error, zstandard.ZstdError) as error:
                raise BrokenStreamError(f"damaged stream: {error}") from error
            is_between_members = decompressor.eof
            data = decompressor.unused_data if decompressor.eof else b""
    if not is_between_members:
        raise BrokenStreamError("the compressed stream ends before its end mark")
