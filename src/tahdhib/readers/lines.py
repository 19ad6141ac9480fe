"""Lines of a file, in bounded memory and whatever state the file is in."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from typing import IO, NamedTuple

from tahdhib.readers.packing import BrokenStreamError, Packing, unpacked
from tahdhib.readers.record import Record, fault


class Line(NamedTuple):
    """A line without its end. `problem` is set where the bytes are not the whole line: a line
    longer than the limit (cut there), or the point where a compressed stream breaks off."""

    number: int
    content: bytes
    problem: str | None = None


def read_lines(
    handle: IO[bytes], packing: Packing, *, limit_bytes: int, on_bytes: Callable[[int], None]
) -> Iterator[Line]:
    """Yield the lines of `handle` without a byte order mark; `on_bytes` hears how many
    (compressed) bytes were read.

    A damaged stream yields what came before the damage and one last line that says so.
    """
    number, held = 0, 0
    parts: list[bytes] = []
    try:
        for chunk in unpacked(handle, packing, on_bytes):
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


def problem_of(line: Line, limit_bytes: int) -> Record:
    """The fault of a line that has a problem."""
    assert line.problem is not None
    reason = "too_large" if len(line.content) >= limit_bytes else "broken_stream"
    return fault(line.number, reason, line.problem, line.content)


def _line(number: int, parts: list[bytes], length: int, limit_bytes: int) -> Line:
    if length > limit_bytes:
        return Line(number, b"".join(parts)[:limit_bytes], f"line of {length:,} bytes")
    content = b"".join(parts).rstrip(b"\r")
    return Line(number, content.removeprefix(BOM_UTF8) if number == 1 else content)
