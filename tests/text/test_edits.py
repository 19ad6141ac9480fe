"""Edits rebuild what they came from: applied, chained, settled, read off two texts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.records import Edit
from tahdhib.text.edits import apply, attributed_diff, compose, diff, settle

TEXT = st.text(alphabet="ab ؟.\nسل 1ـ", max_size=30)


@st.composite
def edits_of(draw: st.DrawFn, text: str, by: str) -> tuple[Edit, ...]:
    """A normal list of edits of `text`."""
    candidates = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 4)))
        candidates.append(Edit(start, end, draw(st.text("xyz", max_size=3)), by))
    return settle(text, candidates)


@settings(max_examples=800)
@given(st.data())
def test_a_chained_list_does_what_both_passes_do(data: st.DataObject) -> None:
    text = data.draw(TEXT)
    first = data.draw(edits_of(text, "first"))
    middle = apply(text, first)
    second = data.draw(edits_of(middle, "second"))
    chained = compose(first, second)
    assert apply(text, chained) == apply(middle, second)
    assert {edit.by for edit in chained} <= {"first", "second"}


@given(TEXT, TEXT)
def test_a_difference_leads_from_one_text_to_the_other(source: str, target: str) -> None:
    edits = diff(source, target, "x")
    assert apply(source, edits) == target
    assert settle(source, edits) == edits


@given(st.data())
def test_settled_edits_are_normal(data: st.DataObject) -> None:
    text = data.draw(TEXT)
    chosen = data.draw(edits_of(text, "x"))
    ends = [edit.end for edit in chosen]
    starts = [edit.start for edit in chosen]
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    assert all(text[edit.start : edit.end] != edit.new for edit in chosen)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("قتل , عبودية", "قتل، عبودية", (Edit(3, 5, "،", "x"),)),
        ("a\n\nb", "a\nb", (Edit(1, 2, "", "x"),)),
        ("a\nad\nb", "a\nb", (Edit(2, 5, "", "x"),)),
        ("لا لا نعم", "لا نعم", (Edit(0, 3, "", "x"),)),
        ("؟.", "1؟1؟.1", (Edit(0, 0, "1؟1", "x"), Edit(2, 2, "1", "x"))),
    ],
)
def test_a_change_is_told_in_one_way(source: str, target: str, expected: tuple[Edit, ...]) -> None:
    assert diff(source, target, "x") == expected
    more = diff(f"{source} one", f"{target} two", "x")
    assert more[:-1] == expected


def test_a_line_that_goes_takes_its_small_repairs_with_it() -> None:
    first = (Edit(2, 3, "", "tatweel"),)
    second = (Edit(0, 5, "", "line"),)
    assert compose(first, second) == (Edit(0, 6, "", "line"),)


def test_edits_that_only_touch_keep_their_owners() -> None:
    first = (Edit(2, 4, "", "a"),)
    second = (Edit(2, 3, "!", "b"),)
    assert compose(first, second) == (Edit(2, 4, "", "a"), Edit(4, 5, "!", "b"))


def test_the_gap_that_closes_after_a_removal_does_not_own_it() -> None:
    first = (Edit(2, 9, "", "reference"),)
    second = (Edit(1, 3, "", "spacing"),)
    assert compose(first, second) == (Edit(1, 10, "", "reference"),)


def test_a_repair_of_a_repair_belongs_to_the_first() -> None:
    first = (Edit(0, 1, "xyz", "a"),)
    second = (Edit(1, 2, "", "b"),)
    assert compose(first, second) == (Edit(0, 1, "xz", "a"),)


def test_an_edit_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        apply("abc", [Edit(2, 9, "", "x")])
    with pytest.raises(ValueError, match="does not fit"):
        apply("abc", [Edit(1, 3, "", "x"), Edit(2, 3, "", "y")])


def test_a_difference_can_name_who_is_behind_each_edit() -> None:
    edits = attributed_diff("one two", "one 2", lambda start, _end, _new: f"at {start}")
    assert edits == (Edit(4, 7, "2", "at 4"),)
