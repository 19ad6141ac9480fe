"""Ask an OpenAI-compatible endpoint by files that it works through in its own time, for less.

Requests are packed into parcels (`parcels.py`), submitted and polled (`batch_api.py`); their calls
stand in the same account as single ones, and answers go into the same cache. A killed run finds its
parcels and goes on polling. Where it was killed between submitting and noting that it had, the
endpoint is asked for a batch that carries the parcel's name before another is made.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tahdhib.config.recipe import BatchTeacher, OpenAITeacher
from tahdhib.errors import EndpointError
from tahdhib.llm.account import Account, Call, End, Prices
from tahdhib.llm.batch_api import BatchApi, batch_api
from tahdhib.llm.cache import Answers
from tahdhib.llm.chat import Failure, FailureReason, Judge, Question, Reply, Setback, Usage
from tahdhib.llm.client import Outcome, is_last
from tahdhib.llm.door import any_answer
from tahdhib.llm.parcels import Parcel, content_of, note, noted, pack, results
from tahdhib.llm.reading import excerpt
from tahdhib.store.shards import remove_temporaries

if TYPE_CHECKING:
    from openai.types import Batch

FOLDER = "batches"
_ENDED = ("completed", "expired", "failed", "cancelled")
_OF_ONE_QUESTION = ("empty", "budget")
"""Failures that say nothing of the endpoint."""


def complete_in_batches(
    requests: Sequence[Question],
    *,
    settings: tuple[OpenAITeacher, BatchTeacher],
    cache_folder: Path,
    api_key: str | None,
    on_reply: Callable[[], None],
    judge: Judge = any_answer,
) -> list[Outcome]:
    """Return an outcome for each request, in their order, once all batches have ended.

    Answers that lie in `cache_folder` are not asked for again. `on_reply` hears as many times as
    there are requests, as the endpoint says that it gets on. Requests of a batch that failed,
    expired or was cancelled, and those whose answers cannot be used or are of no use to the
    `judge`, go into another batch up to `retries` times. Every request stands in the account as a
    call; one that does not fit into the budget is not sent, and its outcome is a failure for
    `budget`.

    Raises:
        EndpointError: nobody listens, the key is refused, batches are not offered, or no request
            brought an answer. What was submitted is noted, and the next call goes on from there.
    """
    openai, batch = settings
    prices = Prices(
        openai.price_per_million_input * batch.price_factor,
        openai.price_per_million_output * batch.price_factor,
    )
    keys = [request.key(openai.base_url) for request in requests]
    with (
        closing(Account(cache_folder, prices, openai.budget)) as account,
        closing(Answers(cache_folder)) as answers,
        batch_api(openai, cache_folder / FOLDER, api_key) as api,
    ):
        office = _Office(api, batch, account, answers, _Heard(on_reply, len(keys)))
        outcomes = office.settle(dict(zip(keys, requests, strict=True)), _by_key(keys, judge))
    _check_somebody_works(outcomes, openai)
    return [outcomes[key] for key in keys]


Use = Callable[[str, Reply], str | None]
"""Why the answer under a key is of no use, in a word; None: it is usable."""


def _by_key(keys: Sequence[str], judge: Judge) -> Use:
    places = {key: at for at, key in enumerate(keys)}
    return lambda key, reply: judge(places[key], reply) if key in places else None


class _Heard:
    """How many requests the listener has heard of, of all."""

    def __init__(self, on_reply: Callable[[], None], total: int) -> None:
        self._on_reply, self._total, self._count = on_reply, total, 0

    def at_least(self, count: int) -> None:
        """Tell the listener of what it has not heard yet."""
        for _ in range(min(count, self._total) - self._count):
            self._on_reply()
            self._count += 1

    def all(self) -> None:
        """Tell it of the rest."""
        self.at_least(self._total)


class _Office:
    """Where parcels leave and come home: what each request brought so far, and what it cost."""

    def __init__(
        self,
        api: BatchApi,
        batch: BatchTeacher,
        account: Account,
        answers: Answers,
        heard: _Heard,
    ) -> None:
        self._api = api
        self._batch = batch
        self._account = account
        self._heard = heard
        self._answers = answers
        self._outcomes: dict[str, Outcome] = {}
        self._spent: dict[str, Usage] = {}
        self._calls: dict[str, Call] = {}

    def settle(self, questions: Mapping[str, Question], use: Use) -> dict[str, Outcome]:
        """The outcome of each question: from disk, else from the endpoint and then on disk."""
        remove_temporaries(self._api.folder)
        for key in questions:
            known = self._answers.load(key)
            if known is not None:
                self._take(key, known, use)
        parcels = [
            parcel
            for parcel in noted(self._api.folder)
            if not parcel.is_done and any(key in questions for key in parcel.keys)
        ]
        self._calls = self._account.take_up({call for one in parcels for call in one.calls})
        while True:
            under_way = {key for parcel in parcels for key in parcel.keys}
            parcels += self._packed(
                {
                    key: question
                    for key, question in questions.items()
                    if key not in self._outcomes and key not in under_way
                }
            )
            if not parcels:
                self._heard.all()
                return self._outcomes
            for key, reply in self._brought(parcels, use):
                self._take(key, reply, use)
            parcels = []

    def _take(self, key: str, reply: Reply | Setback, use: Use) -> None:
        """Note what a request has brought; it has an outcome unless it may be tried again."""
        settings = self._api.settings
        if isinstance(reply, Setback):
            spent = self._spent[key]
            if not reply.may_retry or spent.calls > settings.retries:
                self._outcomes[key] = Failure(reply.reason, reply.detail, spent)
            return
        self._spent[key] = reply.usage
        if is_last(reply, settings) or use(key, reply) is None:
            self._outcomes[key] = reply

    # Sending

    def _packed(self, left: Mapping[str, Question]) -> list[Parcel]:
        """Parcels of all requests that fit into the budget beside those under way."""
        calls: dict[str, str] = {}
        for key, question in left.items():
            most = self._account.prices.most(question.payload())
            call = self._account.reserve(key, most)
            if call is not None:
                calls[key] = call.name
                self._calls[call.name] = call
            elif self._account.is_out_of_reach(most):
                seen = f"{self._account.spent:.6g} of {self._account.budget:.6g} are spent"
                detail = f"may cost {most:.6g}, and {seen}"
                self._outcomes[key] = Failure("budget", detail, self._spent.get(key, Usage()))
        return pack(
            {key: left[key] for key in calls},
            calls,
            self._api.folder,
            most_requests=self._batch.max_requests,
            most_bytes=self._batch.max_bytes,
        )

    def _submitted(self, parcel: Parcel) -> Parcel:
        """The parcel with the endpoint's names for it, each noted as soon as it is known."""
        folder = self._api.folder
        if parcel.batch is not None:
            return parcel
        was_uploaded = parcel.file is not None
        file = parcel.file or self._api.upload(content_of(parcel, folder))
        if not was_uploaded:
            parcel = replace(parcel, file=file)
            note(parcel, folder)
        batch = self._api.submit(parcel, file, may_be_there=was_uploaded)
        parcel = replace(parcel, batch=batch)
        note(parcel, folder)
        return parcel

    # Bringing home

    def _brought(
        self, parcels: Sequence[Parcel], use: Use
    ) -> Iterator[tuple[str, Reply | Setback]]:
        """Submit the parcels and wait until each has ended; what came of every request."""
        waiting = [self._submitted(parcel) for parcel in parcels]
        while waiting:
            on_the_way = 0
            for parcel in list(waiting):
                batch = self._api.look(parcel)
                if batch.status in _ENDED:
                    waiting.remove(parcel)
                    yield from self._collected(parcel, batch, use).items()
                elif batch.request_counts:
                    on_the_way += batch.request_counts.completed + batch.request_counts.failed
            if waiting:
                self._heard.at_least(len(self._outcomes) + on_the_way)
                time.sleep(self._batch.poll_seconds)

    def _collected(self, parcel: Parcel, batch: "Batch", use: Use) -> dict[str, Reply | Setback]:
        """What came of every request of an ended batch; answers are on disk when this returns.

        A request whose call has ended was collected before a kill: it is known from the cache.
        """
        calls = {
            key: self._calls.pop(name)
            for key, name in zip(parcel.keys, parcel.calls, strict=True)
            if name in self._calls
        }
        found: dict[str, Reply | Setback] = dict.fromkeys(calls, _without_a_line(batch))
        for file in (batch.error_file_id, batch.output_file_id):
            if file is not None:
                with self._api.lines(file) as lines:
                    found |= {key: result for key, result in results(lines) if key in calls}
        for key, result in found.items():
            found[key] = self._kept(key, calls[key], result, use)
        note(replace(parcel, is_done=True), self._api.folder)
        return found

    def _kept(self, key: str, call: Call, result: Reply | Setback, use: Use) -> Reply | Setback:
        """The result with all that was spent on its request, on disk and in the account."""
        spent = self._spent.get(key, Usage()) + result.usage
        self._spent[key] = spent
        if isinstance(result, Setback):
            self._account.settle(
                call, "failed", result.reason, result.usage, is_free=result.is_free
            )
            return result
        whole = replace(result, usage=spent)
        self._answers.save(key, whole)
        fault = use(key, whole)
        end: End = "unusable" if fault else "usable"
        self._account.settle(call, end, fault or "", result.usage, is_free=False)
        return whole


def _without_a_line(batch: "Batch") -> Setback:
    """What is said of a request of which an ended batch says nothing."""
    if batch.status == "completed":
        return Setback("malformed", f"batch {batch.id} has no line that can be read for it")
    errors = (batch.errors.data if batch.errors else None) or []
    why = f" ({excerpt(f'{errors[0].code}: {errors[0].message}')})" if errors else ""
    reason: FailureReason = "timeout" if batch.status == "expired" else "refused"
    is_free = batch.status == "failed"  # it was looked through and not begun
    return Setback(reason, f"batch {batch.id}: {batch.status}{why}", is_free=is_free)


def _check_somebody_works(outcomes: Mapping[str, Outcome], settings: OpenAITeacher) -> None:
    failures = [
        one
        for one in outcomes.values()
        if isinstance(one, Failure) and one.reason not in _OF_ONE_QUESTION
    ]
    if failures and len(failures) == len(outcomes):
        raise EndpointError(
            f"{settings.base_url}: every one of {len(outcomes)} requests failed, the first with "
            f"{failures[0].reason!r} ({failures[0].detail}); expected answers. See to what it "
            "says; the same command submits them again."
        )
