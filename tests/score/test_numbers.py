from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.score.numbers import numbers

ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("بلغ ١٬٢٥٠ طنا", ["1250"]),
        ("بلغ 1,250 طنا و1250 أخرى", ["1250", "1250"]),
        ("٣٫١٤ و 3.14 و 3.140", ["3.14", "3.14", "3.140"]),
        ("3,5 مليون", ["3.5"]),
        ("1.250.000 ريال", ["1250000"]),
        ("1,250.75 dollars", ["1250.75"]),
        ("1.250,75 euros", ["1250.75"]),
        ("٢٥،٠٠٠ نسمة", ["25000"]),
        ("عامي 2014،2015", ["2014", "2015"]),
        ("in 2014,2015", ["2014", "2015"]),
        ("20% و٢٠٪ و20 في المئة و20 بالمائة and 20 percent", ["20%"] * 5),
        ("بنسبة %20", ["20%"]),
        ("الإصدار 1.2.3", ["1.2.3"]),
        ("007 و7", ["7", "7"]),
        ("5.000", ["5.000"]),
        ("الساعة 10:30", ["10", "30"]),
        ("1990-1995", ["1990", "1995"]),
        ("https://a.example/2015/7 و 8", ["8"]),
        ("&#1575;&#39;", []),
        ("1\u200f250", ["1250"]),
        ("انتهى 2015.", ["2015"]),
        ("½ ² Ⅳ", []),
        ("", []),
    ],
)
def test_values(text: str, expected: list[str]) -> None:
    assert numbers(text) == Counter(expected)


@given(st.text(alphabet="0123456789 .,٫٬%كلمة-/", max_size=60))
def test_the_script_of_the_digits_does_not_matter(text: str) -> None:
    assert numbers(text.translate(ARABIC)) == numbers(text)
    assert numbers(text.translate(PERSIAN)) == numbers(text)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    numbers(text)


def test_a_megabyte_of_digits_is_one_number() -> None:
    assert numbers("9" * 1_000_000).total() == 1
