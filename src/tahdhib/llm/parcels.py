"""Parcels of requests for an endpoint that takes them as files: packed, noted on disk, read back.

What is known of a parcel is noted before anything is sent and after each step, so that whoever is
killed finds it again and sends nothing twice. Beside a note lies the file itself, until its answers
are in the cache.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tahdhib.llm.chat import Question, Reply, Setback
from tahdhib.llm.reading import excerpt, read_reply
from tahdhib.store.shards import TEMPORARY, read_json, write_json, write_whole

URL: Final = "/v1/chat/completions"
"""The kind of call that a parcel holds, in the words of the batch API."""
_TRY_AGAIN = (408, 409, 425)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file of requests, by the keys of their answers, and how far it has come.

    `name` is its turn in the folder and a hash of its content: what the endpoint is told, and can
    be asked for, when it is not known whether the parcel was sent.
    """

    name: str
    keys: tuple[str, ...]
    calls: tuple[str, ...]
    """The names in the account of the calls that its requests are, one for each key."""
    file: str | None = None
    """The endpoint's name of the file, once it has it."""
    batch: str | None = None
    """The endpoint's name of the work on it, once that was asked for."""
    is_done: bool = False
    """Whether all that came of it lies in the cache."""


def pack(
    questions: Mapping[str, Question],
    calls: Mapping[str, str],
    folder: Path,
    *,
    most_requests: int,
    most_bytes: int,
) -> list[Parcel]:
    """Put all questions, by their keys, into new parcels in `folder`, in their order; `calls` are
    the names of their calls in the account.

    No parcel holds more than so many requests and bytes; a single request that is larger than
    that has one for itself, which the endpoint will refuse.
    """
    parcels = []
    keys: list[str] = []
    lines: list[bytes] = []
    size = 0
    for key, question in questions.items():
        line = request_line(key, question)
        if keys and (len(keys) == most_requests or size + len(line) > most_bytes):
            parcels.append(_packed(keys, calls, lines, folder))
            keys, lines, size = [], [], 0
        keys.append(key)
        lines.append(line)
        size += len(line)
    if keys:
        parcels.append(_packed(keys, calls, lines, folder))
    return parcels


def request_line(key: str, question: Question) -> bytes:
    """A request as a line of a parcel."""
    content = {"custom_id": key, "method": "POST", "url": URL, "body": question.payload()}
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _packed(
    keys: Sequence[str], calls: Mapping[str, str], lines: Sequence[bytes], folder: Path
) -> Parcel:
    turn = len(_notes(folder)) + 1
    digest = hashlib.sha256(b"".join(lines)).hexdigest()
    parcel = Parcel(f"{turn:05d}-{digest[:32]}", tuple(keys), tuple(calls[key] for key in keys))
    write_whole(content_of(parcel, folder), lambda place: place.write_bytes(b"".join(lines)))
    note(parcel, folder)
    return parcel


def content_of(parcel: Parcel, folder: Path) -> Path:
    """The file of requests."""
    return folder / f"{parcel.name}.jsonl"


def note(parcel: Parcel, folder: Path) -> None:
    """Write down how far a parcel has come; one that is done needs its content no more."""
    write_json(folder / f"{parcel.name}.json", asdict(parcel))
    if parcel.is_done:
        content_of(parcel, folder).unlink(missing_ok=True)


def noted(folder: Path) -> list[Parcel]:
    """All parcels that were ever packed in `folder`, in their turn."""
    contents = [read_json(path) for path in _notes(folder)]
    return [
        Parcel(**content | {name: tuple(content[name]) for name in ("keys", "calls")})
        for content in contents
    ]


def _notes(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.json") if not path.name.startswith(TEMPORARY))


def results(lines: Iterable[bytes]) -> Iterator[tuple[str, Reply | Setback]]:
    """What came of requests, by their keys, from the lines of a file of answers or errors.

    A line that names no request is left out: its request has no result then.
    """
    for line in lines:
        try:
            content = json.loads(line)
            key = str(content["custom_id"])
        except (ValueError, KeyError, TypeError):
            continue
        yield key, _result(content)


def _result(content: Mapping[str, Any]) -> Reply | Setback:
    response, error = content.get("response"), content.get("error")
    if not isinstance(response, dict):
        return _unanswered(error if isinstance(error, dict) else {})
    status, body = response.get("status_code"), json.dumps(response.get("body"))
    if status == 200:
        return read_reply(body.encode())
    detail = f"HTTP {status}: {excerpt(body)}"
    if status == 429:
        return Setback("rate_limited", detail, is_free=True)
    if isinstance(status, int) and (status in _TRY_AGAIN or status >= 500):
        return Setback("server_error", detail)
    return Setback("refused", detail, may_retry=False, is_free=True)


def _unanswered(error: Mapping[str, Any]) -> Setback:
    detail = excerpt(f"{error.get('code')}: {error.get('message')}")
    if error.get("code") == "batch_expired":
        return Setback("timeout", detail, is_free=True)
    return Setback("server_error", detail)
