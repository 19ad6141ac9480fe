"""Rows that depend on each other: their clusters, and how sure a mean over them is.

With clusters of unequal size the plain squared error is too small, since a large cluster pulls the
mean towards itself. The one here is bias-reduced (CR2, Bell and McCaffrey 2002) and scaled to be
right on average for rows that are correlated within their clusters as they are in the sample.
"""

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_DRAWS_AT_ONCE = 1_000_000


class Groups(NamedTuple):
    """The cluster (N,) of each row, and how many rows each of K clusters has (K,)."""

    member: NDArray[np.int64]
    sizes: Floats

    @property
    def number(self) -> int:
        """K."""
        return len(self.sizes)

    @property
    def is_trivial(self) -> bool:
        """Whether every row is a cluster of its own."""
        return self.number == len(self.member)


class Spread(NamedTuple):
    """Of M columns: their means (M,), what each cluster adds to the sum beyond its share (K, M),
    the standard errors (M,) of the means, and what the variances of the clusters' sums are in
    proportion to (K, M)."""

    means: Floats
    beyond: Floats
    errors: Floats
    expected: Floats


def groups(rows: int, clusters: Sequence[Hashable] | None) -> Groups:
    """Number the clusters in the order in which they come; None: every row is its own.

    Raises:
        ValueError: `clusters` has another length than there are rows.
    """
    if clusters is None:
        return Groups(np.arange(rows, dtype=np.int64), np.ones(rows))
    if len(clusters) != rows:
        raise ValueError(f"{rows} values in {len(clusters)} clusters: one cluster per value")
    numbering: dict[Hashable, int] = {}
    member = np.fromiter(
        (numbering.setdefault(name, len(numbering)) for name in clusters), np.int64, rows
    )
    return Groups(member, np.bincount(member, minlength=len(numbering)).astype(np.float64))


def spread(columns: Floats, found: Groups) -> Spread:
    """How well the means of `columns` (N, M) are known, from at least two clusters."""
    rows, sizes = len(columns), found.sizes[:, None]
    means = columns.mean(axis=0)
    centred = columns - means
    beyond = sums(centred, found)
    weights = sizes / rows
    alone = 1 / (1 - weights)
    within = (centred**2).sum(axis=0) - (beyond**2 / sizes).sum(axis=0)
    expected = _expected(sizes, _correlation(beyond, np.maximum(within, 0), found))
    total = expected.sum(axis=0)
    squared = (alone * beyond**2).sum(axis=0)
    usual = (
        (alone * expected).sum(axis=0)
        - 2 * (alone * weights * expected).sum(axis=0)
        + total * (alone * weights**2).sum(axis=0)
    )
    return Spread(means, beyond, np.sqrt(squared * total / usual) / rows, expected)


def normal_steps(expected: Floats, found: Groups, *, seed: int, repetitions: int) -> Floats:
    """How many of its standard errors a mean lies off (R, M) where clusters' sums are normal, with
    variances in proportion to `expected` (K, M): what Student's t is for equal clusters."""
    weights = found.sizes / found.sizes.sum()
    alone = 1 / (1 - weights)
    generator = np.random.default_rng(seed)
    normal = generator.normal(size=(repetitions, found.number))
    steps = []
    for one in expected.T:
        added = normal * np.sqrt(one)
        off = added.sum(axis=1)
        squared = (alone * (added - off[:, None] * weights) ** 2).sum(axis=1)
        usual = (alone * (one * (1 - 2 * weights) + weights**2 * one.sum())).sum()
        steps.append(off / np.sqrt(squared * one.sum() / usual))
    return np.stack(steps, axis=1)


def sums(columns: Floats, found: Groups) -> Floats:
    """Sums (K, M) of `columns` (N, M) by cluster."""
    if found.is_trivial:
        return columns
    return np.stack(
        [np.bincount(found.member, weights=one, minlength=found.number) for one in columns.T],
        axis=1,
    )


def draws(count: int, *, seed: int, repetitions: int) -> Iterator[Floats]:
    """How often (R, K) each of `count` clusters is drawn, with replacement, a few R at a time.

    Raises:
        ValueError: no repetition.
    """
    if repetitions < 1:
        raise ValueError(f"{repetitions} repetitions: expected at least 1")
    generator = np.random.default_rng(seed)
    step = max(1, _DRAWS_AT_ONCE // max(1, count))
    for start in range(0, repetitions, step):
        rows = min(step, repetitions - start)
        picks = generator.integers(0, count, size=(rows, count))
        picks += np.arange(rows)[:, None] * count
        counts = np.bincount(picks.ravel(), minlength=rows * count)
        yield counts.reshape(rows, count).astype(np.float64)


def _correlation(beyond: Floats, within: Floats, found: Groups) -> Floats:
    """Correlation (M,) of two rows of one cluster, 0..1, by the analysis of variance."""
    number, rows = found.number, len(found.member)
    if rows == number:
        return np.zeros(beyond.shape[1])
    sizes = found.sizes
    inside = within / (rows - number)
    between = (beyond**2 / sizes[:, None]).sum(axis=0) / (number - 1)
    typical = (rows - (sizes**2).sum() / rows) / (number - 1)
    whole = between + (typical - 1) * inside
    share = np.divide(between - inside, whole, out=np.zeros_like(whole), where=whole > 0)
    return np.asarray(np.clip(share, 0, 1), dtype=np.float64)


def _expected(sizes: Floats, correlation: Floats) -> Floats:
    """Variance (K, M) of the clusters' sums, up to a factor."""
    return sizes * (1 - correlation) + sizes**2 * correlation
