"""From what a recipe names to the list of files to read; errors say what was looked for."""

import glob
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from tahdhib.errors import DataError
from tahdhib.readers.packing import Packing
from tahdhib.readers.remote import is_remote, list_remote, open_remote

Kind = Literal["jsonl", "csv", "tsv", "parquet", "txt", "html", "archive"]
"""How the content of a file is read."""

_ENDINGS: dict[Kind, tuple[str, ...]] = {
    "jsonl": ("jsonl", "json", "ndjson"),
    "csv": ("csv",),
    "tsv": ("tsv",),
    "parquet": ("parquet",),
    "txt": ("txt",),
    "html": ("html", "htm"),
    "archive": ("warc", "wet", "arc"),
}
_PACKINGS: dict[Kind, tuple[Packing, ...]] = {"parquet": ("",), "archive": ("", "gz")}

FORMATS: dict[str, tuple[Kind, Packing]] = {
    f".{ending}{'.' if packing else ''}{packing}": (kind, packing)
    for kind, endings in _ENDINGS.items()
    for ending in endings
    for packing in _PACKINGS.get(kind, ("", "gz", "zst"))
}
"""File name endings: the kind of such a file, and how it is packed."""

_KNOWN = (
    "; known endings: "
    + ", ".join(f".{ending}" for endings in _ENDINGS.values() for ending in endings)
    + "; packed ones with .gz or .zst after it"
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read, here or in a store far away (`hf://`, `s3://`, `gs://`): of which kind, how
    packed, its `size` in bytes as it lies there."""

    path: str
    format: Kind
    packing: Packing
    size: int


def find_sources(patterns: Iterable[str], setting: str = "ingest.paths") -> list[SourceFile]:
    """The files that `patterns` (files, folders, globs) name: each once, sorted by path.

    `setting` is where the patterns stand, for errors to say what to mend.

    Raises:
        DataError: a pattern names nothing, or a file that cannot be read.
        MissingExtraError: a store needs packages that are not installed.
    """
    found: dict[str, SourceFile] = {}
    for pattern in patterns:
        if is_remote(pattern):
            sources = list(_far(pattern, setting))
        else:
            sources = [_source(path, setting) for path in _expand(pattern, setting)]
        found |= {source.path: source for source in sources}
    return [found[path] for path in sorted(found)]


def opened(source: SourceFile) -> AbstractContextManager[IO[bytes]]:
    """The file, open for reading bytes."""
    if is_remote(source.path):
        return open_remote(source.path, is_stream=source.format != "parquet")
    return open(source.path, "rb")


def _far(pattern: str, setting: str) -> Iterator[SourceFile]:
    listed = list_remote(pattern)
    is_named = [file.path for file in listed] == [pattern]
    for path, size, _ in listed:
        kind = _kind(path)
        if kind is not None:
            yield SourceFile(path, kind[0], kind[1], size)
        elif is_named:
            raise DataError(_unknown(path, setting))
    if not any(_kind(file.path) for file in listed):
        raise DataError(f"{pattern}: names no file that can be read{_KNOWN}. Check {setting}.")


def _expand(pattern: str, setting: str) -> list[str]:
    path = Path(pattern)
    if path.is_dir():
        return _in_folder(path, setting)
    if path.exists():
        return [str(path)]
    if glob.has_magic(pattern):
        found = [name for name in glob.glob(pattern, recursive=True) if Path(name).is_file()]
        if found:
            return found
        raise DataError(
            f"{pattern}: no file matches this pattern. Check {setting}; relative paths start at "
            "the recipe's folder."
        )
    raise DataError(
        f"{pattern}: no such file or folder. Check {setting}; relative paths start at the "
        "recipe's folder."
    )


def _in_folder(folder: Path, setting: str) -> list[str]:
    try:
        found = [str(path) for path in folder.rglob("*") if path.is_file() and _kind(path.name)]
    except PermissionError as error:
        raise DataError(f"{error.filename}: no permission to read this folder.") from error
    if not found:
        raise DataError(f"{folder}: holds no file that can be read{_KNOWN}. Check {setting}.")
    return found


def _source(path: str, setting: str) -> SourceFile:
    kind = _kind(Path(path).name)
    if kind is None:
        raise DataError(_unknown(path, setting))
    if not os.access(path, os.R_OK):
        raise DataError(
            f"{path}: no permission to read this file. Change its permissions, or leave it out of "
            f"{setting}."
        )
    return SourceFile(path, kind[0], kind[1], Path(path).stat().st_size)


def _unknown(path: str, setting: str) -> str:
    return (
        f"{path}: a file of unknown kind{_KNOWN}. Convert it, or name only the readable files in "
        f"{setting}."
    )


def _kind(name: str) -> tuple[Kind, Packing] | None:
    endings = [ending for ending in FORMATS if name.lower().endswith(ending)]
    return FORMATS[max(endings, key=len)] if endings else None
