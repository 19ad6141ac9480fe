"""What a teacher made, read from a run's folder: what it changed, what was refused, what it cost.

Rows are read a few at a time; one number per pair is held, and pairs are as many as were asked for.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from tahdhib.errors import DataError
from tahdhib.records import Interval
from tahdhib.report import words
from tahdhib.report.figures import to_interval
from tahdhib.report.parts import Count, DropSample, Sample
from tahdhib.report.sample import Draw, draw_by_value, rows_with
from tahdhib.report.view import drop_sample, to_edits, to_sample
from tahdhib.stats.intervals import bootstrap_mean, wilson
from tahdhib.store.run_folder import RunFolder, StageFolder
from tahdhib.store.shards import read_json
from tahdhib.text.edits import edit_rate

SAMPLES = 40
REFUSED_PER_REASON = 5
BINS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Borders of the histogram of edit rates."""
_REPETITIONS = 2000
_BATCH_ROWS = 128
_COSTS = (
    *("calls", "failed_calls", "prompt_tokens", "completion_tokens", "cached_replies"),
    *("account_sent", "account_usable", "account_unusable", "account_failed", "account_unended"),
    *("account_cost", "account_uncounted"),
)
"""Notes of annotate's ledger: what its documents took, and all calls that its run ever sent."""


@dataclass(frozen=True, slots=True)
class TeacherLine:
    """One teacher's pairs: how many, how many of them changed, and their edit rate."""

    name: str
    pairs: int
    changed: Interval
    edit_rate: Interval | None


