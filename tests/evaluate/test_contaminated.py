"""Items that stand in a training corpus are told apart from the others."""

import csv
from collections.abc import Callable
from pathlib import Path

import tahdhib
from tests.evaluate.conftest import samples_of


def test_planted_questions_are_found_and_their_accuracy_is_told(
    tiny: Path, shared_data: Path, tmp_path: Path, write_jsonl: Callable[..., Path]
) -> None:
    with (shared_data / "aratrust" / "aratrust.csv").open(encoding="utf-8-sig") as handle:
        rows = [row for row in csv.DictReader(handle) if len(row["question"].split()) > 9]
    planted = rows[:20]
    texts = [
        {"content": f"مقدمة لا صلة لها بشيء. {row['question']} ثم كلام آخر بعدها."}
        for row in planted
    ]
    corpus = write_jsonl([*texts, {"content": "نص بلا أسئلة"}, {"other": 1}], "corpus.jsonl")
    found = tahdhib.evaluate(
        tiny, ["aratrust"], shared_data, tmp_path / "out", corpus=[str(corpus)], text="content"
    )
    (result,) = found.results
    samples = samples_of(tmp_path / "out", "aratrust_part_lighteval")
    there = {row["id"] for row in samples if row["in_corpus"]}
    assert there >= {row["sample_idx"] for row in planted}
    assert len(there) <= 23  # a few questions of the set resemble each other
    short = [row for row in samples if len(row["doc"]["question"].split()) < 4]
    assert all(row["in_corpus"] is None for row in short)
    among = [row["acc"] for row in samples if row["in_corpus"]]
    assert result.among(True).estimate == sum(among) / len(among)
    assert f"{len(among)} of {427 - len(short)} items stand in the corpus" in (
        tmp_path / "out" / "summary.md"
    ).read_text(encoding="utf-8")
