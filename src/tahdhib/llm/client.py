"""Ask an OpenAI-compatible endpoint many questions at once, within bounds.

The bound on calls under way is a semaphore of our own: a question gives its place away while
it waits to try again. When the server says how long to wait, everybody waits, since the limit is
the account's and not the question's. A question that fails costs its document; an endpoint that
nobody can work with ends the run with an EndpointError.
"""

import asyncio
import email.utils
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tahdhib.config.recipe import OpenAITeacher
from tahdhib.errors import EndpointError
from tahdhib.llm import cache
from tahdhib.llm.chat import Failure, Question, Reply, Setback, Usage
from tahdhib.llm.door import Door, chat_door
from tahdhib.llm.reading import excerpt

if TYPE_CHECKING:
    from openai import AsyncOpenAI

FIRST_BACKOFF_SECONDS = 0.5
MAX_BACKOFF_SECONDS = 30.0
MAX_RETRY_AFTER_SECONDS = 600.0
MIN_FAILURES_IN_A_ROW = 20

Outcome = Reply | Failure
_OF_ONE_QUESTION = ("empty", "budget", "unparsable")
"""Failures that say nothing of the endpoint."""


def complete_all(
    requests: Sequence[Question],
    *,
    settings: OpenAITeacher,
    cache_folder: Path,
    api_key: str | None,
    on_reply: Callable[[Outcome], None],
    door: Door | None = None,
) -> list[Outcome]:
    """Return an outcome for each request, in their order; by default they are chat completions.

    Answers that lie in `cache_folder` are not asked for again; a new one is on disk before
    `on_reply` hears of it. Equal requests are asked once. Not to be called from a running event
    loop.

    Raises:
        EndpointError: nobody listens, the key or the model is refused, or no call succeeds.
    """
    caller = _Caller(settings, cache_folder, door or chat_door())
    return asyncio.run(caller.complete_all(requests, api_key, on_reply))


class _Caller:
    """The state that calls to one endpoint share: places, the common wait, failures in a row."""

    def __init__(self, settings: OpenAITeacher, cache_folder: Path, door: Door) -> None:
        self._settings = settings
        self._door = door
        self._cache_folder = cache_folder
        self._places = asyncio.Semaphore(settings.in_flight)
        self._not_before = 0.0
        self._failed_in_a_row = 0
        self._has_answered = False

    async def complete_all(
        self,
        requests: Sequence[Question],
        api_key: str | None,
        on_reply: Callable[[Outcome], None],
    ) -> list[Outcome]:
        from openai import AsyncOpenAI  # 0.4 s that only those pay who call

        keys = [request.key(self._settings.base_url) for request in requests]
        unique = dict(zip(keys, requests, strict=True))
        outcomes: dict[str, Outcome] = {}
        refused: EndpointError | None = None
        repeats = Counter(keys)

        async def settle(client: "AsyncOpenAI", key: str, request: Question) -> None:
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

    async def _settle(self, client: "AsyncOpenAI", key: str, request: Question) -> Outcome:
        """The outcome of one request: from disk, else from the endpoint and then on disk."""
        known = cache.load(self._cache_folder, key)
        if known is not None:
            return known
        return await self._ask(client, key, request)

    async def _ask(self, client: "AsyncOpenAI", key: str, request: Question) -> Outcome:
        """Call until there is a usable answer, or no further try is allowed.

        A call keeps its place until its answer is on disk: whoever kills the run loses at most
        as many paid answers as may be in flight.
        """
        spent = Usage()
        attempt = 0
        while True:
            async with self._places:
                await self._wait_for_everybody()
                if not self._door.allowance.take():
                    return Failure("budget", "no more calls were allowed", spent)
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

    async def _call(self, client: "AsyncOpenAI", request: Question) -> Reply | Setback:
        """One call. A whole answer must come within the time-out, however it trickles in."""
        import openai

        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                response = await self._door.send(client)(**request.payload())
        except (TimeoutError, openai.APITimeoutError):
            return Setback("timeout", f"no answer within {self._settings.timeout_seconds:g} s")
        except openai.APIConnectionError as error:
            return Setback("connection", excerpt(str(error.__cause__ or error)))
        except openai.APIStatusError as error:
            return self._status_setback(
                error.status_code, error.response.text, error.response.headers
            )
        return self._door.read(response.content)

    def _status_setback(self, status: int, body: str, headers: Mapping[str, str]) -> Setback:
        detail = f"HTTP {status}: {excerpt(body)}"
        match status:
            case 401 | 403:
                raise EndpointError(
                    f"{self._settings.base_url}: refuses the key ({detail}). Expected a valid one "
                    f"in {self._door.key} ({self._settings.api_key_env}); set it and run the same "
                    "command again."
                )
            case 404:
                raise EndpointError(
                    f"{self._settings.base_url}: does not know the model "
                    f"{self._settings.model!r}, or is no OpenAI-compatible address ({detail}). "
                    f"Name a model that the server offers with {self._door.model}; the address "
                    "usually ends in /v1."
                )
            case 429:
                return Setback("rate_limited", detail, wait_seconds=retry_after(headers))
            case 408 | 409 | 425:
                return Setback("server_error", detail)
            case _ if status >= 500:
                return Setback("server_error", detail, wait_seconds=retry_after(headers))
        return Setback("refused", detail, may_retry=False)

    async def _wait_for_everybody(self) -> None:
        while (left := self._not_before - time.monotonic()) > 0:
            await asyncio.sleep(left)

    async def _wait_after(self, setback: Setback, attempt: int) -> None:
        """Wait as long as the server said (and hold back everybody), else twice as long each
        time, by chance a little less so that the tries do not come in step."""
        if setback.wait_seconds is not None:
            wait = min(setback.wait_seconds, MAX_RETRY_AFTER_SECONDS)
            self._not_before = max(self._not_before, time.monotonic() + wait)
            return
        longest = min(FIRST_BACKOFF_SECONDS * 2**attempt, MAX_BACKOFF_SECONDS)
        await asyncio.sleep(longest * random.uniform(0.5, 1.0))

    def _count_failure(self, setback: Setback) -> None:
        """End the run when failures follow each other without a single answer: they cost money."""
        if setback.reason in _OF_ONE_QUESTION:
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
            if isinstance(outcome, Failure) and outcome.reason not in _OF_ONE_QUESTION
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
            f"or name another with {self._door.url}. Answers that came are kept: "
            "the same command goes on from them."
        )


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


def _first(errors: BaseExceptionGroup[EndpointError]) -> EndpointError:
    """The first error of a group, however deep it lies."""
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
