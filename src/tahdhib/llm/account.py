"""The account of calls: what each may cost at most before it is sent, and what came of it.

    {"call": "5f0c7a1e-17", "asks": "<key of the answer>", "at": 1764378000.1, "most": 0.0031}
    {"call": "5f0c7a1e-17", "end": "usable", "reason": "", "read": 950, "written": 120,
     "cost": 0.0004, "seconds": 1.2}

One line is written before a call is sent, the other when it has ended; a call without the second
was under way when its process was killed. `cost` is null where the server did not count the tokens
of a call that it may bill: then, as for calls without an end, `most` is taken for spent. Lines are
only ever added, each in one write, so a kill can tear the last one and no other; a torn first line
is that of a call which was never sent.

A hard budget holds for one process at a time (a run folder has one) and all runs that share the
file.
"""

import json
import os
import secrets
import time
import unicodedata
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tahdhib.llm.chat import Usage

FILE = "account.jsonl"
End = Literal["usable", "unusable", "failed"]
_TEMPLATE_TOKENS = 256
"""What a server may put around the messages: marks of turns, a date, a system prompt of its own."""


class Prices(NamedTuple):
    """Money for a million tokens."""

    read: float = 0.0
    written: float = 0.0

    def of(self, read: int, written: int) -> float:
        """What so many tokens cost."""
        return (read * self.read + written * self.written) / 1e6

    def most(self, payload: Mapping[str, Any]) -> float:
        """The most that a call can cost.

        A byte-level tokenizer makes no more tokens of a text than it has bytes, be it in the form
        in which some tokenizers read it (NFKC, where one sign can be a whole phrase); what is
        written is bounded by the payload itself.
        """
        if not any(self):
            return 0.0
        text = json.dumps(payload, ensure_ascii=False)
        read = len(text.encode("utf-8", "surrogatepass"))
        if not unicodedata.is_normalized("NFKC", text):
            read = max(
                read, len(unicodedata.normalize("NFKC", text).encode("utf-8", "surrogatepass"))
            )
        written = payload.get("max_completion_tokens") or payload.get("max_tokens") or 0
        return self.of(read + _TEMPLATE_TOKENS, written * (payload.get("n") or 1))


@dataclass(frozen=True, slots=True)
class Figures:
    """All calls of an account: `sent` = `usable` + `unusable` + `failed` + `unended`.

    `cost` is what the server counted, `uncounted` the most that the others may have cost."""

    sent: int = 0
    usable: int = 0
    unusable: int = 0
    failed: int = 0
    unended: int = 0
    cost: float = 0.0
    uncounted: float = 0.0

    @property
    def spent(self) -> float:
        """What is taken for spent."""
        return self.cost + self.uncounted


class Call(NamedTuple):
    """A call that is paid for if it must be."""

    name: str
    most: float
    began: float


class Account:
    """The account as its one writer has it."""

    def __init__(
        self, folder: Path, prices: Prices | None = None, budget: float | None = None
    ) -> None:
        """Go on with the account that lies beside the answers in `folder`."""
        self.prices = prices or Prices()
        self.budget = budget
        self.spent = 0.0 if budget is None else figures(folder).spent
        self.reserved = 0.0
        self._folder = folder
        self._file: int | None = None
        self._writer = secrets.token_hex(4)
        self._calls = 0

    def close(self) -> None:
        """Leave the file to others."""
        if self._file is not None:
            os.close(self._file)

    def reserve(self, asks: str, most: float) -> Call | None:
        """Note a call that is about to be sent; None: it does not fit beside those under way."""
        if self.budget is not None and self.spent + self.reserved + most > self.budget:
            return None
        self._calls += 1
        call = Call(f"{self._writer}-{self._calls}", most, time.monotonic())
        at = round(time.time(), 3)
        self._write({"call": call.name, "asks": asks, "at": at, "most": most})
        self.reserved += most
        return call

    def take_up(self, names: Container[str]) -> dict[str, Call]:
        """Go on with calls that an earlier process sent: those of `names` that have not ended."""
        now = time.monotonic()
        found = {
            name: Call(name, most, now)
            for name, most in _unended(self._folder).items()
            if name in names
        }
        most = sum(call.most for call in found.values())
        self.spent -= most
        self.reserved += most
        return found

    def is_out_of_reach(self, most: float) -> bool:
        """Whether a call does not fit even if those under way cost nothing."""
        return self.budget is not None and self.spent + most > self.budget

    def settle(self, call: Call, end: End, reason: str, usage: Usage, *, is_free: bool) -> None:
        """Note how a call ended. `is_free`: the server refused to do any work for it."""
        read, written = usage.prompt_tokens, usage.completion_tokens
        cost = self.prices.of(read, written) if read or written else 0.0 if is_free else None
        seconds = round(time.monotonic() - call.began, 3)
        tokens = {"read": read, "written": written}
        line = {"call": call.name, "end": end, "reason": reason, **tokens}
        self._write({**line, "cost": cost, "seconds": seconds})
        self.reserved -= call.most
        self.spent += call.most if cost is None else cost

    def _write(self, line: Mapping[str, object]) -> None:
        if self._file is None:
            self._file = _open(self._folder)
        data = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        if os.write(self._file, data) < len(data):
            raise OSError(f"{FILE}: the disk took only a part of a line; make room on it")


def _open(folder: Path) -> int:
    """The file, to be added to behind a whole line."""
    folder.mkdir(parents=True, exist_ok=True)
    file = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        os.write(file, b"\n")
    return file


def figures(folder: Path) -> Figures:
    """The account beside the answers in `folder`; an empty one where there is none."""
    unended: dict[str, float] = {}
    ends = Counter[str]()
    cost = uncounted = 0.0
    for line in _lines(folder / FILE):
        if "end" not in line:
            unended[line["call"]] = line["most"]
            continue
        most = unended.pop(line["call"], 0.0)
        ends[line["end"]] += 1
        if line["cost"] is None:
            uncounted += most
        else:
            cost += line["cost"]
    return Figures(
        sent=ends.total() + len(unended),
        **ends,
        unended=len(unended),
        cost=cost,
        uncounted=uncounted + sum(unended.values()),
    )


class Counted(NamedTuple):
    """Tokens that servers read and wrote, failed calls among them."""

    read: int
    written: int


def counted(folder: Path) -> Counted:
    """The tokens of all calls in the account beside the answers in `folder`."""
    ends = [line for line in _lines(folder / FILE) if "end" in line]
    return Counted(sum(line["read"] for line in ends), sum(line["written"] for line in ends))


def _unended(folder: Path) -> dict[str, float]:
    """The most that each call can cost of which no end is noted, by its name."""
    found: dict[str, float] = {}
    for line in _lines(folder / FILE):
        if "end" in line:
            found.pop(line["call"], None)
        else:
            found[line["call"]] = line["most"]
    return found


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    if not file.exists():
        return
    with file.open("rb") as lines:
        for line in lines:
            try:
                yield json.loads(line)
            except ValueError:
                continue  # torn by a kill
