from tahdhib.workers.edit.units import units
from tahdhib.workers.edit.windows import CLS_ID, Window, windows


def _windows(text: str, max_tokens: int) -> tuple[list[str], list[Window]]:
    cut = units(text)
    pieces = [[7] if unit.text else [] for unit in cut]
    made = list(windows(cut, pieces, max_tokens))
    texts = [
        "".join(unit.text for unit in cut[w.first_unit : w.first_unit + len(w.heads)]) for w in made
    ]
    return texts, made


def test_a_short_text_is_one_window_whose_cls_is_its_start() -> None:
    texts, (window,) = _windows("كان اول رئيس", 16)
    assert texts == ["كان اول رئيس"]
    assert window == Window([CLS_ID, 7, 7, 7], [0, 1, 2, 3], 0)


def test_windows_end_after_lines_then_sentences_then_anywhere() -> None:
    assert _windows("a b\nc d e f", 7)[0] == ["a b\n", "c d e f"]
    assert _windows("a b. c d e f", 7)[0] == ["a b.", " c d e f"]
    assert _windows("a b c d e f", 4)[0] == ["a b c", " d e f"]


def test_windows_cover_every_unit_once_and_keep_the_limit() -> None:
    text = "كلمة. " * 500 + "\nسطر\n" * 20
    texts, made = _windows(text, 20)
    assert "".join(texts) == text
    assert max(len(window.ids) for window in made) <= 20


def test_a_unit_with_more_pieces_than_room_is_a_window_of_its_own() -> None:
    cut = units("a b")
    made = list(windows(cut, [[], [7] * 8, [7]], 4))
    assert [window.first_unit for window in made] == [0, 1, 2]


def test_an_empty_text_is_one_window() -> None:
    assert _windows("", 16)[1] == [Window([CLS_ID], [0], 0)]
