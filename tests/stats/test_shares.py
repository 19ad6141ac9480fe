"""Shares of strata, distances of spreads, agreement of people."""

import numpy as np
import pytest

from tahdhib.stats.agreement import krippendorff
from tahdhib.stats.intervals import stratified_share, wilson
from tahdhib.stats.shares import total_variation


def test_total_variation_is_half_the_changes() -> None:
    before, after = [0] * 50 + [1] * 50, [0] * 40 + [1] * 50 + [2] * 10
    found = total_variation(before, after, seed=1, repetitions=400)
    assert found.estimate == pytest.approx(0.1)
    assert 0.03 < found.low < 0.1 < found.high < 0.2
    same = total_variation(before, before, seed=1, repetitions=400)
    assert (same.estimate, same.low, same.high) == (0, 0, 0)
    assert total_variation([], [], seed=1, repetitions=10).high == 1
    with pytest.raises(ValueError, match="expected as many"):
        total_variation([1], [], seed=1, repetitions=10)


def test_total_variation_in_simulation() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for seed in range(300):
        before = rng.integers(0, 4, 400)
        after = np.where(rng.random(400) < 0.2, 4, before)  # the truth is .2
        found = total_variation(before, after, seed=seed, repetitions=300)
        covered += found.low <= 0.2 <= found.high
    assert 0.91 <= covered / 300 <= 0.985


def test_strata_are_weighted_back() -> None:
    assert stratified_share([(1, 0.3, 100)]) == wilson(30, 100)
    found = stratified_share([(900, 0.1, 50), (100, 0.9, 50), (500, 0.0, 0)])
    assert found.estimate == pytest.approx(0.18)
    assert found.n == 100
    assert stratified_share([]).high == 1


def test_stratified_share_in_simulation() -> None:
    rng = np.random.default_rng(6)
    covered = 0
    for _ in range(2000):
        parts = [
            (weight, rng.binomial(40, share) / 40, 40)
            for weight, share in ((0.6, 0.3), (0.3, 0.4), (0.1, 0.5))
        ]
        found = stratified_share(parts)
        covered += found.low <= 0.35 <= found.high
    assert 0.93 <= covered / 2000 <= 0.97


def test_krippendorff_agrees_with_a_published_value() -> None:
    # Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: four observers,
    # some data missing.
    columns = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    units = [[own[at] for own in columns if own[at] is not None] for at in range(12)]
    found = krippendorff(units, seed=1, repetitions=300)
    assert found is not None
    assert found.estimate == pytest.approx(0.743, abs=5e-4)
    assert found.low < 0.743 < found.high


def test_agreement_at_its_ends() -> None:
    assert krippendorff([["a"], []], seed=1, repetitions=10) is None
    whole = krippendorff([["a", "a"], ["b", "b"]] * 10, seed=1, repetitions=50)
    assert whole is not None and whole.estimate == pytest.approx(1)
    rng = np.random.default_rng(3)
    chance = krippendorff(rng.integers(0, 2, (400, 2)).tolist(), seed=1, repetitions=200)
    assert chance is not None and chance.low < 0 < chance.high
    one = krippendorff([["a", "a"]] * 5, seed=1, repetitions=10)
    assert one is not None and (one.estimate, one.low) == (1, -1)
