"""JSON Lines: one object per line."""

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

from tahdhib.readers.lines import problem_of, read_lines
from tahdhib.readers.packing import Packing
from tahdhib.readers.reading import Reading
from tahdhib.readers.record import Fault, Record


def read_json_lines(handle: IO[bytes], packing: Packing, how: Reading) -> Iterator[Record]:
    """Yield the object of each line that is not empty; places are lines."""
    limit = how.max_record_bytes
    for line in read_lines(handle, packing, limit_bytes=limit, on_bytes=how.on_bytes):
        if line.problem is not None:
            yield problem_of(line, limit)
        elif line.content.strip():
            yield Record(line.number, _parse(line.content), line.content)


def _parse(content: bytes) -> Mapping[str, Any] | Fault:
    try:
        record = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        return Fault("invalid_utf8", f"byte {content[error.start]:#04x} at offset {error.start}")
    except (ValueError, RecursionError) as error:
        return Fault("not_json", " ".join(str(error).split()))
    return record if isinstance(record, dict) else Fault("not_an_object", type(record).__name__)
