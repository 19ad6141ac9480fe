"""Models in a run folder: told in the report, hostile names and all; a run without any has none."""

from pathlib import Path

import pyarrow as pa
import pytest

from tahdhib.errors import DataError
from tahdhib.report.trained import read_models
from tahdhib.report.write import write_report
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import write_json, write_rows, write_text
from tests.report.folders import build_run

CURVE = pa.schema([("step", pa.int64()), ("loss", pa.float64())])
BITS = pa.schema(
    [
        ("step", pa.int64()),
        ("corpus", pa.string()),
        ("group", pa.string()),
        ("documents", pa.int64()),
        ("bits_per_byte", pa.float64()),
    ]
)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return build_run(tmp_path / "run", documents=16)


def pretrained(folder: Path, group: str) -> None:
    rows = [
        {"step": step, "corpus": "raw", "group": group, "documents": 7, "bits_per_byte": bits}
        for step, bits in ((0, 2.5), (2, 1.25))
    ]
    write_rows(folder / "bits.parquet", rows, BITS)
    curve = [{"step": 1, "loss": 8.0}, {"step": 2, "loss": 6.5}]
    write_rows(folder / "curve.parquet", curve, CURVE)
    write_json(
        folder / "pretrain.json",
        {
            "bits_per_byte": rows[1:],
            "corpora": {"raw": {"documents": 1234}},
            "parameters": 800_000,
            "steps": 2,
            "tokens": 4096,
        },
    )


def test_a_run_without_models_tells_of_none(run: RunFolder) -> None:
    assert read_models(run) is None
    assert 'id="models"' not in write_report(run).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("place", "content"),
    [
        ("training/1-raw/pretrain.json", "{"),
        ("training/1-raw/tune.json", "{}"),
        ("evaluation/1-raw/results.json", '{"tahdhib": {"exams": {}}}'),
    ],
)
def test_what_is_not_as_its_verb_leaves_it_is_named(
    run: RunFolder, place: str, content: str
) -> None:
    write_text(run.root / place, content)
    with pytest.raises(DataError, match=r"1-raw: is not as `tahdhib \w+` leaves it .*Take it out"):
        read_models(run)


def test_a_pretraining_is_told_before_and_after(run: RunFolder) -> None:
    pretrained(run.training / "1-raw", "<script>alert(1)</script>")
    found = read_models(run)
    assert found is not None
    (training,) = found.trainings
    assert training.losses == (8.0, 6.5)
    (measured,) = training.measured
    assert (measured.documents, measured.before, measured.after) == (7, 2.5, 1.25)
    text = write_report(run).read_text(encoding="utf-8")
    assert "1,234 documents" in text
    assert "<script>alert" not in text


def test_a_tuning_is_told_with_the_interval_of_what_gained(run: RunFolder) -> None:
    folder = run.training / "2-dpo"
    write_rows(folder / "curve.parquet", [{"step": 1, "loss": 0.69}], CURVE)
    gained = {"share": 0.75, "low": 0.3, "high": 0.95}
    held_out = {"records": 4, "loss": {"first": 0.69, "last": 0.6}, "chosen_gained_more": gained}
    write_json(
        folder / "tune.json",
        {"method": "dpo", "steps": 1, "data": {"trained_on": 40}, "held_out": held_out},
    )
    found = read_models(run)
    assert found is not None
    (training,) = found.trainings
    assert "gained more in 75% (30% to 95%) of 4" in training.facts
    assert [one.name for one in training.measured] == ["loss"]
