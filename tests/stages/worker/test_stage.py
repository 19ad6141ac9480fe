from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tahdhib.errors import DataError, MissingExtraError
from tahdhib.stages.contract import Workplace
from tahdhib.stages.worker import stage
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.schemas import DOCUMENTS, PAIRS
from tahdhib.store.shards import read_json, write_rows
from tahdhib.workers.card import readme
from tahdhib.workers.edit.examples import TrainingPair
from tests.stages.workplaces import workplace
from tests.workers.edit.planted import planted_pairs

EDIT = {"layers": 1, "hidden": 32, "features": 512, "epochs": 1}


def pair_rows(run: RunFolder, pairs: list[TrainingPair]) -> None:
    """Write `pairs` as the stage before leaves them, in two shards."""
    rows: list[dict[str, Any]] = [
        {
            "id": pair.id,
            "source": pair.source,
            "rewrites": list(pair.rewrites),
            "edits": [asdict(edit) for edit in pair.edits],
            "teacher": pair.teacher,
            "conduct_hash": "",
            "rules_hash": "",
        }
        for pair in pairs
    ]
    annotated = run.stage("annotate")
    write_rows(annotated.shard("pairs", 0), rows[::2], PAIRS)
    write_rows(annotated.shard("pairs", 1), rows[1::2], PAIRS)


def _place(
    root: Path, pairs: list[TrainingPair], kind: str = "edit", **settings: object
) -> Workplace:
    pair_rows(RunFolder(root), pairs)
    worker = {"kind": kind, "threads": 1, "edit": EDIT, **settings}
    return workplace(root, "worker", {"ingest": {"paths": ["x"]}, "worker": worker})


def _bytes(place: Workplace) -> dict[str, bytes]:
    folder = place.here.file("model")
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_it_trains_accounts_and_resumes_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    pairs = [*planted_pairs(60, seed=1), TrainingPair("wordless", "?!", ("?",), (), "rules")]
    place = _place(tmp_path / "undisturbed", pairs)
    ledger = stage.work(place)
    assert (ledger.came_in, ledger.drops["no_words"]) == (61, 1)
    assert (
        ledger.notes["held_out"]
        == read_json(place.here.file("model") / "card.json")["pairs"]["held_out"]
    )

    killed = _place(tmp_path / "killed", pairs)
    with monkeypatch.context() as patch:
        patch.setattr(stage.os, "replace", _die)
        with pytest.raises(KeyboardInterrupt):
            stage.work(killed)
    assert not killed.here.file("model").exists()
    killed.here.begin("a fingerprint", {})
    assert stage.work(killed) == ledger
    assert _bytes(killed) == _bytes(place)
    assert [path.name for path in sorted(killed.here.root.iterdir())] == ["model", "plan.json"]

    monkeypatch.setattr(stage, "_train", _die)
    assert stage.work(killed) == ledger  # the model is there: nothing is trained again


def test_the_folder_says_what_it_was_made_from(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from tahdhib.workers.edit.card import KIND

    pairs = planted_pairs(60, seed=1)
    place = _place(tmp_path, pairs)
    rows = [
        {"id": pair.id, "text": pair.source, "metadata": '{"licence":"CC-BY-4.0"}'}
        for pair in pairs[:40]
    ]
    write_rows(place.run.stage("dedup").shard("documents", 0), rows, DOCUMENTS)
    stage.work(place)
    record = read_json(place.here.file("model") / "card.json")
    assert record["licences"] == {"CC-BY-4.0": 40, "unknown": 20}
    assert list(record["languages"]) == ["ar"]
    card = (place.here.file("model") / "README.md").read_text(encoding="utf-8")
    assert card == readme(record, KIND)
    assert f"`{record['pairs_hash']}`" in card


@pytest.mark.parametrize("kind", ["rules", "copy", "random"])
def test_workers_that_learn_nothing_pass_the_pairs_on(tmp_path: Path, kind: str) -> None:
    place = _place(tmp_path, planted_pairs(4, seed=1), kind)
    ledger = stage.work(place)
    assert (ledger.came_in, ledger.went_out) == (4, 4)
    assert not place.here.file("model").exists()


def test_pairs_that_are_not_selected_are_accounted_for(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    chosen = {"by": "random", "pairs": 40}
    place = _place(tmp_path, planted_pairs(60, seed=1), select=chosen)
    ledger = stage.work(place)
    assert (ledger.came_in, ledger.drops["not_selected"]) == (60, 20)
    told = read_json(place.here.file("model") / "card.json")
    assert sum(told["pairs"].values()) == 60 - sum(ledger.drops.values())
    assert ledger.notes["faults_dialect"] == told["faults"]["dialect"] == 0
    assert stage.work(place) == ledger


def test_pairs_without_an_edit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="2 pairs and no edit"):
        stage.work(_place(tmp_path, [TrainingPair(n, "كان", ("كان",), (), "rules") for n in "ab"]))


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "find_spec", lambda package: None)
    with pytest.raises(MissingExtraError, match=r"tahdhib\[train\]"):
        stage.work(_place(tmp_path, planted_pairs(4, seed=1)))


def _die(*_: object) -> None:
    raise KeyboardInterrupt
