"""Pieces: documents between being read and being sorted, one file for many buckets.

A piece is an Arrow file with a batch for each bucket that it has documents of. It is read once and
then removed: no Parquet, which is made to be small and not to be fast.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from tahdhib.store.schemas import DOCUMENTS
from tahdhib.store.shards import write_whole

_BUCKETS = b"buckets"
"""In the metadata of a piece: the number of each batch's bucket."""


def write_piece(path: Path, rows: Mapping[int, Sequence[tuple[str, str, str]]]) -> None:
    """Write documents (id, text, metadata) by bucket."""
    schema = DOCUMENTS.with_metadata({_BUCKETS: json.dumps(list(rows))})
    options = pa.ipc.IpcWriteOptions(compression="lz4")

    def write(place: Path) -> None:
        with pa.ipc.new_file(str(place), schema, options=options) as writer:
            for some in rows.values():
                columns = [pa.array(column, pa.string()) for column in zip(*some, strict=True)]
                writer.write_batch(pa.record_batch(columns, schema=schema))

    write_whole(path, write)


def read_piece(path: Path, bucket: int) -> Iterator[pa.Table]:
    """The documents of one bucket, if the piece has any."""
    with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
        buckets = json.loads(reader.schema.metadata[_BUCKETS])
        if bucket in buckets:
            batch = reader.get_batch(buckets.index(bucket))
            yield pa.Table.from_batches([batch]).replace_schema_metadata()
