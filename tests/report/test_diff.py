from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.records import Edit
from tahdhib.report.diff import changes, excerpt
from tahdhib.text.edits import apply, settle


def test_a_cut_inside_a_word_shows_the_whole_word() -> None:
    source = "شيء جميييييل جدا"
    start = source.index("ييييي")
    change = changes(source, [Edit(start + 1, start + 5, "", "rule")])
    assert [(one.before, one.after) for one in change] == [("جميييييل", "جميل")]


def test_edits_in_one_word_melt_and_keep_both_owners() -> None:
    (change,) = changes("abcdef", [Edit(0, 1, "x", "one"), Edit(3, 4, "y", "two")])
    assert (change.before, change.after, change.by) == ("abcdef", "xbcyef", ("one", "two"))


def test_a_word_that_grows_is_shown_whole() -> None:
    (change,) = changes("go home", [Edit(2, 2, "ing", "rule")])
    assert (change.before, change.after) == ("go", "going")


def test_edits_that_do_not_fit_are_passed_over() -> None:
    found = changes(
        "abc def", [Edit(4, 7, "x", "one"), Edit(0, 3, "y", "two"), Edit(5, 99, "", "")]
    )
    assert [change.by for change in found] == [("one",)]


def test_a_short_document_is_shown_whole() -> None:
    source = "one two three four"
    pieces = excerpt(source, [Edit(4, 7, "2", "rule")]).pieces
    assert [(piece.kind, piece.text, piece.after) for piece in pieces] == [
        ("same", "one ", ""),
        ("change", "two", "2"),
        ("same", " three four", ""),
    ]


def test_a_long_document_is_cut_around_its_changes() -> None:
    source = "word " * 2000
    edits = [Edit(start, start + 4, "new", "rule") for start in range(0, 9000, 450)]
    shown = excerpt(source, edits, limit=600)
    size = sum(len(piece.text) + len(piece.after) for piece in shown.pieces)
    assert size < 900
    assert shown.left_out > 0
    assert any(piece.kind == "gap" for piece in shown.pieces)


def test_a_long_deletion_shows_head_and_tail() -> None:
    source = "start " + "advert " * 500 + "end"
    shown = excerpt(source, [Edit(6, 6 + 3500, "", "rule")], limit=600)
    assert sum(len(piece.text) for piece in shown.pieces) < 400


def test_a_line_that_goes_ends_its_line() -> None:
    pieces = excerpt("share\nbody", [Edit(0, 6, "", "rule")]).pieces
    assert [piece.text for piece in pieces] == ["share⏎", "\n", "body"]


def test_a_document_without_edits_shows_its_beginning() -> None:
    shown = excerpt("word " * 1000, [])
    assert shown.pieces[-1].kind == "gap"
    assert len(shown.pieces[0].text) <= 601


_TEXT = st.text(alphabet="ab ين\n.!1ـ", max_size=60)


@given(_TEXT, st.data())
@settings(max_examples=200, deadline=None)
def test_changes_lead_from_source_to_rewrite(source: str, data: st.DataObject) -> None:
    spots = st.integers(0, len(source))
    drawn = data.draw(st.lists(st.tuples(spots, spots, _TEXT), max_size=4))
    edits = settle(source, [Edit(min(a, b), max(a, b), new, "x") for a, b, new in drawn])
    widened = [Edit(one.start, one.end, one.after, "x") for one in changes(source, edits)]
    assert apply(source, widened) == apply(source, edits)
    assert all(source[one.start : one.end] == one.before for one in changes(source, edits))
