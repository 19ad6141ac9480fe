from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.errors import DataError
from tahdhib.match.boilerplate import (
    TABLE,
    BoilerplateLines,
    boilerplate_spans,
    boilerplate_table,
    line_key,
    line_keys,
    read_boilerplate,
    site_of,
)
from tahdhib.text.fold import Folding, fold

FOLDING = Folding()
MENU = ("الرئيسية | أخبار | رياضة", "جميع الحقوق محفوظة © ٢٠١٥", "اشترك في نشرتنا")


def known(*lines, site="s", left=0.1):
    keys = np.unique(np.array([line_key(site, line, FOLDING) for line in lines], np.uint64))
    return BoilerplateLines(keys, "url", FOLDING, left)


def without(text, spans):
    for span in reversed(spans):
        text = text[: span.start] + text[span.end :]
    return text


@pytest.mark.parametrize(
    ("value", "site"),
    [
        ("https://www.Example.com:8080/a/b?c#d", "example.com"),
        ("http://user:word@news.example.com", "news.example.com"),
        ("https://[::1]:80/x", "[::1]"),
        ("ftp://example.com", "example.com"),
        (" الرياض ", "الرياض"),
        ("example.com/page", "example.com/page"),
        (17, "17"),
        (None, ""),
    ],
)
def test_a_site_is_the_host_of_a_url_or_the_value_itself(value, site):
    assert site_of({"url": value}, "url") == site


def test_without_a_field_there_is_one_site():
    assert site_of({"url": "https://example.com"}, None) == site_of({}, "url") == ""


@given(st.text(max_size=60))
def test_no_site_breaks_the_reading(value):
    assert isinstance(site_of({"url": value}, "url"), str)


def test_a_line_is_known_by_its_site_and_its_folded_words():
    key = line_key("s", "جميع الحُقوق محفوظة", FOLDING)
    assert key == line_key("s", "  جميع الحقوق — محفوظة!\t", FOLDING)
    assert key != line_key("t", "جميع الحقوق محفوظة", FOLDING)
    assert key != line_key("s", "جميع الحُقوق محفوظة", Folding(rung="none"))
    assert line_key("s", " … ", FOLDING) is None


@given(st.text(alphabet="اأب \nـ.1a", max_size=40))
def test_the_keys_of_a_text_are_those_of_its_lines(text):
    keys = [line_key("s", line, FOLDING) or 0 for line in text.split("\n")]
    assert line_keys(text, "s", FOLDING).tolist() == keys


def test_spans_are_whole_lines_with_their_ends():
    body = "وصل القطار إلى المحطة متأخرا، فنزل الركاب وتفرقوا في الشوارع المبللة بالمطر."
    text = f"{MENU[0]}\n{body}\n\n{MENU[1]}\n{MENU[2]}"
    spans = boilerplate_spans(text, "s", known(*MENU))
    assert [text[span.start : span.end] for span in spans] == [
        f"{MENU[0]}\n",
        f"{MENU[1]}\n{MENU[2]}",
    ]
    assert {span.kind for span in spans} == {"boilerplate"}
    assert without(text, spans) == f"{body}\n\n"


def test_a_text_that_would_lose_nearly_everything_is_left_alone():
    assert boilerplate_spans("\n".join(MENU), "s", known(*MENU)) == ()
    assert boilerplate_spans("\n".join((*MENU, "نص")), "s", known(*MENU)) == ()
    assert boilerplate_spans("\n".join(MENU), "s", known(*MENU, left=0.0)) == ()


def test_a_line_of_another_site_stays():
    text = f"{MENU[0]}\nخبر قصير عن المدينة وأهلها"
    assert boilerplate_spans(text, "t", known(MENU[0])) == ()


LINES = st.lists(st.sampled_from([*MENU, "", "  ", "كلام آخر هنا", "وكلام غيره هناك"]), max_size=12)


@given(LINES)
def test_what_is_left_is_every_other_line_in_order(lines):
    text = "\n".join(lines)
    spans = boilerplate_spans(text, "s", known(*MENU))
    left = without(text, spans).split("\n")
    others = [line for line in lines if line not in MENU]
    assert all(one.end < other.start for one, other in pairwise(spans))
    if spans:
        assert [line for line in left if line.strip()] == [line for line in others if line.strip()]
    if not any(line.strip() for line in others):
        assert not spans


def test_what_is_written_is_read_back(tmp_path):
    lines = BoilerplateLines(np.array([3, 9], np.uint64), "url", Folding(digits=True), 0.25)
    columns = [[3, 9], ["s", "s"], [12, 40], ["a", "b"], list(MENU[:2])]
    pq.write_table(
        boilerplate_table(pa.table(columns, schema=TABLE), lines), tmp_path / "b.parquet"
    )
    back = read_boilerplate(tmp_path / "b.parquet")
    assert (back.site, back.folding, back.least_left) == ("url", Folding(digits=True), 0.25)
    assert back.keys.tolist() == [3, 9]


def test_another_file_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(DataError, match="run dedup again"):
        read_boilerplate(tmp_path / "none.parquet")
    pq.write_table(pa.table({"key": pa.array([1], pa.uint64())}), tmp_path / "other.parquet")
    with pytest.raises(DataError, match=r"boilerplate\.parquet"):
        read_boilerplate(tmp_path / "other.parquet")


def test_the_frame_is_found_in_any_spelling():
    text = f"جميع الحقوق محفوظة 2015\n{'خبر ' * 30}"
    assert len(boilerplate_spans(text, "s", known(MENU[1]))) == 1
    assert fold(MENU[1]) == fold("جميع الحقوق محفوظة 2015")
