"""Evaluation items: from the files that the recipe names to what is looked for."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tahdhib.config.recipe import Decontaminate
from tahdhib.errors import DataError
from tahdhib.match.contamination import Item
from tahdhib.readers import Fault, SourceFile, find_sources, read_records
from tahdhib.readers.fields import lookup

_MAX_RECORD_BYTES = 10_000_000
_FIELDS_SHOWN = 8


def read_items(settings: Decontaminate) -> Iterator[Item]:
    """The items of every set, file by file; a set is named after its file.

    Raises:
        DataError: a file cannot be read, or none of its records holds a field that is looked for.
    """
    for source in find_sources(settings.against, "clean.decontaminate.against"):
        yield from _items_of(source, settings.fields)


def _items_of(source: SourceFile, fields: Sequence[str]) -> Iterator[Item]:
    name = Path(source.path).name.partition(".")[0]
    seen: Mapping[str, Any] = {}
    count = 0
    for record in read_records(
        source, max_record_bytes=_MAX_RECORD_BYTES, on_bytes=lambda _bytes: None
    ):
        if isinstance(record.content, Fault):
            raise DataError(
                f"{source.path}:{record.place}: {record.content.reason} ({record.content.detail}); "
                "expected an evaluation set without broken records, or what it holds would go "
                "unnoticed. Mend the file, or leave it out of clean.decontaminate.against."
            )
        seen = seen or record.content
        for item in items_of_record(name, record.place, record.content, fields):
            count += 1
            yield item
    if not count:
        known = ", ".join(map(str, list(seen)[:_FIELDS_SHOWN])) or "none"
        raise DataError(
            f"{source.path}: no record holds text in {' or '.join(fields)}; its fields: {known}. "
            "Name the fields to look for in clean.decontaminate.fields."
        )


def items_of_record(
    name: str, place: int, content: Mapping[str, Any], fields: Sequence[str]
) -> Iterator[Item]:
    """The texts of a record that are looked for; without an `id` it is called by its place."""
    identity = content.get("id")
    item = f"{place}" if identity is None else f"{identity}"
    for field in fields:
        text = lookup(content, field)
        if isinstance(text, str) and text.strip():
            yield Item(name, item, field, text)
