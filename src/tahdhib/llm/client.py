"""Ask an OpenAI-compatible chat endpoint many questions at once, within bounds.

The bound on calls under way is a semaphore of our own: a question gives its place away while
it waits to try again. When the server says how long to wait, everybody waits, since the limit is
the account's and not the question's. A question that fails costs its document; an endpoint that
nobody can work with ends the run with an EndpointError.
"""

import asyncio
import email.utils
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tahdhib.config.recipe import OpenAITeacher
from tahdhib.errors import EndpointError
from tahdhib.llm import cache
from tahdhib.llm.chat import Failure, FailureReason, Reply, Request, Usage

if TYPE_CHECKING:
    from openai import AsyncOpenAI

FIRST_BACKOFF_SECONDS = 0.5
MAX_BACKOFF_SECONDS = 30.0
MAX_RETRY_AFTER_SECONDS = 600.0
MIN_FAILURES_IN_A_ROW = 20
EXCERPT_CHARACTERS = 200

Outcome = Reply | Failure


def complete_all(
    requests: Sequence[Request],
    *,
    settings: OpenAITeacher,
    cache_folder: Path,
    api_key: str | None,
    on_reply: Callable[[Outcome], None],
) -> list[Outcome]:
    """Return an outcome for each request, in their order.

    Answers that lie in `cache_folder` are not asked for again; a new one is on disk before
    `on_reply` hears of it. Equal requests are asked once. Not to be called from a running event
    loop.

    Raises:
        EndpointError: nobody listens, the key or the model is refused, or no call succeeds.
    """
    caller = _Caller(settings, cache_folder)
    return asyncio.run(caller.complete_all(requests, api_key, on_reply))


class _Setback(NamedTuple):
    """One call that brought nothing."""

    reason: FailureReason
    detail: str
    may_retry: bool = True
    wait_seconds: float | None = None
    usage: Usage = Usage(calls=1, failed_calls=1)


