import pytest

from tahdhib.report.visible import direction, language, shortened, visible, visible_change


@pytest.mark.parametrize(
    "mark", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x00", "\x1b", "\x9b", "\x07", "\r", "\u2028"]
)
def test_acting_characters_are_shown_as_their_codes(mark: str) -> None:
    assert visible(f"a{mark}b") == f"a⟨U+{ord(mark):04X}⟩b"


@pytest.mark.parametrize("mark", ["\n", "\t", "\u200c", "\u200d", "\u200f", "\u064b"])
def test_what_writing_needs_stays(mark: str) -> None:
    assert visible(f"a{mark}b") == f"a{mark}b"


def test_a_change_of_spaces_can_be_seen() -> None:
    assert visible_change("  ", " ") == ("␣␣", "␣")
    assert visible_change("\n\n", "") == ("⏎⏎", "")
    assert visible_change("a\u00a0 b", "a b") == ("a⟨U+00A0⟩␣b", "a␣b")
    assert visible_change(" ،", "، ") == ("␣،", "،␣")
    assert visible_change("\n\n[[x y]]\n", "z") == ("⏎⏎\n[[x y]]⏎", "z")


def test_a_change_of_unseen_marks_only_can_be_seen() -> None:
    assert visible_change("می\u200cخواهم", "میخواهم") == ("می⟨U+200C⟩خواهم", "میخواهم")
    assert visible_change("\u200f", "") == ("⟨U+200F⟩", "")


def test_spelling_marks_stay_in_a_change_that_shows() -> None:
    assert visible_change("می\u200cخواهم", "کتاب")[0] == "می\u200cخواهم"


def test_most_letters_decide_the_direction() -> None:
    assert direction("Cairo: القاهرة عاصمة مصر") == "rtl"
    assert direction("القاهرة is what Cairo is called") == "ltr"
    assert direction("123 !?") == "ltr"


def test_the_script_gives_the_language() -> None:
    assert language("القاهرة") == "ar"
    assert language("Cairo") == "en"
    assert language("123") == "und"


def test_shortened_cuts_at_a_word() -> None:
    assert shortened("one two three", 9) == "one two …"
    assert shortened("one", 9) == "one"
    assert len(shortened("x" * 100, 9)) <= 11
