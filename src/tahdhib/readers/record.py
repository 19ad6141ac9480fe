"""What a reader yields: a record with its place, or the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

_EXCERPT_CHARACTERS = 500

REASONS = {
    "not_json": "the line is not JSON",
    "not_an_object": "the line is JSON, but not an object with fields",
    "invalid_utf8": "the bytes are not UTF-8",
    "too_large": "the record is longer than ingest.max_document_bytes allows",
    "malformed_row": "the row does not fit the header: other columns, or a quote that never ends",
    "no_main_text": "the page is no HTML, or has no main text",
    "malformed_record": "the record of a web archive cannot be read",
    "not_record_wise": "the archive is compressed as a whole and not record by record, against its "
    "format; it was read all the same",
    "broken_stream": "the file breaks off or is damaged from here on",
    "unreadable_file": "the file is not what its name says",
}
"""Why a reader cannot make a record of something."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is no record, or a record that is no document: the code of a reason, and
    what was seen."""

    reason: str
    detail: str


class Record(NamedTuple):
    """A record of a file, or a fault at its place.

    `place` counts lines, rows or records from 1, by the kind of the file; 0 is the file as a
    whole. `raw` is the record as it was found, or its start.
    """

    place: int
    content: Mapping[str, Any] | Fault
    raw: str | bytes

    @property
    def excerpt(self) -> str:
        """The start of the record as it was found; made for those who ask, who are few."""
        return excerpt_of(self.raw)


def fault(place: int, reason: str, detail: object, raw: str | bytes = "") -> Record:
    """The record that says what is wrong at `place`."""
    return Record(place, Fault(reason, " ".join(str(detail).split())[:300]), excerpt_of(raw))


def excerpt_of(raw: str | bytes) -> str:
    """The start of a raw record, with what Parquet and terminals cannot hold made visible."""
    if isinstance(raw, bytes):
        raw = raw[: 4 * _EXCERPT_CHARACTERS].decode("utf-8", "replace")
    start = raw[:_EXCERPT_CHARACTERS].encode("utf-8", "backslashreplace").decode("utf-8")
    return start.replace("\0", "\\0")[:_EXCERPT_CHARACTERS]
