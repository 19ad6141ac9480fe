"""The card and the table of scorers."""

import numpy as np
import pytest

from tahdhib.errors import RecipeError
from tahdhib.records import Interval
from tahdhib.score.card import Card, Measured, Score, evidence, from_json, to_json
from tahdhib.score.table import SCORERS, open_scorer


def measured(language: str, area: float, *, natural: bool = True) -> Measured:
    return Measured(
        "toxicity", language, "a set", natural, Interval(area, area, area, 100), 50, 0.1
    )


def card(*sets: Measured) -> Card:
    scores = (Score("toxicity", "share", "how toxic"),)
    return Card("x", "1", "toxicity", scores, ("ar",), (), sets, evidence(sets))


def test_the_lowest_natural_set_decides() -> None:
    sets = (measured("ar", 0.9), measured("ar", 0.69), measured("en", 0.8))
    assert evidence(sets) == {"toxicity": {"ar": False, "en": True}}
    assert evidence((measured("en", 0.8), measured("en", 0.5, natural=False))) == {
        "toxicity": {"en": True}
    }
    assert evidence((measured("en", 0.9, natural=False),)) == {"toxicity": {"en": False}}


def test_the_warning_names_the_figure() -> None:
    one = card(measured("ar", 0.62), measured("en", 0.9))
    assert one.warning("en") is None
    assert "0.62" in (one.warning("ar") or "")
    assert "never measured" in (one.warning("fr") or "")


def test_a_card_can_be_read_back() -> None:
    one = card(measured("ar", 0.62))
    assert from_json(to_json(one)) == one


def test_an_unknown_scorer_is_refused_with_the_known_ones() -> None:
    with pytest.raises(RecipeError, match=r"known: .*lexicon.*ngram"):
        open_scorer("ngarm")


NEEDS_ARGUMENT = {"fluency", "perplexity", "classifier", "moderation", "judge"}


@pytest.mark.parametrize("name", sorted(NEEDS_ARGUMENT & SCORERS.keys()))
def test_a_scorer_that_needs_an_argument_says_so(name: str) -> None:
    with pytest.raises(RecipeError, match=f"scorer '{name}' needs"):
        open_scorer(name)


@pytest.mark.parametrize("name", sorted(SCORERS.keys() - NEEDS_ARGUMENT))
def test_every_scorer_opens_and_scores_anything(name: str) -> None:
    scorer = open_scorer(name)
    assert (scorer.name, scorer.version) == (scorer.card.name, scorer.card.version)
    texts = ["", "🙂", "\ud800", "\0", "١٢٣", "كتاب جديد", "x" * 1_000_000, "a\n" * 1000]
    scores = scorer.score(texts)
    columns = len(scorer.card.scores)
    assert scores.shape == (len(texts), columns)
    assert np.isfinite(scores).all()
    assert not scores[:2].any()
    assert scorer.score([]).shape == (0, columns)
