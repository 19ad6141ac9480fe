"""The rules that matter for a document come first."""

from dataclasses import replace

import pytest

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.guidelines import Guidelines
from tahdhib.conduct.load import load_conduct

SAUDI = load_conduct("saudi")
ALWAYS = (
    "keep-what-is-right",
    "keep-language",
    "keep-information",
    "keep-sacred-text",
    "change-least",
    "fix-language",
    "format-with-markdown",
    "correct-facts",
)


def test_what_no_text_can_show_to_matter_is_always_told_and_k_others() -> None:
    for k in (1, 5, 100):
        told = Guidelines(SAUDI, k).told("نص عن السوق والناس في المدينة")
        assert set(ALWAYS) <= set(told)
        assert len(told) == min(len(SAUDI.rules), len(ALWAYS) + k)
        order = [rule.id for rule in SAUDI.rules]
        assert list(told) == sorted(told, key=order.index)


def test_a_matcher_that_finds_something_comes_first() -> None:
    found = Guidelines(SAUDI, 2).ranked("نص طويل عن الخمور والنبيذ، اتصل على جوال 0506314341")
    assert found[0] == "mask-contacts"
    assert found[1] == "respect-alcohol-ban"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("شربوا الخمر في الحانة حتى الصباح", "respect-alcohol-ban"),
        ("She promised that wine and beer make every evening better.", "respect-alcohol-ban"),
        ("لماذا تلبسين الحجاب والعباءة اليوم؟", "respect-dress"),
        ("Missionaries asked them to convert and be baptised in the church.", "no-proselytising"),
    ],
)
def test_words_in_other_forms_are_found(text: str, rule: str) -> None:
    assert rule in Guidelines(SAUDI, 3).ranked(text)[:3]


def test_cues_are_evidence_and_are_not_told(conduct: Conduct) -> None:
    spam = conduct.rules[2]
    cued = replace(conduct, rules=(*conduct.rules[:2], replace(spam, cues={"en": ("lottery",)})))
    text = "You have won the lottery"
    assert Guidelines(conduct, 1).ranked(text)[0] == "tatweel"
    assert Guidelines(cued, 1).ranked(text)[0] == "spam"


def test_no_rule_and_one_rule(conduct: Conduct) -> None:
    assert Guidelines(replace(conduct, rules=()), 3).told("x") == ()
    assert Guidelines(replace(conduct, rules=conduct.rules[:1]), 3).told("x") == ("tatweel",)
