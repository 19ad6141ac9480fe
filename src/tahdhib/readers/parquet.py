"""Parquet: one record per row, nested columns and all."""

from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tahdhib.readers.reading import Reading
from tahdhib.readers.record import Record, excerpt_of, fault

_BATCH_ROWS = 512
_EXCERPT_VALUE = 100


def read_parquet(handle: IO[bytes], size: int, how: Reading) -> Iterator[Record]:
    """Yield the rows of `handle`, of `size` bytes; places are rows.

    Only the columns that `how.fields` need are read, unless none of them is there.
    """
    try:
        file = pq.ParquetFile(handle)
    except (pa.ArrowException, OSError) as error:
        yield fault(0, "unreadable_file", error)
        how.on_bytes(size)
        return
    columns = _columns(file.schema_arrow.names, how.fields)
    row = 0
    bytes_per_row = size / max(1, file.metadata.num_rows)
    batches = file.iter_batches(batch_size=_BATCH_ROWS, columns=columns)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            yield fault(row + 1, "broken_stream", error)
            return
        if batch is None:
            return
        for record in batch.to_pylist():
            row += 1
            yield Record(row, record, _excerpt(record))
        how.on_bytes(round(bytes_per_row * len(batch)))


def _columns(names: list[str], fields: Collection[str] | None) -> list[str] | None:
    """The columns that hold `fields`, which may be dotted; None is all of them."""
    if fields is None:
        return None
    heads = {name if name in names else name.split(".")[0] for name in fields}
    return [name for name in names if name in heads] or None


def _excerpt(record: Mapping[str, Any]) -> str:
    starts = {
        name: value[:_EXCERPT_VALUE] if isinstance(value, str | bytes) else value
        for name, value in record.items()
    }
    return excerpt_of(str(starts))
