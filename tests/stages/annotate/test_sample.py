from hypothesis import given
from hypothesis import strategies as st

from tahdhib.stages.annotate.sample import draw

IDS = [f"doc-{number}" for number in range(300)]


def members(ids: list[str], seed: int, count: int) -> set[str]:
    drawn = draw(ids, seed=seed, count=count)
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
    assert not draw([], seed=1, count=10).holds("doc-1")
