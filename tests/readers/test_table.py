import csv
import gzip
import io
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readers.reading import content_of


def written(folder: Path, content: str | bytes, name: str = "input.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def test_the_header_names_the_fields(tmp_path: Path) -> None:
    path = written(tmp_path, "id,text\n1,نص\n2,آخر\n")
    assert content_of(path).records == [{"id": "1", "text": "نص"}, {"id": "2", "text": "آخر"}]


def test_quoted_cells_hold_lines_commas_and_quotes(tmp_path: Path) -> None:
    path = written(tmp_path, 'id,text\n1,"سطر، ""أول""\nسطر, ثان"\n2,ب\n')
    seen = content_of(path)
    assert [row["text"] for row in seen.records] == ['سطر، "أول"\nسطر, ثان', "ب"]
    assert not seen.faults


def test_a_byte_order_mark_and_windows_lines_are_no_part_of_it(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeffid,text\r\n1,نص\r\n")
    assert content_of(path).records == [{"id": "1", "text": "نص"}]


@pytest.mark.parametrize("packing", ["gz", "zst"])
def test_packed_and_tabs(tmp_path: Path, packing: str) -> None:
    pack = {"gz": gzip.compress, "zst": zstandard.ZstdCompressor().compress}[packing]
    path = written(tmp_path, pack(b"id\ttext\n1\ta\n"), f"input.tsv.{packing}")
    assert content_of(path).records == [{"id": "1", "text": "a"}]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,a,too many", "malformed_row"),
        ("only one", "malformed_row"),
        ('1,"closed" and more', "malformed_row"),
        ('1,"never closed', "malformed_row"),
    ],
)
def test_a_row_that_does_not_fit_goes_alone(tmp_path: Path, row: str, reason: str) -> None:
    seen = content_of(written(tmp_path, f"id,text\n0,before\n{row}\n2,after\n3,after that\n"))
    assert seen.faults == [(3, reason)]
    assert [record["id"] for record in seen.records] == ["0", "2", "3"]


def test_bytes_that_are_not_utf8_cost_their_row(tmp_path: Path) -> None:
    content = b'id,text\n0,"two\nlines \xff"\n1,ok\n'
    seen = content_of(written(tmp_path, content))
    assert seen.faults == [(2, "invalid_utf8")]
    assert [record["id"] for record in seen.records] == ["1"]


def test_quotes_in_tsv_are_letters_where_they_close_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, 'id\ttext\n1\t"Hello" he said\n2\t"\n3\tc\n', "input.tsv")
    seen = content_of(path)
    assert [record["text"] for record in seen.records] == ['"Hello" he said', '"', "c"]


def test_a_column_named_twice_is_refused_at_its_line(tmp_path: Path) -> None:
    assert content_of(written(tmp_path, "text,text\na,b\n")).faults == [(1, "unreadable_file")]


def test_a_long_line_is_a_fault_and_not_held(tmp_path: Path) -> None:
    seen = content_of(written(tmp_path, f"id,text\n1,{'x' * 5000}\n2,b\n"), limit=1000)
    assert seen.faults == [(2, "too_large")]
    assert [record["id"] for record in seen.records] == ["2"]


CELLS = st.text(alphabet=st.sampled_from('ab,"\n ج;\t'), max_size=8)


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=8))
@pytest.mark.parametrize(("ending", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_what_the_csv_module_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, ending: str, delimiter: str, rows: list[list[str]]
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        [["a", "b"], *rows]
    )
    path = written(tmp_path_factory.mktemp("csv"), out.getvalue(), f"input.{ending}")
    seen = content_of(path)
    assert [list(record.values()) for record in seen.records] == rows
    assert not seen.faults


def test_real_tables(shared_data: Path) -> None:
    tweets = content_of(shared_data / "arsarcasm_v2" / "training.csv.gz")
    assert (len(tweets.records), tweets.faults) == (9969, [])
    assert set(tweets.records[0]) == {"tweet", "sarcasm", "sentiment", "dialect"}
    questions = content_of(shared_data / "arabicmmlu_subset" / "ArabicMMLU_subset.csv")
    assert (len(questions.records), questions.faults) == (2009, [])
