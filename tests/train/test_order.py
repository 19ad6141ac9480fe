"""Every window once per epoch, weights held, and any step without the steps before it."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.errors import RecipeError
from tahdhib.train.order import Order, Part, Phase, Sample, permuted


@given(st.integers(1, 300), st.binary(min_size=32, max_size=32))
def test_a_shuffle_has_every_number_once(size: int, key: bytes) -> None:
    assert sorted(permuted(place, size, key) for place in range(size)) == list(range(size))


@given(st.integers(1, 40), st.integers(1, 3), st.integers(1, 7), st.integers(0, 9))
def test_every_window_comes_once_per_repeat(
    windows: int, repeats: int, batch: int, seed: int
) -> None:
    windows *= batch
    phase = Phase("raw", (Part("raw", windows, repeats=repeats),), windows * repeats // batch)
    order = Order((phase,), batch, seed)
    read = [sample.window for step in range(order.steps) for sample in order.samples(step)]
    for epoch in range(repeats):
        assert sorted(read[epoch * windows : (epoch + 1) * windows]) == list(range(windows))


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(1, 20))
def test_every_cycle_holds_the_weights(weights: list[int], cycles: int) -> None:
    parts = tuple(Part(str(n), 1000, weight) for n, weight in enumerate(weights))
    order = Order((Phase("mix", parts, cycles),), sum(weights), 17)
    for step in range(cycles):
        read = Counter(sample.part for sample in order.samples(step))
        assert read == {part.name: part.weight for part in parts}


def test_phases_follow_each_other_and_replay_is_a_part() -> None:
    raw, native = Part("raw", 90), Part("native", 40, weight=3)
    order = Order((Phase("first", (raw,), 10), Phase("second", (native, raw), 5)), 8, 3)
    first = {sample.part for step in range(10) for sample in order.samples(step)}
    second = Counter(sample.part for step in range(10, 15) for sample in order.samples(step))
    assert first == {"raw"}
    assert second == {"native": 30, "raw": 10}


def test_loaders_that_share_the_steps_read_the_same() -> None:
    def order(seed: int) -> Order:
        return Order((Phase("mix", (Part("a", 500), Part("b", 500, 2)), 60),), 8, seed)

    whole = [order(5).samples(step) for step in range(60)]
    shared: dict[int, list[Sample]] = {}
    for loader in (2, 0, 1):
        shared |= {step: order(5).samples(step) for step in range(loader, 60, 3)}
    assert [shared[step] for step in range(60)] == whole
    assert whole != [order(6).samples(step) for step in range(60)]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (Part("raw", 10), "allow more repeats"),
        (Part("raw", 0), "windows is 0"),
        (Part("raw", 10, weight=0), "weight is 0"),
    ],
)
def test_what_the_data_cannot_give_is_refused(part: Part, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        Order((Phase("first", (part,), 3),), 4, 17)
