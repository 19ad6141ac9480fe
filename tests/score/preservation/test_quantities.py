"""Quantities by value: figures, number words, duals, units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.score.preservation.quantities import measures, quantities, read_quantities


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("خمسة وعشرون ألف ريال", "25 ألف ريال"),
        ("٢٥٬٠٠٠ ريال", "خمسة وعشرين ألف ريال"),
        ("سنتان", "سنتين"),
        ("بعد سنتين", "بعد 2 سنة"),
        ("ثلاثة آلاف وخمسمئة", "3500"),
        ("ثلاث مئة وخمسة عشر كيلومترا", "315 كم"),
        ("٣٫٥ مليون دولار", "3.5 million dollars"),
        ("عشرين بالمئة", "20%"),
        ("اثنا عشر شهرا", "12 months"),
        ("two hundred and fifty thousand people", "250,000 people"),
        ("twenty-five years", "25 years"),
        ("خمستاشر يوم", "15 يوما"),
        ("الدور الثالث", "الدور الـ3"),
    ],
)
def test_one_value_in_two_spellings(one: str, other: str) -> None:
    assert quantities(one) == quantities(other)
    assert measures(one) == measures(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("قتل ثلاثة جنود", "قتل أربعة جنود"),
        ("بعد سنتين", "بعد ثلاث سنوات"),
        ("شاهدت مباراتين", "شاهدت ثلاث مباريات"),
        ("-5 degrees", "5 degrees"),
        ("مئات القتلى", "آلاف القتلى"),
        ("half of them", "a quarter of them"),
        ("3 million", "3 billion"),
    ],
)
def test_two_values(one: str, other: str) -> None:
    assert quantities(one) != quantities(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("5 كم", "5 م"), ("10 kg", "10 g"), ("20 ريالا", "20 دولارا"), ("3 ساعات", "3 دقائق")],
)
def test_a_unit_is_no_other(one: str, other: str) -> None:
    assert quantities(one) == quantities(other)
    assert measures(one) != measures(other) or not measures(other)


@pytest.mark.parametrize(
    "text",
    [
        "لست هنا",
        "يوم الاثنين",
        "يوم الأربعاء",
        "one of them",
        "هذا واحد منهم",
        "ست جميلة",
        "a second",
    ],
)
def test_words_that_only_look_like_numbers(text: str) -> None:
    assert not quantities(text)


def test_a_month_is_no_ordinal() -> None:
    assert quantities("15 كانون الثاني 2015") == quantities("15 2015")


def test_a_list_is_no_sum() -> None:
    assert sorted(one.value for one in read_quantities("ثلاثة وأربعة")) == ["3", "4"]
    assert sorted(one.value for one in read_quantities("three and four")) == ["3", "4"]


@given(st.integers(2, 10**9))
def test_arabic_indic_digits_are_digits(number: int) -> None:
    written = str(number).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert quantities(f"كان {written} هنا") == quantities(f"كان {number} هنا")


@given(st.text(alphabet="ثلاثة وعشرون ألف مئة 0123.,٫-%$kmاتين\n", max_size=60))
def test_any_text_has_quantities_in_order(text: str) -> None:
    assert all(one.value for one in read_quantities(text))
