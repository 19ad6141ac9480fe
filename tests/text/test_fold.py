import gzip
import json
import unicodedata
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.match.shingles import shingles
from tahdhib.text.fold import (
    _CODE_PAGES,
    Folding,
    _fold_characters,
    _tables,
    fold,
    fold_all_lines,
    fold_lines,
    match_form,
)

RUNGS = ("none", "orthographic", "aggressive")
SWITCHES = (False, True)
FOLDINGS = [
    Folding(*each, digits=digits, punctuation=marks)
    for each in (("none", True), *product(RUNGS[1:], SWITCHES))
    for digits, marks in product(SWITCHES, SWITCHES)
]
ARABIC = (
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءأإآؤئٱٲکیگچپ ًٌٍَُِّْـٰ\u0653\u0654\u0655،؟.«»٪"
    "0189٠١٨٩۰۱۹\u200c\u200d\u200f\u00a0\u00ad\n\tﻻﻷﷺﷲﻣﺤﻤﺪﹰﱠ…–aeAÉé\u0301İßſ℃²½😀👍\U0001f3fd日本で\u3099"
)
arabic = st.text(st.sampled_from(ARABIC), max_size=60)
texts = arabic | st.text()
foldings = st.sampled_from(FOLDINGS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("كَتَبَ الوَلَدُ الدَّرْسَ", "كتب الولد الدرس"),
        ("كـــتاب", "كتاب"),
        ("أحمد إلى آخر ٱلدار", "احمد الى اخر الدار"),
        ("مسؤول وشيئان", "مسوول وشييان"),
        ("ﻻ ﻷحد ﷺ", "لا لأحد صلى الله عليه وسلم"),
        ("ﻣﺤﻤﺪ", "محمد"),
        ("ﻣﹷﺤﹹﻤﱠﺪ ﻣﹶﺤﹸﻤ\ufc60ﺪ", "محمد محمد"),
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


@pytest.mark.parametrize(
    ("one", "other"),
    [("على مصطفى", "علي مصطفي"), ("مدرسة", "مدرسه"), ("جميــيييل", "جميل"), ("soooo", "so")],
)
def test_the_aggressive_rung_merges_letter_variants_and_elongations(one, other):
    assert fold(one, Folding("aggressive")) == fold(other, Folding("aggressive"))
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("مددت", "مدت"),
        ("ممثل", "مثل"),
        ("الله", "اله"),
        ("too", "to"),
        ("1000", "10"),
        ("گل", "كل"),
        ("چاه", "جاه"),
        ("سماء", "سما"),
    ],
)
def test_doubled_letters_digits_and_letters_of_other_languages_stay_at_every_rung(one, other):
    assert fold(one, Folding("aggressive")) != fold(other, Folding("aggressive"))


def test_at_the_lowest_rung_words_are_as_they_stand():
    text = "  كَتَبَ أحمد ١٩٩٩\nﻻ Straße\u00a0كـتاب (1999)! "
    assert fold(text, Folding("none", punctuation=False)) == " ".join(text.split())
    assert fold(text, Folding("none")) == "كَتَبَ أحمد ١٩٩٩ ﻻ Straße كـتاب 1999"


def test_hamza_is_a_switch_of_its_own():
    apart = Folding(hamza=False)
    assert fold("أحمد سُئل", apart) == "أحمد سئل"
    assert fold("ا\u0654حمد", apart) == fold("أحمد", apart) != fold("احمد", apart)


@pytest.mark.parametrize("rung", RUNGS)
def test_digits_are_a_switch_of_their_own(rung):
    folding = Folding(rung, digits=True)
    assert fold("سنة ١٩٩٩ 15", folding) == fold("سنة 2024 ٣٧", folding)
    assert fold("12", folding) != fold("123", folding)


@pytest.mark.parametrize("rung", RUNGS)
def test_marks_are_a_switch_of_their_own(rung):
    assert fold("قال: نعم!", Folding(rung)) == "قال نعم"
    assert fold("قال: نعم!", Folding(rung, punctuation=False)) == "قال: نعم!"


@pytest.mark.parametrize("folding", FOLDINGS)
def test_scripts_without_spaces_are_cut_into_characters(folding):
    assert fold("日本語は A", folding).casefold() == "日 本 語 は a"


@pytest.mark.parametrize("text", ["😀😀", "❤️", "...", "", " ", "—", "\u200b", "👍🏽", "1️⃣"[1:]])
def test_what_has_no_words_folds_to_nothing(text):
    assert fold(text) == ""


