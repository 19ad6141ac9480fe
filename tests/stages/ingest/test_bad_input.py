"""Every kind of broken input: counted, kept with its place, or refused in one clear sentence."""

import gzip
import json
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tahdhib.errors import DataError
from tahdhib.readers import find_sources
from tahdhib.stages.ingest.stage import work
from tahdhib.store.ledger import Ledger
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import read_rows
from tests.stages.workplaces import workplace

Write = Callable[..., Path]
NOISE = b"".join(
    json.dumps({"id": str(n), "text": os.urandom(200).hex()}).encode() + b"\n" for n in range(900)
)
GOOD = [{"id": str(number), "text": f"نص سليم رقم {number}"} for number in range(5)]


def ingest(tmp_path: Path, *paths: Path | str, **settings: Any) -> Ledger:
    recipe = {
        "processes": 1,
        "ingest": {"paths": [str(path) for path in paths], "id": "id", "buckets": 3, **settings},
    }
    return work(workplace(tmp_path / "run", "ingest", recipe))


def rows(tmp_path: Path, table: str) -> list[dict[str, Any]]:
    shards = RunFolder(tmp_path / "run").stage("ingest").shards(table)
    return [row for shard in shards for row in read_rows(shard)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", "not_json"),
        ("[" * 100_000, "not_json"),
        ('["a list"]', "not_an_object"),
        ('{"id": "x"}', "missing_text"),
        ('{"id": "x", "text": null}', "null_text"),
        ('{"id": "x", "text": 7}', "text_not_string"),
        ('{"id": "x", "text": ["a"]}', "text_not_string"),
        ('{"id": "x", "text": ""}', "empty_text"),
        ('{"id": "x", "text": " \\u0000 \\u200b "}', "empty_text"),
        ('{"text": "no id"}', "missing_id"),
        ('{"id": null, "text": "null id"}', "missing_id"),
        ('{"id": {"a": 1}, "text": "id is an object"}', "missing_id"),
    ],
)
def test_a_broken_record_goes_to_quarantine_with_its_place(
    tmp_path: Path, write_jsonl: Write, line: str, reason: str
) -> None:
    path = write_jsonl([GOOD[0], line, GOOD[1]])
    ledger = ingest(tmp_path, path)
    assert (ledger.came_in, ledger.went_out, ledger.drops) == (3, 2, {reason: 1})
    (fault,) = rows(tmp_path, "quarantine")
    assert (fault["file"], fault["line"], fault["reason"]) == (str(path), 2, reason)


def test_invalid_utf8_is_named_by_byte_and_offset(tmp_path: Path) -> None:
    path = tmp_path / "input.jsonl"
    path.write_bytes(b'{"id": "a", "text": "ok"}\n{"id": "b", "text": "\xd8\xff"}\n')
    ledger = ingest(tmp_path, path)
    assert ledger.drops == {"invalid_utf8": 1}
    (fault,) = rows(tmp_path, "quarantine")
    assert fault["line"] == 2 and "0x" in fault["detail"]


def test_surrogates_and_nuls_are_repaired_and_the_rest_is_kept(
    tmp_path: Path, write_jsonl: Write
) -> None:
    path = write_jsonl(['{"id": "a\\ud800", "text": "قبل\\u0000 \\ud83d بعد", "m": "\\udfff"}'])
    ledger = ingest(tmp_path, path, metadata=["m"])
    (row,) = rows(tmp_path, "documents")
    assert ledger.went_out == 1
    assert "قبل" in row["text"] and "بعد" in row["text"] and "\0" not in row["text"]
    assert row["id"] == "a"


def test_a_text_over_the_limit_is_quarantined_and_memory_holds(
    tmp_path: Path, write_jsonl: Write
) -> None:
    huge = {"id": "huge", "text": "كلمة " * 10_000_000}
    path = write_jsonl([GOOD[0], json.dumps(huge, ensure_ascii=False), GOOD[1]])
    assert path.stat().st_size > 50_000_000
    ledger = ingest(tmp_path, path)
    assert (ledger.went_out, ledger.drops) == (2, {"too_large": 1})
    (fault,) = rows(tmp_path, "quarantine")
    assert fault["line"] == 2 and len(fault["excerpt"]) <= 500


