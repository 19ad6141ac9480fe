"""Shards are whole or absent, ledgers balance, a folder has one fingerprint and one process."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.errors import DataError
from tahdhib.store.ledger import Ledger, count_rows, count_values, read_ledger, write_ledger
from tahdhib.store.run_folder import RunFolder, StageFolder
from tahdhib.store.schemas import DOCUMENTS, DROPS
from tahdhib.store.shards import bucket_of, read_rows, row_count, whole, write_rows, write_text

ROW = {"id": "a", "text": "نص", "metadata": "{}"}


def test_a_shard_that_fails_half_way_does_not_exist(tmp_path: Path) -> None:
    path = tmp_path / "shard.parquet"
    with pytest.raises(ZeroDivisionError), whole(path) as temporary:
        temporary.write_text("half")
        _ = 1 / 0
    assert not path.exists()


def test_equal_rows_give_equal_bytes(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.parquet", [ROW], DOCUMENTS)
    write_rows(tmp_path / "b.parquet", [ROW], DOCUMENTS)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert read_rows(tmp_path / "a.parquet") == [ROW]
    assert row_count(tmp_path / "a.parquet") == 1


def test_counts_come_from_the_files(tmp_path: Path) -> None:
    drop = {**ROW, "reason": "r", "detail": "", "other": None}
    write_rows(tmp_path / "a.parquet", [drop, drop], DROPS)
    write_rows(tmp_path / "b.parquet", [{**drop, "reason": "s"}], DROPS)
    shards = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    assert count_rows(shards) == 3
    assert count_values(shards) == {"r": 2, "s": 1}


def test_an_unbalanced_ledger_cannot_be_made() -> None:
    with pytest.raises(RuntimeError, match="does not balance: 5 documents came in, 3 went out"):
        Ledger("dedup", "documents", came_in=5, went_out=3, drops={"exact_duplicate": 1})


@given(st.dictionaries(st.text(min_size=1), st.integers(0, 10**9)), st.integers(0, 10**9))
def test_a_ledger_reads_back_as_itself(drops: dict[str, int], kept: int) -> None:
    ledger = Ledger("x", "documents", kept + sum(drops.values()), kept, drops, {"n": 1})
    path = Path(tempfile.mkdtemp()) / "ledger.json"
    write_ledger(path, ledger)
    assert read_ledger(path) == ledger


@given(st.text(), st.integers(1, 1000))
def test_a_bucket_is_a_function_of_the_id(name: str, buckets: int) -> None:
    encoded = name.encode("utf-8", "ignore").decode()
    assert 0 <= bucket_of(encoded, buckets) < buckets
    assert bucket_of(encoded, buckets) == bucket_of(encoded, buckets)


def test_a_stage_begun_under_another_fingerprint_starts_anew(tmp_path: Path) -> None:
    folder = StageFolder(tmp_path / "dedup")
    folder.begin("one", {})
    write_rows(folder.shard("documents", 0), [ROW], DOCUMENTS)
    folder.begin("one", {})
    assert folder.shards("documents")
    folder.begin("two", {})
    assert not folder.shards("documents")
    assert folder.fingerprint() == "two"


def test_what_killed_writers_left_is_removed(tmp_path: Path) -> None:
    folder = StageFolder(tmp_path / "dedup")
    folder.begin("one", {})
    left = folder.file("documents") / ".tmp-99-bucket-00000.parquet"
    left.parent.mkdir()
    left.write_text("half")
    folder.begin("one", {})
    assert not left.exists()


def test_two_processes_cannot_work_in_one_folder(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tahdhib.store.run_folder import RunFolder\n"
        f"with RunFolder(Path({str(tmp_path)!r})).locked(): pass"
    )
    with RunFolder(tmp_path).locked():
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "another process is working in this run folder" in done.stderr
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_folder_that_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no run folder"):
        RunFolder(tmp_path).check_is_run()


def test_a_text_file_is_replaced_whole(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "old")
    write_text(tmp_path / "a.txt", "جديد")
    assert (tmp_path / "a.txt").read_text() == "جديد"
    assert list(tmp_path.iterdir()) == [tmp_path / "a.txt"]


def test_schemas_are_what_arrow_reads_back(tmp_path: Path) -> None:
    write_rows(tmp_path / "empty.parquet", [], DOCUMENTS)
    assert pq.read_schema(tmp_path / "empty.parquet").names == DOCUMENTS.names
