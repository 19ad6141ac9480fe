"""From what a recipe names to the list of files to read; errors say what was looked for."""

import glob
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tahdhib.errors import DataError

FORMATS = {
    ".jsonl": "jsonl",
    ".json": "jsonl",
    ".ndjson": "jsonl",
    ".jsonl.gz": "jsonl.gz",
    ".json.gz": "jsonl.gz",
    ".jsonl.zst": "jsonl.zst",
    ".parquet": "parquet",
}
"""File name endings and how such a file is read."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read; `size` in bytes."""

    path: str
    format: str
    size: int


def find_sources(patterns: Iterable[str]) -> list[SourceFile]:
    """The files that `patterns` (files, folders, globs) name: each once, sorted by path.

    Raises:
        DataError: a pattern names nothing, or a file that cannot be read.
    """
    paths = sorted({path for pattern in patterns for path in _expand(pattern)})
    return [_source(path) for path in paths]


def _expand(pattern: str) -> list[str]:
    path = Path(pattern)
    if path.is_dir():
        return _in_folder(path)
    if path.exists():
        return [str(path)]
    if glob.has_magic(pattern):
        found = [name for name in glob.glob(pattern, recursive=True) if Path(name).is_file()]
        if found:
            return found
        raise DataError(
            f"{pattern}: no file matches this pattern. Check ingest.paths; relative paths start "
            "at the recipe's folder."
        )
    raise DataError(
        f"{pattern}: no such file or folder. Check ingest.paths; relative paths start at the "
        "recipe's folder."
    )


def _in_folder(folder: Path) -> list[str]:
    try:
        found = [str(path) for path in folder.rglob("*") if path.is_file() and _format(path.name)]
    except PermissionError as error:
        raise DataError(f"{error.filename}: no permission to read this folder.") from error
    if not found:
        raise DataError(
            f"{folder}: holds no file that can be read; known endings: {', '.join(FORMATS)}."
        )
    return found


def _source(path: str) -> SourceFile:
    kind = _format(Path(path).name)
    if kind is None:
        raise DataError(
            f"{path}: a file of unknown kind; known endings: {', '.join(FORMATS)}. Convert it, or "
            "name only the readable files in ingest.paths."
        )
    if not os.access(path, os.R_OK):
        raise DataError(
            f"{path}: no permission to read this file. Change its permissions, or leave it out of "
            "ingest.paths."
        )
    return SourceFile(path, kind, Path(path).stat().st_size)


def _format(name: str) -> str | None:
    endings = [ending for ending in FORMATS if name.lower().endswith(ending)]
    return FORMATS[max(endings, key=len)] if endings else None
