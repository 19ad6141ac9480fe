"""Intervals that cannot be relied on say so, and no difference is found on their strength."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.records import Interval
from tahdhib.stats.clusters import groups
from tahdhib.stats.intervals import auroc, bootstrap_mean, macro_f1, paired_difference
from tahdhib.stats.means import means
from tahdhib.stats.rough import ENOUGH_TELL, commonest, telling


def test_few_changes_among_many_documents_are_no_finding() -> None:
    few, many = np.zeros(500), np.zeros(500)
    few[: ENOUGH_TELL - 1], many[:ENOUGH_TELL] = 1.0, 1.0
    found = paired_difference(few, np.zeros(500), seed=1, repetitions=500)
    assert not found.is_found and found.interval.low > 0
    assert "with a change (as good as 12 of one size" in found.interval.rough
    assert found.words().startswith("no difference is claimed; too few clusters with a change")
    enough = paired_difference(many, np.zeros(500), seed=1, repetitions=500)
    assert enough.is_found and not enough.interval.rough


def test_one_large_cluster_counts_for_little() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=600)
    even = np.repeat(np.arange(20), 30)
    uneven = np.append(np.zeros(581), np.arange(1, 20))
    assert not bootstrap_mean(values, seed=1, repetitions=200, clusters=even.tolist()).rough
    assert bootstrap_mean(values, seed=1, repetitions=200, clusters=uneven.tolist()).rough


def test_a_level_tells_by_what_is_not_common_and_a_change_by_what_is_not_zero() -> None:
    table = np.full((100, 2), 3.0)
    level, change = means(table, seed=1, repetitions=200, changes=(1,))
    assert level.rough and not change.rough
    assert np.isnan(commonest(np.arange(8.0)[:, None]))[0]
    assert commonest(np.array([[0.0], [0.0], [0.0], [2.0], [9.0]]))[0] == 0


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_what_tells_is_between_none_and_all(sizes: list[int]) -> None:
    found = groups(sum(sizes), np.repeat(np.arange(len(sizes)), sizes).tolist())
    column = np.ones((sum(sizes), 1))
    assert 1 <= telling(column, found, np.zeros(1))[0] <= len(sizes) + 1e-9
    assert telling(column, found, np.ones(1))[0] == 0
    equal = groups(len(sizes), None)
    assert telling(np.ones((len(sizes), 1)), equal, np.zeros(1))[0] == pytest.approx(len(sizes))


def test_areas_and_f1_say_so_too() -> None:
    rng = np.random.default_rng(2)
    labels = rng.random(400) < 0.5
    scores = rng.normal(size=400) + labels
    four = (np.arange(400) % 4).tolist()
    assert "clusters with the rarer label" in auroc(scores, labels, clusters=four).rough
    assert not auroc(scores, labels).rough
    assert auroc(scores, labels | True).rough
    assert "too few faults (3" in macro_f1([[90, 1], [2, 90]], seed=1, repetitions=100).rough
    assert not macro_f1([[90, 9], [2, 90]], seed=1, repetitions=100).rough


def test_the_mark_goes_to_json_and_back() -> None:
    interval = bootstrap_mean([1.0, 2.0, 3.0], seed=1, repetitions=50)
    assert interval.rough
    assert Interval(**json.loads(json.dumps(asdict(interval)))) == interval
    assert not Interval(0.5, 0.4, 0.6, 10).rough
