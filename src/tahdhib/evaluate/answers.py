"""The answers of a model, kept by item as they come: a killed evaluation goes on after them.

A file per variant holds one line per answer. Items are answered in chunks that are a function of
the items alone; a chunk of which a line is missing is answered anew as a whole, so that what was
interrupted ends with the same answers as what was not. A line names what it answers by a hash of
the model, the way of asking, the prompt and the choices: of a changed file only changed items are
asked again.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tahdhib.errors import DataError
from tahdhib.evaluate.item import Answer, Item, Variant

CHUNK = 64


def key_of(model: str, variant: Variant, item: Item) -> str:
    """The hash of all that an answer depends on."""
    asked = [
        model,
        variant.ask,
        variant.new_tokens,
        variant.lead,
        variant.chat,
        item.prompt,
        item.choices,
    ]
    if variant.temperature:  # what is drawn depends on the item's id
        asked += [variant.temperature, item.id]
    content = json.dumps(asked).encode("utf-8")
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def answered(
    path: Path,
    keys: Sequence[str],
    lengths: Sequence[int],
    ask: Callable[[list[int]], list[Answer]],
) -> Iterator[tuple[list[int], list[Answer], bool]]:
    """Yield the places of items, their answers, and whether these were there already, by chunks.

    Args:
        path: file of answers; grows by what is asked here.
        keys: of each item its `key_of`.
        lengths: of each item the tokens of its prompt; chunks are of like lengths.
        ask: the answers to the items at some places.

    Raises:
        DataError: the file cannot be written.
    """
    known = _read(path)
    order = sorted(range(len(keys)), key=lambda at: (lengths[at], keys[at]))
    for start in range(0, len(order), CHUNK):
        places = order[start : start + CHUNK]
        old = [known.get(keys[at]) for at in places]
        there = [answer for answer in old if answer is not None]
        if len(there) == len(places):
            yield places, there, True
            continue
        new = ask(places)
        _append(path, [keys[at] for at in places], new)
        yield places, new, False


def _read(path: Path) -> dict[str, Answer]:
    """Answers by key; a line that was cut off by a kill is none."""
    found: dict[str, Answer] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
            with suppress(ValueError, KeyError, TypeError):
                row = json.loads(line)
                found[row["key"]] = Answer(tuple(row["scores"]), row["text"], row["cut"])
    return found


def _append(path: Path, keys: Sequence[str], answers: Sequence[Answer]) -> None:
    lines = [
        json.dumps({"key": key, "scores": one.scores, "text": one.text, "cut": one.cut})
        for key, one in zip(keys, answers, strict=True)
    ]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as handle:
            # A line that a kill left unfinished must not take the next one with it.
            handle.write(("\n" + "\n".join(lines) + "\n").encode("utf-8"))
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as error:
        raise DataError(
            f"{path}: cannot be written ({error.strerror}). Make room or name another --out; what "
            "was answered stays."
        ) from error
