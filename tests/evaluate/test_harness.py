"""lm-eval's own ArabicMMLU: what it computes, computed again by hand."""

import json
from pathlib import Path

import pytest

import tahdhib
from tahdhib.errors import MissingExtraError
from tests.evaluate.conftest import Plain, samples_of

NAME = "arabicmmlu_part_lmeval"


def test_without_lm_eval_the_extra_is_named(
    tiny: Path, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "lm_eval", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'tahdhib\[eval\]'"):
        tahdhib.evaluate(tiny, ["arabicmmlu_lmeval"], shared_data, tmp_path, limit=5)


@pytest.mark.slow
def test_lm_eval_itself_scores_what_it_is_said_to_score(
    tiny: Path, shared_data: Path, plain: Plain, tmp_path: Path
) -> None:
    pytest.importorskip("lm_eval", reason="the extra `eval` is not installed")
    tasks = ["arabicmmlu_lmeval", "arabicmmlu_authors_en"]
    found = tahdhib.evaluate(tiny, tasks, shared_data, tmp_path, limit=80)
    authors = {row["id"]: row for row in samples_of(tmp_path, "arabicmmlu_part_authors_en")}
    right = 0
    for sample in samples_of(tmp_path, NAME):
        prompt = sample["arguments"]["gen_args_0"]["arg_0"]
        assert prompt + " " == authors[sample["id"]]["arguments"]["gen_args_0"]["arg_0"]
        letters = "ABCDE"[: len(sample["resps"])]
        expected = [plain.likelihood(prompt, f" {letter}") for letter in letters]
        assert [one for (one,) in sample["resps"]] == pytest.approx(expected, abs=1e-3)
        chosen = letters[expected.index(max(expected))]
        assert sample["acc"] == (chosen == sample["doc"]["Answer Key"])
        right += chosen == sample["doc"]["Answer Key"]
    assert found.results[0].score.estimate == right / 80
    from lm_eval.utils import make_table

    table = make_table(json.loads((tmp_path / "results.json").read_text(encoding="utf-8")))
    assert "a part of ArabicMMLU (80 of 14,455 items published)" in table  # its readers read ours
