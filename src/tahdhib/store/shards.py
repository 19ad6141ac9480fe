"""Shards: Parquet files that are written whole or not at all.

A shard is written beside its place under a name that starts with `.tmp-`, forced to disk and
renamed. Whoever is killed in between leaves a `.tmp-` file, which no reader sees and the next
run removes.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

TEMPORARY = ".tmp-"

_METADATA = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
"""Made once: `json.dumps` with arguments makes one for each call."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a temporary place to write to, which becomes `path` when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    yield temporary
    with temporary.open("rb") as handle:
        os.fsync(handle.fileno())
    os.replace(temporary, path)


def force_to_disk(folder: Path) -> None:
    """Force the files below a folder to disk: a name that says they are whole would otherwise
    outlive them in a crash."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as handle:
                os.fsync(handle.fileno())


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file and rename it to `path`, which is so whole or absent."""
    with whole(path) as temporary:
        write(temporary)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    write_whole(path, lambda place: place.write_bytes(text.encode("utf-8")))


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file whole or not at all, with sorted keys."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_table(path: Path, table: pa.Table) -> None:
    """Write a Parquet shard (zstd) whole or not at all; equal tables give equal bytes."""
    write_whole(path, lambda place: pq.write_table(table, place, compression="zstd"))


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> None:
    """Write `rows` as a Parquet shard with `schema`."""
    write_table(path, pa.Table.from_pylist(list(rows), schema=schema))


def read_rows(path: Path, columns: list[str] | None = None) -> list[dict[str, Any]]:
    """Read a shard as a list of rows."""
    rows: list[dict[str, Any]] = pq.read_table(path, columns=columns).to_pylist()
    return rows


def row_count(path: Path) -> int:
    """Rows of a shard, from its footer."""
    return int(pq.read_metadata(path).num_rows)


def remove_temporaries(folder: Path) -> None:
    """Remove what killed writers left behind."""
    for path in folder.rglob(f"{TEMPORARY}*"):
        path.unlink(missing_ok=True)


def metadata_json(metadata: Mapping[str, Any]) -> str:
    """Metadata as the JSON that shards hold: sorted keys, no spaces, no escapes."""
    return _METADATA.encode(metadata)


def bucket_of(document_id: str, buckets: int) -> int:
    """The bucket of a document: a function of its id alone."""
    digest = hashlib.blake2b(document_id.encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % buckets
