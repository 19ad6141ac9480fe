"""Draws are functions of ids, seed and purpose, and independent of each other."""

from hypothesis import given
from hypothesis import strategies as st

from tahdhib.stats.draw import draw, share

IDS = [f"doc-{number}" for number in range(300)]


def members(ids: list[str], seed: int, count: int) -> set[str]:
    drawn = draw(ids, purpose="test", seed=seed, count=count)
    return {identity for identity in ids if drawn.holds(identity)}


@given(st.integers(0, 400), st.integers(0, 5))
def test_exactly_so_many_are_drawn(count: int, seed: int) -> None:
    assert len(members(IDS, seed, count)) == min(count, len(IDS))


def test_order_does_not_matter_and_the_seed_does() -> None:
    assert members(IDS, 1, 50) == members(IDS[::-1], 1, 50)
    assert members(IDS, 1, 50) != members(IDS, 2, 50)


def test_a_larger_sample_holds_the_smaller() -> None:
    assert members(IDS, 1, 50) < members(IDS, 1, 51)


def test_nothing_is_drawn_from_nothing() -> None:
    assert not draw([], purpose="test", seed=1, count=10).holds("doc-1")


def test_draws_for_two_purposes_are_independent() -> None:
    ids = [f"doc-{number}" for number in range(4000)]
    first = {name for name in ids if share("annotate", 17, name) < 0.1}
    both = {name for name in first if share("worker split", 17, name) < 0.1}
    assert 15 < len(both) < 75
