"""What a teacher will cost for all chosen documents, from a pilot of them that is really asked.

The lengths of all chosen documents are known beforehand, so the pilot is drawn by length, and what
is uncertain is only how many tokens a document of its length costs (`stats.totals`). What fails,
is tried again or is cut short in the pilot counts there as it will in the whole. The pilot's
answers lie where annotate looks for them: nothing is bought twice.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.prompt import system_prompt
from tahdhib.conduct.told import language_of
from tahdhib.config.recipe import Annotate
from tahdhib.errors import RecipeError
from tahdhib.llm.chat import Usage
from tahdhib.protect.shelter import open_shelter
from tahdhib.records import Interval, Rewrite
from tahdhib.stages.annotate.choose import PURPOSE, affordable
from tahdhib.stages.annotate.chosen import Sample, choose_documents
from tahdhib.stages.annotate.contest import Contestant, ask, contestants
from tahdhib.stages.contract import Workplace, documents_of
from tahdhib.stats.draw import rank
from tahdhib.stats.totals import Floats, draw_by_size, inclusion, luck, total
from tahdhib.store.shards import write_json
from tahdhib.teachers.passages import cut
from tahdhib.teachers.table import price_factor
from tahdhib.teachers.teacher import Lesson

LEVEL = 0.9
PILOT = 200
_USUAL_PRICES = (1.0, 4.0)
"""How a token read and a token written are weighed where no prices are known."""
_LEAST_ANSWER = 200
"""Characters of an answer beside the document's own."""
_BATCH_ROWS = 128


@dataclass(frozen=True, slots=True)
class Forecast:
    """Totals over all `documents`, the `pilot` among them.

    `spent`: what the pilot's answers cost, be that now or in an earlier run. `hours`: at the
    pilot's pace, None where all of its answers lay there already. `fits`: how many documents stay
    within the budget by the upper bound, None where all do or there is no budget.
    """

    teachers: tuple[str, ...]
    documents: int
    pilot: int
    usable: int
    calls: Interval
    prompt_tokens: Interval
    completion_tokens: Interval
    money: Interval
    hours: Interval | None
    spent: float
    budget: float | None
    fits: int | None
    seed: int


@dataclass(frozen=True, slots=True)
class _Known:
    """The chosen documents in the order of their ids: how many passages each is cut into (N,),
    and lengths in characters of what a model is told besides, over all of them (N,), and of the
    text (N,)."""

    ids: list[str]
    passages: Floats
    told: Floats
    text: Floats

    @property
    def written(self) -> Floats:
        """Characters that a model is expected to write, up to a factor (N,)."""
        return self.text + _LEAST_ANSWER * self.passages


def forecast(place: Workplace, pilot: int = PILOT, budget: float | None = None) -> Forecast:
    """Ask `pilot` of the chosen documents, and reckon the rest, and how many of them a budget is
    enough for.

    Raises:
        RecipeError: the recipe's teachers cost nothing.
        EndpointError: nobody can work with the server.
    """
    some = paid(place.recipe.annotate, place.conduct, place.run.replies)
    sample, _ = choose_documents(place)
    known = _lengths(place, sample)
    if not known.ids:
        raise RecipeError("no document is left for the teacher, so there is nothing to forecast.")
    sizes = _sizes(known, place)
    chances = inclusion(sizes, pilot)
    seen = draw_by_size(chances, luck("forecast", place.recipe.seed, known.ids))
    wanted = {known.ids[at] for at in seen}
    rows = sorted(_texts(place, wanted))
    started = time.perf_counter()
    with place.progress.task("forecast: pilot", len(rows) * len(some), "rewrites") as task:
        asked = ask(
            some, [text for _, text in rows], open_shelter(place.recipe.protect), task.advance
        )
    seconds = time.perf_counter() - started
    usages = [reduce(add, (lesson.usage for lesson in lessons), Usage()) for lessons in asked]
    new = [
        sum(lesson.usage.completion_tokens + 1 for lesson in lessons if not lesson.is_cached)
        for lessons in asked
    ]

    def whole(by: Floats, values: Sequence[float]) -> Interval:
        return total(by, chances, seen, values, level=LEVEL)

    costs = [sum(map(_money, some, lessons)) for lessons in asked]
    money = whole(sizes, costs)
    written = whole(known.written, [usage.completion_tokens for usage in usages])
    found = Forecast(
        teachers=tuple(dict.fromkeys(one.name for one in some)),
        documents=len(known.ids),
        pilot=len(rows),
        usable=sum(
            any(isinstance(lesson.taught, Rewrite) for lesson in lessons) for lessons in asked
        ),
        calls=whole(known.passages, [usage.calls for usage in usages]),
        prompt_tokens=whole(known.told + known.text, [usage.prompt_tokens for usage in usages]),
        completion_tokens=written,
        money=money,
        hours=_hours(seconds, sum(new), written, len(known.ids)),
        spent=sum(costs),
        budget=budget,
        fits=_fits(place, known, sizes, money, budget),
        seed=place.recipe.seed,
    )
    write_json(place.here.file("forecast.json"), asdict(found))
    return found


