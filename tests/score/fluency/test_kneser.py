"""The numpy model against a plain one in dictionaries, and its probabilities against 1."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.score.fluency.kneser import bits, count, opened

lines = st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=8), min_size=1, max_size=20)


def sequence(rows: list[list[int]]) -> np.ndarray:
    return np.array([0, *(number for row in rows for number in [*row, 0])], dtype=np.int64)


class Plain:
    """Interpolated modified Kneser-Ney as the formula of the module's docstring reads."""

    def __init__(self, rows: list[list[int]], order: int, base: float) -> None:
        self.order, self.base = order, base
        padded = [[0, *row, 0] for row in rows]
        raw = [
            Counter(
                tuple(row[end - size : end])
                for row in padded
                for end in range(max(size, 2), len(row) + 1)
            )
            for size in range(order + 2)
        ]
        self.counts: list[dict[tuple[int, ...], int]] = [{} for _ in range(order + 1)]
        self.counts[order] = dict(raw[order])
        for size in range(order - 1, 0, -1):
            seen = Counter(gram[1:] for gram in raw[size + 1])
            if size > 1:
                seen |= Counter({gram: n for gram, n in raw[size].items() if gram[0] == 0})
            self.counts[size] = dict(seen)

    def probability(self, context: tuple[int, ...], word: int, size: int) -> float:
        if size == 0:
            return self.base
        counts = self.counts[size]
        context = context[len(context) - (size - 1) :]
        lower = self.probability(context[1:], word, size - 1)
        follow = {gram[-1]: n for gram, n in counts.items() if gram[:-1] == context}
        if not follow:
            return lower
        total = sum(follow.values())
        taken = {w: (n - self.discount(size, n)) / total for w, n in follow.items()}
        return taken.get(word, 0.0) + (1 - sum(taken.values())) * lower

    def discount(self, size: int, number: int) -> float:
        have = Counter(self.counts[size].values())
        common = have[1] / (have[1] + 2 * have[2]) if have[1] else 0.5
        k = min(number, 3)
        raw = k - (k + 1) * common * have[k + 1] / have[k] if have[k] else 0.5 * k
        return min(max(raw, 0.1), 0.9 * k)

    def bits(self, rows: list[list[int]]) -> list[float]:
        found = [0.0]
        for row in rows:
            padded = [0, *row, 0]
            for place in range(1, len(padded)):
                context = tuple(padded[max(0, place - self.order + 1) : place])
                p = self.probability(context, padded[place], len(context) + 1)
                found.append(-math.log2(p))
        return found


@given(lines, lines, st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_equals_the_plain_model(
    reference: list[list[int]], text: list[list[int]], order: int
) -> None:
    model = opened(count(sequence(reference), order=order, base=1 / 6, keep=[1] * order))
    expected = Plain(reference, order, 1 / 6).bits(text)
    assert bits(sequence(text), model) == pytest.approx(expected, abs=0.01)


@given(lines, st.lists(st.integers(1, 5), max_size=4), st.integers(1, 4), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_what_can_follow_sums_to_one_however_much_is_pruned(
    reference: list[list[int]], context: list[int], order: int, least: int
) -> None:
    keep = [1] + [least] * (order - 1)
    model = opened(count(sequence(reference), order=order, base=1 / 6, keep=keep))
    total = 0.0
    for word in range(6):
        ids = np.array([0, *context, word], dtype=np.int64)
        total += 2.0 ** -bits(ids, model)[-1]
    assert total == pytest.approx(1.0, abs=0.01)


def test_a_line_does_not_see_the_one_before() -> None:
    model = opened(count(sequence([[1, 2, 3]] * 9 + [[4, 5]]), order=3, base=1 / 6, keep=[1] * 3))
    alone = bits(sequence([[2, 3]]), model)
    after = bits(sequence([[5, 1], [2, 3]]), model)
    assert np.array_equal(alone[1:], after[-3:])


def test_no_gram_is_mistaken_for_another() -> None:
    rng = np.random.default_rng(1)
    ids = np.where(np.arange(200_001) % 20 == 0, 0, rng.integers(1, 20_000, 200_001))
    model = count(ids, order=3, base=1e-5, keep=[1, 1, 1])
    table = opened(model).orders[2][0]
    strangers = rng.integers(0, 2**63, 200_000, dtype=np.uint64)
    assert defaultdict(int, {0.0: 200_000}) == Counter(table.values(strangers, missing=0.0))
