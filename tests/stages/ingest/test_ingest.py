"""What a good input becomes, and that its arrangement leaves no trace."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.readers.fields import lookup
from tahdhib.stages.ingest.stage import work
from tahdhib.stages.ingest.unique import settle_ids
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import bucket_of, read_rows
from tests.stages.workplaces import workplace

RECORDS = [{"id": f"d{n}", "text": f"نص {n} يقول شيئا", "n": n} for n in range(60)]


def ingested(tmp_path: Path, name: str, paths: list[Path], **recipe: Any) -> dict[str, bytes]:
    """The documents' shards of a run over `paths`, as bytes by file name."""
    settings = {"paths": [str(path) for path in paths], "id": "id", "metadata": ["n"], "buckets": 4}
    work(workplace(tmp_path / name, "ingest", {"processes": 1, "ingest": settings, **recipe}))
    shards = RunFolder(tmp_path / name).stage("ingest").shards("documents")
    return {shard.name: shard.read_bytes() for shard in shards}


def documents(run: Path) -> list[dict[str, Any]]:
    shards = RunFolder(run).stage("ingest").shards("documents")
    return [row for shard in shards for row in read_rows(shard)]


def split(tmp_path: Path, parts: int) -> list[Path]:
    paths = []
    for index in range(parts):
        path = tmp_path / f"part{parts}-{index}.jsonl"
        path.write_text("".join(json.dumps(r) + "\n" for r in RECORDS[index::parts]))
        paths.append(path)
    return paths


def test_one_file_or_seven_one_process_or_two(tmp_path: Path) -> None:
    once = ingested(tmp_path, "one", split(tmp_path, 1))
    assert once == ingested(tmp_path, "seven", split(tmp_path, 7))
    assert once == ingested(tmp_path, "two", split(tmp_path, 7), processes=2)


def test_plain_gzip_and_zstd_read_alike(tmp_path: Path) -> None:
    (plain,) = split(tmp_path, 1)
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    squeezed = tmp_path / "a.jsonl.zst"
    squeezed.write_bytes(zstandard.ZstdCompressor().compress(plain.read_bytes()))
    once = ingested(tmp_path, "plain", [plain])
    assert once == ingested(tmp_path, "gz", [packed]) == ingested(tmp_path, "zst", [squeezed])


def test_documents_lie_in_their_bucket_sorted_by_id(tmp_path: Path) -> None:
    ingested(tmp_path, "run", split(tmp_path, 3))
    for bucket in range(4):
        shard = RunFolder(tmp_path / "run").stage("ingest").shard("documents", bucket)
        ids = [row["id"] for row in read_rows(shard)]
        assert ids == sorted(ids)
        assert {bucket_of(name, 4) for name in ids} <= {bucket}


def test_the_limit_counts_records_in_file_order(tmp_path: Path) -> None:
    shards = ingested(tmp_path, "run", split(tmp_path, 7), limit=10)
    rows = [row for name in shards for row in read_rows(tmp_path / "run/ingest/documents" / name)]
    assert sorted(json.loads(row["metadata"])["n"] for row in rows) == [
        0,
        1,
        7,
        14,
        21,
        28,
        35,
        42,
        49,
        56,
    ]


def test_a_hash_of_the_text_is_the_id_where_none_is_named(tmp_path: Path) -> None:
    (path,) = split(tmp_path, 1)
    recipe = {"processes": 1, "ingest": {"paths": [str(path)], "buckets": 2}}
    work(workplace(tmp_path / "run", "ingest", recipe))
    rows = [
        r
        for s in RunFolder(tmp_path / "run").stage("ingest").shards("documents")
        for r in read_rows(s)
    ]
    assert len({row["id"] for row in rows}) == len(RECORDS)


def test_real_news_comes_in_whole(tmp_path: Path, shared_data: Path) -> None:
    source = shared_data / "raw_saudinewsnet" / "saudinewsnet_0.jsonl.gz"
    recipe = {
        "processes": 1,
        "limit": 2000,
        "ingest": {"paths": [str(source)], "text": "content", "metadata": ["source"]},
    }
    ledger = work(workplace(tmp_path / "run", "ingest", recipe))
    assert ledger.came_in == 2000
    assert ledger.went_out > 1900


def test_every_kind_of_file_at_once(tmp_path: Path) -> None:
    article = "قال الوزير إن العمل في المشروع مستمر حتى نهاية العام. " * 8
    page = f"<html><body><article><p>{article}</p></article></body></html>"
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "a.jsonl").write_text(json.dumps({"text": "سطر"}) + "\nno json\n")
    (inputs / "b.csv").write_text("text,extra\nخلية,1\nخلية\n")
    (inputs / "c.txt").write_text("ملف")
    (inputs / "d.html").write_text(page)
    (inputs / "e.html").write_text("no page")
    head = "WARC/1.0\r\nWARC-Type: {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n"
    body = "محوّل".encode()
    records = [("warcinfo", b"x"), ("conversion", body)]
    (inputs / "f.wet").write_bytes(
        b"".join(head.format(t, len(b)).encode() + b + b"\r\n\r\n" for t, b in records)
    )
    recipe = {"processes": 1, "ingest": {"paths": [str(inputs)], "buckets": 2}}
    ledger = work(workplace(tmp_path / "run", "ingest", recipe))
    texts = {row["text"].strip() for row in documents(tmp_path / "run")}
    assert texts == {"سطر", "خلية", "ملف", article.strip(), "محوّل"}
    assert ledger.drops == {"malformed_row": 1, "no_main_text": 1, "not_json": 1}
    assert ledger.notes == {"files": 6, "quarantined": 3, "not_documents": 1}


def test_html_in_a_field_is_extracted(tmp_path: Path, shared_data: Path) -> None:
    source = shared_data / "raw_arabic_html" / "stories_html.jsonl.gz"
    recipe = {
        "processes": 1,
        "limit": 20,
        "ingest": {"paths": [str(source)], "text": "html", "html": True, "buckets": 2},
    }
    ledger = work(workplace(tmp_path / "run", "ingest", recipe))
    assert ledger.went_out == 20
    assert not any("<div" in row["text"] for row in documents(tmp_path / "run"))


def test_scrambled_arabic_comes_in_repaired(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "السلام عليكم".encode("cp1256").decode("cp1252")}) + "\n")
    work(workplace(tmp_path / "run", "ingest", {"processes": 1, "ingest": {"paths": [str(path)]}}))
    assert [row["text"] for row in documents(tmp_path / "run")] == ["السلام عليكم"]


ROWS = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from("abc"), "text": st.sampled_from("xyz"), "metadata": st.just("{}")}
    )
)


@given(ROWS, st.randoms(use_true_random=False))
def test_settling_ids_loses_nothing_and_ignores_order(
    rows: list[dict[str, str]], random: Any
) -> None:
    kept, dropped = settle_ids(rows)
    assert len(kept) + len(dropped) == len(rows)
    assert [row["id"] for row in kept] == sorted({row["id"] for row in rows})
    shuffled = rows[:]
    random.shuffle(shuffled)
    assert settle_ids(shuffled) == (kept, dropped)


@pytest.mark.parametrize(
    ("name", "value"),
    [("a", 1), ("b.c", 2), ("d.0.e", 3), ("with.dot", 4)],
)
def test_a_dotted_name_reaches_into_nested_fields(name: str, value: int) -> None:
    record: dict[str, Any] = {"a": 1, "b": {"c": 2}, "d": [{"e": 3}], "with.dot": 4}
    assert lookup(record, name) == value
