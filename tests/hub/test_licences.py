"""The licence chain: what is refused, and what a model is under."""

import pytest

from tahdhib.errors import RecipeError
from tahdhib.hub.licences import TERMS, Link, check, parts, stated


def link(*licences: str, name: str = "raw") -> Link:
    return Link(name, "corpus", licences, "its card")


def test_one_licence_of_all_sources_is_the_model_s() -> None:
    assert check([link("cc-by-sa-4.0"), link("cc-by-sa-4.0", name="native")], None) == (
        "cc-by-sa-4.0"
    )


def test_a_statement_can_name_several() -> None:
    assert parts("CC-BY-4.0 AND MIT") == ("cc-by-4.0", "mit")
    assert check([link(*parts("CC-BY-4.0 AND MIT"))], "Apache-2.0") == "apache-2.0"


@pytest.mark.parametrize(
    ("links", "model", "said"),
    [
        ([link()], "mit", r"raw \(corpus\): its licence is unknown; stated by its card: none"),
        ([link("other")], "mit", r"unknown; stated by its card: 'other'\.\nState .* raw=ID; known"),
        ([link("cc-by-nd-4.0")], "mit", "cc-by-nd-4.0 forbids to pass on what is made of it"),
        ([link("cc-by-nc-4.0")], "mit", "reserves commercial use, and --licence says mit"),
        ([link("llama3", name="base")], "mit", "llama3 goes with every model made of it"),
        ([link("mit"), link("cc-by-4.0")], None, "under cc-by-4.0, mit, and nothing says what"),
        ([link("own")], None, "State it with --licence"),
    ],
)
def test_what_may_not_leave(links: list[Link], model: str | None, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        check(links, model)


def test_every_fault_is_told() -> None:
    with pytest.raises(RecipeError) as raised:
        check([link(), link("cc-by-nd-4.0", name="native")], "mit")
    assert "raw (corpus)" in str(raised.value) and "native (corpus)" in str(raised.value)


def test_reserved_use_stays_reserved() -> None:
    assert check([link("cc-by-nc-4.0"), link("mit")], "cc-by-nc-sa-4.0") == "cc-by-nc-sa-4.0"
    assert check([link("llama3"), link("mit")], "llama3") == "llama3"
    assert TERMS["cc-by-nc-sa-4.0"] == "non-commercial"


def test_a_statement_needs_both_sides() -> None:
    assert stated(["raw=mit", "base.native=CC0-1.0"]) == {"raw": "mit", "base.native": "CC0-1.0"}
    with pytest.raises(RecipeError, match="expected LINK=ID"):
        stated(["mit"])
