"""What may stand behind an adapter's name."""

import pytest

from tahdhib.errors import RecipeError
from tahdhib.score.adapters.argument import number, parse_argument
from tahdhib.score.adapters.stretches import stretches


def parse(argument: str) -> object:
    return parse_argument("judge", argument, ("calls", "endpoint"), "judge:gpt-4o?calls=9")


def test_a_model_and_options() -> None:
    assert parse("a/b") == ("a/b", {})
    assert parse("a:b?calls=5&endpoint=http://x:1/v1") == (
        "a:b",
        {"calls": "5", "endpoint": "http://x:1/v1"},
    )


@pytest.mark.parametrize(
    "argument", ["", "?calls=5", "m?calls", "m?strange=1", "m?calls=1&calls=2"]
)
def test_anything_else_is_refused(argument: str) -> None:
    with pytest.raises(RecipeError, match="judge"):
        parse(argument)


@pytest.mark.parametrize("text", ["x", "", "nan", "-1", "11", "inf"])
def test_numbers_have_bounds(text: str) -> None:
    with pytest.raises(RecipeError, match="calls is"):
        number("judge", "calls", text, 0, 10)


def test_stretches_hold_all_of_a_text() -> None:
    assert stretches("") == stretches(" \n") == []
    assert stretches("\ud800") == ["?"]
    text = "word " * 5000
    cut = stretches(text, 100)
    assert all(0 < len(one) <= 100 for one in cut)
    assert " ".join(cut).split() == text.split()
    assert "".join(stretches("x" * 1000, 100)) == "x" * 1000
