"""Tests of pairs against independent computations, and how often they find what is not there."""

from random import Random

import numpy as np
import pytest

from tahdhib.stats.paired import f1_difference, holm, mcnemar, mean_f1


@pytest.mark.parametrize(
    ("only_a", "only_b"), [(0, 0), (0, 1), (5, 5), (1, 9), (30, 12), (700, 610)]
)
def test_mcnemar_is_the_exact_binomial_test(only_a: int, only_b: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    n = only_a + only_b
    expected = stats.binomtest(only_a, n, 0.5).pvalue if n else 1.0
    assert mcnemar(only_a, only_b) == pytest.approx(expected, rel=1e-9)


def test_mcnemar_refuses_less_than_nothing() -> None:
    with pytest.raises(ValueError, match="expected counts of at least 0"):
        mcnemar(-1, 3)


def test_holm_steps_down() -> None:
    # The example of Holm (1979): each p by how many are left, never less than the one before.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def by_hand(truth: list[int], said: list[int]) -> float:
    total = 0.0
    for one in (0, 1):
        hits = sum(t == s == one for t, s in zip(truth, said, strict=True))
        total += 2 * hits / max(1, truth.count(one) + said.count(one))
    return total / 2


def test_the_difference_of_mean_f1_and_its_chance_are_those_of_exchanging_by_hand() -> None:
    random = Random(3)
    truth = [random.randrange(2) for _ in range(120)]
    a = [t if random.random() < 0.75 else random.randrange(3) for t in truth]
    b = [t if random.random() < 0.5 else random.randrange(3) for t in truth]
    found = f1_difference(truth, a, b, classes=2, seed=1, repetitions=20_000)
    observed = by_hand(truth, a) - by_hand(truth, b)
    assert found.difference.interval.estimate == pytest.approx(observed)
    assert mean_f1(truth, a, 2) == pytest.approx(by_hand(truth, a))
    larger = 0
    for _ in range(4000):
        pairs = [(x, y) if random.random() < 0.5 else (y, x) for x, y in zip(a, b, strict=True)]
        left, right = (list(side) for side in zip(*pairs, strict=True))
        larger += abs(by_hand(truth, left) - by_hand(truth, right)) >= abs(observed) - 1e-12
    expected = larger / 4000
    spread = (expected * (1 - expected) / 4000) ** 0.5 + 1e-3
    assert found.p == pytest.approx(expected, abs=4 * spread)


def test_what_is_not_there_is_found_one_time_in_twenty() -> None:
    generator = np.random.default_rng(8)
    ps = []
    for world in range(250):
        truth = generator.integers(0, 2, 150)
        hard = generator.random(150)  # both find the same items hard

        def answers(truth: np.ndarray = truth, hard: np.ndarray = hard) -> np.ndarray:
            return np.where(generator.random(150) < 0.4 + 0.5 * hard, truth, 2 - truth)

        found = f1_difference(truth, answers(), answers(), classes=2, seed=world, repetitions=999)
        ps.append(found.p)
    share = float(np.mean(np.array(ps) < 0.05))
    assert 0.016 <= share <= 0.088  # .05 with the 99 % interval of 250 worlds
