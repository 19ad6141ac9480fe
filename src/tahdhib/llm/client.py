"""Ask an OpenAI-compatible endpoint many questions at once, within bounds.

The bound on calls under way is our own (`pace.py`): a question gives its place away while it waits
to try again. What a call may cost at most is reserved in the account before it is sent
(`account.py`), so that a budget is never passed. A question that fails costs its document; an
endpoint that nobody can work with ends the run with an EndpointError.
"""

import asyncio
import email.utils
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tahdhib.config.environment import account_headers, proxy_for
from tahdhib.config.recipe import OpenAITeacher
from tahdhib.errors import EndpointError
from tahdhib.llm.account import Account, Call, End, Prices
from tahdhib.llm.cache import Answers
from tahdhib.llm.chat import Failure, Question, Reply, Setback, Usage
from tahdhib.llm.door import Door, chat_door
from tahdhib.llm.pace import MAX_HOLD_SECONDS, Pace
from tahdhib.llm.reading import excerpt

if TYPE_CHECKING:
    from aiohttp import ClientSession

FIRST_BACKOFF_SECONDS = 0.5
MAX_BACKOFF_SECONDS = 30.0
MIN_FAILURES_IN_A_ROW = 20
_TASKS_PER_PLACE = 2
"""Questions at hand for each place: those that wait to be tried again leave theirs to others."""

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
    `on_reply` hears of it. Equal requests are asked once. An answer that the door's judge has no
    use for is asked for again as long as `settings.retries` allows, in this run and later ones
    together; the last one is the outcome. Every call stands in the account in `cache_folder`; one
    that does not fit into `settings.budget` is not sent, and its outcome is a failure for `budget`.
    Not to be called from a running event loop.

    Raises:
        EndpointError: nobody listens, the key or the model is refused, or no call succeeds.
    """
    prices = Prices(settings.price_per_million_input, settings.price_per_million_output)
    with (
        closing(Account(cache_folder, prices, settings.budget)) as account,
        closing(Answers(cache_folder)) as answers,
        ThreadPoolExecutor(1) as disk,
    ):
        caller = _Caller(settings, door or chat_door(), account, answers, disk)
        return asyncio.run(caller.complete_all(requests, api_key, on_reply))


class _Caller:
    """The state that calls to one endpoint share: the pace, the account, failures in a row."""

    def __init__(
        self,
        settings: OpenAITeacher,
        door: Door,
        account: Account,
        answers: Answers,
        disk: Executor,
    ) -> None:
        self._settings = settings
        self._door = door
        self._address = settings.base_url.rstrip("/") + door.path
        self._answers = answers
        self._account = account
        self._pace = Pace(settings.in_flight)
        self._disk = disk
        self._forcing = asyncio.Lock()
        self._next_force: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()
        self._failed_in_a_row = 0
        self._has_answered = False

    async def complete_all(
        self,
        requests: Sequence[Question],
        api_key: str | None,
        on_reply: Callable[[Outcome], None],
    ) -> list[Outcome]:
        import aiohttp  # 0.2 s that only those pay who call

        keys: list[str] = []
        outcomes: dict[str, Outcome] = {}
        waiting = Counter[str]()
        at_hand = asyncio.Semaphore(_TASKS_PER_PLACE * self._settings.in_flight)
        refused: EndpointError | None = None

        async def settle(session: "ClientSession", at: int, request: Question) -> None:
            key = keys[at]
            outcomes[key] = outcome = await self._settle(session, at, key, request)
            at_hand.release()
            for _ in range(waiting.pop(key)):
                on_reply(outcome)

        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),  # the pace is the bound
            timeout=aiohttp.ClientTimeout(total=self._settings.timeout_seconds),
            headers={
                "Content-Type": "application/json",
                **({"Authorization": f"Bearer {api_key}"} if api_key else {}),
                **account_headers(),
            },
            proxy=proxy_for(self._address),
        ) as session:
            try:
                async with asyncio.TaskGroup() as group:
                    for at, request in enumerate(requests):
                        key = request.key(self._settings.base_url)
                        keys.append(key)
                        if key in outcomes:
                            on_reply(outcomes[key])
                            continue
                        waiting[key] += 1
                        if waiting[key] == 1:
                            await at_hand.acquire()
                            group.create_task(settle(session, at, request))
            except* EndpointError as errors:
                refused = _first(errors)
        if refused is not None:
            raise refused
        self._check_somebody_works(outcomes)
        return [outcomes[key] for key in keys]

    async def _settle(
        self, session: "ClientSession", at: int, key: str, request: Question
    ) -> Outcome:
        """The outcome of one request: from disk, else from the endpoint and then on disk."""
        known = self._answers.load(key)
        if known is not None and self._is_final(at, known):
            return known
        return await self._ask(session, at, key, request, Usage() if known is None else known.usage)

    def _is_final(self, at: int, reply: Reply) -> bool:
        """Whether the answer is usable, or the last."""
        return is_last(reply, self._settings) or self._door.judge(at, reply) is None

    async def _ask(
        self, session: "ClientSession", at: int, key: str, request: Question, spent: Usage
    ) -> Outcome:
        """Call until there is a usable answer, or no further try is allowed; `spent` is what was
        spent on it in earlier runs."""
        while True:
            result = await self._try(session, at, key, request, spent)
            spent += result.usage
            if isinstance(result, Reply):
                reply = replace(result, usage=spent)
                if self._is_final(at, reply):
                    return reply
            elif not result.may_retry or spent.calls > self._settings.retries:
                self._count_failure(result)
                return Failure(result.reason, result.detail, spent)
            else:
                await self._wait_after(result, spent.calls - 1)

    async def _try(
        self, session: "ClientSession", at: int, key: str, request: Question, spent: Usage
    ) -> Reply | Setback:
        """One call, reserved before it is sent and settled after.

        It keeps its place until its answer is written: whoever kills the run loses at most as many
        paid answers as may be in flight. It counts once its answer is forced to disk.
        """
        async with self._pace:
            call = await self._reserve(key, request)
            if isinstance(call, Setback):
                return call
            result = await self._call(session, request)
            if isinstance(result, Setback):
                self._note_setback(call, result)
                return result
            reply = replace(result, usage=spent + result.usage)
            self._answers.write(key, reply)
            self._pace.succeeded()
        await self._forced()
        self._failed_in_a_row, self._has_answered = 0, True
        unusable = self._door.judge(at, reply)
        self._settle_call(call, "unusable" if unusable else "usable", unusable or "", result)
        return result

    async def _forced(self) -> None:
        """Wait until all that is written is forced to disk. Who comes while the disk is at it waits
        for its next turn, with all others who do."""
        if self._next_force is None:
            self._next_force = asyncio.create_task(self._force())
        await asyncio.shield(self._next_force)

    async def _force(self) -> None:
        async with self._forcing:
            self._next_force = None
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._disk, self._answers.force)

    async def _reserve(self, key: str, request: Question) -> Call | Setback:
        """Wait until the most that the call can cost fits beside those under way."""
        if not self._door.allowance.take():
            return Setback("budget", "no more calls were allowed", False, usage=Usage())
        account = self._account
        most = account.prices.most(request.payload())
        while not account.is_out_of_reach(most):
            call = account.reserve(key, most)
            if call is not None:
                return call
            await self._settled.wait()
        seen = f"{account.spent:.6g} of {account.budget:.6g} are spent"
        return Setback("budget", f"may cost {most:.6g}, and {seen}", False, usage=Usage())

    def _settle_call(self, call: Call, end: End, reason: str, result: Reply | Setback) -> None:
        is_free = isinstance(result, Setback) and result.is_free
        self._account.settle(call, end, reason, result.usage, is_free=is_free)
        self._settled.set()  # all who wait look again, each at the new account
        self._settled = asyncio.Event()

    def _note_setback(self, call: Call, setback: Setback) -> None:
        self._settle_call(call, "failed", setback.reason, setback)
        if setback.reason == "rate_limited":
            self._pace.turned_away(call.began)
        elif setback.reason == "server_error":
            self._pace.fell_over()
        if setback.ends_run:
            self._pace.hold(MAX_HOLD_SECONDS)  # nobody follows before the run has ended
        elif setback.wait_seconds is not None:
            self._pace.hold(setback.wait_seconds)

    async def _call(self, session: "ClientSession", request: Question) -> Reply | Setback:
        """One call. A whole answer must come within the time-out, however it trickles in."""
        import aiohttp

        body = json.dumps(request.payload(), ensure_ascii=False).encode()
        try:
            async with session.post(self._address, data=body) as response:
                answer = await response.read()
        except TimeoutError:
            return Setback("timeout", f"no answer within {self._settings.timeout_seconds:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Setback("connection", excerpt(str(error) or type(error).__name__))
        if response.ok:
            return self._door.read(answer)
        text = answer.decode("utf-8", "replace")
        return self._status_setback(response.status, text, response.headers)

    def _status_setback(self, status: int, body: str, headers: Mapping[str, str]) -> Setback:
        detail = f"HTTP {status}: {excerpt(body)}"
        wait = retry_after(headers)
        match status:
            case 401 | 403:
                sentence = (
                    f"{self._settings.base_url}: refuses the key ({detail}). Expected a valid one "
                    f"in {self._door.key} ({self._settings.api_key_env}); set it and run the same "
                    "command again."
                )
                return Setback("refused", sentence, False, is_free=True, ends_run=True)
            case 404:
                sentence = (
                    f"{self._settings.base_url}: does not know the model "
                    f"{self._settings.model!r}, or is no OpenAI-compatible address ({detail}). "
                    f"Name a model that the server offers with {self._door.model}; the address "
                    "usually ends in /v1."
                )
                return Setback("refused", sentence, False, is_free=True, ends_run=True)
            case 429:
                return Setback("rate_limited", detail, wait_seconds=wait, is_free=True)
            case 408 | 409 | 425:
                return Setback("server_error", detail)
            case _ if status >= 500:
                return Setback("server_error", detail, wait_seconds=wait)
        return Setback("refused", detail, may_retry=False, is_free=True)

    async def _wait_after(self, setback: Setback, attempt: int) -> None:
        """Twice as long each time, by chance a little less so that the tries do not come in step;
        where the server said how long, the pace holds everybody back."""
        if setback.wait_seconds is None:
            longest = min(FIRST_BACKOFF_SECONDS * 2**attempt, MAX_BACKOFF_SECONDS)
            await asyncio.sleep(longest * random.uniform(0.5, 1.0))

    def _count_failure(self, setback: Setback) -> None:
        """End the run when failures follow each other without a single answer: they cost money."""
        if setback.ends_run:
            raise EndpointError(setback.detail)
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


def is_last(reply: Reply, settings: OpenAITeacher) -> bool:
    """Whether another answer would be the same, or one too many."""
    is_cut_again = settings.temperature == 0 and reply.finish_reason == "length"
    return is_cut_again or reply.usage.calls > settings.retries


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
