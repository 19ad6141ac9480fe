"""Read one file of any kind: its records, and its faults with the place where they stand."""

from collections.abc import Callable, Collection, Iterator
from typing import IO

from tahdhib.readers.archive import read_archive
from tahdhib.readers.json_lines import read_json_lines
from tahdhib.readers.parquet import read_parquet
from tahdhib.readers.reading import Reading
from tahdhib.readers.record import Record
from tahdhib.readers.sources import Kind, SourceFile, opened
from tahdhib.readers.table import read_table
from tahdhib.readers.whole import read_page_file, read_text_file


def _ignore(_count: int) -> None:
    pass


_READERS: dict[Kind, Callable[[IO[bytes], SourceFile, Reading], Iterator[Record]]] = {
    "jsonl": lambda handle, source, how: read_json_lines(handle, source.packing, how),
    "csv": lambda handle, source, how: read_table(handle, source.packing, ",", how),
    "tsv": lambda handle, source, how: read_table(handle, source.packing, "\t", how),
    "parquet": lambda handle, source, how: read_parquet(handle, source.size, how),
    "txt": read_text_file,
    "html": read_page_file,
    "archive": lambda handle, source, how: read_archive(handle, source.packing, how),
}


def read_records(
    source: SourceFile,
    *,
    max_record_bytes: int,
    on_bytes: Callable[[int], None],
    on_skipped: Callable[[int], None] = _ignore,
    fields: Collection[str] | None = None,
) -> Iterator[Record]:
    """Yield every record of `source`; see `Reading` for the other arguments.

    Raises:
        DataError: the file cannot be opened, or a store far away stops answering.
    """
    how = Reading(max_record_bytes, on_bytes, on_skipped, fields)
    with opened(source) as handle:
        yield from _READERS[source.format](handle, source, how)
