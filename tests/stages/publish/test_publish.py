"""The published corpus reads in other tools, in order, and gives every source back."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.records import Edit
from tahdhib.stages.publish.rows import by_id, restored, to_published
from tahdhib.text.edits import apply, settle
from tests.run.small import demo_records, tahdhib, write_recipe


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("publish")
    recipe = write_recipe(folder, worker={"kind": "rules"}, publish={"shard_rows": 50})
    done = tahdhib("run", "-c", recipe, "--out", folder / "run")
    assert done.returncode == 0, done.stderr
    return folder / "run" / "publish" / "corpus"


def ids(corpus: Path) -> list[str]:
    files = sorted((corpus / "parquet").glob("*.parquet"))
    return [name for file in files for name in pq.read_table(file)["id"].to_pylist()]


def test_rows_are_ordered_by_id_over_all_files(corpus: Path) -> None:
    assert len(list((corpus / "parquet").glob("*.parquet"))) > 1
    assert ids(corpus) == sorted(ids(corpus))


def test_hugging_face_datasets_reads_the_parquet(corpus: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    loaded = datasets.load_dataset(
        "parquet",
        data_files=str(corpus / "parquet" / "*.parquet"),
        cache_dir=str(tmp_path),
        split="train",
    )
    assert sorted(loaded["id"]) == ids(corpus)
    assert all(isinstance(text, str) and text for text in loaded["text"])


def test_datatrove_reads_the_jsonl(corpus: Path) -> None:
    readers = pytest.importorskip("datatrove.pipeline.readers")
    documents = list(readers.JsonlReader(str(corpus / "jsonl"))())
    assert sorted(document.id for document in documents) == ids(corpus)
    assert all(document.metadata["source"] for document in documents)


def test_the_source_can_be_rebuilt_from_a_published_row(corpus: Path) -> None:
    rewrites = (corpus.parents[1] / "rewrite" / "documents").glob("*.parquet")
    sources = {
        row["id"]: row["source"]
        for shard in rewrites
        for row in pq.read_table(shard, columns=["id", "source"]).to_pylist()
    }
    files = sorted((corpus / "parquet").glob("*.parquet"))
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    assert any(row["edits"] for row in rows)
    assert all(restored(row) == sources[row["id"]] for row in rows)


def test_no_clock_host_or_input_path_is_published(corpus: Path) -> None:
    text = (corpus / "README.md").read_text()
    assert "input-0" not in text and str(corpus.parents[2]) not in text
    assert "code of conduct" in text and "| ingest |" in text


def test_the_demo_records_are_as_many_as_asked() -> None:
    assert len(demo_records()) == 200


@given(st.text(max_size=40), st.data())
def test_undoing_all_edits_gives_the_source_back(source: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5))
    edits = settle(
        source,
        [
            Edit(min(a, b), max(a, b), data.draw(st.text(max_size=4)), "x")
            for a, b in places
            if max(a, b) <= len(source)
        ],
    )
    row = {
        "id": "a",
        "source": source,
        "text": apply(source, edits),
        "metadata": "{}",
        "state": "rewritten",
        "edits": [{"start": e.start, "end": e.end, "new": e.new, "by": e.by} for e in edits],
        "worker": "rules",
        "worker_hash": "",
        "conduct_hash": "",
        "rules_hash": "",
        "reasons": [],
    }
    assert restored(to_published(row)) == source


@given(st.lists(st.lists(st.text(max_size=3)), max_size=4))
def test_merging_buckets_sorts_and_loses_nothing(buckets: list[list[str]]) -> None:
    rows = [[{"id": name} for name in sorted(bucket)] for bucket in buckets]
    merged = [row["id"] for row in by_id(rows)]
    assert merged == sorted(name for bucket in buckets for name in bucket)