@dataclass(frozen=True, slots=True)
class ActLine:
    """A rule, or whoever acted without one."""

    name: str
    edits: int
    pairs: int


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """Documents that made no pair, for one reason, and some of them."""

    code: str
    words: str
    count: int
    share: Interval
    samples: tuple[DropSample, ...]


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """How a teacher's rewrites came off where several were compared."""

    name: str
    candidates: int
    passed: Interval
    won: Interval
    agreement: Interval | None
    refusals: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class AxisLine:
    """A judge's ratings on one axis, and people's."""

    name: str
    rating: Interval
    order: Interval
    order_matters: bool
    people: Interval | None
    agreement: Interval | None
    among_people: Interval | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What `tahdhib pairs --judge` found."""

    model: str
    pairs: int
    total: int
    unrated: int
    votes: int
    voters: int
    axes: tuple[AxisLine, ...]


@dataclass(frozen=True, slots=True)
class PairsView:
    """All that the report of pairs shows; `rates` are pairs by edit rate, with their borders in
    words."""

    name: str
    conduct: str
    seed: int
    asked: int
    pairs: int
    teachers: tuple[TeacherLine, ...]
    rates: tuple[tuple[str, int], ...]
    middle: tuple[float, float, float] | None
    length: Interval | None
    acts: tuple[ActLine, ...]
    refused: tuple[RefusedLine, ...]
    candidates: tuple[CandidateLine, ...]
    costs: tuple[tuple[str, float], ...]
    forecast: Interval | None
    judged: Judged | None
    samples: tuple[Sample, ...]


@dataclass(slots=True)
class _Tally:
    """What is counted over the pairs."""

    rates: dict[str, list[float]]
    unchanged: Counter[str]
    lengths: list[float]
    edits: Counter[str]
    touched: Counter[str]


def read_pairs(run: RunFolder) -> PairsView:
    """Read the pairs of a run.

    Raises:
        DataError: the folder holds no run, or its pairs are not finished.
    """
    run.check_is_run()
    here = run.stage("annotate")
    if not here.is_finished():
        raise DataError(
            f"{run.root}: annotate has not finished, so its pairs are not all there. Run the same "
            "`tahdhib annotate` again to go on."
        )
    manifest, account = read_json(run.manifest), here.account()
    seed = int(manifest["seed"])
    tally, drawn = _tally(here, seed)
    changed = [rate for rates in tally.rates.values() for rate in rates]
    conduct = manifest.get("conduct") or {}
    shards = here.shards("pairs")
    rows = {row["id"]: row for row in rows_with(shards, drawn, ["id", "source", "edits"])}
    return PairsView(
        name=str(manifest.get("name", run.root.name)),
        conduct=f"{conduct.get('name', '')} {conduct.get('version', '')}".strip(),
        seed=seed,
        asked=account.came_in,
        pairs=account.went_out,
        teachers=_teachers(tally, seed),
        rates=_histogram(changed),
        middle=_middle(changed),
        length=_mean(tally.lengths, seed),
        acts=tuple(
            ActLine(name, edits, tally.touched[name])
            for name, edits in sorted(tally.edits.items(), key=lambda one: (-one[1], one[0]))
        ),
        refused=_refused(here, account.came_in, seed),
        candidates=_candidates(here, seed),
        costs=tuple(
            (name, float(account.notes[name])) for name in _COSTS if account.notes.get(name)
        ),
        forecast=_forecast(here),
        judged=_judged(here),
        samples=tuple(to_sample(rows[name]) for name in drawn if name in rows),
    )


def _tally(here: StageFolder, seed: int) -> tuple[_Tally, tuple[str, ...]]:
    """Count over all pairs, and draw ids of changed ones."""
    found = _Tally({}, Counter(), [], Counter(), Counter())
    draw = Draw(SAMPLES, seed)
    for row in _rows(here.shards("pairs"), ["id", "source", "rewrites", "edits", "teacher"]):
        rates = found.rates.setdefault(row["teacher"], [])
        if not row["edits"]:
            found.unchanged[row["teacher"]] += 1
            continue
        rates.append(edit_rate(row["source"], to_edits(row["edits"])))
        found.lengths.append(len(row["rewrites"][0]) / max(1, len(row["source"])))
        by = [edit["by"] for edit in row["edits"]]
        found.edits.update(by)
        found.touched.update(set(by))
        draw.offer(row["id"])
    return found, tuple(draw.ids)


def _rows(shards: list[Path], columns: list[str]) -> Iterator[dict[str, Any]]:
    for shard in shards:
        with pq.ParquetFile(shard) as file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=columns):
                yield from batch.to_pylist()


def _mean(values: list[float], seed: int) -> Interval | None:
    return bootstrap_mean(values, seed=seed, repetitions=_REPETITIONS) if values else None


def _teachers(tally: _Tally, seed: int) -> tuple[TeacherLine, ...]:
    lines = []
    for name, rates in tally.rates.items():
        total = len(rates) + tally.unchanged[name]
        lines.append(TeacherLine(name, total, wilson(len(rates), total), _mean(rates, seed)))
    return tuple(sorted(lines, key=lambda line: (-line.pairs, line.name)))


def _histogram(rates: list[float]) -> tuple[tuple[str, int], ...]:
    if not rates:
        return ()
    counts, _ = np.histogram(rates, BINS)
    named = [f"{low:.0%} to {high:.0%}" for low, high in pairwise(BINS)]
    return tuple(zip(named, map(int, counts), strict=True))


def _middle(rates: list[float]) -> tuple[float, float, float] | None:
    """The tenth, the half and the nine tenths of the edit rates."""
    if not rates:
        return None
    low, half, high = (float(one) for one in np.quantile(rates, [0.1, 0.5, 0.9]))
    return low, half, high


def _refused(here: StageFolder, asked: int, seed: int) -> tuple[RefusedLine, ...]:
    shards = here.shards("drops")
    counts, drawn = draw_by_value(shards, "reason", seed=seed, each=REFUSED_PER_REASON)
    ids = tuple(name for names in drawn.values() for name in names)
    columns = ["id", "text", "reason", "detail", "other"]
    rows = {(row["reason"], row["id"]): row for row in rows_with(shards, ids, columns)}
    return tuple(
        RefusedLine(
            code=code,
            words=words.reason(code),
            count=count,
            share=wilson(count, max(count, asked)),
            samples=tuple(drop_sample(rows[code, name]) for name in drawn[code]),
        )
        for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _candidates(here: StageFolder, seed: int) -> tuple[CandidateLine, ...]:
    verdicts: dict[str, Counter[str]] = {}
    won: Counter[str] = Counter()
    agreement: dict[str, list[float]] = {}
    for row in _rows(here.shards("candidates"), ["teacher", "verdict", "agreement", "won"]):
        name = row["teacher"]
        verdicts.setdefault(name, Counter())[row["verdict"]] += 1
        won[name] += bool(row["won"])
        if row["agreement"] is not None:
            agreement.setdefault(name, []).append(row["agreement"])
    lines = []
    for name, counts in sorted(verdicts.items()):
        total = counts.total()
        refusals = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        lines.append(
            CandidateLine(
                name=name,
                candidates=total,
                passed=wilson(counts["passed"], total),
                won=wilson(won[name], total),
                agreement=_mean(agreement.get(name, []), seed),
                refusals=tuple(
                    Count(code, words.reason(code), n) for code, n in refusals if code != "passed"
                ),
            )
        )
    return tuple(lines)


def _forecast(here: StageFolder) -> Interval | None:
    file = here.file("forecast.json")
    return to_interval(read_json(file)["completion_tokens"]) if file.exists() else None


def _judged(here: StageFolder) -> Judged | None:
    file = here.file("ratings.json")
    if not file.exists():
        return None
    found: Mapping[str, Any] = read_json(file)
    return Judged(
        model=found["model"],
        pairs=found["pairs"],
        total=found["total"],
        unrated=found["unrated"],
        votes=found["votes"],
        voters=found["voters"],
        axes=tuple(_axis(axis) for axis in found["axes"]),
    )


def _axis(found: Mapping[str, Any]) -> AxisLine:
    return AxisLine(
        name=found["name"],
        rating=_interval(found["rating"]),
        order=_interval(found["by_order"]["interval"]),
        order_matters=found["by_order"]["is_found"],
        people=to_interval(found["people"]),
        agreement=to_interval(found["agreement"]),
        among_people=to_interval(found["among_people"]),
    )


def _interval(value: Mapping[str, Any]) -> Interval:
    return Interval(**value)
