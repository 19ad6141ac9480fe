"""Worlds in which the truth is known, to see how often an interval holds it.

A world is drawn anew for every repetition: rows in clusters that share something, sizes equal,
mildly unequal (1 to 19 rows) or falling as they do on the web (the largest twenty times the
smallest), values normal, skewed (log-normal), tied (0 or 1) or mostly zero (one in ten is not).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from math import exp, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np

from tahdhib.records import Interval
from tahdhib.stats.intervals import auroc, bootstrap_mean, macro_f1, paired_difference, wilson
from tahdhib.stats.seeds import seeds, seeds_difference

SEED = 20
DRAWS = 400
SHARED = 0.7
BAND = (0.93, 0.97)
FALSE_BAND = (0.035, 0.065)


@dataclass(frozen=True)
class Setting:
    """One world and one function; `trial` says whether the truth was held in one repetition, or
    for kind `false` whether a difference was found where there is none.

    `outside`: why this setting is known to miss the band, or empty.
    """

    function: str
    world: str
    kind: str
    trial: Callable[[np.random.Generator, int], bool]
    outside: str = ""
    times: int = 1
    """How many times as many repetitions: cheap trials are told apart from chance by more."""

    @property
    def name(self) -> str:
        return f"{self.function}: {self.world}"

    @property
    def band(self) -> tuple[float, float]:
        return BAND if self.kind == "covers" else FALSE_BAND

    def rate(self, repetitions: int) -> float:
        """Share of repetitions in which the trial says yes, under a fixed seed."""
        rng = np.random.default_rng(SEED)
        count = repetitions * self.times
        return sum(self.trial(rng, number) for number in range(count)) / count


def sizes(kind: str, clusters: int, rng: np.random.Generator) -> Any:
    if kind == "single":
        return np.ones(clusters, int)
    if kind == "equal":
        return np.full(clusters, 5)
    if kind == "mild":
        return rng.integers(1, 20, clusters)
    return np.maximum(1, (120 / np.arange(1, clusters + 1) ** 0.8).astype(int))


def values(kind: str, member: Any, rng: np.random.Generator) -> tuple[Any, float]:
    """Values of rows and their true mean."""
    shared = rng.normal(size=member.max() + 1) * SHARED
    normal = shared[member] + rng.normal(size=len(member))
    spread = sqrt(1 + SHARED**2)
    if kind == "skewed":
        return np.exp(normal / 2), exp(spread**2 / 8)
    if kind == "tied":
        return (normal > 0).astype(float), 0.5
    if kind == "mostly zero":
        is_some = normal > spread * NormalDist().inv_cdf(0.9)
        return np.where(is_some, rng.exponential(size=len(member)), 0.0), 0.1
    return normal, 0.0


def holds(interval: Interval, truth: float) -> bool:
    return interval.low - 1e-12 <= truth <= interval.high + 1e-12


def mean_trial(clusters: int, size: str, kind: str, rng: np.random.Generator, seed: int) -> bool:
    member = np.repeat(np.arange(clusters), sizes(size, clusters, rng))
    column, truth = values(kind, member, rng)
    found = bootstrap_mean(column, seed=seed, repetitions=DRAWS, clusters=member.tolist())
    return holds(found, truth)


def null_trial(clusters: int, size: str, kind: str, rng: np.random.Generator, seed: int) -> bool:
    """Two columns that share their rows' and clusters' parts, and differ by nothing on average."""
    member = np.repeat(np.arange(clusters), sizes(size, clusters, rng))
    base, _ = values("normal", member, rng)
    a, _ = values(kind, member, rng)
    b, _ = values(kind, member, rng)
    if kind == "mostly zero":  # most pairs are equal, as where few documents are rewritten
        a, b = base + a, base + b
    return paired_difference(a, b, seed=seed, repetitions=DRAWS, clusters=member.tolist()).is_found


def wilson_trial(n: int, rng: np.random.Generator, _seed: int) -> bool:
    share = rng.random()
    return holds(wilson(int(rng.binomial(n, share)), n), share)


@cache
def area_truth(shift: float, is_tied: bool) -> float:
    rng = np.random.default_rng(1)
    ups, downs = rng.normal(size=(2, 1_000_000))
    ups = ups + shift
    if is_tied:
        ups, downs = np.round(ups), np.round(downs)
    return float((ups > downs).mean() + (ups == downs).mean() / 2)


def auroc_trial(
    clusters: int,
    size: int,
    shift: float,
    labels: str,
    truth: float,
    rng: np.random.Generator,
    seed: int,
) -> bool:
    """`labels`: `mixed` in each cluster, `tied` the same with scores rounded to whole numbers, or
    `whole` where a cluster has one label, as a template has."""
    member = np.repeat(np.arange(clusters), size)
    shared = rng.normal(size=clusters) * 0.6
    if labels == "whole":
        positive = np.repeat(rng.permutation(clusters) < clusters / 2, size)
    else:
        positive = rng.random(len(member)) < 0.3
    scores = shared[member] + rng.normal(size=len(member)) * 0.8 + shift * positive
    if labels == "tied":
        scores = np.round(scores)
    return holds(auroc(scores, positive, clusters=member.tolist()), truth)


def f1_truth(table: Any) -> float:
    return float(np.mean(2 * np.diag(table) / (table.sum(axis=0) + table.sum(axis=1))))


def f1_trial(table: Any, n: int, rng: np.random.Generator, seed: int) -> bool:
    drawn = rng.multinomial(n, np.ravel(table)).reshape(table.shape)
    return holds(macro_f1(drawn, seed=seed, repetitions=DRAWS), f1_truth(table))


def seeds_trial(count: int, step: float, rng: np.random.Generator, _seed: int) -> bool:
    figures = rng.normal(0.7, 0.02, count)
    if step:
        figures = np.round(figures / step) * step
    return holds(seeds(figures, step=step), 0.7)


def seeds_null_trial(
    count: int, paired: bool, step: float, rng: np.random.Generator, _seed: int
) -> bool:
    shared = rng.normal(0.7, 0.03, count) if paired else np.full((2, count), 0.7)
    a, b = shared + rng.normal(0, 0.02, (2, count))
    if step:
        a, b = np.round(a / step) * step, np.round(b / step) * step
    return seeds_difference(a, b, paired=paired, step=step).is_found


TABLES = {
    "two classes": np.array([[0.4, 0.1], [0.1, 0.4]]),
    "a class of 10 %": np.array([[0.85, 0.05], [0.04, 0.06]]),
    "five classes": np.eye(5) * 0.14 + 0.3 / 25,
    "one in a hundred wrong": np.array([[0.49, 0.01], [0.01, 0.49]]),
}

_RARE = "too few values that are not zero"
_SKEW = "skewed values in few clusters"
_GRAIN = "too few different outcomes; a share wants wilson"
_CAREFUL = "errs on the careful side"
_EDGE = "an area near one in few clusters"
_FAULTS = "fewer than ten faults"


def _outside_mean(clusters: int, size: str, kind: str) -> str:
    if kind == "mostly zero" and clusters <= 40:
        return _RARE
    if kind == "skewed" and clusters <= 12:
        return _SKEW
    return _GRAIN if kind == "tied" and clusters <= 20 and size in ("single", "equal") else ""


def _outside_null(clusters: int, size: str, kind: str) -> str:
    is_careful = (
        kind == "mostly zero"
        or (size == "falling" and clusters >= 5)
        or (kind == "skewed" and size in ("single", "equal") and clusters <= 12)
        or (kind == "tied" and size == "single" and clusters <= 12)
    )
    return _CAREFUL if is_careful else ""


def _outside_area(clusters: int, size: int, shift: float, labels: str) -> str:
    if clusters == 40 and size == 1:
        return _CAREFUL
    is_few = clusters <= 5 or (clusters <= 40 and labels == "whole")
    return _EDGE if shift > 2 and is_few else ""


def settings() -> list[Setting]:
    return [*_shares(), *_means(), *_areas(), *_f1(), *_seeds()]


def _shares() -> list[Setting]:
    return [
        Setting("wilson", f"n = {n}, any share", "covers", partial(wilson_trial, n), times=10)
        for n in (5, 10, 30, 100, 1000)
    ]


def _means() -> list[Setting]:
    found = []
    for world in product(
        (3, 5, 8, 12, 20, 40, 200),
        ("single", "equal", "mild", "falling"),
        ("normal", "skewed", "tied", "mostly zero"),
    ):
        clusters, size, kind = world
        name = f"{clusters} clusters, {size}, {kind}"
        trial, null = partial(mean_trial, *world), partial(null_trial, *world)
        found += [
            Setting("bootstrap_mean", name, "covers", trial, _outside_mean(*world)),
            Setting("paired_difference", name, "false", null, _outside_null(*world)),
        ]
    return found


def _areas() -> list[Setting]:
    found = []
    shapes = ((3, 40), (5, 40), (12, 20), (40, 10), (40, 1), (200, 1), (100, 5))
    for (clusters, size), shift, labels in product(
        shapes, (0.0, 1.0, 2.3), ("mixed", "tied", "whole")
    ):
        if labels == "whole" and (clusters < 12 or size == 1):
            continue
        truth = area_truth(shift, labels == "tied")
        name = f"{clusters} clusters of {size}, {labels}, area {truth:.2f}"
        trial = partial(auroc_trial, clusters, size, shift, labels, truth)
        why = _outside_area(clusters, size, shift, labels)
        found.append(Setting("auroc", name, "covers", trial, why))
    return found


def _f1() -> list[Setting]:
    found = []
    for (name, table), n in product(TABLES.items(), (100, 400, 2000)):
        why = _FAULTS if name == "one in a hundred wrong" and n <= 400 else ""
        trial = partial(f1_trial, table / table.sum(), n)
        found.append(Setting("macro_f1", f"{name}, n = {n}", "covers", trial, why))
    return found


def _seeds() -> list[Setting]:
    found = []
    for count, step in product((3, 5), (0.0, 0.01)):
        name = f"{count} seeds{f', steps of {step}' if step else ''}"
        trial = partial(seeds_trial, count, step)
        found.append(Setting("seeds", name, "covers", trial, times=10))
        for paired in (False, True):
            arms = f"{name}, {'paired' if paired else 'two arms'}"
            trial = partial(seeds_null_trial, count, paired, step)
            why = _CAREFUL if step and count == 3 else ""
            found.append(Setting("seeds_difference", arms, "false", trial, why, times=10))
    return found
