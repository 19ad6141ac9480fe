"""Edits as a model writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.conduct.protocol import Unusable
from tahdhib.workers.causal.quoted import applied, quoted

TEXTS = st.text("ab \n\\-+,.نص", max_size=24)
ANSWERS = st.one_of(st.text("<edits>/\n-+\\na", max_size=40), st.text(max_size=40))


@given(TEXTS, TEXTS)
def test_edits_lead_to_the_rewrite(source: str, rewrite: str) -> None:
    assert applied(quoted(source, rewrite), source) == rewrite


@given(ANSWERS, TEXTS)
def test_no_answer_breaks_it(answer: str, source: str) -> None:
    assert isinstance(applied(answer, source), str | Unusable)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=3), TEXTS)
def test_what_is_quoted_must_stand_there(edits: list[tuple[str, str]], source: str) -> None:
    lines = "\n".join(f"-{old}\n+{new}" for old, new in edits)
    made = applied(f"<edits>\n{lines}\n</edits>", source)
    if isinstance(made, str):
        assert source == "" or all(old for old, _ in edits)


def test_a_repeated_word_is_quoted_with_its_neighbours() -> None:
    source = "قال قال الرجل قال"
    assert quoted(source, "قال قال الرجل") == "<edits>\n-الرجل قال\n+الرجل\n</edits>"
    assert quoted(source, "قال الرجل قال") == "<edits>\n-قال \n+\n</edits>"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "broken_edits"),
        ("<edits>\n</edits", "broken_edits"),
        ("<edits>\n-a\n</edits>", "broken_edits"),
        ("<edits>\n+b\n-a\n</edits>", "broken_edits"),
        ("<edits>\n-\n+b\n</edits>", "broken_edits"),
        ("<edits>\n-\\t\n+b\n</edits>", "broken_edits"),
        ("<edits>\n-a\\\n+b\n</edits>", "broken_edits"),
        ("<edits>\n-c\n+b\n</edits>", "no_such_words"),
        ("<edits>\n-b\n+c\n-a\n+d\n</edits>", "no_such_words"),
        ("<edits>\n-a\n+b\n</edits> done", "broken_edits"),
    ],
)
def test_unreadable_edits_say_why(answer: str, reason: str) -> None:
    made = applied(answer, "a b")
    assert isinstance(made, Unusable) and made.reason == reason


def test_white_space_around_the_edits_is_none_of_theirs() -> None:
    assert applied("\n<edits>\n-a\n+c\n</edits>\n", "a b") == "c b"
