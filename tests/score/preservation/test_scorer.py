"""The scorer of pairs as others open it: columns, bounds, identity, hostile texts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.rewrite import rewrite
from tahdhib.errors import RecipeError
from tahdhib.score.table import PAIR_SCORERS, open_pair_scorer

HOSTILE = ("", "🙂", "\ud800", "\0", "١٢٣", "لا", "كتاب جديد.", "a\n" * 1000, "x" * 1_000_000)
LOCAL = ("preservation",)
LETTERS = str.maketrans("0123456789", "ghijklmnop")


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


ARABIC = (
    "قال الوزيرُ  أحمد إنّ ١٬٢٥٠ مدرسـة لم تفتح بعد سنتين ، وقد يتأخر بعضها حتى 5 يوليو 2015 "
    "!!! والتفاصيل على http://example.org/a"
)
ENGLISH = (
    'Mr. Carter  said that twelve schools didn\'t open, and "must" close by 3 May 2019, 20 km away.'
)
WORDED = ("chrf", "length")


@pytest.mark.parametrize(
    ("source", "rewrite"),
    [
        (ARABIC, ARABIC.replace("  ", " ").replace(" ،", "،").replace("!!!", "!")),
        (ARABIC, ARABIC.replace("ـ", "").replace("ُ", "").replace("ّ", "")),
        (ARABIC, ARABIC.replace("١٬٢٥٠", "1250").replace("أحمد", "احمد")),
        (ARABIC, ARABIC.replace("مدرسـة", "مدرسه").replace("سنتين", "سنتان")),
        (ENGLISH, ENGLISH.replace("  ", " ").replace("didn't", "didn’t")),
        (ENGLISH, ENGLISH.replace('"', "").replace("twelve", "12")),
        (ENGLISH, ENGLISH.upper().lower()),
    ],
)
def test_tidying_keeps_full_marks(source: str, rewrite: str) -> None:
    scorer = open_pair_scorer("preservation")
    names = [score.name for score in scorer.card.scores]
    found = dict(zip(names, scorer.compare([source], [rewrite])[0], strict=True))
    facts = {name for name in found if name not in ("preservation", *WORDED)}
    spelt = {"kept", "backed", "least_kept", "least_backed", "uncut", "unpadded"}
    lost = {name: found[name] for name in facts - spelt if found[name] < 1}
    assert not lost
    assert found["preservation"] > 0.9


def test_what_the_rules_tidy_keeps_full_marks() -> None:
    conduct = load_conduct("default")
    source = "وصل  الوزير\u0640\u0640 إلى الرياض ،، يوم الأحد !!!!! وقال   : لم يتأخر أحد سنتين ."
    done = rewrite(source, conduct).text
    assert done != source
    scorer = open_pair_scorer("preservation")
    names = [score.name for score in scorer.card.scores]
    found = dict(zip(names, scorer.compare([source], [done])[0], strict=True))
    assert {name for name in found if found[name] < 1} <= set(WORDED) | {"preservation"}


@given(text=st.text(max_size=120), other=st.text(max_size=120))
@settings(max_examples=100, deadline=None)
def test_facts_are_the_same_both_ways(text: str, other: str) -> None:
    scorer = open_pair_scorer("preservation")
    names = [score.name for score in scorer.card.scores]
    there, back = scorer.compare([text, other], [other, text])
    for name in ("numbers", "units", "dates", "links", "names", "negation", "modality", "length"):
        at = names.index(name)
        assert there[at] == pytest.approx(back[at])


def test_a_text_of_names_alone_comes_to_an_end(no_hang: None) -> None:
    one = "we saw " + " and ".join(f"A{number:x}b".translate(LETTERS) for number in range(20_000))
    other = one.replace("a", "o")
    scores = open_pair_scorer("preservation").compare([one], [other])
    assert np.isfinite(scores).all()


def test_the_card_says_how_well_each_fact_is_told() -> None:
    card = open_pair_scorer("preservation").card
    names = {score.name for score in card.scores}
    assert {one.score for one in card.measured} <= names
    for fact in ("numbers", "links", "names", "negation", "modality"):
        for language in card.languages:
            found = [o for o in card.measured if (o.score, o.language) == (fact, language)]
            assert found, f"{fact} was never measured in {language}"
            assert card.holds(language, fact)
