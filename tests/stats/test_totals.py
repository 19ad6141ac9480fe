"""Totals from a part: exact where all is seen, never below what was seen, covering the truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.stats.totals import draw_by_size, inclusion, luck, total

sizes = st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=40)


@given(sizes, st.integers(1, 50), st.integers(0, 99))
def test_as_many_are_drawn_as_were_asked_for(some, count, seed):
    chances = inclusion(some, count)
    assert ((chances > 0) & (chances <= 1)).all()
    assert chances.sum() == pytest.approx(min(count, len(some)))
    seen = draw_by_size(chances, np.random.default_rng(seed).random(len(some)))
    assert len(set(seen.tolist())) == len(seen) == min(count, len(some))
    assert set(np.flatnonzero(chances == 1).tolist()) <= set(seen.tolist())


@given(sizes, st.integers(1, 50), st.integers(0, 99))
def test_what_is_proportional_to_the_size_is_known(some, count, seed):
    chances = inclusion(some, count)
    seen = draw_by_size(chances, np.random.default_rng(seed).random(len(some)))
    values = 3 * np.array(some)
    found = total(some, chances, seen, values[seen], level=0.9)
    assert found.estimate == pytest.approx(values.sum()) or not (chances[seen] < 1).any()
    assert found.low <= found.estimate * (1 + 1e-9) <= found.high * (1 + 1e-6)
    assert found.low >= values[seen].sum() * (1 - 1e-9)
    if count >= len(some):
        assert found.low == found.high == pytest.approx(values.sum())


def test_chances_are_kept():
    rng = np.random.default_rng(3)
    some = rng.pareto(1.2, 60) + 1
    chances = inclusion(some, 15)
    drawn = np.zeros(60)
    for _ in range(3000):
        drawn[draw_by_size(chances, rng.random(60))] += 1
    assert np.abs(drawn / 3000 - chances).max() < 0.04


def test_one_says_nothing_of_the_rest():
    chances = inclusion([1.0, 2.0, 3.0], 1)
    found = total([1.0, 2.0, 3.0], chances, [1], [4.0], level=0.9)
    assert (found.low, found.high) == (4.0, math.inf)
    with pytest.raises(ValueError, match="above 0"):
        inclusion([1.0, 0.0], 1)


def test_luck_depends_on_the_id_alone():
    assert luck("p", 1, ["a", "b"]).tolist() == luck("p", 1, ["b", "a"])[::-1].tolist()


def test_the_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(600):
        some = np.exp(rng.normal(7, 1.5, 1500))
        values = some * np.exp(rng.normal(0, 0.5, 1500)) * rng.geometric(0.8, 1500)
        chances = inclusion(some, 150)
        seen = draw_by_size(chances, rng.random(1500))
        found = total(some, chances, seen, values[seen], level=0.9)
        covered += found.low <= values.sum() <= found.high
    assert 0.86 <= covered / 600 <= 0.94
