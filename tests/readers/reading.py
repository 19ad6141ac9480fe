"""Read a file in a test, with what it skipped."""

from pathlib import Path
from typing import Any, NamedTuple

from tahdhib.readers import Fault, Record, find_sources, read_records


class Content(NamedTuple):
    """What lay in a file: its records, its faults as (place, reason), how many parts were
    skipped, how many bytes were heard of."""

    records: list[Any]
    faults: list[tuple[int, str]]
    skipped: int
    bytes: int


def content_of(path: Path | str, limit: int = 1 << 22) -> Content:
    (source,) = find_sources([str(path)])
    skipped: list[int] = []
    heard: list[int] = []
    found: list[Record] = list(
        read_records(
            source, max_record_bytes=limit, on_bytes=heard.append, on_skipped=skipped.append
        )
    )
    records = [record.content for record in found if not isinstance(record.content, Fault)]
    faults = [(r.place, r.content.reason) for r in found if isinstance(r.content, Fault)]
    assert all(len(record.excerpt) <= 500 for record in found)
    return Content(records, faults, sum(skipped), sum(heard))
