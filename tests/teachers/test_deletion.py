from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tahdhib.score.card import Card
from tahdhib.teachers.deletion import Deletion, without_words
from tahdhib.text.edits import apply
from tahdhib.text.segment import words


class Counted:
    """Minds one letter: a text's score is how many of its words begin with it."""

    name, version = "counted", "1"
    card: Card

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        counts = [sum(word.text.startswith("z") for word in words(text)) for text in texts]
        return np.array(counts, dtype=float).reshape(-1, 1)


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("one zig, two zag .", "one, two ."),
        ("zig begins a line", "begins a line"),
        ("it ends in zig", "it ends in"),
        ("all is well", None),
        ("zig", None),
        ("z1 z2 z3 here", None),
    ],
)
def test_what_is_minded_goes_word_by_word(text: str, without: str | None) -> None:
    made = Deletion(Counted(), threshold=1, most_words=2).rewrite(text)
    assert (made and made.text) == without


@given(st.text(alphabet="ab ,\n.", max_size=20), st.sets(st.integers(0, 8)))
def test_the_words_at_the_places_go_and_no_others(text: str, gone: set[int]) -> None:
    made = without_words(text, gone)
    assert apply(text, made.edits) == made.text
    left = [word.text for place, word in enumerate(words(text)) if place not in gone]
    assert "".join(left) == "".join(word.text for word in words(made.text))
    starts = [edit.start for edit in made.edits]
    assert starts == sorted(set(starts))
