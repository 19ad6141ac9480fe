"""What a text denies, in standard Arabic, the dialects and English."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.score.preservation.negation import flips, polarity


@pytest.mark.parametrize(
    "text",
    [
        *("لا أعرف", "ولم يقل", "فلن يعود", "ليست صحيحة", "غير صحيح", "الهجرة غير الشرعية"),
        *("من دون خوف", "بدون سكر", "عدم الحضور", "مش عارف", "مو صحيح", "ما بعرف ليش"),
        *("ما عندوش فلوس", "ماتخافش", "مافيش حد", "والله ما قلت شي", "ما في مشكلة", "لايوجد حل"),
        *("I do not know", "don't go", "you dont know", "we ca n't", "they don 't", "no one came"),
        *("without sugar", "he never came", "I cannot"),
        *("الصحبة الغير صالحة", "مالا تستطيع", "ليسو من بلدي", "يجب ألا يحدث", "مالم يحدث"),
    ],
)
def test_one_negation(text: str) -> None:
    assert polarity(text).negations == 1


@pytest.mark.parametrize(
    "text",
    [
        *("ما يحدث في البلد", "هذا ما حدث", "ما هو اسمك", "كل ما تعرفه", "ما يزيد عن مئة"),
        *("اتحاد الكرة", "لاتحاد الكرة", "شهر مايو", "يناقش", "إنما يقول"),
        *("knot", "note", "a notable man", "كسب مالا كثيرا", "إلا الأول"),
    ],
)
def test_no_negation(text: str) -> None:
    assert polarity(text).negations == 0


@pytest.mark.parametrize(
    ("source", "rewrite"),
    [
        ("لم يحضر الوزير الاجتماع", "حضر الوزير الاجتماع ولم يتكلم, يحضر"),
        ("أنا مش عارف الحل", "أنا عارف الحل"),
        ("القرار صحيح", "القرار غير صحيح"),
        ("ما بعرف الجواب", "بعرف الجواب"),
        ("لا يوجد حل", "يوجد حل"),
        ("He is not guilty", "He is guilty"),
        ("You should go", "You shouldn't go"),
        ("an unlucky man", "a lucky man"),
    ],
)
def test_a_flip_is_seen_both_ways(source: str, rewrite: str) -> None:
    assert flips(source, rewrite).stems
    assert flips(rewrite, source) == flips(source, rewrite)


@pytest.mark.parametrize(
    ("source", "rewrite"),
    [
        ("that was stupid", "that was not smart"),
        ("هذا كلام غبي", "هذا كلام غير لائق"),
        ("لا يوجد حل لهذا", "لايوجد حل لهذا"),
        ("they don't care about it", "they do not care about it"),
        ("ليس هذا صحيحا. وصل أمس", "وصل أمس"),
        ("a field not related to ours", "a field unrelated to ours"),
        ("تصل المقاطع الغير أخلاقية", "تصل المقاطع غير أخلاقية"),
        ("\ufefb تفكر كثيرا", "لا تفكر كثيرا"),
    ],
)
def test_other_words_are_no_flip(source: str, rewrite: str) -> None:
    assert not flips(source, rewrite).stems


@given(st.text(max_size=80), st.text(max_size=80))
def test_flips_are_symmetric(one: str, other: str) -> None:
    assert flips(one, other) == flips(other, one)
    assert not flips(one, one).stems
