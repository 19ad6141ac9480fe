"""Scores of the texts in files: one row per record, as JSON lines or Parquet."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tahdhib.errors import DataError
from tahdhib.readers import Fault, SourceFile, read_records
from tahdhib.readers.fields import lookup
from tahdhib.score.table import Scorer

_AT_ONCE = 1000
_MAX_RECORD_BYTES = 64 << 20


@dataclass(slots=True)
class Counts:
    """How many records were scored, and how many held no text to score."""

    scored: int = 0
    without_text: int = 0


def score_files(
    scorer: Scorer,
    sources: Sequence[SourceFile],
    text: str,
    counts: Counts,
    on_bytes: Callable[[int], None],
    *,
    whole: bool = False,
) -> Iterator[list[dict[str, Any]]]:
    """Rows in chunks: all that the record holds where they are to be `whole`, `id` (the record's
    own, else file and place), then a column per score; where the scorer can say it, `drivers`: the
    words behind the first score, with their places."""
    drivers = getattr(scorer, "drivers", None)
    names = [one.name for one in scorer.card.scores]
    for chunk in _chunks(sources, text, counts, on_bytes):
        scores = scorer.score([content for _, content, _ in chunk])
        rows = []
        for (identity, content, record), row in zip(chunk, scores.tolist(), strict=True):
            own = record if whole else {}
            found: dict[str, Any] = {**own, "id": identity, **dict(zip(names, row, strict=True))}
            if drivers is not None:
                found["drivers"] = [driver._asdict() for driver in drivers(content, 3)]
            rows.append(found)
        yield rows


def write_scores(rows: Iterator[list[dict[str, Any]]], scorer: Scorer, out: Path) -> None:
    """Write chunks of rows to a file that ends in `.jsonl` or `.parquet`; whole or not at all.

    Raises:
        DataError: the name ends otherwise, or the file cannot be written.
    """
    if out.suffix not in (".jsonl", ".parquet"):
        raise DataError(f"{out}: expected a name that ends in .jsonl or .parquet.")
    unfinished = out.with_name(out.name + ".unfinished")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.suffix == ".jsonl":
            with unfinished.open("w", encoding="utf-8") as stream:
                for chunk in rows:
                    stream.writelines(_line(row) for row in chunk)
        else:
            _write_parquet(rows, scorer, unfinished)
        unfinished.replace(out)
    except OSError as error:
        raise DataError(f"{out}: cannot be written ({error.strerror}).") from None
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _write_parquet(rows: Iterator[list[dict[str, Any]]], scorer: Scorer, path: Path) -> None:
    fields = [("id", pa.string())]
    fields += [(one.name, pa.float64()) for one in scorer.card.scores]
    if hasattr(scorer, "drivers"):
        driver = [("start", pa.int64()), ("end", pa.int64())]
        driver += [("word", pa.string()), ("effect", pa.float64())]
        fields.append(("drivers", pa.list_(pa.struct(driver))))
    schema = pa.schema(fields)
    with pq.ParquetWriter(path, schema) as writer:
        for chunk in rows:
            writer.write_table(pa.Table.from_pylist(_sound(chunk), schema=schema))


def _sound(value: Any) -> Any:
    """The same with half characters, which Parquet cannot hold, replaced."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_sound(one) for one in value]
    if isinstance(value, dict):
        return {key: _sound(one) for key, one in value.items()}
    return value


def _line(row: dict[str, Any]) -> str:
    return json.dumps(_sound(row), ensure_ascii=False, default=str) + "\n"


def _chunks(
    sources: Sequence[SourceFile],
    text: str,
    counts: Counts,
    on_bytes: Callable[[int], None],
) -> Iterator[list[tuple[str, str, Mapping[str, Any]]]]:
    chunk: list[tuple[str, str, Mapping[str, Any]]] = []
    for source in sources:
        name = Path(source.path).name
        for record in read_records(source, max_record_bytes=_MAX_RECORD_BYTES, on_bytes=on_bytes):
            content = None if isinstance(record.content, Fault) else lookup(record.content, text)
            if isinstance(record.content, Fault) or not isinstance(content, str):
                counts.without_text += 1
                continue
            given = lookup(record.content, "id")
            identity = given if isinstance(given, str) else f"{name}:{record.place}"
            chunk.append((identity, content, record.content))
            counts.scored += 1
            if len(chunk) == _AT_ONCE:
                yield chunk
                chunk = []
    if chunk:
        yield chunk
