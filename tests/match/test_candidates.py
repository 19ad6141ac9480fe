from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.match.candidates import PAIRED_IN_FULL, candidate_pairs


def pairs_of(groups):
    members = np.array([number for group in groups for number in group], np.int64)
    starts = np.concatenate(([0], np.cumsum([len(group) for group in groups], dtype=np.int64)))
    return [tuple(pair) for pair in candidate_pairs(members, starts.astype(np.int64)).tolist()]


@given(st.lists(st.lists(st.integers(0, 40), unique=True, max_size=PAIRED_IN_FULL), max_size=8))
def test_small_groups_are_paired_in_full_and_each_pair_comes_once(groups):
    expected = {pair for group in groups for pair in combinations(sorted(group), 2)}
    assert pairs_of(groups) == sorted(expected)


def test_a_large_group_costs_two_pairs_each():
    group = list(range(100_000))[::-1]
    found = pairs_of([group])
    assert len(found) == 2 * len(group) - 3
    assert {(0, 5), (4, 5)} <= set(found)


def test_nobody_is_paired_with_itself():
    assert pairs_of([[3, 3]]) == []


def test_no_groups_no_pairs():
    assert pairs_of([]) == []
