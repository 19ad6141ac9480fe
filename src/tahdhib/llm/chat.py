"""What is asked of a chat endpoint and what comes back, as frozen records.

An outcome says how many calls it took and the tokens of all of them, so that failed tries are
counted too.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

FailureReason = Literal[
    "rate_limited",
    "server_error",
    "timeout",
    "connection",
    "refused",
    "malformed",
    "empty",
    "unparsable",
    "budget",
]
"""`empty`: the model says nothing. `unparsable`: it says something else than what was asked for.
`budget`: not sent, since no more calls were allowed. The others are the endpoint's."""


class Question(Protocol):
    """Anything that can be asked: the body of its call, and a key for its answer."""

    def payload(self) -> dict[str, object]: ...

    def key(self, base_url: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Request:
    """One question: what the model is told to be, and what it is given."""

    system: str
    user: str
    model: str
    temperature: float
    max_tokens: int
    sample: int = 0
    """Which of several answers to the same question: each is bought and kept for itself."""
    response_format: Mapping[str, object] | None = None
    """What the server is asked to hold the answer to; None: any text."""

    def payload(self) -> dict[str, object]:
        """The body of the call. Further samples carry their number as the seed."""
        extra: dict[str, object] = {"seed": self.sample} if self.sample else {}
        if self.response_format is not None:
            extra["response_format"] = dict(self.response_format)
        return {
            "model": self.model,
            "messages": [
                {"role": "system", "content": self.system},
                {"role": "user", "content": self.user},
            ],
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            **extra,
        }

    def key(self, base_url: str) -> str:
        """Hash of all that the answer depends on: the whole payload and who is asked."""
        return key_of([base_url.rstrip("/"), self.payload()])


def key_of(content: object) -> str:
    """Hash of a JSON value, whatever the order of its keys."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Usage:
    """What an outcome cost: calls sent, those of them that brought nothing, and all tokens."""

    calls: int = 0
    failed_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.calls + other.calls,
            self.failed_calls + other.failed_calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """A usable answer. `usage` is what it cost when it was bought, be that in an earlier run."""

    text: str
    finish_reason: str
    usage: Usage
    is_cached: bool = False


Judge = Callable[[int, Reply], str | None]
"""Why the answer to the request at a place is of no use, in a word; None: it is usable."""


@dataclass(frozen=True, slots=True)
class Failure:
    """No usable answer after every try that was allowed."""

    reason: FailureReason
    detail: str
    usage: Usage


class Setback(NamedTuple):
    """One call that brought nothing."""

    reason: FailureReason
    detail: str
    may_retry: bool = True
    wait_seconds: float | None = None
    usage: Usage = Usage(calls=1, failed_calls=1)
    is_free: bool = False
    """Whether the server said no before it did any work."""
    ends_run: bool = False
    """Whether no other call can do better; `detail` is then the whole sentence."""
