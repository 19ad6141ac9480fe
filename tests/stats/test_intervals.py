import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from tahdhib.stats import clusters
from tahdhib.stats.agreement import krippendorff_of_numbers
from tahdhib.stats.intervals import auroc, bootstrap_mean, paired_difference, wilson
from tahdhib.stats.means import means
from tahdhib.stats.seeds import seeds, seeds_difference
from tahdhib.stats.student import t_quantile


def test_wilson_agrees_with_a_published_value() -> None:
    # Newcombe 1998, table I: 81 of 263 gives .2553 to .3662.
    interval = wilson(81, 263)
    assert interval.low == pytest.approx(0.2553, abs=5e-5)
    assert interval.high == pytest.approx(0.3662, abs=5e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_wilson_holds_its_estimate_and_stays_in_the_unit_range(x: int, y: int) -> None:
    interval = wilson(min(x, y), max(x, y))
    assert 0 <= interval.low <= interval.estimate <= interval.high <= 1


def test_wilson_refuses_more_successes_than_trials() -> None:
    with pytest.raises(ValueError, match="3 successes of 2"):
        wilson(3, 2)


def test_nothing_one_and_two_values() -> None:
    for few in ([], [3.0]):
        interval = bootstrap_mean(few, seed=1, repetitions=100)
        assert (interval.low, interval.high) == (-math.inf, math.inf)
        difference = paired_difference(few, few, seed=1, repetitions=100)
        assert not difference.is_found
        assert math.isinf(difference.detectable)
    assert "nothing was compared" in paired_difference([], [], seed=1, repetitions=100).words()
    assert "too few clusters" in paired_difference([1], [2], seed=1, repetitions=100).words()
    assert bootstrap_mean([1, 1], seed=1, repetitions=100).low == 1


def test_equal_values_have_a_point_for_an_interval() -> None:
    same = paired_difference([0.3] * 9, [0.3] * 9, seed=1, repetitions=200)
    assert (same.interval.low, same.interval.high, same.is_found) == (0, 0, False)
    assert same.words() == "no difference was found; all 9 pairs are equal"
    shifted = paired_difference([0.4] * 20, [0.3] * 20, seed=1, repetitions=200)
    assert shifted.is_found and shifted.interval.low == shifted.interval.high
    rounding = paired_difference([0.1 + 0.2] * 9, [0.3] * 9, seed=1, repetitions=200)
    assert not rounding.is_found


def test_words_say_what_would_have_been_found() -> None:
    rng = np.random.default_rng(3)
    before = rng.normal(size=400)
    difference = paired_difference(before, before + rng.normal(size=400), seed=1, repetitions=1000)
    assert not difference.is_found
    assert difference.detectable == pytest.approx(2.8 / 20, rel=0.15)
    assert difference.words("points").startswith("no difference was found; a difference of 0.1")
    found = paired_difference(before + 1, before + rng.normal(size=400), seed=1, repetitions=500)
    assert found.is_found
    assert "was found (+" in found.words()


def test_same_seed_same_interval_and_clusters_widen_it() -> None:
    values = np.repeat(np.random.default_rng(0).normal(size=40), 25)
    names = np.repeat(np.arange(40), 25).tolist()
    plain = bootstrap_mean(values, seed=5, repetitions=500)
    clustered = bootstrap_mean(values, seed=5, repetitions=500, clusters=names)
    assert bootstrap_mean(values, seed=5, repetitions=500) == plain
    assert bootstrap_mean(values, seed=6, repetitions=500) != plain
    assert clustered.high - clustered.low > 4 * (plain.high - plain.low)
    assert clustered.estimate == plain.estimate


def test_chunking_does_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).normal(size=64)
    whole = bootstrap_mean(values, seed=5, repetitions=300)
    monkeypatch.setattr(clusters, "_DRAWS_AT_ONCE", 1000)
    cut = bootstrap_mean(values, seed=5, repetitions=300)
    assert (cut.low, cut.high) == pytest.approx((whole.low, whole.high), rel=1e-12)


def test_bad_values_are_refused() -> None:
    with pytest.raises(ValueError, match="1 of 2 values are not finite"):
        bootstrap_mean([1.0, math.nan], seed=1, repetitions=100)
    with pytest.raises(ValueError, match="equal lengths"):
        paired_difference([1.0], [1.0, 2.0], seed=1, repetitions=100)
    with pytest.raises(ValueError, match="one cluster per value"):
        bootstrap_mean([1.0, 2.0], seed=1, repetitions=100, clusters=["a"])


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 7, 30, 500])
def test_student_quantile(degrees: int) -> None:
    expected = float(student.ppf(0.975, degrees))
    assert t_quantile(0.975, degrees) == pytest.approx(expected, rel=2e-4)


