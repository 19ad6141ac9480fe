"""Which rules are in force for a text, and that nothing else has a say in what becomes of it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.in_force import Telling, acting_on, in_force
from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.prompt import system_prompt
from tahdhib.conduct.rewrite import removable, rewrite
from tahdhib.conduct.told import user_prompt
from tests.conduct.test_rewrite import PIECES

DEFAULT = load_conduct("default")
MATCHED = [rule.id for rule in DEFAULT.rules if rule.matcher]
CHANGES = ("remove", "drop", "keep its lines", "rename")


def changed(conduct: Conduct, rule_id: str, how: str) -> Conduct:
    rules = []
    for rule in conduct.rules:
        if rule.id != rule_id:
            rules.append(rule)
        elif how == "drop":
            rules.append(replace(rule, action="drop"))
        elif how == "keep its lines":
            rules.append(replace(rule, removes=not rule.removes))
        elif how == "rename":
            rules.append(replace(rule, id=f"{rule.id}-2"))
    return replace(conduct, rules=tuple(rules), hash="another")


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
    st.sampled_from(MATCHED),
    st.sampled_from(CHANGES),
)
def test_equal_stamps_are_equal_rewrites(text: str, rule_id: str, how: str) -> None:
    other = changed(DEFAULT, rule_id, how)
    for old, new in ((DEFAULT, other), (other, DEFAULT)):
        before, after = rewrite(text, old), rewrite(text, new)
        stamps = [in_force(c, acting_on(text, c), None).hash for c in (old, new)]
        if stamps[0] == stamps[1]:
            assert (before, removable(text, old)) == (after, removable(text, new))
            assert before.acting == after.acting
        assert {edit.by for edit in before.edits} <= set(before.acting)
        assert {span.kind for span in removable(text, old)} <= set(before.acting)


def test_a_rule_that_finds_nothing_is_not_in_force() -> None:
    text = "افتُتحت المكتبة عام 1995، وتضم نحو مئة ألف كتاب."
    assert acting_on(text, DEFAULT) == ()
    stamp = in_force(DEFAULT, (), None).hash
    for rule_id in MATCHED:
        assert in_force(changed(DEFAULT, rule_id, "remove"), (), None).hash == stamp
    assert acting_on("كتـــاب على جوال 0506314341", DEFAULT) == ("mask-contacts", "remove-tatweel")


def test_wordings_decide_nothing_without_a_model_and_everything_with_one(
    conduct: Conduct,
) -> None:
    text = "كتـــاب"
    first = conduct.rules[0]
    reworded = replace(
        conduct,
        rules=(replace(first, wording={**first.wording, "ar": "غيره"}), *conduct.rules[1:]),
        hash="another",
    )
    acting = acting_on(text, conduct)
    assert in_force(conduct, acting, None) == in_force(reworded, acting, None)
    before, after = Telling(conduct, None).of(text), Telling(reworded, None).of(text)
    assert in_force(conduct, acting, before).hash != in_force(reworded, acting, after).hash
    assert before.rules == after.rules == ("tatweel", "quotes", "spam")


def test_words_in_a_language_that_is_not_told_cost_nothing(conduct: Conduct) -> None:
    first = conduct.rules[0]
    reworded = replace(
        conduct,
        version="2",
        rules=(replace(first, wording={**first.wording, "en": "Else."}), *conduct.rules[1:]),
        hash="another",
    )
    for text, is_equal in (("كتـــاب", True), ("a book", False)):
        before, after = (Telling(one, None).of(text) for one in (conduct, reworded))
        asked = [
            (system_prompt(one.conduct, one.language), user_prompt(text, one.conduct, one.language))
            for one in (before, after)
        ]
        assert (asked[0] == asked[1]) is is_equal


@pytest.mark.parametrize("text", ["", "😀", "\ud800", "ا" * 100_000, "⟦verse⟧", "\u202eabc"])
def test_hostile_texts_are_told_something(text: str) -> None:
    told = Telling(DEFAULT, 3).of(text)
    assert len(told.rules) == 3 + 8
    assert in_force(DEFAULT, acting_on(text, DEFAULT), told).told == told.rules
