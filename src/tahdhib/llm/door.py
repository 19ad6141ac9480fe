"""A kind of call that an endpoint takes: how it is sent, read, judged and bounded."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tahdhib.llm.chat import Judge, Reply, Setback
from tahdhib.llm.reading import read_reply

CHAT = "/chat/completions"


class Allowance:
    """How many calls may be sent, tries that fail among them; None: any number.

    `account` is a file that holds a byte per call, for all processes and runs that share it: a
    call is counted before it is sent, so that one may be counted that a killed process never sent,
    and none is sent that is not counted.
    """

    def __init__(self, calls: int | None, account: Path | None = None) -> None:
        self.calls, self._account, self._taken = calls, account, 0

    @property
    def taken(self) -> int:
        """Calls sent so far."""
        if self._account is None:
            return self._taken
        return self._account.stat().st_size if self._account.exists() else 0

    def take(self) -> bool:
        """Reserve a call before it is sent; False: there is none left."""
        if self._account is None:
            return self._take_own()
        self._account.parent.mkdir(parents=True, exist_ok=True)
        with self._account.open("ab", buffering=0) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if self.calls is not None and os.fstat(handle.fileno()).st_size >= self.calls:
                return False
            handle.write(b".")
        return True

    def _take_own(self) -> bool:
        if self.calls is not None and self._taken >= self.calls:
            return False
        self._taken += 1
        return True


def any_answer(_at: int, _reply: Reply) -> str | None:
    """The judge to whom every answer is of use."""
    return None


class Door(NamedTuple):
    """One kind of call of an endpoint, and how its user can change whom it asks.

    `path` is where payloads go, below the endpoint's address; `read` turns the body of a success
    into a reply, `judge` says whether that is of use. `key`, `model` and `url` are the words in
    which an error says how to set these.
    """

    path: str
    read: Callable[[bytes], Reply | Setback]
    key: str
    model: str
    url: str
    allowance: Allowance
    judge: Judge = any_answer


def chat_door(judge: Judge = any_answer) -> Door:
    """The teacher's: chat completions."""
    return Door(
        CHAT,
        read_reply,
        "the environment variable that annotate.openai.api_key_env names",
        "--set annotate.openai.model=NAME",
        "--set annotate.openai.base_url=URL",
        Allowance(None),
        judge,
    )
