"""Cutting text loses no character, and keeps what belongs together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.text.segment import lines, sentences, tokens, words


@given(st.text())
def test_the_pieces_joined_are_the_text(text: str) -> None:
    for cut in (tokens, sentences, lines):
        pieces = cut(text)
        assert "".join(piece.text for piece in pieces) == text
        assert all(text[piece.start : piece.end] == piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("كِتَابٌ جديد", ["كِتَابٌ", "جديد"]),
        ("مـحـمـد", ["مـحـمـد"]),
        ("می‌خواهم", ["می‌خواهم"]),
        ("don't stop", ["don't", "stop"]),
        ("١٬٢٣٤٫٥ ريال", ["١٬٢٣٤٫٥", "ريال"]),
        ("في 2015/07/21 مساء", ["في", "2015/07/21", "مساء"]),
        ("قال: «نعم»، ثم سكت.", ["قال", "نعم", "ثم", "سكت"]),
    ],
)
def test_words_are_words(text: str, expected: list[str]) -> None:
    assert [word.text for word in words(text)] == expected


def test_sentences_end_at_arabic_marks_and_newlines() -> None:
    cut = [piece.text for piece in sentences("هل جاء؟ نعم. \nعنوان\nقيمته 3.5 فقط")]
    assert cut == ["هل جاء؟ ", "نعم. \n", "عنوان\n", "قيمته 3.5 فقط"]


@pytest.mark.parametrize(
    "whole",
    [
        "https://example.org/a?b=1",
        "info.eg@example.com",
        '<p class="x">',
        "</p>",
        "&nbsp;",
        "&#8230;",
    ],
)
def test_links_addresses_tags_and_entities_are_one_token(whole: str) -> None:
    assert whole in [token.text for token in tokens(f"قبل {whole} بعد")]


def test_runs_of_a_mark_are_one_token() -> None:
    assert [token.text for token in tokens("لا!!!...")] == ["لا", "!!!", "..."]
