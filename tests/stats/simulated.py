"""Worlds in which the truth is known, to see how often an interval holds it.

A world is drawn anew for every repetition: rows in clusters that share something. Those of
`settings`, on which the methods and the mark of rough intervals were chosen (under other seeds):
sizes equal, mildly unequal (1 to 19 rows) or falling as they do on the web (the largest twenty
times the smallest), values normal, skewed (log-normal), tied (0 or 1) or mostly zero (one in ten is
not). Those of `further` had no part in choosing: counts, shares, ratings, exponential values,
values heavy on both sides; sizes of two kinds, heavy-tailed, or one cluster with a fifth of all
rows; changes that are there, and lopsided ones that are nothing on average. After a look at them
one method was taken back, so that those of `unseen` were written then, and looked at once.

An interval that is `rough` promises nothing. A world is promised where nine of ten of its samples
are not rough, and its rate is that of these samples.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from math import exp, sqrt
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from scipy import special, stats

from tahdhib.records import Interval
from tahdhib.stats.intervals import auroc, bootstrap_mean, macro_f1, paired_difference, wilson
from tahdhib.stats.seeds import seeds, seeds_difference

SEED = 21
DRAWS = 400
SHARED = 0.7
BAND = (0.93, 0.97)
FALSE_BAND = (0.035, 0.065)
PROMISED = 0.9
NEAR = 0.007
"""Standard error of a rate of .95 or .05 by a thousand repetitions."""


class Trial(NamedTuple):
    """Whether the truth was held, or a difference lies outside of chance; and whether the interval
    is rough."""

    says_yes: bool
    is_rough: bool


class Rate(NamedTuple):
    """How often trials say yes: where the interval can be relied on, and where it is rough."""

    relied: float
    rough: float
    share_relied: float
    repetitions: int

    @property
    def is_promised(self) -> bool:
        return self.share_relied >= PROMISED


@dataclass(frozen=True)
class Setting:
    """One world and one function; `trial` says whether the truth was held in one repetition, or
    for kind `false` whether a difference was found where there is none."""

    function: str
    world: str
    kind: str
    trial: Callable[[np.random.Generator, int], Trial]
    times: int = 1
    """How many times as many repetitions: cheap trials are told apart from chance by more."""

    @property
    def name(self) -> str:
        return f"{self.function}: {self.world}"

    @property
    def band(self) -> tuple[float, float]:
        return BAND if self.kind == "covers" else FALSE_BAND

    def holds(self, rate: float) -> bool:
        low, high = self.band
        return low <= rate <= high

    def rate(self, repetitions: int, seed: int = SEED) -> Rate:
        """Under a fixed seed."""
        rng = np.random.default_rng(seed)
        count = repetitions * self.times
        found = [self.trial(rng, number) for number in range(count)]
        relied = [one.says_yes for one in found if not one.is_rough]
        rough = [one.says_yes for one in found if one.is_rough]
        shares = [sum(part) / len(part) if part else float("nan") for part in (relied, rough)]
        return Rate(*shares, len(relied) / count, count)

    def settled(self, repetitions: int) -> Rate:
        """The rate; near an edge of the band, on whichever side, that of four times as many
        repetitions under another seed."""
        found = self.rate(repetitions)
        is_near = min(abs(found.relied - edge) for edge in self.band) <= NEAR
        is_open = is_near or not self.holds(found.relied)
        return self.rate(4 * repetitions, SEED + 1) if found.is_promised and is_open else found


def sizes(kind: str, clusters: int, rng: np.random.Generator) -> Any:
    if kind == "single":
        return np.ones(clusters, int)
    if kind == "two sizes":
        return np.where(np.arange(clusters) % 2, 20, 1)
    if kind == "heavy-tailed":
        return np.minimum(100, rng.pareto(1.2, clusters) * 2 + 1).astype(int)
    if kind == "one large":
        return np.append(np.full(clusters - 1, 4), clusters)
    if kind == "twos and tens":
        return np.where(np.arange(clusters) % 3, 2, 10)
    if kind == "geometric":
        return rng.geometric(0.15, clusters)
    if kind == "equal":
        return np.full(clusters, 5)
    if kind == "mild":
        return rng.integers(1, 20, clusters)
    return np.maximum(1, (120 / np.arange(1, clusters + 1) ** 0.8).astype(int))


SHAPES = {
    "counts": stats.poisson(0.7),
    "shares": stats.beta(0.4, 1.6),
    "ratings": stats.rv_discrete(values=((1, 2, 3, 4, 5), (0.05, 0.1, 0.15, 0.3, 0.4))),
    "exponential": stats.expon(),
    "heavy on both sides": stats.t(4),
    "even": stats.uniform(),
    "gamma": stats.gamma(0.8),
    "in steps of ten": stats.randint(0, 11),
    "double": stats.laplace(),
    "three in ten": stats.rv_discrete(values=((0, 1, 2, 3), (0.7, 0.15, 0.1, 0.05))),
}
SEEN = ("counts", "shares", "ratings", "exponential", "heavy on both sides")
UNSEEN = ("even", "gamma", "in steps of ten", "double", "three in ten")


@cache
def quantiles(kind: str) -> Any:
    """Four thousand values of equal chance, so that their mean is known."""
    return SHAPES[kind].ppf((np.arange(4000) + 0.5) / 4000).astype(float)


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
    if kind in SHAPES:
        table = quantiles(kind)
        places = (special.ndtr(normal / spread) * len(table)).astype(int)
        return table[np.minimum(places, len(table) - 1)], float(table.mean())
    return normal, 0.0


def held(interval: Interval, truth: float) -> Trial:
    is_held = interval.low - 1e-12 <= truth <= interval.high + 1e-12
    return Trial(is_held, bool(interval.rough))


def mean_trial(clusters: int, size: str, kind: str, rng: np.random.Generator, seed: int) -> Trial:
    member = np.repeat(np.arange(clusters), sizes(size, clusters, rng))
    column, truth = values(kind, member, rng)
    found = bootstrap_mean(column, seed=seed, repetitions=DRAWS, clusters=member.tolist())
    return held(found, truth)


def differs(a: Any, b: Any, member: Any, seed: int) -> Trial:
    """Whether zero lies outside the interval, also of a rough one (which is never *found*)."""
    found = paired_difference(a, b, seed=seed, repetitions=DRAWS, clusters=member.tolist())
    interval = found.interval
    return Trial(not interval.low <= 0 <= interval.high, bool(interval.rough))


def null_trial(clusters: int, size: str, kind: str, rng: np.random.Generator, seed: int) -> Trial:
    """Two columns that share their rows' and clusters' parts, and differ by nothing on average."""
    member = np.repeat(np.arange(clusters), sizes(size, clusters, rng))
    base, _ = values("normal", member, rng)
    a, _ = values(kind, member, rng)
    b, _ = values(kind, member, rng)
    if kind == "mostly zero":  # most pairs are equal, as where few documents are rewritten
        a, b = base + a, base + b
    return differs(a, b, member, seed)


def change_trial(clusters: int, size: str, kind: str, rng: np.random.Generator, seed: int) -> Trial:
    """Whether a change that is there is held: a quarter of the documents lose up to all of a
    score, or all lose some of it."""
    member = np.repeat(np.arange(clusters), sizes(size, clusters, rng))
    before, mean = values("shares", member, rng)
    if kind == "a quarter lowered":
        factor = np.where(rng.random(len(member)) < 0.25, rng.random(len(member)), 1.0)
        truth = -mean / 8
    else:
        factor, truth = rng.random(len(member)), -mean / 2
    found = paired_difference(
        before * factor, before, seed=seed, repetitions=DRAWS, clusters=member.tolist()
    )
    return held(found.interval, truth)


def lopsided_trial(
    clusters: int, size: str, kind: str, rng: np.random.Generator, seed: int
) -> Trial:
    """Changes that are nothing on average, but seldom and far up, often and little down."""
    member = np.repeat(np.arange(clusters), sizes(size, clusters, rng))
    column, mean = values("exponential", member, rng)
    change = column - mean
    if kind == "of a quarter":
        change = np.where(rng.random(len(member)) < 0.25, change, 0.0)
    return differs(change, np.zeros(len(member)), member, seed)


def wilson_trial(n: int, rng: np.random.Generator, _seed: int) -> Trial:
    share = rng.random()
    return held(wilson(int(rng.binomial(n, share)), n), share)


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
) -> Trial:
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
    return held(auroc(scores, positive, clusters=member.tolist()), truth)


def f1_truth(table: Any) -> float:
    return float(np.mean(2 * np.diag(table) / (table.sum(axis=0) + table.sum(axis=1))))


def f1_trial(table: Any, n: int, rng: np.random.Generator, seed: int) -> Trial:
    drawn = rng.multinomial(n, np.ravel(table)).reshape(table.shape)
    return held(macro_f1(drawn, seed=seed, repetitions=DRAWS), f1_truth(table))


def seeds_trial(count: int, step: float, rng: np.random.Generator, _seed: int) -> Trial:
    figures = rng.normal(0.7, 0.02, count)
    if step:
        figures = np.round(figures / step) * step
    return held(seeds(figures, step=step), 0.7)


def seeds_null_trial(
    count: int, paired: bool, step: float, rng: np.random.Generator, _seed: int
) -> Trial:
    shared = rng.normal(0.7, 0.03, count) if paired else np.full((2, count), 0.7)
    a, b = shared + rng.normal(0, 0.02, (2, count))
    if step:
        a, b = np.round(a / step) * step, np.round(b / step) * step
    return Trial(seeds_difference(a, b, paired=paired, step=step).is_found, False)


TABLES = {
    "two classes": np.array([[0.4, 0.1], [0.1, 0.4]]),
    "a class of 10 %": np.array([[0.85, 0.05], [0.04, 0.06]]),
    "five classes": np.eye(5) * 0.14 + 0.3 / 25,
    "one in a hundred wrong": np.array([[0.49, 0.01], [0.01, 0.49]]),
}


def settings() -> list[Setting]:
    """The worlds on which methods and mark were chosen."""
    return [*_shares(), *_means(), *_areas(), *_f1(), *_seeds()]


def further() -> list[Setting]:
    """Worlds of other shapes, which had no part in choosing."""
    found = []
    shapes = (
        (10, "mild"),
        (16, "single"),
        (25, "two sizes"),
        (30, "one large"),
        (60, "heavy-tailed"),
        (60, "single"),
        (300, "single"),
        (300, "heavy-tailed"),
    )
    for (clusters, size), kind in product(shapes, SEEN):
        name = f"{clusters} clusters, {size}, {kind}"
        trials = [partial(one, clusters, size, kind) for one in (mean_trial, null_trial)]
        found += [
            Setting("bootstrap_mean", name, "covers", trials[0]),
            Setting("paired_difference", name, "false", trials[1]),
        ]
    for clusters, size in shapes:
        name = f"{clusters} clusters, {size}"
        for kind in ("a quarter lowered", "all lowered"):
            trial = partial(change_trial, clusters, size, kind)
            found.append(Setting("change", f"{name}, {kind}", "covers", trial))
        for kind in ("lopsided", "of a quarter"):
            trial = partial(lopsided_trial, clusters, size, kind)
            found.append(Setting("lopsided null", f"{name}, {kind}", "false", trial))
    for (clusters, size), shift in product(((15, 6), (30, 8), (150, 3)), (0.5, 1.6)):
        truth = area_truth(shift, False)
        trial = partial(auroc_trial, clusters, size, shift, "mixed", truth)
        name = f"{clusters} clusters of {size}, mixed, area {truth:.2f}"
        found.append(Setting("auroc", name, "covers", trial))
    table = np.array([[0.5, 0.05, 0.02], [0.04, 0.2, 0.03], [0.02, 0.04, 0.1]])
    for n in (60, 250):
        trial = partial(f1_trial, table, n)
        found.append(Setting("macro_f1", f"three classes, n = {n}", "covers", trial))
    return found


def unseen() -> list[Setting]:
    """Worlds that were looked at once, after all was chosen."""
    found = []
    shapes = (
        (22, "single"),
        (35, "twos and tens"),
        (50, "geometric"),
        (80, "falling"),
        (150, "geometric"),
        (500, "single"),
    )
    for (clusters, size), kind in product(shapes, UNSEEN):
        name = f"{clusters} clusters, {size}, {kind}"
        trials = [partial(one, clusters, size, kind) for one in (mean_trial, null_trial)]
        found += [
            Setting("bootstrap_mean", name, "covers", trials[0]),
            Setting("paired_difference", name, "false", trials[1]),
        ]
    for clusters, size in shapes:
        for kind in ("a quarter lowered", "all lowered"):
            trial = partial(change_trial, clusters, size, kind)
            name = f"{clusters} clusters, {size}, {kind}"
            found.append(Setting("change", name, "covers", trial))
    return found


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
            Setting("bootstrap_mean", name, "covers", trial),
            Setting("paired_difference", name, "false", null),
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
        found.append(Setting("auroc", name, "covers", trial))
    return found


def _f1() -> list[Setting]:
    found = []
    for (name, table), n in product(TABLES.items(), (100, 400, 2000)):
        trial = partial(f1_trial, table / table.sum(), n)
        found.append(Setting("macro_f1", f"{name}, n = {n}", "covers", trial))
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
            found.append(Setting("seeds_difference", arms, "false", trial, times=10))
    return found
