"""Modality, names, and coverage of sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.score.preservation.coverage import coverage
from tahdhib.score.preservation.modality import modalities
from tahdhib.score.preservation.names import compare_names

NEWS = (
    "افتتح الوزير المدرسة الجديدة في الرياض صباح أمس. وقال إن العمل بدأ قبل ثلاث سنوات. "
    "ويدرس في المدرسة خمسمئة طالب من أحياء المدينة."
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("يجب أن نذهب", {"must": 1}),
        ("قد يكون هذا صحيحا", {"may": 1}),
        ("قد كان هذا صحيحا", {}),
        ("لازم تيجي", {"must": 1}),
        ("ولا بد من ذلك", {"must": 1}),
        ("لا بد من ذلك", {"must": 1}),
        ("You have to go", {"must": 1}),
        ("I have a car", {}),
        ("maybe it will", {"may": 1, "will": 1}),
    ],
)
def test_modality(text: str, found: dict[str, int]) -> None:
    assert modalities(text) == found


@pytest.mark.parametrize(
    ("source", "rewrite"),
    [
        ("قال محمود إن أحمد غائب", "قال محمود إن احمد غائب"),
        ("التقى عبد الله بالوزير", "التقى عبدالله بالوزير"),
        ("سافر إلى مصر", "سافر لمصر"),
        ("the capital of syria", "The capital of Syria"),
        ("I met Mohammed there", "I met Muhammad there"),
        ("سافر إلى فرنسا وعاد من فرنسا", "سافر إلى فرنسا وعاد منها"),
    ],
)
def test_spellings_of_a_name(source: str, rewrite: str) -> None:
    found = compare_names(source, rewrite)
    assert found.total
    assert not found.lost
    assert not found.came


@pytest.mark.parametrize(
    ("source", "rewrite", "lost", "came"),
    [
        ("سافر إلى مصر", "سافر إلى تونس", ("مصر",), ("تونس",)),
        ("we saw Clara and Peter", "we saw Clara and Hubert", ("peter",), ("hubert",)),
        ("وصل السيد بركات", "وصل السيد نعمان", ("بركات",), ("نعمان",)),
        ("قال عبد العزيز ذلك", "قال عبد الكريم ذلك", ("عبدالعزيز",), ("عبدالكريم",)),
        ("زار لبنان ثم لبنان", "زار لبنان ثم العراق", ("لبنان",), ("عراق",)),
    ],
)
def test_another_name(
    source: str, rewrite: str, lost: tuple[str, ...], came: tuple[str, ...]
) -> None:
    found = compare_names(source, rewrite)
    assert tuple(name.removeprefix("ال") for name in found.lost) == lost
    assert tuple(name.removeprefix("ال") for name in found.came) == came


def test_a_dropped_sentence_is_a_cut() -> None:
    first, second, third = NEWS.split(". ")
    found = coverage(NEWS, f"{first}. {third}")
    assert found.least_kept < 0.5
    assert found.cut >= 4
    assert found.backed == 1.0
    assert found.added == 0
    turned = coverage(f"{first}. {third}", NEWS)
    assert turned.added == found.cut
    assert second


def test_sentences_may_be_moved_split_and_joined() -> None:
    first, second, third = NEWS.split(". ")
    for other in (f"{third} {second}. {first}.", NEWS.replace(". ", "، "), NEWS.replace(" ", "\n")):
        found = coverage(NEWS, other)
        assert found.kept == found.backed == 1.0
        assert found.cut == found.added == 0


def test_abuse_is_not_owed() -> None:
    assert coverage("you are a fucking liar about taxes", "you are a liar about taxes").kept == 1.0


@given(st.text(max_size=120), st.text(max_size=120))
def test_shares_are_shares(source: str, rewrite: str) -> None:
    found = coverage(source, rewrite)
    assert all(0 <= share <= 1 for share in found[:4])
    same = coverage(source, source)
    assert same[:4] == (1.0, 1.0, 1.0, 1.0)
    assert same[4:] == (0, 0)