def paid(settings: Annotate, conduct: Conduct, replies: Path) -> list[Contestant]:
    """Those of the recipe's teachers who are asked for money.

    Raises:
        RecipeError: there is none.
    """
    some = [one for one in contestants(settings, conduct, replies) if one.teacher.is_paid]
    if not some:
        raise RecipeError(
            f"annotate.teacher is {settings.teacher!r}, which asks nobody for money: there is "
            "nothing to forecast. Run the recipe, or name another teacher."
        )
    return some


def _money(one: Contestant, lesson: Lesson) -> float:
    prices, usage = one.room.settings.openai, lesson.usage
    read = usage.prompt_tokens * prices.price_per_million_input
    written = usage.completion_tokens * prices.price_per_million_output
    return price_factor(one.room.settings) * (read + written) / 1e6


def _sizes(known: _Known, place: Workplace) -> Floats:
    """What each document is expected to cost, up to a factor."""
    prices = place.recipe.annotate.openai
    read, write = prices.price_per_million_input, prices.price_per_million_output
    if not read and not write:
        read, write = _USUAL_PRICES
    return read * (known.told + known.text) + write * known.written


def _hours(seconds: float, new: float, written: Interval, documents: int) -> Interval | None:
    """Hours for all, at the pace at which the pilot's new answers came."""
    if not new:
        return None
    pace = seconds / new / 3600
    estimate, low, high = (
        pace * (bound + documents) for bound in (written.estimate, written.low, written.high)
    )
    return Interval(estimate, low, high, written.n, written.level)


def _fits(
    place: Workplace, known: _Known, sizes: Floats, money: Interval, budget: float | None
) -> int | None:
    """How many of the first documents cost no more than the budget, by the upper bound."""
    if budget is None or money.high <= budget:
        return None
    turn = _turns(place, known.ids)
    order = sorted(range(len(known.ids)), key=lambda at: turn[known.ids[at]])
    if not np.isfinite(money.high):
        return 0
    return affordable((sizes[order] * (money.high / sizes.sum())).tolist(), budget)


def _turns(place: Workplace, ids: Sequence[str]) -> dict[str, float]:
    """In which order a smaller sample would take the documents."""
    file = place.here.file("chosen.parquet")
    if not file.exists():
        return {identity: rank(PURPOSE, place.recipe.seed, identity) for identity in ids}
    table = pq.read_table(file, columns=["id", "place"])
    return dict(zip(table["id"].to_pylist(), table["place"].to_pylist(), strict=True))


def _lengths(place: Workplace, sample: Sample) -> _Known:
    """Lengths of all chosen documents, read a few at a time."""
    system = {language: len(system_prompt(place.conduct, language)) for language in ("ar", "en")}
    most = place.recipe.annotate.passage_characters
    rows = []
    for identity, text in _chosen(place, sample):
        passages = cut(text, most)
        around = sum(len(one.before) + len(one.after) for one in passages)
        told = system[language_of(text)] * len(passages) + around
        rows.append((identity, max(1, len(passages)), told, len(text)))
    rows.sort()
    ids, *columns = zip(*rows, strict=True) if rows else ((), (), (), ())
    return _Known(list(ids), *(np.array(column, np.float64) for column in columns))


def _texts(place: Workplace, wanted: set[str]) -> Iterator[tuple[str, str]]:
    return ((identity, text) for identity, text in _all(place) if identity in wanted)


def _chosen(place: Workplace, sample: Sample) -> Iterator[tuple[str, str]]:
    return ((identity, text) for identity, text in _all(place) if sample.holds(identity))


def _all(place: Workplace) -> Iterator[tuple[str, str]]:
    for shard in documents_of(place.run, place.recipe).shards("documents"):
        with pq.ParquetFile(shard) as file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=["id", "text"]):
                ids, texts = batch["id"].to_pylist(), batch["text"].to_pylist()
                yield from zip(ids, texts, strict=True)
