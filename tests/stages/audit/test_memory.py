"""The audit's memory does not grow with the corpus."""

import gzip
import json
from pathlib import Path

import pytest
import yaml

from tests.run.small import tahdhib


def peak(folder: Path, lines: list[str]) -> int:
    folder.mkdir()
    (folder / "input.jsonl").write_text("".join(lines), encoding="utf-8")
    recipe = {
        "ingest": {"paths": ["input.jsonl"], "metadata": ["label"], "buckets": 8},
        "worker": {"kind": "rules"},
        "annotate": {"sample": 100},
        "audit": {"max_documents": 20_000, "repetitions": 500},
    }
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe), encoding="utf-8")
    done = tahdhib("audit", "-c", path, "--out", folder / "run")
    assert done.returncode == 0, done.stderr
    performance = json.loads((folder / "run" / "performance.json").read_text())
    return int(performance["stages"]["audit"]["peak_memory_bytes"])


@pytest.mark.slow
def test_ten_times_the_input_takes_hardly_more_memory(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "raw_arabic_tweets" / "tweets_sentiment_2019.jsonl.gz"
    with gzip.open(source, "rt", encoding="utf-8") as handle:
        lines = [next(handle) for _ in range(15_000)]
    small, large = (peak(tmp_path / str(count), lines[:count]) for count in (1_500, 15_000))
    assert large <= 1.2 * small
