"""A worker that does with a document what its text says: real processes die of it."""

import os
import signal
import time
from collections.abc import Sequence
from typing import Any

from tahdhib.processes.apart import Opened
from tahdhib.records import Document, Edit, Rewrite
from tahdhib.workers.apart import About

FAULTS = {
    "raise": "crashed",
    "die": "crashed",
    "hang": "hung",
    "nothing": "rubbish",
    "garbage": "rubbish",
    "other text": "rubbish",
    "edits apart": "rubbish",
    "a number": "rubbish",
}
"""What a text can ask for, and what becomes of its document then."""


def open_faulty() -> Opened:
    return Opened(_rewrites, About("edit", "faulty"))


def open_broken() -> Opened:
    return Opened(_breaks, About("edit", "broken"))


def open_miscounting() -> Opened:
    return Opened(_miscounts, About("edit", "miscounting"))


def _rewrites(documents: Sequence[Document]) -> list[Any]:
    return [_rewrite(one.text) for one in documents]


def _rewrite(text: str) -> Any:
    wanted = text.split(":")[0]
    match wanted:
        case "raise":
            raise RuntimeError("as it was told")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(600)
        case "nothing":
            return None
        case "garbage":
            return Rewrite(text + "\ud800", (Edit(len(text), len(text), "\ud800", "edit"),))
        case "other text":
            return Rewrite("something else", (Edit(0, 1, "", "edit"),))
        case "edits apart":
            return Rewrite(text, (Edit(5, 6, "", "edit"), Edit(0, 1, "", "edit")))
        case "a number":
            return Rewrite(7, ())  # type: ignore[arg-type]
    end = text.find("  ")
    if end < 0:
        return Rewrite(text, ())
    return Rewrite(text[:end] + text[end + 1 :], (Edit(end, end + 1, "", "edit"),))


def _breaks(documents: Sequence[Document]) -> list[Rewrite]:
    raise RuntimeError("no such layer")


def _miscounts(documents: Sequence[Document]) -> list[Any]:
    whole = _rewrites(documents)
    return whole[1:] if len(whole) > 1 else whole
