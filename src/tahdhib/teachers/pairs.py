"""Pairs that people wrote: one JSON line each, checked field by field."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from tahdhib.errors import DataError

FIELDS = (("toxic", "neutral"), ("source", "rewrite"), ("source", "rewrites"))
EXPECTED = '{"toxic": …, "neutral": [...]} or {"source": …, "rewrite": …}'


@dataclass(frozen=True, slots=True)
class HumanPair:
    """A source and every rewrite that people gave for it."""

    source: str
    rewrites: tuple[str, ...]

    def id(self, name: str) -> str:
        """An id from the set's name and the source alone."""
        digest = hashlib.blake2b(self.source.encode("utf-8"), digest_size=12).hexdigest()
        return f"people:{name}:{digest}"


def parse_pair(line: bytes, where: str) -> HumanPair:
    """Read one line; `where` names its file and number for the sentence of the error.

    Raises:
        DataError: the line is no pair.
    """
    try:
        content = json.loads(line)
    except ValueError as error:
        raise _error(where, f"is not JSON ({error})") from None
    return pair_of(content, where)


def pair_of(content: object, where: str) -> HumanPair:
    """The pair that a record holds.

    Raises:
        DataError: it holds none.
    """
    if not isinstance(content, dict):
        raise _error(where, f"holds {type(content).__name__}")
    source, rewrites = _fields(content, where)
    if isinstance(rewrites, str):
        rewrites = [rewrites]
    if not isinstance(rewrites, list) or not rewrites:
        raise _error(where, f"has {rewrites!r} for a rewrite")
    for text in (source, *rewrites):
        if not isinstance(text, str) or not text.strip() or not _is_writable(text):
            raise _error(where, f"has {text!a} for a text")
    return HumanPair(source, tuple(rewrites))


def _fields(content: Mapping[str, object], where: str) -> tuple[str, object]:
    for source, rewrite in FIELDS:
        if source in content and rewrite in content:
            return content[source], content[rewrite]  # type: ignore[return-value]  # checked above
    raise _error(where, f"has the fields {', '.join(map(repr, content)) or 'none'}")


def _is_writable(text: str) -> bool:
    """Whether the text is free of lone surrogates, which no file can hold."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _error(where: str, seen: str) -> DataError:
    return DataError(f"{where}: {seen}; expected {EXPECTED}. Correct or remove the line.")
