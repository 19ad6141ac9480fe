"""Passages from the files that scripture comes in: a line, a row or a `text` each."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from tahdhib.errors import DataError

FORMS = (".txt", ".csv", ".json", ".jsonl")


def read_passages(path: Path) -> Iterator[str]:
    """The passages of a file, plain or gzipped.

    `.txt`: a line each, where `#` begins a remark; lines `chapter|verse|text` of one chapter are
    one passage, since a quotation may run over into the next verse. `.csv`: the last column, no
    header. `.json`, `.jsonl`: every `text`, however deep.

    Raises:
        DataError: the file is missing, broken, or of another form.
    """
    form = (path.suffixes[-2:-1] if path.suffix == ".gz" else [path.suffix]) or [""]
    if form[0] not in FORMS:
        raise DataError(
            f"{path}: a name that ends in {path.suffix or 'nothing'!r}; expected "
            f"{', '.join(FORMS)}, plain or .gz."
        )
    text = _content(path)
    try:
        match form[0]:
            case ".txt":
                return _of_lines(text)
            case ".csv":
                return iter([row[-1] for row in csv.reader(io.StringIO(text)) if row])
            case ".json":
                return iter(list(_texts(json.loads(text))))
        return iter([one for line in text.splitlines() if line for one in _texts(json.loads(line))])
    except (csv.Error, ValueError) as error:
        raise DataError(f"{path}: is no {form[0][1:].upper()} ({error}). Fetch it again.") from None


def _content(path: Path) -> str:
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    except (EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise DataError(f"{path}: is broken ({error}); expected UTF-8. Fetch it again.") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}). Name a file.") from None


def _of_lines(text: str) -> Iterator[str]:
    lines = [line.split("|") for line in text.splitlines() if line.strip() and line[0] != "#"]
    for chapter, group in groupby(lines, lambda parts: parts[0] if len(parts) > 2 else None):
        verses = [parts[-1] for parts in group]
        yield from verses if chapter is None else [" ".join(verses)]


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        if isinstance(content.get("text"), str):
            yield content["text"]
        content = list(content.values())
    if isinstance(content, list):
        for one in content:
            yield from _texts(one)
