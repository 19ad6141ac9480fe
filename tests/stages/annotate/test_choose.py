"""Choosing: within the budget, nobody twice, every stratum there, and the order of no account."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.stages.annotate import choose
from tahdhib.stages.annotate.choose import (
    DIMENSIONS,
    TooManyStrata,
    Weighed,
    affordable,
    allotted,
    far_apart,
    from_one_end,
    quantiles,
    stratified,
    vector,
)
from tahdhib.stats.draw import draw

groups = st.sampled_from(["", "news", "forum", "wiki", "موقع"])
values = st.none() | st.floats(allow_nan=False, allow_infinity=False)
corpora = st.lists(st.tuples(groups, values), max_size=60).map(
    lambda rows: [Weighed(f"d{at}", group, value) for at, (group, value) in enumerate(rows)]
)
seeds = st.integers(0, 2**32 - 1)
allocations = st.sampled_from(["proportional", "equal"])


@given(corpora, st.integers(1, 70), st.integers(1, 5), allocations, seeds, st.randoms())
def test_strata(corpus, count, bins, allocation, seed, shuffle):
    def chosen(rows):
        asked = {"count": count, "bins": bins, "allocation": allocation, "seed": seed}
        return stratified(lambda: rows, **asked)

    found = chosen(corpus)
    ids = [one.id for one in found]
    assert len(set(ids)) == len(ids) == min(count, len(corpus))
    assert set(ids) <= {row.id for row in corpus}
    assert all(0 <= one.place < 1 for one in found)
    shuffled = list(corpus)
    shuffle.shuffle(shuffled)
    assert chosen(shuffled) == found
    borders = quantiles(corpus, [step / bins for step in range(1, bins)], seed)
    strata = {row.id: choose._stratum(row, borders) for row in corpus}
    if count >= len(set(strata.values())):
        assert {strata[identity] for identity in ids} == set(strata.values())


@given(
    st.dictionaries(st.tuples(groups, st.integers(-1, 3)), st.integers(1, 1000), max_size=12),
    st.integers(0, 3000),
    allocations,
)
def test_shares(sizes, count, allocation):
    found = allotted(sizes, count, allocation)
    assert sum(found.values()) == min(count, sum(sizes.values()))
    assert all(0 <= found[name] <= size for name, size in sizes.items())
    if count >= len(sizes):
        assert all(found.values())
    for name, size in sizes.items():
        if allocation == "equal" and found[name] < size:
            assert found[name] >= max(found.values()) - 1
        if allocation == "proportional" and 2 * len(sizes) <= count <= sum(sizes.values()):
            assert found[name] <= math.ceil(count * size / sum(sizes.values())) + 1


def test_strata_of_one_field_are_in_proportion_and_their_turns_mixed():
    corpus = [Weighed(f"{n}", "large" if n % 10 else "small") for n in range(1000)]
    asked = {"bins": 1, "seed": 3}
    even = stratified(lambda: corpus, count=100, allocation="proportional", **asked)
    assert Counter(one.stratum for one in even) == {"large": 90, "small": 10}
    equal = stratified(lambda: corpus, count=100, allocation="equal", **asked)
    assert Counter(one.stratum for one in equal) == {"large": 50, "small": 50}
    first = Counter(one.stratum for one in equal[:20])
    assert first["large"] in range(6, 15)


def test_a_field_that_names_documents_is_refused(monkeypatch):
    monkeypatch.setattr(choose, "MOST_STRATA", 5)
    corpus = [Weighed(f"{n}", f"{n}") for n in range(9)]
    with pytest.raises(TooManyStrata):
        stratified(lambda: corpus, count=3, bins=1, allocation="equal", seed=0)


@given(corpora, st.integers(1, 70), st.floats(0.01, 1), st.sampled_from(["high", "low"]), seeds)
def test_one_end(corpus, count, among, end, seed):
    asked = {"count": count, "end": end, "among": among, "seed": seed}
    found = from_one_end(lambda: corpus, **asked)
    ids = [one.id for one in found]
    assert len(set(ids)) == len(ids) == min(count, len(corpus))
    assert from_one_end(lambda: corpus[::-1], **asked) == found
    by_id = {row.id: row.value for row in corpus}
    if any(by_id[identity] is None for identity in ids):
        assert {one.id for one in corpus if one.value is not None} <= set(ids)


def test_the_high_end_is_drawn_from_and_not_its_very_tip():
    corpus = [Weighed(f"{n}", "", float(n)) for n in range(1000)]
    high = from_one_end(lambda: corpus, count=20, end="high", among=0.2, seed=1)
    assert all(one.value >= 790 for one in high)
    assert min(one.value for one in high) < 900
    few = from_one_end(lambda: corpus, count=50, end="low", among=0.01, seed=1)
    assert sorted(one.value for one in few) == list(map(float, range(50)))


texts = st.text(st.sampled_from("abc ابت\n"), max_size=30)


@given(st.lists(texts, max_size=30), st.integers(0, 40))
def test_far_apart(some, count):
    vectors = np.array([vector(text) for text in some], dtype=np.int8).reshape(
        len(some), DIMENSIONS + 1
    )
    found = far_apart(vectors, count)
    assert len(set(found)) == len(found) == min(count, len(some))
    assert far_apart(vectors, count) == found
    assert found[:3] == far_apart(vectors, 3)[: len(found[:3])] or count < 3


def test_one_of_each_kind_comes_before_a_second_one():
    kinds = ["the cat sat on the mat", "stocks fell on monday", "بنيت المدينة على النهر", ""]
    some = [f"{kind} {n % 2}" if kind else "" for n in range(20) for kind in kinds]
    found = far_apart(np.array([vector(text) for text in some]), 4)
    assert {at % 4 for at in found} == {0, 1, 2, 3}


def test_blocks_give_their_share(monkeypatch):
    monkeypatch.setattr(choose, "BLOCK", 10)
    vectors = np.array([vector(f"word{n} other{n % 7}") for n in range(35)])
    found = far_apart(vectors, 13)
    assert len(set(found)) == 13
    assert Counter(at % 4 for at in found) == {0: 4, 1: 3, 2: 3, 3: 3}


@given(st.text(max_size=200) | st.just("x" * 100_000) | st.just("\ud800 half"))
def test_any_text_has_a_vector(text):
    found = vector(text)
    assert found.shape == (DIMENSIONS + 1,)
    assert found.any()


def test_only_what_the_budget_allows():
    assert affordable([1.0, 2.0, 3.0], 3.0) == 2
    assert affordable([1.0, 2.0, 3.0], 100.0) == 3
    assert affordable([1.0], 0.5) == 0


def test_a_draw_takes_the_same_documents_first():
    corpus = [Weighed(f"{n}", "one") for n in range(50)]
    asked = {"bins": 1, "allocation": "equal", "seed": 9}
    found = {one.id for one in stratified(lambda: corpus, count=7, **asked)}
    drawn = draw([row.id for row in corpus], purpose="annotate", seed=9, count=7)
    assert found == {row.id for row in corpus if drawn.holds(row.id)}
