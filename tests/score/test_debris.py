"""The signs of damage, one by one, and what must not count as one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.score.debris import COUNTS, Debris, bare_lines, control, unbalanced
from tahdhib.score.table import open_scorer

NAMES = [score.name for score in Debris().card.scores]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("markup", 'before <a href="x">after'),
        ("markup", "before </p> after"),
        ("markup", "[b]bold"),
        ("entities", "one&nbsp;two"),
        ("fences", "```\ncode"),
        ("brackets", "an (open bracket"),
        ("brackets", "كلمة» بلا بداية"),
        ("brackets", 'a quote" left over'),
        ("mojibake", "ÇáÓáÇã Úáíßã æÑÍãÉ Çááå æÈÑßÇÊå"),
        ("mojibake", "It was a cafÃ© in the middle of nowhere"),
        ("replaced", "lost \ufffd here"),
        ("replaced", "half \ud800 here"),
        ("control", "a\u202eb"),
        ("control", "a\x07b"),
        ("scaffold", "إليك النص بعد التعديل: كتاب"),
        ("scaffold", "Sure, here is the rewritten text:\nA book."),
        ("repeated", "what!!!!!"),
        ("doubled", "the the book"),
        ("doubled", "في في البيت"),
        ("bare_lines", "first\n---\nsecond"),
    ],
)
def test_each_sign_is_counted_in_its_column(column: str, text: str) -> None:
    scores = Debris().score([text])[0]
    assert scores[NAMES.index(column)] > 0
    assert scores[0] == pytest.approx(scores[1:].sum())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "🙂",
        "A plain sentence (with brackets), and 3 < 5.",
        "نص عربي سليم، فيه «اقتباس» وأرقام ١٢٣.",
        "1) first\n2) second",
        "nice :) and sad :(",
        "می‌خواهم",
        "👨‍👩‍👧",
        "wait... no!!",
        "شيئا فشيئا، كتاب الكتاب",
        "10 10 20",
    ],
)
def test_sound_text_has_none(text: str) -> None:
    assert not Debris().score([text]).any()


@given(st.lists(st.text(st.characters(codec=None)), max_size=4))
def test_any_text_has_finite_rates(texts: list[str]) -> None:
    scores = open_scorer("debris").score(texts)
    assert scores.shape == (len(texts), len(NAMES))
    assert np.isfinite(scores).all()
    assert (scores >= 0).all()


@pytest.mark.parametrize(
    "text",
    [
        "(" * 300_000,
        "x" * 1_000_000,
        "x " * 300_000,
        "a" + " " * 300_000,
        "[b " * 100_000,
        "<" * 100_000,
        "\n" * 50_000,
        "ط§" * 100_000,
        "a(:" * 100_000,
    ],
)
def test_no_text_takes_for_ever(no_hang: None, text: str) -> None:
    Debris().score([text])


def test_small_counts() -> None:
    assert unbalanced("([)]") == 2
    assert unbalanced("(a [b] c)") == 0
    assert control("tab\tand\nline") == 0
    assert bare_lines("only\n\n") == 0
    assert len(COUNTS) == len(NAMES) - 1
