"""From a raw record to a document, or to the reason why it is none."""

import hashlib
from collections.abc import Mapping
from typing import Any

from tahdhib.config.recipe import Ingest
from tahdhib.readers import Fault
from tahdhib.readers.fields import ABSENT, lookup
from tahdhib.readers.page import extracted
from tahdhib.records import Document
from tahdhib.text.encoding import repair

REASONS = {
    "missing_text": "the record lacks the text field",
    "null_text": "the text field is null",
    "text_not_string": "the text field holds something that is not a string",
    "empty_text": "the text is empty, or nothing but white space and control characters",
    "missing_id": "the record lacks a usable value in the id field",
}
"""Why a record goes to quarantine, besides the faults that readers find."""

_MOST_BYTES = 4
"""Bytes that a character takes in UTF-8 at most."""


def to_document(record: Mapping[str, Any], settings: Ingest) -> Document | Fault:
    """Make a document of a record: its text repaired, its id settled, its metadata carried."""
    raw = lookup(record, settings.text)
    if raw is ABSENT:
        fields = ", ".join(map(str, list(record)[:8]))
        return Fault("missing_text", f"no field {settings.text!r}; the record has: {fields}")
    if raw is None:
        return Fault("null_text", f"field {settings.text!r}")
    if not isinstance(raw, str):
        return Fault("text_not_string", f"field {settings.text!r} holds {type(raw).__name__}")
    if settings.html:
        page = extracted(raw)
        if isinstance(page, Fault):
            return page
        raw = page.text
    text = repair(raw)
    if not text.strip():
        return Fault("empty_text", f"{len(raw)} characters, none of them visible")
    if (size := _size(text, settings.max_document_bytes)) > settings.max_document_bytes:
        return Fault("too_large", f"{size:,} bytes of text")
    document_id = _document_id(record, settings.id, text)
    if document_id is None:
        return Fault("missing_id", f"field {settings.id!r}")
    metadata = {name: lookup(record, name) for name in settings.metadata}
    present = {name: value for name, value in metadata.items() if value is not ABSENT}
    return Document(document_id, text, present)


def _size(text: str, limit: int) -> int:
    """Bytes of a text in UTF-8; counted only where they could be more than `limit`."""
    most = _MOST_BYTES * len(text)
    return most if most <= limit else len(text.encode("utf-8"))


def _document_id(record: Mapping[str, Any], field: str | None, text: str) -> str | None:
    if field is None:
        return hashlib.blake2b(text.encode("utf-8"), digest_size=16).hexdigest()
    value = lookup(record, field)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return repair(str(value)).strip() or None
