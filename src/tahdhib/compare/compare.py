"""Compare workers: the whole way from names to the one table."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tahdhib.compare.bench import Bench, bench, clean_texts, pairs_of_file, pairs_of_run
from tahdhib.compare.candidates import Candidate, Named, Room, named, opened, run_of
from tahdhib.compare.marks import Court, Marked, first_score, marked
from tahdhib.compare.speed import Prices, Turn, cost, rates, turns
from tahdhib.compare.table import Cell, Draws, Line, Score, lines
from tahdhib.conduct.load import load_conduct
from tahdhib.config.load import load_recipe
from tahdhib.config.recipe import Fluency as FluencySettings
from tahdhib.config.recipe import Gate as GateSettings
from tahdhib.config.recipe import Protect
from tahdhib.errors import RecipeError
from tahdhib.gate.gate import GATE_SCORERS
from tahdhib.progress import Progress
from tahdhib.protect.shelter import Shelter, open_shelter
from tahdhib.records import Document
from tahdhib.score.fluency.builtin import Fluency
from tahdhib.score.fluency.model import train as train_fluency
from tahdhib.score.language import language
from tahdhib.score.table import Scorer, check_witness, open_scorer
from tahdhib.store.run_folder import RunFolder
from tahdhib.workers.edit.examples import TrainingPair

_MOST_FOR_SPEED = 5000
_FLUENCY_PAIRS = 200
"""Fewer other pairs make no model of fluency."""


class Asked(NamedTuple):
    """What is compared, on what, and by whom it is judged.

    `pairs`: a run, or a file of pairs that people wrote, which no candidate learned from (None: of
    the first run among the candidates); `clean`: files of texts that are to stay; `fluency`: a
    scorer (None: a model of the rewrites of pairs that are not measured).
    """

    candidates: Sequence[str]
    pairs: Path | None
    clean: Sequence[str]
    conduct: str
    scorer: str
    fluency: str | None
    documents: int
    draws: Draws
    rounds: int
    seconds: float
    threads: int
    prices: Prices
    cache: Path


@dataclass(frozen=True, slots=True)
class Comparison:
    """The table: of `measured` pairs out of `unseen` that no candidate learned from, and of `clean`
    texts. `notes` are what a reader must know of the figures."""

    candidates: tuple[str, ...]
    kinds: tuple[str, ...]
    parameters: tuple[int | None, ...]
    lines: tuple[Line, ...]
    measured: int
    unseen: int
    clean: int
    seed: int
    repetitions: int
    rounds: int
    threads: int
    prices: Prices
    notes: tuple[str, ...]


class _Given(NamedTuple):
    """What the candidates are measured on and judged by, before anyone is opened."""

    pairs: Sequence[TrainingPair]
    is_taught: bool
    run: RunFolder | None


def compare(asked: Asked, progress: Progress) -> Comparison:
    """Train what is to be trained, ask all candidates, judge them alike, time them in turns.

    Raises:
        TahdhibError: a candidate cannot be opened, or there is nothing to measure it on.
    """
    names = named(asked.candidates)
    runs = [run_of(one, asked.cache, progress) for one in names]
    check_witness(asked.scorer, *GATE_SCORERS)
    given = _given(asked.pairs, runs)
    with TemporaryDirectory() as fresh:
        return _compared(asked, names, runs, given, Path(fresh), progress)


def _compared(
    asked: Asked,
    names: Sequence[Named],
    runs: Sequence[RunFolder | None],
    given: "_Given",
    fresh: Path,
    progress: Progress,
) -> Comparison:
    court = _court(asked, given.run)
    room = Room(court.conduct, asked.threads, asked.cache / "replies", fresh)
    candidates = [opened(one, run, room) for one, run in zip(names, runs, strict=True)]
    found = bench(
        given.pairs,
        clean_texts(asked.clean, asked.documents, asked.draws.seed),
        candidates,
        is_taught=given.is_taught,
        count=asked.documents,
        seed=asked.draws.seed,
    )
    court = _with_fluency(court, asked.fluency, found, progress)
    marks = [marked(one, found, court, asked.cache, progress) for one in candidates]
    taken = _timed(asked, candidates, given.pairs, open_shelter(court.protect), progress)
    return Comparison(
        candidates=tuple(one.name for one in candidates),
        kinds=tuple(one.kind for one in candidates),
        parameters=tuple(one.parameters for one in candidates),
        lines=(
            *lines(marks, found, _scores(marks, found, court), asked.draws),
            *_speeds(candidates, taken, asked.prices),
        ),
        measured=len(found.pairs),
        unseen=found.unseen,
        clean=len(found.clean),
        seed=asked.draws.seed,
        repetitions=asked.draws.repetitions,
        rounds=asked.rounds,
        threads=asked.threads,
        prices=asked.prices,
        notes=tuple(_notes(given, found, court)),
    )


def _given(pairs: Path | None, runs: Sequence[RunFolder | None]) -> _Given:
    if pairs is not None and not RunFolder(pairs).manifest.exists():
        return _Given(pairs_of_file(pairs), is_taught=False, run=None)
    run = next((one for one in runs if one is not None), None)
    run = run if pairs is None else RunFolder(pairs)
    if run is None:
        raise RecipeError(
            "compare: no candidate is a run or a recipe, so there are no pairs to measure on. Name "
            "a run, or a file of pairs that no candidate learned from, with --pairs."
        )
    return _Given(pairs_of_run(run), is_taught=True, run=run)


def _court(asked: Asked, run: RunFolder | None) -> Court:
    """One court for all: of the run that the pairs are of, else the default one."""
    scorer = open_scorer(asked.scorer)
    if run is None:
        return Court(load_conduct(asked.conduct), GateSettings(), Protect(), scorer, None)
    recipe = load_recipe(run.recipe, ())
    return Court(load_conduct(recipe.conduct), recipe.gate, recipe.protect, scorer, None)


def _with_fluency(court: Court, spec: str | None, found: Bench, progress: Progress) -> Court:
    if spec is not None:
        return court._replace(fluency=open_scorer(spec))
    if len(found.others) < _FLUENCY_PAIRS:
        return court
    with progress.task("fluency: learn", len(found.others), "pairs") as task:
        model = train_fluency(
            (text for pair in found.others for text in pair.rewrites),
            reference=("rewrites of the other pairs",),
            order=FluencySettings().order,
        )
        task.advance(len(found.others))
    return court._replace(fluency=Fluency.of(model))


def _scores(marks: Sequence[Marked], found: Bench, court: Court) -> list[Score]:
    sources = [pair.source for pair in found.pairs]
    scores = [
        Score(
            _named(court.toxicity),
            _most(court.toxicity),
            first_score(court.toxicity, sources),
            [[mark.toxicity for mark in one.marks] for one in marks],
        )
    ]
    if court.fluency is not None:
        after = [[mark.bits or 0.0 for mark in one.marks] for one in marks]
        bits = first_score(court.fluency, sources)
        scores.append(Score(_named(court.fluency), _most(court.fluency), bits, after))
    return scores


def _named(scorer: Scorer) -> str:
    first = scorer.card.scores[0]
    return f"{first.name} by {scorer.name} ({first.unit})"


def _most(scorer: Scorer) -> float:
    return 1.0 if scorer.card.scores[0].unit.startswith("probability") else math.inf


def _timed(
    asked: Asked,
    candidates: Sequence[Candidate],
    pairs: Sequence[TrainingPair],
    shelter: Shelter,
    progress: Progress,
) -> list[tuple[Turn, ...]]:
    """The turns of each candidate, over the sources of all pairs: to time them it does not matter
    who learned from which."""
    if not asked.rounds:
        return []
    documents = [Document(pair.id, pair.source) for pair in pairs[:_MOST_FOR_SPEED]]
    taken = turns(
        candidates,
        documents,
        shelter,
        rounds=asked.rounds,
        seconds=asked.seconds,
        progress=progress,
    )
    return [taken[one.name] for one in candidates]


def _speeds(
    candidates: Sequence[Candidate], taken: Sequence[Sequence[Turn]], prices: Prices
) -> Iterator[Line]:
    if not taken:
        return
    both = [rates(one) for one in taken]
    for name, place in (("documents a second", 0), ("tokens a second", 1)):
        yield Line("speed", name, "number", tuple(Cell(one[place]) for one in both))
    costs = [cost(one, own, prices) for one, own in zip(candidates, taken, strict=True)]
    yield Line("speed", "money for a billion tokens", "number", tuple(map(Cell, costs)))


def _notes(given: _Given, found: Bench, court: Court) -> Iterator[str]:
    if not given.is_taught:
        yield ("The pairs are of a file: whether a candidate learned from them is for you to know.")
    if court.fluency is None:
        yield (
            f"Fluency is not measured: {len(found.others)} other pairs are too few to learn it "
            "from. Name a scorer with --fluency."
        )
    spoken = [language(pair.source).code for pair in found.pairs[:_FLUENCY_PAIRS]]
    for code in sorted({one for one in spoken if spoken.count(one) * 10 >= len(spoken)}):
        said = court.toxicity.card.warning(code)
        if said:
            yield said
