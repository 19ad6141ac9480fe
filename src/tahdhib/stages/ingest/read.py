"""Read one input file: its documents, and its faults with the place where they stand."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from tahdhib.config.recipe import Ingest
from tahdhib.records import Document
from tahdhib.stages.ingest.lines import Line, read_lines
from tahdhib.stages.ingest.records import Fault, parse_json, to_document
from tahdhib.stages.ingest.sources import SourceFile

_EXCERPT_CHARACTERS = 500
_LINE_OVERHEAD = 4
"""A line may be so many times longer than the longest text: escapes and other fields."""
_BATCH_ROWS = 512


class Read(NamedTuple):
    """One record of a file: the line (or row) it stands on, and what became of it."""

    line: int
    outcome: Document | Fault
    excerpt: str


def read_file(
    source: SourceFile, settings: Ingest, on_bytes: Callable[[int], None]
) -> Iterator[Read]:
    """Yield every record of `source`; `on_bytes` hears how far into the file we are."""
    read = _read_parquet if source.format == "parquet" else _read_jsonl
    yield from read(source, settings, on_bytes)


def _read_jsonl(
    source: SourceFile, settings: Ingest, on_bytes: Callable[[int], None]
) -> Iterator[Read]:
    limit = settings.max_document_bytes * _LINE_OVERHEAD
    with open(source.path, "rb") as handle:
        for line in read_lines(handle, source.format, limit_bytes=limit, on_bytes=on_bytes):
            if line.problem is None and not line.content.strip():
                continue
            outcome = _line_outcome(line, settings, limit)
            excerpt = line.content[: 4 * _EXCERPT_CHARACTERS].decode("utf-8", "replace")
            yield Read(line.number, outcome, _excerpt(excerpt))


def _line_outcome(line: Line, settings: Ingest, limit: int) -> Document | Fault:
    if line.problem is not None:
        is_long = len(line.content) >= limit
        return Fault("too_large" if is_long else "broken_stream", line.problem)
    record = parse_json(line.content)
    return record if isinstance(record, Fault) else to_document(record, settings)


def _read_parquet(
    source: SourceFile, settings: Ingest, on_bytes: Callable[[int], None]
) -> Iterator[Read]:
    try:
        file = pq.ParquetFile(source.path)
    except (pa.ArrowException, OSError) as error:
        yield Read(0, Fault("unreadable_file", " ".join(str(error).split())[:300]), "")
        on_bytes(source.size)
        return
    columns = _columns(file.schema_arrow.names, settings)
    row = 0
    bytes_per_row = source.size / max(1, file.metadata.num_rows)
    batches = file.iter_batches(batch_size=_BATCH_ROWS, columns=columns)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            yield Read(row + 1, Fault("broken_stream", " ".join(str(error).split())[:300]), "")
            return
        if batch is None:
            return
        for record in batch.to_pylist():
            row += 1
            yield Read(row, to_document(record, settings), _excerpt(str(record)))
        on_bytes(round(bytes_per_row * len(batch)))


def _columns(names: list[str], settings: Ingest) -> list[str] | None:
    """The top-level columns that the settings name; None (all) where the text is not among them."""
    wanted = [settings.text, *([settings.id] if settings.id else []), *settings.metadata]
    heads = {name if name in names else name.split(".")[0] for name in wanted}
    present = [name for name in names if name in heads]
    return present or None


def _excerpt(text: Any) -> str:
    """The start of a raw record, with what Parquet and terminals cannot hold made visible."""
    start = str(text)[:_EXCERPT_CHARACTERS]
    return start.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\0")
