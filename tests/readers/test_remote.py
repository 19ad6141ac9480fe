"""Stores far away, spoken with over their real protocols on the loopback interface."""

import gzip
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from tahdhib.errors import DataError, MissingExtraError
from tahdhib.progress import Silence
from tahdhib.readers import find_sources
from tahdhib.readers.remote import _glob
from tahdhib.run.inputs import read_inputs
from tests.readers.reading import content_of
from tests.readers.stores import serving

ROOTS = {"s3": "s3://bucket", "gs": "gs://bucket", "hf": "hf://datasets/owner/name"}
SETTINGS = {"s3": "AWS_ENDPOINT_URL", "gs": "STORAGE_EMULATOR_HOST", "hf": "HF_ENDPOINT"}
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "a",
    "AWS_SECRET_ACCESS_KEY": "b",
    "AWS_EC2_METADATA_DISABLED": "true",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
ROWS = [{"id": str(number), "text": f"نص {number}"} for number in range(300)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the stores hold: four files, one of them of no known kind."""
    root = tmp_path_factory.mktemp("store")
    (root / "news" / "old").mkdir(parents=True)
    (root / "news" / "a.csv").write_text("id,text\n1,نص\n", encoding="utf-8")
    (root / "news" / "old" / "b.jsonl.gz").write_bytes(gzip.compress(b'{"text": "b"}\n' * 5000))
    (root / "news" / "LICENSE").write_text("free")
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), out, row_group_size=100)
    (root / "c.parquet").write_bytes(out.getvalue())
    return root


@pytest.fixture(params=["s3", "gs", "hf"])
def scheme(
    request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    with serving(request.param, folder) as address:
        point_to(request.param, address, monkeypatch)
        yield request.param


def point_to(scheme: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(SETTINGS[scheme], address)


def test_files_folders_and_globs(scheme: str, folder: Path) -> None:
    root = ROOTS[scheme]
    names = {
        f"{root}/news/a.csv": ["news/a.csv"],
        f"{root}/news": ["news/a.csv", "news/old/b.jsonl.gz"],
        f"{root}/*.parquet": ["c.parquet"],
        f"{root}/**/*.csv": ["news/a.csv"],
        f"{root}/news/*/b.jsonl*": ["news/old/b.jsonl.gz"],
    }
    for pattern, expected in names.items():
        found = find_sources([pattern])
        assert [source.path for source in found] == [f"{root}/{name}" for name in expected]
        assert [s.size for s in found] == [(folder / name).stat().st_size for name in expected]


def test_contents_are_read_as_from_disk(scheme: str, folder: Path) -> None:
    for name in ("news/a.csv", "news/old/b.jsonl.gz", "c.parquet"):
        assert content_of(f"{ROOTS[scheme]}/{name}") == content_of(folder / name)


def test_what_is_not_there_is_said(scheme: str) -> None:
    for pattern in ("none.jsonl", "none/*.jsonl"):
        with pytest.raises(DataError, match="no such file or folder"):
            find_sources([f"{ROOTS[scheme]}/{pattern}"])
    with pytest.raises(DataError, match="unknown kind; known endings"):
        find_sources([f"{ROOTS[scheme]}/news/LICENSE"])


def test_no_such_bucket(scheme: str) -> None:
    root = ROOTS[scheme].replace("bucket", "nobody").replace("owner", "nobody")
    with pytest.raises(DataError, match="nobody"):
        find_sources([f"{root}/a.jsonl"])


@pytest.mark.parametrize("scheme_refused", ["s3", "hf"])
def test_a_refusal_names_the_credentials(
    scheme_refused: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(scheme_refused, folder, "--refuses", "403") as address:
        point_to(scheme_refused, address, monkeypatch)
        with pytest.raises(DataError, match=r"credentials .*(AWS_ACCESS_KEY_ID|HF_TOKEN)"):
            find_sources([f"{ROOTS[scheme_refused]}/news/a.csv"])


def test_a_line_that_goes_down_is_no_damaged_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving("s3", folder, "--breaks-off") as address:
        point_to("s3", address, monkeypatch)
        (source,) = find_sources([f"{ROOTS['s3']}/news/old/b.jsonl.gz"])
        assert source.size > 0
        with pytest.raises(DataError, match=r"b\.jsonl\.gz: the store cannot be reached"):
            content_of(source.path)


def test_an_unknown_scheme_is_named() -> None:
    with pytest.raises(DataError, match=r"https:// is unknown; known: hf://, s3://, gs://"):
        find_sources(["https://example.org/a.jsonl"])


@pytest.mark.parametrize(
    ("pattern", "hits", "misses"),
    [
        ("a/*.jsonl", ["a/b.jsonl"], ["a/b/c.jsonl", "a/b.jsonl.gz"]),
        ("a/**/*.jsonl", ["a/b.jsonl", "a/b/c.jsonl"], ["b/a.jsonl"]),
        ("a/b-?[0-9].csv", ["a/b-x7.csv"], ["a/b-7.csv", "a/b-xx.csv"]),
        ("a/[!b]*", ["a/cd"], ["a/bd"]),
        ("a.b/**", ["a.b/c/d"], ["axb/c"]),
    ],
)
def test_globs(pattern: str, hits: list[str], misses: list[str]) -> None:
    matches = _glob(pattern)
    assert all(matches.fullmatch(name) for name in hits)
    assert not any(matches.fullmatch(name) for name in misses)


def ingest(tmp_path: Path, path: str, **environment: str) -> subprocess.CompletedProcess[str]:
    recipe = tmp_path / "recipe.yaml"
    settings = {"processes": 1, "ingest": {"paths": [path], "buckets": 2}}
    recipe.write_text(yaml.safe_dump(settings), encoding="utf-8")
    command = [sys.executable, "-m", "tahdhib.cli.main", "ingest", "-c", str(recipe)]
    return subprocess.run(
        [*command, "--out", str(tmp_path / "run")],
        capture_output=True,
        text=True,
        env={**os.environ, **CREDENTIALS, **environment},
    )


def test_the_fingerprint_follows_the_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("a.jsonl", "b.jsonl")
    for name in names:
        (tmp_path / name).write_text('{"text": "واحد"}\n')
    with serving("hf", tmp_path) as address:
        point_to("hf", address, monkeypatch)
        wanted = {"ingest": [f"{ROOTS['hf']}/{name}" for name in names]}
        first = read_inputs(wanted, [], Silence())["ingest"]
        assert read_inputs(wanted, first, Silence())["ingest"] == first
        (tmp_path / "a.jsonl").write_text('{"text": "آخر!"}\n')
        after = read_inputs(wanted, first, Silence())["ingest"]
    assert [item.sha256 for item in after] != [item.sha256 for item in first]
    assert after[1] == first[1]


def test_no_network_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:9"
    done = ingest(tmp_path, f"{ROOTS['s3']}/a.jsonl", AWS_ENDPOINT_URL=nobody)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and "Check the path, the network" in done.stderr


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"tahdhib\[hub\]"):
        find_sources([f"{ROOTS['hf']}/a.jsonl"])