@pytest.mark.slow
@pytest.mark.parametrize("name", ["huge.jsonl", "huge.csv", "huge.txt", "huge.html", "huge.warc"])
def test_200_megabytes_without_a_line_end_stay_out_of_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as out:
        out.write(b'{"text": "')
        for _ in range(200):
            out.write(b"x" * 1_000_000)
    tracemalloc.start()
    with pytest.raises(DataError, match=r"none of 1 records.*(too_large|malformed_record) 1"):
        ingest(tmp_path, path, id=None, max_document_bytes=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000


@pytest.mark.parametrize("copies", [1, 50])
def test_one_document_and_many_copies_of_it(
    tmp_path: Path, write_jsonl: Write, copies: int
) -> None:
    ledger = ingest(tmp_path, write_jsonl([{"text": "نص واحد"}] * copies), id=None)
    assert (ledger.came_in, ledger.went_out) == (copies, 1)
    assert ledger.drops == ({"repeated_record": copies - 1} if copies > 1 else {})


def test_empty_documents_only_are_an_error_that_counts_them(
    tmp_path: Path, write_jsonl: Write
) -> None:
    with pytest.raises(DataError, match=r"none of 40 records became a document \(empty_text 40\)"):
        ingest(tmp_path, write_jsonl([{"text": "  "}] * 40), id=None)


def test_a_large_text_under_the_limit_is_a_document(tmp_path: Path, write_jsonl: Write) -> None:
    path = write_jsonl([{"id": "large", "text": "كلمة " * 1_000_000}])
    assert ingest(tmp_path, path).went_out == 1


def test_a_cut_gzip_keeps_what_came_before_the_cut(tmp_path: Path) -> None:
    whole = gzip.compress(NOISE)
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    ledger = ingest(tmp_path, path)
    assert ledger.drops == {"broken_stream": 1}
    assert 300 < ledger.went_out < 600
    (fault,) = rows(tmp_path, "quarantine")
    assert fault["line"] == ledger.went_out + 1


def test_a_cut_zstd_is_noticed_too(tmp_path: Path) -> None:
    whole = zstandard.ZstdCompressor().compress(NOISE)
    path = tmp_path / "cut.jsonl.zst"
    path.write_bytes(whole[: len(whole) // 2])
    assert ingest(tmp_path, path).drops["broken_stream"] == 1


def test_gzip_members_one_after_the_other_are_all_read(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl.gz"
    path.write_bytes(b"".join(gzip.compress(json.dumps(row).encode() + b"\n") for row in GOOD))
    assert ingest(tmp_path, path).went_out == len(GOOD)


def test_a_file_that_is_no_parquet_costs_itself_and_not_the_run(
    tmp_path: Path, write_jsonl: Write
) -> None:
    fake = tmp_path / "fake.parquet"
    fake.write_bytes(b"PAR1 it says")
    ledger = ingest(tmp_path, fake, write_jsonl(GOOD))
    assert (ledger.went_out, ledger.drops) == (5, {"unreadable_file": 1})


def test_parquet_with_nested_fields(tmp_path: Path) -> None:
    path = tmp_path / "nested.parquet"
    table = [{"page": {"key": n, "body": f"متن {n}"}, "other": "x"} for n in range(4)]
    pq.write_table(pa.Table.from_pylist(table), path)
    ledger = ingest(tmp_path, path, text="page.body", id="page.key", metadata=["other"])
    assert ledger.went_out == 4
    assert {row["metadata"] for row in rows(tmp_path, "documents")} == {'{"other":"x"}'}


def test_equal_ids_keep_one_and_say_what_went(tmp_path: Path, write_jsonl: Write) -> None:
    records = [*GOOD, GOOD[0], {"id": "1", "text": "نص آخر بالمعرّف نفسه"}]
    ledger = ingest(tmp_path, write_jsonl(records))
    assert ledger.drops == {"repeated_record": 1, "duplicate_id": 1}
    assert sorted(row["other"] for row in rows(tmp_path, "drops")) == ["0", "1"]


def test_an_id_field_that_is_no_id_is_refused(tmp_path: Path, write_jsonl: Write) -> None:
    records = [{"id": "same", "text": f"text {n}"} for n in range(20)]
    with pytest.raises(DataError, match=r"ingest\.id: 19 of 20 documents .* ingest\.id=null"):
        ingest(tmp_path, write_jsonl(records))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.jsonl: no such file or folder"):
        ingest(tmp_path, tmp_path / "nowhere.jsonl")


def test_a_missing_file_is_told_by_the_setting_that_names_it() -> None:
    with pytest.raises(DataError, match=r"nowhere\.jsonl: no such file .* Check dedup\.against;"):
        find_sources(["nowhere.jsonl"], "dedup.against")


def test_an_empty_folder_lists_the_endings_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"holds no file that can be read.*\.jsonl.*\.zst after it"):
        ingest(tmp_path, tmp_path / "empty")


def test_a_glob_without_match_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file matches"):
        ingest(tmp_path, str(tmp_path / "*.jsonl"))


def test_no_permission_is_said(tmp_path: Path, write_jsonl: Write, monkeypatch: Any) -> None:
    path = write_jsonl(GOOD)
    path.chmod(0)
    if os.geteuid() == 0:  # root may read everything: let the question be answered as for others
        monkeypatch.setattr("tahdhib.readers.sources.os.access", lambda *_: False)
    with pytest.raises(DataError, match="no permission to read"):
        ingest(tmp_path, path)


def test_nothing_readable_at_all_is_an_error_that_names_the_fields(
    tmp_path: Path, write_jsonl: Write
) -> None:
    path = write_jsonl([{"id": "1", "body": "x"}])
    with pytest.raises(DataError, match=r"none of 1 records became a document.*missing_text 1"):
        ingest(tmp_path, path)


def test_an_empty_file_is_an_error(tmp_path: Path, write_jsonl: Write) -> None:
    with pytest.raises(DataError, match="the input is empty"):
        ingest(tmp_path, write_jsonl([]))