@pytest.mark.parametrize("folding", FOLDINGS)
def test_what_folds_to_nothing_is_compared_by_itself(folding):
    alone = ["😀", "😁", "😀😀", "!", "!!", "", " ", "\ud800"]
    assert len({match_form(text, folding) for text in alone}) >= len(alone) - 1
    assert all(len(match_form(text, folding).split()) == 1 for text in alone)


@given(texts, foldings)
def test_a_folded_text_cannot_pose_as_one_without_words(text, folding):
    posing = match_form("", folding)
    assert fold(posing, folding) not in (posing, "")
    assert "\ue000" not in fold(text + posing, folding)


@given(texts, foldings)
def test_every_text_has_a_match_form_of_single_spaced_words(text, folding):
    form = match_form(text, folding)
    assert form == " ".join(form.split()) != ""
    assert len(shingles(form, 5)) >= 1


@given(texts, st.sampled_from([each for each in FOLDINGS if each.punctuation]))
def test_a_folded_text_has_no_marks_of_punctuation(text, folding):
    kept = {character for character in fold(text, folding) if character != " "}
    letters = {c for c in kept if unicodedata.category(c)[0] in "PSZC"}
    if folding.rung == "none":  # here a symbol may stand for letters, as ℃ does
        letters = {c for c in letters if unicodedata.normalize("NFKC", c) == c}
        letters = {c for c in letters if unicodedata.category(c) != "Cf"}
    assert not letters


@given(texts, foldings)
def test_folding_twice_changes_nothing(text, folding):
    assert fold(fold(text, folding), folding) == fold(text, folding)


@given(texts, foldings)
def test_a_text_is_folded_alike_the_long_way(text, folding):
    # A letter beyond the code page at the end makes the whole text take the long way.
    assert fold(f"{text} ж", folding) == f"{fold(text, folding)} ж".strip()


@pytest.mark.parametrize("page", _CODE_PAGES)
@given(st.data(), foldings)
def test_a_code_page_changes_nothing(page, data, folding):
    text = data.draw(st.text(st.sampled_from(page.replace("\ufffe", "")), max_size=200))
    if folding.rung != "aggressive":  # there runs of letters go last, whichever way was taken
        assert fold(text, folding) == _fold_characters(text, _tables(folding)[0])
    assert fold(f"{text} ж", folding) == f"{fold(text, folding)} ж".strip()


@given(texts, texts, foldings)
def test_lines_are_folded_each_for_itself(one, other, folding):
    both = f"{fold(one, folding)} {fold(other, folding)}"
    assert fold(f"{one}\n{other}", folding) == both.strip()
    lines = f"{one}\n{other}".split("\n")
    assert fold_lines("\n".join(lines), folding) == [fold(line, folding) for line in lines]


@given(st.lists(texts.map(lambda text: text.replace("ا", "\n").replace("a", "\n"))), foldings)
def test_many_texts_at_once_are_folded_as_each_by_its_lines(many, folding):
    expected = ["\n".join(filter(None, fold_lines(text, folding))) for text in many]
    assert fold_all_lines(many, folding) == expected


@pytest.mark.parametrize(
    "text", ["", "\n", " \n \n", "\x1e", "a\x1eb", "\na \n\n b\n ", "é\nى", "漢"]
)
def test_the_ends_of_texts_stay_apart(text):
    one = "\n".join(filter(None, fold_lines(text)))
    assert fold_all_lines([text, "x", text, "ж"] * 200) == [one, "x", one, "ж"] * 200


@given(arabic, st.booleans(), st.booleans(), st.booleans())
def test_each_rung_merges_whatever_the_one_below_merges(text, hamza, digits, marks):
    low, middle, high = (Folding(rung, hamza, digits, marks) for rung in RUNGS)
    assert fold(fold(text, middle), high) == fold(text, high)
    if "\u0301" not in text and "\u3099" not in text:  # an accent upon a mark has nothing to be on
        assert fold(fold(text, low), middle) == fold(text, middle)


@given(arabic, foldings)
def test_each_switch_merges_whatever_is_merged_without_it(text, folding):
    without_digits = Folding(folding.rung, folding.hamza, False, folding.punctuation)
    without_hamza = Folding(folding.rung, False, folding.digits, folding.punctuation)
    assert fold(fold(text, without_digits), folding) == fold(text, folding)
    assert fold(fold(text, without_hamza), folding) == fold(text, folding)


def test_real_articles_fold_alike_both_ways(shared_data):
    path = shared_data / "raw_saudinewsnet" / "saudinewsnet_0.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        articles = [json.loads(line)["content"] for line, _ in zip(lines, range(60), strict=False)]
    for folding in FOLDINGS:
        folded = [fold(article, folding) for article in articles]
        assert folded == [fold(f"{article} ж", folding)[:-1].strip() for article in articles]
        assert all(folded)
