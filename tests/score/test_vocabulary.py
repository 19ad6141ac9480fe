"""Words are counted on both sides in fixed memory, and those that move are named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.score import vocabulary
from tahdhib.score.vocabulary import Vocabulary, distinct, words_of


def test_kinds_are_counted_about_right() -> None:
    words = Vocabulary()
    words.add([f"w{n}" for n in range(50_000)], [f"w{n}" for n in range(10_000, 60_000)])
    kinds = words.kinds()
    assert kinds.before == pytest.approx(50_000, rel=0.01)
    assert kinds.both == pytest.approx(40_000, rel=0.02)
    assert (kinds.before_words, kinds.after_words) == (50_000, 50_000)


def test_the_same_list_moves_nothing() -> None:
    words, same = Vocabulary(), ["a", "b", "b"]
    words.add(same, same)
    assert words.moved(5) == ([], [])
    assert words.kinds().both == pytest.approx(2, abs=0.01)


def test_what_goes_and_comes_is_ranked() -> None:
    words = Vocabulary()
    for _ in range(30):
        words.add(["often", "stays", "rude", "rude"], ["often", "stays", "kind"])
    words.add(["once"], ["stays"])
    gone, come = words.moved(3)
    assert [word.word for word in gone] == ["rude", "once"]
    assert (gone[0].before, gone[0].after) == (60, 0)
    assert come[0].word == "kind"


def test_the_rarest_names_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "NAMED", 10)
    words = Vocabulary()
    words.add(["kept"] * 9, [])
    words.add([f"w{n}" for n in range(40)], [])
    assert len(words.lost) <= 20
    assert words.lost["kept"] == 9


@given(st.text(max_size=300), st.integers(1, 3))
def test_distinct_is_a_share(text: str, order: int) -> None:
    assert 0 < distinct(words_of(text), order) <= 1


def test_distinct_counts_runs() -> None:
    assert distinct(["a", "b", "a", "b"], 1) == 0.5
    assert distinct(["a", "b", "a", "b"], 2) == pytest.approx(2 / 3)
    assert distinct([], 2) == 1


@given(st.lists(st.text(max_size=60), max_size=8), st.lists(st.text(max_size=60), max_size=8))
def test_no_text_breaks_it(before: list[str], after: list[str]) -> None:
    words = Vocabulary()
    for old, new in zip(before, after, strict=False):
        words.add(words_of(old), words_of(new))
    assert all(np.isfinite(words.kinds()))
    assert all(np.isfinite(word.odds) for side in words.moved(5) for word in side)
    assert isinstance(words_of("\ud800 x 😀"), list)
