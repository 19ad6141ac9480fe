"""Read one input file: its documents, and its faults with the place where they stand."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tahdhib.config.recipe import Ingest
from tahdhib.readers import Fault, SourceFile, read_records
from tahdhib.records import Document
from tahdhib.stages.ingest.records import to_document

_OVERHEAD = 4
"""A record may be so many times longer than the longest text: escapes, markup, other fields."""


class Read(NamedTuple):
    """One record of a file: the line, row or number where it stands, and what became of it; the
    start of one that is no document."""

    line: int
    outcome: Document | Fault
    excerpt: str


def _ignore(_count: int) -> None:
    pass


def read_file(
    source: SourceFile,
    settings: Ingest,
    on_bytes: Callable[[int], None],
    on_skipped: Callable[[int], None] = _ignore,
) -> Iterator[Read]:
    """Yield every record of `source`; `on_bytes` hears how far into the file we are, `on_skipped`
    how many parts of it are no records by design."""
    records = read_records(
        source,
        max_record_bytes=settings.max_document_bytes * _OVERHEAD,
        on_bytes=on_bytes,
        on_skipped=on_skipped,
        fields=[settings.text, *([settings.id] if settings.id else []), *settings.metadata],
    )
    for record in records:
        content = record.content
        outcome = content if isinstance(content, Fault) else to_document(content, settings)
        yield Read(record.place, outcome, record.excerpt if isinstance(outcome, Fault) else "")
