"""The audit claims nothing for a copy, and something where words that a witness minds are gone."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tahdhib.config.load import load_recipe
from tahdhib.records import Edit
from tahdhib.score.card import Score
from tahdhib.score.vocabulary import Vocabulary
from tahdhib.stages.audit.arms import words_edited
from tahdhib.stages.audit.columns import SIDES, Column, Columns
from tahdhib.stages.audit.drift import Drift
from tahdhib.stages.audit.groups import Clusters, clusters
from tahdhib.stages.audit.stage import reads
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


COLUMNS = Columns(
    (Column("toxicity", Score("toxicity", "probability", "how toxic"), "ngram"),),
    (),
    (Column("numbers", Score("numbers", "share", "numbers kept"), "preservation"),),
    ("source",),
)


APART = Clusters(np.arange(60), np.arange(60))


def table(after: float, rows: int = 60) -> dict[str, Any]:
    generator = np.random.default_rng(1)
    before = generator.uniform(0.2, 0.8, rows)
    shifted = before - after + generator.normal(0, 0.01, rows)
    rules = np.empty(rows, dtype=object)
    for at in range(rows):
        rules[at] = ["spacing", "tatweel"] if at % 2 else ["spacing"]
    kept = np.ones(rows)
    kept[:3] = 0.5
    return {
        "language": np.array(["ar"] * (rows - 25) + ["en"] * 25, dtype=object),
        "state": np.array(["rewritten"] * rows, dtype=object),
        "worker": np.array(["rules"] * rows, dtype=object),
        "rules": rules,
        "by_source": np.array(["a", "b"] * (rows // 2), dtype=object),
        "before_dialect": np.array(["egy"] * rows, dtype=object),
        "after_dialect": np.array(["egy"] * (rows - 5) + ["msa"] * 5, dtype=object),
        "before_topic": np.zeros(rows, np.int16),
        "after_topic": np.array([1] * 6 + [0] * (rows - 6), np.int16),
        "before_toxicity": before,
        "after_toxicity": shifted,
        "random_toxicity": before,
        "rules_only_toxicity": shifted,
        "people_only_toxicity": before,
        "before_length": np.full(rows, 100),
        "after_length": np.full(rows, 90),
        **{f"{side}_distinct_{n}": np.ones(rows) for n in (1, 2, 3) for side in SIDES},
        "kept_numbers": kept,
        "overlap": np.full(rows, 80.0),
    }


def entries(effect: float) -> list[dict[str, Any]]:
    return list(Summary(5, 500, COLUMNS).entries(table(effect), APART))


@pytest.mark.parametrize(("effect", "is_found"), [(0.1, True), (0.0, False)])
def test_a_planted_effect_is_found_and_none_is_not(effect: float, is_found: bool) -> None:
    found = entries(effect)
    groups = {entry["group"] for entry in found if entry["measure"] == "toxicity"}
    named = {"language=ar", "language=en", "source=a", "dialect=egy", "rule=tatweel"}
    assert named | {"worker=rules", "state=rewritten", "kind=rules"} <= groups
    all_ = next(e for e in found if (e["measure"], e["group"]) == ("toxicity", "all"))
    assert all_["against"]["copy"]["found"] is is_found
    if is_found:
        change = all_["against"]["copy"]["difference"]["estimate"]
        assert change == pytest.approx(-effect, abs=0.01)
    assert sum(all_["histogram"]["before"]) == 60


def test_what_was_lost_is_counted() -> None:
    kept = next(e for e in entries(0.1) if e.get("family") == "preservation")
    assert (kept["measure"], kept["n"]) == ("numbers", 60)
    assert kept["changed"]["estimate"] == pytest.approx(3 / 60)
    assert kept["after"]["estimate"] == pytest.approx(1 - 1.5 / 60)


def test_sites_count_first_and_near_duplicates_inside_one() -> None:
    names = [["site:a"], ["site:b"], ["site:a"], [], []]
    keys = np.array([[1, 9], [2, 8], [3, 7], [4, 6], [4, 5]], np.uint64)
    found = clusters(names, keys)
    assert found.coarse[0] == found.coarse[2] != found.coarse[1]
    assert found.coarse[3] == found.coarse[4] == found.fine[3]
    assert len(set(found.coarse.tolist())) == 3
    assert found.fine.tolist() == [0, 1, 2, 3, 3]
    in_a = np.array([True, False, True, False, False])
    assert found.of(in_a).tolist() == [0, 2]
    assert clusters([[], []], np.zeros((2, 0), np.uint64)).coarse.tolist() == [0, 1]


def test_clusters_widen_the_interval() -> None:
    pairs = np.arange(60) // 2
    alone = Summary(5, 500, COLUMNS).entries(table(0.1), APART)
    paired = Summary(5, 500, COLUMNS).entries(table(0.1), Clusters(pairs // 15, pairs))
    wide, narrow = next(iter(paired)), next(iter(alone))
    assert wide["after"]["high"] > narrow["after"]["high"]


def test_drift_tells_what_moved() -> None:
    words = Vocabulary()
    words.add(["one", "two", "two"], ["one", "three"])
    section = Drift(5, 300).section(table(0.1), APART, words, ["first", "second"])
    assert section["dialects"]["to_standard"]["estimate"] == pytest.approx(5 / 60)
    assert section["dialects"]["moves"] == [{"from": "egy", "to": "msa", "n": 5}]
    topics = section["topics"]
    assert topics["distance"]["estimate"] == pytest.approx(0.1)
    assert topics["distance"]["low"] > 0
    assert [share["name"] for share in topics["shares"]][:2] == ["first", "second"]
    assert section["vocabulary"]["words"] == {"before": 3, "after": 2}
    assert [word["word"] for word in section["vocabulary"]["lost"]] == ["two"]
    assert [word["word"] for word in section["vocabulary"]["gained"]] == ["three"]


def test_a_run_measures_everything_by_group(tmp_path: Path) -> None:
    summary, _ = audited(tmp_path, "rules")
    groups = {entry["group"].partition("=")[0] for entry in summary["measures"]}
    assert {"all", "language", "source", "dialect", "rule", "worker", "state", "kind"} <= groups
    families = {entry.get("family") for entry in summary["measures"]}
    assert "preservation" in families
    assert summary["clusters"]["by"] == ["near_duplicates"]
    assert 0 < summary["clusters"]["number"] <= summary["n"]
    assert summary["drift"]["vocabulary"]["kinds"]["before"] > 1000
    assert summary["drift"]["topics"]["n"] == summary["n"]


def test_a_field_that_is_not_carried_is_refused(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, audit={"cluster": ["site"]})
    done = tahdhib("run", "-c", recipe, "--out", tmp_path / "run", "--dry-run")
    assert done.returncode == 2
    assert "audit.cluster names 'site'" in done.stderr


def test_results_do_not_depend_on_buckets_or_processes(tmp_path: Path) -> None:
    found = []
    for buckets, processes in ((4, 1), (7, 2)):
        folder = tmp_path / str(buckets)
        folder.mkdir()
        changes = {"processes": processes, "worker": {"kind": "rules"}}
        recipe = write_recipe(folder, **changes)
        text = recipe.read_text().replace("buckets: 4", f"buckets: {buckets}")
        recipe.write_text(text)
        done = tahdhib("audit", "-c", recipe, "--out", folder / "run")
        assert done.returncode == 0, done.stderr
        summary = json.loads((folder / "run" / "audit" / "summary.json").read_text())
        found.append({e["group"]: e["after"]["estimate"] for e in summary["measures"]})
    assert found[0].keys() == found[1].keys()
    for group, estimate in found[0].items():
        assert found[1][group] == pytest.approx(estimate, abs=1e-9), group


def test_files_of_scorers_are_part_of_what_a_result_depends_on(tmp_path: Path) -> None:
    (tmp_path / "model.npz").write_bytes(b"x")
    path = write_recipe(tmp_path, audit={"scorers": ["fluency:model.npz"]})
    recipe = load_recipe(path, ())
    assert recipe.audit.scorers == (f"fluency:{tmp_path / 'model.npz'}",)
    assert reads(recipe) == [str(tmp_path / "model.npz")]
