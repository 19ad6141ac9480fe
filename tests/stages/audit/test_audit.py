"""The audit claims nothing for a copy, and something where words that a witness minds are gone."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tahdhib.records import Edit
from tahdhib.stages.audit.arms import words_edited
from tahdhib.stages.audit.summary import Summary
from tests.run.small import tahdhib, write_recipe


def audited(folder: Path, kind: str) -> tuple[dict[str, Any], str]:
    recipe = write_recipe(folder, worker={"kind": kind})
    done = tahdhib("run", "-c", recipe, "--out", folder / "run")
    assert done.returncode == 0, done.stderr
    summary = json.loads((folder / "run" / "audit" / "summary.json").read_text())
    return summary, (folder / "run" / "report.html").read_text()


def toxicity(summary: dict[str, Any], group: str = "all") -> dict[str, Any]:
    return next(
        entry
        for entry in summary["measures"]
        if (entry["measure"], entry["group"]) == ("toxicity", group)
    )


def test_with_the_copy_worker_no_difference_is_found_and_said(tmp_path: Path) -> None:
    summary, report = audited(tmp_path, "copy")
    against = toxicity(summary)["against"]
    assert not against["copy"]["found"] and not against["random"]["found"]
    assert summary["null_rewriter_rate"] == 0
    assert "no difference was found" in report.lower()


def test_the_rules_lower_what_an_english_witness_sees(tmp_path: Path) -> None:
    summary, _ = audited(tmp_path, "rules")
    english = toxicity(summary, "language=en")["against"]["random"]
    assert english["found"] and english["difference"]["high"] < 0
    assert summary["null_rewriter_rate"] > 0


def test_the_rate_counts_words_that_edits_touch() -> None:
    source = "one two three four"
    assert words_edited(source, [Edit(0, 4, "", "x"), Edit(8, 13, "3", "x")]) == 2
    assert words_edited(source, [Edit(3, 3, ",", "x")]) == 0


def table(after: float, rows: int = 60) -> dict[str, Any]:
    generator = np.random.default_rng(1)
    before = generator.uniform(0.2, 0.8, rows)
    shifted = before - after + generator.normal(0, 0.01, rows)
    return {
        "id": np.array([str(n) for n in range(rows)], dtype=object),
        "language": np.array(["ar"] * (rows - 25) + ["en"] * 25, dtype=object),
        "state": np.array(["rewritten"] * rows, dtype=object),
        "before_toxicity": before,
        "after_toxicity": shifted,
        "random_toxicity": before,
        "rules_only_toxicity": shifted,
        "people_only_toxicity": before,
        "before_length": np.full(rows, 100),
        "after_length": np.full(rows, 90),
        "overlap": np.full(rows, 80.0),
    }


@pytest.mark.parametrize(("effect", "is_found"), [(0.1, True), (0.0, False)])
def test_a_planted_effect_is_found_and_none_is_not(effect: float, is_found: bool) -> None:
    entries = Summary(seed=5, repetitions=500).entries(table(effect))
    groups = {(entry["measure"], entry["group"]) for entry in entries}
    assert {("toxicity", "language=ar"), ("toxicity", "language=en")} <= groups
    whole = next(e for e in entries if (e["measure"], e["group"]) == ("toxicity", "all"))
    assert whole["against"]["copy"]["found"] is is_found
    if is_found:
        assert whole["against"]["copy"]["difference"]["estimate"] == pytest.approx(
            -effect, abs=0.01
        )
    assert sum(whole["histogram"]["before"]) == 60
