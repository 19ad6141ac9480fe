"""CSV and TSV: the first row names the fields, quoted fields may run over several lines.

A row that does not fit the header goes to quarantine alone: a quote that is never closed does not
swallow the rest of the file, since reading goes on with the line after the one that it stands on.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from typing import IO, NamedTuple

from tahdhib.readers.lines import Line, problem_of, read_lines
from tahdhib.readers.packing import Packing
from tahdhib.readers.reading import Reading
from tahdhib.readers.record import Fault, Record, excerpt_of, fault

_ESCAPED = re.compile("[\udc80-\udcff]")  # how Python shows a byte that is not UTF-8


class _Row(NamedTuple):
    """A row at the line where it begins: its cells, or what is wrong with it."""

    line: int
    cells: list[str] | Fault
    excerpt: str


def read_table(
    handle: IO[bytes], packing: Packing, delimiter: str, how: Reading
) -> Iterator[Record]:
    """Yield a record of strings per row under the header; places are the lines they begin on."""
    limit = how.max_record_bytes
    lines = read_lines(handle, packing, limit_bytes=limit, on_bytes=how.on_bytes)
    rows = _rows(lines, delimiter, limit)
    header: list[str] | None = None
    for line, cells, excerpt in rows:
        if isinstance(cells, Fault):
            yield Record(line, cells, excerpt)
        elif header is None:
            header = [name.strip() for name in cells]
            if twice := sorted({name for name in header if name and header.count(name) > 1}):
                seen = f"the header names {twice[0]!r} twice"
                yield fault(line, "unreadable_file", seen, excerpt)
                return
        elif len(cells) != len(header):
            seen = f"{len(cells)} cells under a header of {len(header)}"
            yield fault(line, "malformed_row", seen, excerpt)
        else:
            yield Record(line, dict(zip(header, cells, strict=True)), excerpt)


def _rows(lines: Iterator[Line], delimiter: str, limit_bytes: int) -> Iterator[_Row]:
    ahead: deque[Line] = deque()  # read already, for a row that turned out not to be one
    while (line := _next(ahead, lines)) is not None:
        if line.problem is not None:
            problem = problem_of(line, limit_bytes)
            assert isinstance(problem.content, Fault)
            yield _Row(line.number, problem.content, problem.excerpt)
        elif line.content.strip():
            yield _row(line, ahead, lines, delimiter, limit_bytes)


def _next(ahead: deque[Line], lines: Iterator[Line]) -> Line | None:
    return ahead.popleft() if ahead else next(lines, None)


def _row(
    first: Line, ahead: deque[Line], lines: Iterator[Line], delimiter: str, limit_bytes: int
) -> _Row:
    """The row that begins with `first`; lines that were read in vain go back to `ahead`."""
    taken = [first]

    def feed() -> Iterator[str]:
        held = len(first.content)
        yield _text(first)
        while held <= limit_bytes and (line := _next(ahead, lines)) is not None:
            taken.append(line)
            if line.problem is not None:
                return
            held += len(line.content)
            yield _text(line)

    csv.field_size_limit(max(limit_bytes, 1 << 17))
    try:
        cells = next(csv.reader(feed(), delimiter=delimiter, strict=True))
    except csv.Error as error:
        ahead.extendleft(reversed(taken[1:]))
        if delimiter != "\t":
            seen = Fault("malformed_row", str(error))
            return _Row(first.number, seen, excerpt_of(first.content))
        cells = _text(first).rstrip("\n").split("\t")  # in most TSV a quote is a letter
    return _Row(first.number, _whole(cells), excerpt_of(first.content))


def _text(line: Line) -> str:
    return line.content.decode("utf-8", "surrogateescape") + "\n"


def _whole(cells: list[str]) -> list[str] | Fault:
    """The cells, unless one of them holds bytes that are not UTF-8."""
    for number, cell in enumerate(cells, 1):
        found = _ESCAPED.search(cell)
        if found:
            byte = ord(found.group()) - 0xDC00
            return Fault("invalid_utf8", f"byte {byte:#04x} in cell {number}")
    return cells
