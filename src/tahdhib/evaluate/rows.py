"""The rows of a benchmark's files, from a folder here or from the hub at a pinned revision."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tahdhib.errors import DataError, RecipeError
from tahdhib.evaluate.item import Items, Row, Variant
from tahdhib.readers import Fault, SourceFile, find_sources, read_records
from tahdhib.readers.remote import is_remote

HUB = "hub"
"""In place of a folder: each benchmark's own home on the hub."""
_MAX_RECORD_BYTES = 16 << 20
_PINNED = re.compile(r"hf://(?:datasets/)?[^/@]+/[^/@]+@[0-9a-f]{40}(?:/|$)")


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of the files that were found, with those files; unreadable rows by reason."""

    files: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: Counter[str]


def check_pinned(folder: str) -> None:
    """Refuse a place on the hub whose content may change.

    Raises:
        RecipeError: the revision is not a commit.
    """
    if folder.startswith("hf://") and not _PINNED.match(folder):
        raise RecipeError(
            f"--data-dir {folder}: names no fixed revision, so that the same command may measure "
            "something else tomorrow; expected hf://datasets/OWNER/NAME@COMMIT with a commit of 40 "
            "hexadecimal digits. Name one."
        )


def read_items(variant: Variant, folder: str) -> Items:
    """The items of `variant` from the files below `folder`, or from its home on the hub.

    Raises:
        RecipeError: the hub is meant, and no home of the benchmark is known.
        DataError: a file is missing, or holds no item.
    """
    folder = _home(variant) if folder == HUB else folder
    asked = _rows(variant.files, folder, variant.name)
    shots = _rows(variant.shots, folder, variant.name) if variant.shots else _none()
    items = variant.items(asked.rows, shots.rows)
    items.skipped.update(asked.faults)
    if not items.found:
        why = ", ".join(f"{count:,} × {reason}" for reason, count in items.skipped.items())
        raise DataError(
            f"{', '.join(asked.files)}: holds no item of {variant.benchmark} "
            f"({why or 'no row at all'}). Check that it is the benchmark's file."
        )
    twice = [name for name, count in Counter(item.id for item in items.found).items() if count > 1]
    if twice:
        raise DataError(
            f"{', '.join(asked.files)}: {len(twice):,} ids stand there more than once "
            f"({twice[0]!r} …); expected one row per item. Remove the copies."
        )
    return items


def _home(variant: Variant) -> str:
    if not variant.home:
        raise RecipeError(
            f"--data-dir {HUB}: of {variant.benchmark} no place on the hub is known that holds "
            f"{' or '.join(variant.files)} at a fixed commit. Name the folder that holds it, or "
            "hf://datasets/OWNER/NAME@COMMIT."
        )
    return variant.home


def _none() -> Rows:
    return Rows((), (), Counter())


def _rows(patterns: Sequence[str], folder: str, name: str) -> Rows:
    sources = _sources(patterns, folder, name)
    rows, faults = [], Counter[str]()
    for source in sources:
        records = read_records(
            source, max_record_bytes=_MAX_RECORD_BYTES, on_bytes=lambda _count: None
        )
        for record in records:
            if isinstance(record.content, Fault):
                faults[f"unreadable row: {record.content.reason}"] += 1
            else:
                rows.append(_unmarked(record.content))
    return Rows(tuple(source.path for source in sources), tuple(rows), faults)


def _unmarked(row: Row) -> Row:
    """The row without the byte order mark that some programs write before the first name."""
    return {name.removeprefix("\ufeff"): value for name, value in row.items()}


def _sources(patterns: Sequence[str], folder: str, name: str) -> list[SourceFile]:
    """The files of the first pattern that names any."""
    seen = ""
    for pattern in patterns:
        place = f"{folder.rstrip('/')}/{pattern}"
        if is_remote(folder):
            try:
                return find_sources([place], "--data-dir")
            except DataError as error:
                seen = seen or f" ({error})"
        elif any(Path(folder).glob(pattern)):
            return find_sources([place], "--data-dir")
    raise DataError(
        f"--data-dir {folder}: no file of the task {name}; looked for {', '.join(patterns)}{seen}. "
        "Name the folder that holds it."
    )
