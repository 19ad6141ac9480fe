"""Edits of clean are edits of the source, and hits are told by their place in it."""

from hypothesis import given
from hypothesis import strategies as st

from tahdhib.records import Edit, Span
from tahdhib.stages.clean.tidy import Tidied, place_in_source, without_personal_data
from tahdhib.text.edits import apply, removals


def test_personal_data_after_boilerplate_is_one_list_of_edits():
    source = "Menu\nWrite to ann@example.org today.\nMenu\n"
    cut = removals([Span(0, 5, "boilerplate"), Span(37, 42, "boilerplate")], "clean:boilerplate")
    tidied = without_personal_data(Tidied(apply(source, cut), cut), ("email",))
    assert tidied.text == "Write to ⟦email⟧ today.\n"
    assert apply(source, tidied.edits) == tidied.text
    assert [edit.by for edit in tidied.edits] == [
        "clean:boilerplate",
        "clean:email",
        "clean:boilerplate",
    ]


def test_no_kinds_change_nothing():
    assert without_personal_data(Tidied("ann@example.org", ()), ()) == Tidied("ann@example.org", ())


@given(st.text(st.sampled_from("abcde\n"), min_size=1, max_size=40), st.data())
def test_places_lead_back_to_the_source(source, data):
    places = st.integers(0, len(source))
    borders = sorted(data.draw(st.lists(places, max_size=6, unique=True)))
    spans = [Span(a, b, "") for a, b in zip(borders[::2], borders[1::2], strict=False)]
    edits = removals(spans, "x")
    text = apply(source, edits)
    for place, letter in enumerate(text):
        start = place_in_source(place, edits)
        end = place_in_source(place + 1, edits, is_end=True)
        assert source[start] == letter == source[end - 1]
    assert all(isinstance(edit, Edit) for edit in edits)
