"""Correlations against scipy, and what odd input gives."""

import numpy as np
import pytest

from tahdhib.stats.correlation import correlation, correlation_gap, ranks

stats = pytest.importorskip("scipy.stats")


def test_equals_scipy_with_ties() -> None:
    rng = np.random.default_rng(3)
    a = rng.integers(0, 5, 200)
    b = a + rng.integers(0, 6, 200)
    found = correlation(a, b, seed=1, repetitions=500)
    assert found.estimate == pytest.approx(stats.spearmanr(a, b).statistic)
    assert found.low < found.estimate < found.high
    plain = correlation(a, b, seed=1, repetitions=500, by_rank=False)
    assert plain.estimate == pytest.approx(stats.pearsonr(a, b).statistic)
    assert np.array_equal(ranks(a), stats.rankdata(a))


def test_the_interval_covers() -> None:
    rng = np.random.default_rng(5)
    hits = 0
    for trial in range(200):
        normal = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 80)
        found = correlation(normal[:, 0], normal[:, 1], seed=trial, repetitions=400, by_rank=False)
        hits += found.low <= 0.5 <= found.high
    assert 0.88 <= hits / 200 <= 0.99


def test_a_gap_of_a_measure_with_itself_is_nothing() -> None:
    rng = np.random.default_rng(7)
    a, target = rng.normal(size=50), rng.normal(size=50)
    gap = correlation_gap(a, a, target, seed=1, repetitions=200)
    assert (gap.estimate, gap.low, gap.high) == (0, 0, 0)


def test_what_says_nothing_has_the_widest_interval() -> None:
    assert correlation([], [], seed=1, repetitions=10).high == 1
    flat = correlation([1, 1, 1], [1, 2, 3], seed=1, repetitions=10)
    assert flat.estimate == 0
    alone = correlation([1, 2], [1, 2], seed=1, repetitions=10, clusters=["a", "a"])
    assert (alone.low, alone.high) == (-1, 1)


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        correlation([1, float("nan")], [1, 2], seed=1, repetitions=10)
    with pytest.raises(ValueError, match="lengths"):
        correlation([1], [1, 2], seed=1, repetitions=10)
