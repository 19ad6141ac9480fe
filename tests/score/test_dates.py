import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.score.dates import Date, dates


def only(text: str) -> Date:
    (date,) = dates(text)
    return date


@pytest.mark.parametrize(
    "text",
    [
        "5 يناير 2015",
        "٥ كانون الثاني ٢٠١٥",
        "في 5 كانون الثاني/يناير 2015",
        "5 يناير (كانون الثاني) 2015م",
        "5 من شهر يناير عام 2015",
        "5  جانفي \xa0سنة 2015",
        "05/01/2015",
        "5-1-2015",
        "5.1.2015",
        "2015-01-05",
        "January 5, 2015",
        "5th of January 2015",
        "5 Jan 2015",
        "5 ينـاير [[2015]]",
        "5 يناير، 2015",
    ],
)
def test_one_day_in_many_spellings(text: str) -> None:
    assert only(text) == Date("gregorian", 2015, 1, 5)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("3 شباط 1999", 2), ("3 آذار 1999", 3), ("3 نيسان 1999", 4), ("3 أيار 1999", 5),
        ("3 يونيه 1999", 6), ("3 حزيران 1999", 6), ("3 يوليه 1999", 7), ("3 تموز 1999", 7),
        ("3 أغسطس 1999", 8), ("3 آب 1999", 8), ("3 أيلول 1999", 9), ("3 تشرين الأول 1999", 10),
        ("3 تشرين الثاني 1999", 11), ("3 كانون الأول 1999", 12), ("3 غشت 1999", 8),
    ],
)  # fmt: skip
def test_the_names_of_the_months(text: str, month: int) -> None:
    assert only(text) == Date("gregorian", 1999, month, 3)


def test_hijri_dates() -> None:
    assert only("3 شعبان 1436هـ") == Date("hijri", 1436, 8, 3)
    assert only("٣/٨/١٤٣٦ هـ") == Date("hijri", 1436, 8, 3)
    assert only("ذي الحجة 1436") == Date("hijri", 1436, 12, None)
    assert only("15 رمضان").words() == "15-9-? AH"


def test_parts_of_dates() -> None:
    assert only("في مارس 2011") == Date("gregorian", 2011, 3, None)
    assert only("في 25 مايو") == Date("gregorian", None, 5, 25)
    assert only("المولود فى 7 نوفمبر") == Date("gregorian", None, 11, 7)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "قد يأتي في مايو",
        "درجة الحرارة صفر مئوية و3 كتب",
        "You may take 2",
        "الذي 1",
        "1/2",
        "99/99/2015",
    ],
)
def test_no_dates(text: str) -> None:
    assert not dates(text)


def test_swapped_day_and_month_are_another_date() -> None:
    assert dates("5/3/2015") != dates("3/5/2015")
    assert dates("25/3/2015") == dates("3/25/2015")


def test_far_apart_dates_are_all_found() -> None:
    text = "نص طويل بلا شيء فيه. " * 30
    found = dates(f"5 يناير 2015 {text} 6 فبراير 2016 {text} مارس 2017")
    assert [date.month for date in found] == [1, 2, 3]


@given(st.text(max_size=200) | st.text(alphabet="0123456789/-. ينارمدec", max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    dates(text)
