import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.text.fold import fold, match_form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("كَتَبَ الوَلَدُ الدَّرْسَ", "كتب الولد الدرس"),
        ("كـــتاب", "كتاب"),
        ("أحمد إلى آخر ٱلدار", "احمد الى اخر الدار"),
        ("مسؤول وشيئان", "مسوول وشييان"),
        ("ﻻ ﻷحد ﷺ", "لا لأحد صلى الله عليه وسلم"),
        ("ﻣﺤﻤﺪ", "محمد"),
        ("می\u200cخواهم", "ميخواهم"),
        ("الكتاب،والقلم!", "الكتاب والقلم"),
        ("سنة ١٩٩٩ و۲۰۰۰", "سنة 1999 و2000"),
        ("Straße CAFÉ", "strasse cafe\u0301"),
        ("  a\t\n b\u00a0 c ", "a b c"),
        ("\u202bنص\u202c\u00ad", "نص"),
        ("שָׁלוֹם", "שלום"),
    ],
)
def test_spellings_of_one_text_are_equal(one, other):
    assert fold(one) == fold(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("على", "علي"), ("مدرسة", "مدرسه"), ("سنة 1999", "سنة 1998"), ("कि", "की"), ("سماء", "سما")],
)
def test_letters_that_carry_meaning_stay_apart(one, other):
    assert fold(one) != fold(other)


def test_scripts_without_spaces_are_cut_into_characters():
    assert fold("日本語です") == "日 本 語 て\u3099 す" or fold("日本語です").split()[:3] == [
        "日",
        "本",
        "語",
    ]


@pytest.mark.parametrize("text", ["😀😀", "❤️", "...", "", " ", "—", "\u200b", "👍🏽", "1️⃣"[1:]])
def test_what_has_no_words_folds_to_nothing(text):
    assert fold(text) == ""


def test_what_folds_to_nothing_is_compared_by_itself():
    texts = ["😀", "😁", "!", "!!", "", " "]
    assert len({match_form(text) for text in texts}) == len(texts)
    assert all(len(match_form(text).split()) == 1 for text in texts)


def test_a_folded_text_cannot_pose_as_one_without_words():
    assert fold(match_form("😀")) != match_form("😀")


@given(st.text())
def test_a_folded_text_has_single_spaces_and_no_marks_of_punctuation(text):
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert not any(unicodedata.category(character)[0] in "PSC" for character in folded)


@given(st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهويىةء ًٌٍَُِّْـأإآؤئ،؟.", max_size=80))
def test_folding_arabic_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