def test_auroc_counts_ties_half_and_knows_its_interval() -> None:
    assert auroc([1, 2, 3, 4], [0, 0, 1, 1], seed=1, repetitions=100).estimate == 1
    assert auroc([1, 1, 1, 1], [0, 1, 0, 1], seed=1, repetitions=100).estimate == 0.5
    assert auroc([1, 2, 2, 3], [0, 0, 1, 1], seed=1, repetitions=100).estimate == 0.875
    one_kind = auroc([1, 2], [1, 1], seed=1, repetitions=100)
    assert (one_kind.estimate, one_kind.low, one_kind.high) == (0.5, 0, 1)


def test_auroc_agrees_with_scikit_learn() -> None:
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(4)
    labels = rng.random(300) < 0.3
    scores = np.round(rng.normal(size=300) + labels, 1)
    interval = auroc(scores, labels, seed=1, repetitions=300)
    assert interval.estimate == pytest.approx(roc_auc_score(labels, scores))
    assert interval.low < interval.estimate < interval.high


def test_auroc_without_a_fault_is_not_certain() -> None:
    perfect = auroc([1, 2, 3, 4, 5, 6], [0, 0, 0, 1, 1, 1])
    assert (perfect.estimate, perfect.high) == (1, 1)
    assert 0 < perfect.low < 0.6
    reversed_ = auroc([6, 5, 4, 3, 2, 1], [0, 0, 0, 1, 1, 1])
    assert (reversed_.estimate, reversed_.low) == (0, 0)


def test_many_columns_at_once_are_each_as_if_alone() -> None:
    table = np.random.default_rng(2).normal([0, 1, 2], size=(90, 3))
    names = np.repeat(np.arange(30), 3).tolist()
    for number, found in enumerate(means(table, seed=4, repetitions=300, clusters=names)):
        alone = bootstrap_mean(table[:, number], seed=4, repetitions=300, clusters=names)
        assert (found.low, found.high) == pytest.approx((alone.low, alone.high))


def test_seeds_are_a_t_interval() -> None:
    interval = seeds([1.0, 2.0, 3.0])
    assert interval.estimate == 2
    assert interval.high - 2 == pytest.approx(4.30265 / math.sqrt(3), rel=1e-4)
    assert (seeds([]).low, seeds([0.5]).high) == (-math.inf, math.inf)
    assert seeds([0.5, 0.5, 0.5]).low == 0.5
    assert seeds([0.5, 0.5, 0.5], step=0.01).low < 0.5


def test_seeds_of_two_arms() -> None:
    found = seeds_difference([0.7, 0.71, 0.69], [0.5, 0.51, 0.49])
    assert found.is_found and found.interval.n == 6
    paired = seeds_difference([0.7, 0.8, 0.6], [0.69, 0.79, 0.59], paired=True, step=0.001)
    assert paired.is_found and paired.interval.n == 3
    lone = seeds_difference([0.7], [0.5, 0.6])
    assert not lone.is_found and "too few to have found one" in lone.words()
    assert seeds_difference([], []).words() == "nothing was compared"
    with pytest.raises(ValueError, match="equal lengths"):
        seeds_difference([1.0], [1.0, 2.0], paired=True)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
    st.integers(1, 6),
)
def test_no_column_gives_nan(column: list[float], clusters: int) -> None:
    names = [number % clusters for number in range(len(column))]
    (found,) = means(np.array(column)[:, None], seed=1, repetitions=50, clusters=names)
    assert not any(math.isnan(number) for number in found[:4])
    assert found.low <= found.value <= found.high


def test_alpha_of_numbers():
    asked = {"seed": 1, "repetitions": 200}
    alike = krippendorff_of_numbers([[1, 1], [5, 5], [9, 9]], **asked)
    assert alike is not None
    assert alike.estimate == pytest.approx(1)
    assert alike.n == 3
    apart = krippendorff_of_numbers([[1, 9], [9, 1], [1, 9], [9, 1]], **asked)
    assert apart is not None
    assert apart.estimate < 0
    # Krippendorff 2011, example C: interval data of four observers, .849.
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    units = [[v for v in unit if v is not None] for unit in zip(*observers, strict=True)]
    found = krippendorff_of_numbers(units, **asked)
    assert found is not None
    assert found.estimate == pytest.approx(0.849, abs=5e-4)
    assert krippendorff_of_numbers([[3], [3, 3]], **asked) is None
    assert krippendorff_of_numbers([], **asked) is None
