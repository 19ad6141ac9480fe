"""The pilot table: the paper's rows, with intervals, from a run or from files of pairs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tahdhib
from tahdhib.errors import DataError
from tahdhib.pilot import PAPER, _Figures, _row
from tests.report.folders import build_run


def test_a_run_has_a_table(tmp_path: Path) -> None:
    run = build_run(tmp_path / "run", documents=120)
    found = tahdhib.pilot(run.root, documents=60, repetitions=200)
    assert found.n == 60 < found.total
    names = [row.name for row in found.rows]
    assert "toxicity" in names and names.index("hate (hateful)") < names.index("toxicity")
    assert all(row.before.n == 60 for row in found.rows)
    assert {one.name for one in found.kept} >= {"preservation", "numbers"}
    assert found.clusters < found.n  # the same few texts come again and again


def test_files_of_pairs(write_jsonl: Callable[..., Path]) -> None:
    pairs = [
        {"origin": f"you are an idiot number {n}", "rewritten": f"you are wrong, number {n}"}
        for n in range(40)
    ]
    path = write_jsonl([*pairs, {"origin": 3}, "no json"])
    found = tahdhib.pilot(path, fields=("origin", "rewritten"), repetitions=200)
    row = next(row for row in found.rows if row.name == "toxicity")
    assert found.n == 40 and found.changed.estimate == 1
    assert row.change.is_found and row.relative is not None and row.relative.high < 0
    with pytest.raises(DataError, match="holds no pair"):
        tahdhib.pilot(path)


@pytest.mark.parametrize(("score", "row"), [("hateful", "hate (hateful)"), ("sexual", "sexual")])
def test_scores_find_their_row_of_the_paper(score: str, row: str) -> None:
    rng = np.random.default_rng(1)
    before = rng.uniform(0, 0.2, 200)
    sides = (before, before * 0.7)
    found = _row(score, "x", "probability", sides, _Figures(list(range(200)), 1, 400))
    assert found.name == row and found.paper == PAPER[row.partition(" ")[0]]
    assert found.relative is not None
    assert found.relative.estimate == pytest.approx(-0.3)
    assert found.relative.high - found.relative.low < 1e-9


def test_a_relative_change_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for seed in range(200):
        before = rng.exponential(1, 150)
        after = before * rng.uniform(0, 1.6, 150)
        row = _row("x", "x", "", (before, after), _Figures(list(range(150)), seed, 300))
        assert row.relative is not None
        covered += row.relative.low <= -0.2 <= row.relative.high
    assert 0.9 <= covered / 200 <= 0.99


def test_few_changed_documents_are_no_finding() -> None:
    before = np.full(400, 0.3)
    after = before - 0.2 * (np.arange(400) < 6)
    row = _row("x", "x", "probability", (before, after), _Figures(list(range(400)), 1, 300))
    assert not row.change.is_found and row.relative is not None and row.relative.rough
    assert "no difference is claimed; too few clusters with a change" in row.change.words()


def test_nothing_before_has_no_relative_change() -> None:
    columns: Sequence[Any] = (np.zeros(5), np.zeros(5))
    row = _row("x", "x", "", (columns[0], columns[1]), _Figures(list(range(5)), 1, 200))
    assert row.relative is None and not row.change.is_found
