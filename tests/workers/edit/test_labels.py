import random
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.records import Edit
from tahdhib.text.edits import apply
from tahdhib.workers.edit.labels import (
    DELETE,
    KEEP,
    TRANSFORMATIONS,
    apply_labels,
    labels_of,
    vocabulary,
)
from tahdhib.workers.edit.units import units

TEXT = st.text(alphabet="ab كلـ,\n.،0é\u200b&;A", max_size=25)


def test_units_join_to_the_text_and_take_single_spaces_along() -> None:
    assert [unit.text for unit in units("في  مصر ،\nab ")] == [
        *("", "في", "  ", "مصر", " ،", "\n", "ab", " ")
    ]


@given(TEXT, TEXT)
def test_labels_mined_from_two_texts_give_the_rewrite_back(source: str, rewrite: str) -> None:
    assert "".join(unit.text for unit in units(source)) == source
    edits = apply_labels(units(source), labels_of(source, rewrite), "edit")
    assert apply(source, edits) == rewrite


@pytest.mark.parametrize("seed", range(10))
def test_labels_mined_from_edits_give_the_rewrite_back(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(200):
        source = _text(chance, 25)
        given_edits = _normal_edits(source, chance)
        edits = apply_labels(units(source), labels_of(source, given_edits), "edit")
        assert apply(source, edits) == apply(source, given_edits)
        assert all(a.end < b.start for a, b in pairwise(edits))


def test_keep_everywhere_where_nothing_changes() -> None:
    assert set(labels_of("كان  اول\nرئيس .", "كان  اول\nرئيس .")) == {KEEP}
    assert _edits("كان اول", [KEEP] * 3) == ()


@pytest.mark.parametrize(
    ("source", "rewrite", "labels"),
    [
        ("جمـــيل جدا", "جميل جدا", [KEEP, "STRIP_TATWEEL", KEEP]),
        ("جميييييل جدا", "جميل جدا", [KEEP, "SQUEEZE_LONG_TO_1", KEEP]),
        ("تم !!!!", "تم!", [KEEP, KEEP, "JOIN SQUEEZE_LONG_TO_1"]),
        ("تم ،", "تم،", [KEEP, KEEP, "JOIN"]),
        ("تم،كان", "تم، كان", [KEEP, KEEP, KEEP, "SPACE"]),
        ("في  مصر", "في مصر", [KEEP, KEEP, "ONE_SPACE", KEEP]),
        ("نعم, لا", "نعم، لا", [KEEP, KEEP, "ARABIC_MARKS", KEEP]),
        ("one bad day", "one day", [KEEP, KEEP, DELETE, KEEP]),
        ("bad day", "day", [KEEP, DELETE, KEEP]),
        ("bad day", "Day", [KEEP, DELETE, "CAPITALISE"]),
        (
            "a line\nads here\nb",
            "a line\nb",
            [KEEP, KEEP, KEEP, KEEP, DELETE, DELETE, DELETE, KEEP],
        ),
        ("one b day", "one nice day", [KEEP, KEEP, "REPLACE_nice", KEEP]),
        ("one day", "one day.", [KEEP, KEEP, "APPEND_."]),
        ("day", "a day", ["APPEND_a", "SPACE"]),
        ("two days", "two day", [KEEP, KEEP, "TAIL_1_"]),
        ("two day", "two days", [KEEP, KEEP, "TAIL_0_s"]),
        ("مدرسه", "مدرسة", [KEEP, "TAIL_1_ة"]),
        ("اكبر", "أكبر", [KEEP, "HEAD_1_أ"]),
        ("bad", "sad", [KEEP, "HEAD_1_s"]),
        ("fool", "fan", [KEEP, "REPLACE_fan"]),
    ],
)
def test_mined_labels_say_what_happens(source: str, rewrite: str, labels: list[str]) -> None:
    assert labels_of(source, rewrite) == labels


def test_an_edit_inside_a_word_becomes_a_transformation() -> None:
    assert labels_of("صرااااع", [Edit(3, 6, "", "rule")]) == [KEEP, "SQUEEZE_LONG_TO_1"]


def test_edits_are_as_small_as_their_labels() -> None:
    assert _edits("تم ،", [KEEP, KEEP, "JOIN"]) == (Edit(2, 3, "", "edit"),)
    assert _edits("a b", [KEEP, KEEP, "APPEND_."]) == (Edit(3, 3, ".", "edit"),)
    assert _edits("a b c", [KEEP, DELETE, DELETE, KEEP]) == (Edit(0, 4, "", "edit"),)


@given(st.sampled_from(sorted(TRANSFORMATIONS)), TEXT)
def test_transformations_hold_still_after_once(name: str, text: str) -> None:
    once = TRANSFORMATIONS[name](text)
    assert TRANSFORMATIONS[name](once) == once


def test_vocabulary_begins_with_keep_and_delete_and_drops_the_rare() -> None:
    counts = Counter({"REPLACE_x": 9, KEEP: 100, "APPEND_.": 9, "REPLACE_rare": 1, DELETE: 2})
    assert vocabulary(counts, most=10, least_count=3) == [KEEP, DELETE, "APPEND_.", "REPLACE_x"]
    assert vocabulary(counts, most=3, least_count=3) == [KEEP, DELETE, "APPEND_."]


def _edits(source: str, labels: list[str]) -> tuple[Edit, ...]:
    return apply_labels(units(source), labels, "edit")


def _text(chance: random.Random, longest: int) -> str:
    return "".join(
        chance.choice("ab كلـ,\n.،0é\u200b&;A  ") for _ in range(chance.randint(0, longest))
    )


def _normal_edits(source: str, chance: random.Random) -> tuple[Edit, ...]:
    edits: list[Edit] = []
    position, reach = 0, -1
    while position <= len(source):
        start = chance.randint(position, len(source))
        end = chance.randint(start, min(len(source), start + 6))
        if start > reach or (start == reach and end > start):
            edits.append(Edit(start, end, _text(chance, 6), "teacher"))
            reach = end
        position = max(start + 1, end) + chance.randint(0, 3)
    return tuple(edits)
