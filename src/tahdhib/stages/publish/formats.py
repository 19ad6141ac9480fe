"""Writers of published files, by format: each takes groups of rows, and closes with its block."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from tahdhib.stages.publish.rows import PUBLISHED

Rows = list[dict[str, Any]]
WriteGroup = Callable[[Rows], None]
_ZSTD_LEVEL = 6


@contextmanager
def _parquet(path: Path) -> Iterator[WriteGroup]:
    with pq.ParquetWriter(path, PUBLISHED, compression="zstd") as writer:

        def write(rows: Rows) -> None:
            writer.write_table(pa.Table.from_pylist(rows, schema=PUBLISHED))

        yield write


@contextmanager
def _jsonl(path: Path) -> Iterator[WriteGroup]:
    compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL)
    with path.open("wb") as handle, compressor.stream_writer(handle) as stream:

        def write(rows: Rows) -> None:
            for row in rows:
                published = {**row, "metadata": json.loads(row["metadata"])}
                line = json.dumps(published, ensure_ascii=False)
                stream.write(line.encode("utf-8") + b"\n")

        yield write


WRITERS: dict[str, tuple[str, Callable[[Path], AbstractContextManager[WriteGroup]]]] = {
    "parquet": (".parquet", _parquet),
    "jsonl": (".jsonl.zst", _jsonl),
}
"""Format -> file name ending, and what opens such a file."""
