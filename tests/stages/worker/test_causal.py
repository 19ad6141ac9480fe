"""The stages `worker` and `rewrite` with a worker that writes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl")
pytest.importorskip("peft")

from tahdhib.records import Document
from tahdhib.stages.contract import Workplace
from tahdhib.stages.rewrite import stage as rewrite
from tahdhib.stages.worker import stage
from tahdhib.store.ledger import Ledger
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.schemas import DOCUMENTS
from tahdhib.store.shards import read_json, read_rows, write_rows
from tahdhib.text.edits import diff
from tahdhib.workers.edit.examples import TrainingPair
from tests.stages.worker.test_stage import EDIT, pair_rows
from tests.stages.workplaces import workplace
from tests.workers.causal.lessons import opened, pairs, settings

KINDS = ["edit", "causal"]


def place_in(root: Path, name: str, ladder: list[str], **causal: Any) -> Workplace:
    worker = {
        "kind": ladder[-1],
        "edit": EDIT,
        "causal": settings(**causal).model_dump(),
    }
    recipe = {
        "processes": 1,
        "ingest": {"paths": ["."], "buckets": 1},
        "worker": worker,
        "rewrite": {"ladder": ladder},
    }
    return workplace(root, name, recipe)


def trained(
    root: Path, ladder: list[str], learned: Sequence[TrainingPair] = (), **causal: Any
) -> tuple[Workplace, Ledger]:
    pair_rows(RunFolder(root), list(learned) or pairs())
    place = place_in(root, "worker", ladder, **causal)
    return place, stage.work(place)


def bytes_of(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose two workers are trained."""
    root = tmp_path_factory.mktemp("run")
    trained(root, KINDS)
    return root


def test_each_worker_that_learns_has_its_folder(run: Path) -> None:
    here = RunFolder(run).stage("worker")
    assert read_json(here.file("model") / "card.json")["kind"] == "edit"
    folder = here.file("model-causal")
    record = read_json(folder / "card.json")
    assert record["kind"] == "causal" and record["instruction"] == "brief"
    assert record["pairs"] == {"train": 21, "held_out": 3}
    assert record["held_out"]["all"]["unreadable"]["n"] == 3
    assert len(record["pairs_hash"]) == len(record["conduct_hash"]) == 64
    card = (folder / "README.md").read_text()
    assert "pipeline_tag: text-generation" in card and "| unreadable |" in card
    assert not [path for path in here.root.iterdir() if "unfinished" in path.name]
    assert not (folder / "scratch").exists()


@pytest.mark.slow
def test_killed_while_training_it_ends_as_if_nothing_had_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed, ledger = trained(tmp_path / "undisturbed", ["causal"], epochs=1)
    assert ledger.notes["kind"] == "causal"
    assert (ledger.came_in, ledger.went_out, ledger.notes["held_out"]) == (24, 24, 3)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(stage.os, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path / "killed", ["causal"], epochs=1)
    place, again = trained(tmp_path / "killed", ["causal"], epochs=1)
    assert again == ledger
    folder = "model-causal"
    assert bytes_of(place.here.file(folder)) == bytes_of(undisturbed.here.file(folder))
    monkeypatch.setattr(stage, "_train", die)
    assert stage.work(place) == ledger  # the folder is there: nothing is trained again


def test_pairs_too_long_for_it_are_dropped_and_counted(tmp_path: Path) -> None:
    long = "كتاب عن النيل " * 100
    more = [TrainingPair("long", long, (long[:-1],), diff(long, long[:-1], "rules"), "rules")]
    _, ledger = trained(tmp_path, ["causal"], [*pairs(), *more], epochs=1)
    assert ledger.drops == {"too_long": 1}
    assert (ledger.came_in, ledger.went_out) == (25, 24)


def test_it_rewrites_and_what_cannot_be_read_stays(run: Path) -> None:
    texts = {pair.id: pair.source for pair in pairs()}
    texts["babble"] = "zq 𓂀 " * 40
    rows = [{"id": name, "text": texts[name], "metadata": "{}"} for name in sorted(texts)]
    place = place_in(run, "rewrite", ["causal"])
    write_rows(place.run.stage("dedup").shard("documents", 0), rows, DOCUMENTS)
    ledger = rewrite.work(place)
    found = {row["id"]: row for row in read_rows(place.here.shard("documents", 0))}
    assert ledger.came_in == ledger.went_out == len(texts)
    for pair in pairs():
        row = found[pair.id]
        assert row["text"] == pair.rewrites[0]
        assert row["state"] == ("untouched" if pair.source == row["text"] else "rewritten")
    worker = opened(run / "worker" / "model-causal", place.conduct)
    assert found["babble"]["worker_hash"] == worker.hash
    (told,) = worker.answers([Document("babble", texts["babble"])])
    assert found["babble"]["reasons"] == ["worker:unreadable"], told
    assert (found["babble"]["state"], found["babble"]["text"]) == ("kept", texts["babble"])
    (fault,) = read_rows(place.here.shard("faults", 0))
    assert (fault["id"], fault["worker"], fault["kind"]) == ("babble", "causal", "unreadable")