class _Caller:
    """The state that calls to one endpoint share: places, the common wait, failures in a row."""

    def __init__(self, settings: OpenAITeacher, cache_folder: Path) -> None:
        self._settings = settings
        self._cache_folder = cache_folder
        self._places = asyncio.Semaphore(settings.in_flight)
        self._not_before = 0.0
        self._failed_in_a_row = 0
        self._has_answered = False

    async def complete_all(
        self,
        requests: Sequence[Request],
        api_key: str | None,
        on_reply: Callable[[Outcome], None],
    ) -> list[Outcome]:
        from openai import AsyncOpenAI  # 0.4 s that only those pay who call

        keys = [request.key(self._settings.base_url) for request in requests]
        unique = dict(zip(keys, requests, strict=True))
        outcomes: dict[str, Outcome] = {}
        refused: EndpointError | None = None
        repeats = Counter(keys)

        async def settle(client: "AsyncOpenAI", key: str, request: Request) -> None:
            outcomes[key] = outcome = await self._settle(client, key, request)
            for _ in range(repeats[key]):
                on_reply(outcome)

        async with AsyncOpenAI(
            api_key=api_key or "none",
            base_url=self._settings.base_url,
            timeout=self._settings.timeout_seconds,
            max_retries=0,
        ) as client:
            try:
                async with asyncio.TaskGroup() as group:
                    for key, request in unique.items():
                        group.create_task(settle(client, key, request))
            except* EndpointError as errors:
                refused = _first(errors)
        if refused is not None:
            raise refused
        self._check_somebody_works(outcomes)
        return [outcomes[key] for key in keys]

    async def _settle(self, client: "AsyncOpenAI", key: str, request: Request) -> Outcome:
        """The outcome of one request: from disk, else from the endpoint and then on disk."""
        known = cache.load(self._cache_folder, key)
        if known is not None:
            return known
        return await self._ask(client, key, request)

    async def _ask(self, client: "AsyncOpenAI", key: str, request: Request) -> Outcome:
        """Call until there is a usable answer, or no further try is allowed.

        A call keeps its place until its answer is on disk: whoever kills the run loses at most
        as many paid answers as may be in flight.
        """
        spent = Usage()
        attempt = 0
        while True:
            async with self._places:
                await self._wait_for_everybody()
                result = await self._call(client, request)
                spent += result.usage
                if isinstance(result, Reply):
                    self._failed_in_a_row, self._has_answered = 0, True
                    reply = Reply(result.text, result.finish_reason, spent)
                    await asyncio.to_thread(cache.save, self._cache_folder, key, reply)
                    return reply
            if not result.may_retry or attempt == self._settings.retries:
                self._count_failure(result)
                return Failure(result.reason, result.detail, spent)
            await self._wait_after(result, attempt)
            attempt += 1

    async def _call(self, client: "AsyncOpenAI", request: Request) -> Reply | _Setback:
        """One call. A whole answer must come within the time-out, however it trickles in."""
        import openai

        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                create: Any = client.chat.completions.with_raw_response.create
                response = await create(**request.payload())
        except (TimeoutError, openai.APITimeoutError):
            return _Setback("timeout", f"no answer within {self._settings.timeout_seconds:g} s")
        except openai.APIConnectionError as error:
            return _Setback("connection", _excerpt(str(error.__cause__ or error)))
        except openai.APIStatusError as error:
            return self._status_setback(
                error.status_code, error.response.text, error.response.headers
            )
        return read_reply(response.content)

    def _status_setback(self, status: int, body: str, headers: Mapping[str, str]) -> _Setback:
        detail = f"HTTP {status}: {_excerpt(body)}"
        match status:
            case 401 | 403:
                raise EndpointError(
                    f"{self._settings.base_url}: refuses the key ({detail}). Expected a valid one "
                    f"in the environment variable that annotate.openai.api_key_env names "
                    f"({self._settings.api_key_env}); set it and run the same command again."
                )
            case 404:
                raise EndpointError(
                    f"{self._settings.base_url}: does not know the model "
                    f"{self._settings.model!r}, or is no OpenAI-compatible address ({detail}). "
                    "Name a model that the server offers with "
                    "--set annotate.openai.model=NAME; the address usually ends in /v1."
                )
            case 429:
                return _Setback("rate_limited", detail, wait_seconds=retry_after(headers))
            case 408 | 409 | 425:
                return _Setback("server_error", detail)
            case _ if status >= 500:
                return _Setback("server_error", detail, wait_seconds=retry_after(headers))
        return _Setback("refused", detail, may_retry=False)

    async def _wait_for_everybody(self) -> None:
        while (left := self._not_before - time.monotonic()) > 0:
            await asyncio.sleep(left)

    async def _wait_after(self, setback: _Setback, attempt: int) -> None:
        """Wait as long as the server said (and hold back everybody), else twice as long each
        time, by chance a little less so that the tries do not come in step."""
        if setback.wait_seconds is not None:
            wait = min(setback.wait_seconds, MAX_RETRY_AFTER_SECONDS)
            self._not_before = max(self._not_before, time.monotonic() + wait)
            return
        longest = min(FIRST_BACKOFF_SECONDS * 2**attempt, MAX_BACKOFF_SECONDS)
        await asyncio.sleep(longest * random.uniform(0.5, 1.0))

    def _count_failure(self, setback: _Setback) -> None:
        """End the run when failures follow each other without a single answer: they cost money."""
        if setback.reason == "empty":
            return  # a bad answer of the model, but the endpoint works
        if setback.reason == "connection" and not self._has_answered:
            raise EndpointError(self._sentence(f"nobody answers there ({setback.detail})"))
        self._failed_in_a_row += 1
        limit = max(MIN_FAILURES_IN_A_ROW, 2 * self._settings.in_flight)
        if self._failed_in_a_row > limit:
            raise EndpointError(
                self._sentence(
                    f"{self._failed_in_a_row} requests in a row failed, the last with "
                    f"{setback.reason!r} ({setback.detail})"
                )
            )

    def _check_somebody_works(self, outcomes: Mapping[str, Outcome]) -> None:
        failures = [
            outcome
            for outcome in outcomes.values()
            if isinstance(outcome, Failure) and outcome.reason != "empty"
        ]
        if failures and len(failures) == len(outcomes):
            first = failures[0]
            raise EndpointError(
                self._sentence(
                    f"every one of {len(outcomes)} requests failed, the first with "
                    f"{first.reason!r} ({first.detail})"
                )
            )

    def _sentence(self, seen: str) -> str:
        return (
            f"{self._settings.base_url}: {seen}; expected an OpenAI-compatible server. Start it, "
            "or name another with --set annotate.openai.base_url=URL. Answers that came are kept: "
            "the same command goes on from them."
        )


def read_reply(body: bytes) -> Reply | _Setback:
    """Read the body of a successful call; a missing field or an empty text is a setback."""
    try:
        content = json.loads(body)
        choice = content["choices"][0]
        text, finish_reason = choice["message"]["content"], choice.get("finish_reason") or "stop"
        usage = _usage(content.get("usage"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        seen = _excerpt(body.decode("utf-8", "replace"))
        return _Setback("malformed", f"expected a chat completion as JSON, got {seen!r}")
    if text is None or (isinstance(text, str) and not text.strip()):
        spent = Usage(calls=1, failed_calls=1) + usage
        return _Setback("empty", f"no text (finish_reason {finish_reason!r})", usage=spent)
    if not isinstance(text, str) or _has_lone_surrogates(text):
        return _Setback("malformed", f"expected a text, got {_excerpt(ascii(text))}")
    return Reply(text, str(finish_reason), Usage(calls=1) + usage)


def _has_lone_surrogates(text: str) -> bool:
    """Whether the text cannot be written as UTF-8: JSON can escape halves of characters."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait, from a number or a date; None where it asks nothing."""
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def _usage(usage: object) -> Usage:
    """Tokens as the server counted them; servers that do not count say nothing."""
    if not isinstance(usage, dict):
        return Usage()
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return Usage(
        prompt_tokens=prompt if isinstance(prompt, int) else 0,
        completion_tokens=completion if isinstance(completion, int) else 0,
    )


def _excerpt(text: str) -> str:
    """The start of a text on one line: bodies of errors can be whole pages."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_CHARACTERS else line[:EXCERPT_CHARACTERS] + "…"


def _first(errors: BaseExceptionGroup[EndpointError]) -> EndpointError:
    """The first error of a group, however deep it lies."""
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
