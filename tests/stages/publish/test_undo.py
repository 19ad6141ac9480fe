"""`publish --without`: a rule's edits undone, the rest as it was, and the gate asked again."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.rewrite import rewrite
from tahdhib.config.recipe import Gate as Settings
from tahdhib.errors import RecipeError
from tahdhib.gate.gate import Gate
from tahdhib.stages.publish.rows import restored, to_published
from tahdhib.stages.publish.undo import check_without, undone
from tests.run.small import tahdhib, write_recipe

CONDUCT = load_conduct("default")
GATE = Gate(Settings(), CONDUCT)
TEXT = "اتصل على 0501234567 الآن، هذا خـــــبر سار."


def row(text: str = TEXT, **changes: Any) -> dict[str, Any]:
    found = rewrite(text, CONDUCT)
    edits = [
        {"start": one.start, "end": one.end, "new": one.new, "by": one.by} for one in found.edits
    ]
    rest = {"metadata": "{}", "worker": "rules", "worker_hash": "", "conduct_hash": ""}
    return {
        "id": "a",
        "source": text,
        "text": found.text,
        "state": "rewritten",
        "edits": edits,
        "reasons": [],
        "rules_hash": "",
        **rest,
        **changes,
    }


def test_one_rule_is_undone_and_the_others_stay() -> None:
    found = undone(row(), {"mask-contacts"}, GATE)
    assert found["text"] == "اتصل على 0501234567 الآن، هذا خبر سار."
    assert found["state"] == "rewritten"
    assert [edit["by"] for edit in found["edits"]] == ["remove-tatweel"]
    assert restored(to_published(found)) == TEXT


def test_all_of_it_is_undone() -> None:
    for without in ({"rewritten"}, {"mask-contacts", "remove-tatweel"}):
        found = undone(row(), without, GATE)
        assert (found["text"], found["state"], found["edits"]) == (TEXT, "untouched", [])


def test_what_is_left_must_pass_the_gate_again() -> None:
    """Two edits that make one number: half of them is another number."""
    source = "سافر في عام 2015 إلى جدة وعاد منها مع أهله في الصيف."
    at = source.index("2015")
    both = [
        {"start": at, "end": at, "new": "2015", "by": "edit"},
        {"start": at, "end": at + 4, "new": "", "by": "remove-tatweel"},
    ]
    whole = {**row(source), "edits": both}
    found = undone(whole, {"remove-tatweel"}, GATE)
    assert (found["text"], found["state"], found["reasons"]) == (source, "kept", ["numbers"])


@given(st.sets(st.sampled_from([rule.id for rule in CONDUCT.rules] + ["edit", "rewritten"])))
def test_undoing_twice_is_undoing_once_and_nothing_is_lost(without: set[str]) -> None:
    once = undone(row(), without, GATE)
    assert undone(once, without, GATE) == once
    assert restored(to_published(once)) == TEXT


def test_the_corpus_is_published_without_a_rule(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, worker={"kind": "rules"}, publish={"formats": ["parquet"]})
    run = tmp_path / "run"

    def published(*more: str) -> dict[str, dict[str, Any]]:
        done = tahdhib("publish", "-c", recipe, "--out", run, *more)
        assert done.returncode == 0, done.stderr
        files = (run / "publish" / "corpus" / "parquet").glob("*.parquet")
        return {one["id"]: one for file in files for one in pq.read_table(file).to_pylist()}

    before = published()
    by = [edit["by"] for one in before.values() for edit in one["edits"]]
    after = published("--without", "fix-punctuation", "--without", "remove-tatweel")
    left = [edit["by"] for one in after.values() for edit in one["edits"]]
    notes = json.loads((run / "publish" / "ledger.json").read_text())["notes"]
    assert 0 < len(left) < len(by)
    assert not {"fix-punctuation", "remove-tatweel"} & set(left)
    assert notes["undone_edits"] == len(by) - len(left)
    assert all(restored(after[key]) == restored(before[key]) for key in before)
    assert "`fix-punctuation`" in (run / "publish" / "corpus" / "README.md").read_text()
    assert published() == before


def test_an_unknown_name_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="'mask-contcats' is no rule of the conduct 'default'"):
        check_without(["mask-contcats"], CONDUCT)
    recipe = write_recipe(tmp_path, worker={"kind": "rules"})
    done = tahdhib("publish", "-c", recipe, "--out", tmp_path / "run", "--without", "nobody")
    assert done.returncode == 2
    assert not (tmp_path / "run").exists()
