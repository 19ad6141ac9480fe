import random

from hypothesis import given
from hypothesis import strategies as st

from tahdhib.match.components import components

PAIRS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60)


def by_search(pairs):
    around = {}
    for left, right in pairs:
        around.setdefault(left, set()).add(right)
        around.setdefault(right, set()).add(left)
    lowest = {}
    for start in sorted(around):
        waiting = [start] if start not in lowest else []
        while waiting:
            number = waiting.pop()
            if number not in lowest:
                lowest[number] = start
                waiting.extend(around[number])
    return lowest


@given(PAIRS)
def test_everyone_is_mapped_to_the_lowest_within_reach(pairs):
    assert components(pairs) == by_search(pairs)


@given(PAIRS, st.randoms(use_true_random=False))
def test_neither_order_nor_direction_matters(pairs, chance):
    shuffled = [pair if chance.random() < 0.5 else pair[::-1] for pair in pairs]
    chance.shuffle(shuffled)
    assert list(components(shuffled).items()) == list(components(pairs).items())


def test_a_long_chain_is_one_component():
    chain = [(number, number + 1) for number in range(50_000)]
    random.Random(1).shuffle(chain)
    assert set(components(chain).values()) == {0}
