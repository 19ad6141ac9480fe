"""The scorer of pairs as others open it: columns, bounds, identity, hostile texts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.errors import RecipeError
from tahdhib.score.table import PAIR_SCORERS, open_pair_scorer

HOSTILE = ("", "🙂", "\ud800", "\0", "١٢٣", "لا", "كتاب جديد.", "a\n" * 1000, "x" * 1_000_000)
LOCAL = ("preservation",)


def test_an_unknown_scorer_is_refused_with_the_known_ones() -> None:
    with pytest.raises(RecipeError, match=r"known: .*preservation"):
        open_pair_scorer("preservatoin")


@pytest.mark.parametrize("name", LOCAL)
def test_any_pair_gets_finite_shares(name: str, no_hang: None) -> None:
    scorer = open_pair_scorer(name)
    assert name in PAIR_SCORERS
    assert (scorer.name, scorer.version) == (scorer.card.name, scorer.card.version)
    columns = len(scorer.card.scores)
    for source in HOSTILE:
        scores = scorer.compare([source] * len(HOSTILE), HOSTILE)
        assert scores.shape == (len(HOSTILE), columns)
        assert np.isfinite(scores).all()
        assert (scores >= 0).all() and (scores <= 1).all()
    assert scorer.compare([], []).shape == (0, columns)
    with pytest.raises(ValueError, match="expected as many"):
        scorer.compare(["one"], [])


@pytest.mark.parametrize("name", LOCAL)
@given(text=st.text(max_size=200), other=st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_identity_is_full_marks_and_bounds_hold(name: str, text: str, other: str) -> None:
    scorer = open_pair_scorer(name)
    scores = scorer.compare([text, text], [text, other])
    assert (scores[0] == 1).all()
    assert np.isfinite(scores).all() and (scores >= 0).all() and (scores <= 1).all()
