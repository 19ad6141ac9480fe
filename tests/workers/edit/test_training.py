"""One small training, shared by all tests of this file that need a trained worker."""

from pathlib import Path

import pytest

from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.errors import DataError
from tahdhib.progress import Silence
from tahdhib.records import Document
from tahdhib.text.edits import apply
from tests.workers.edit.planted import planted_pairs

pytest.importorskip("torch")

from tahdhib.workers.edit.card import record
from tahdhib.workers.edit.examples import TrainingPair, pairs_hash
from tahdhib.workers.edit.model import save_tagger
from tahdhib.workers.edit.tagger import folder_hash
from tahdhib.workers.edit.train import Trained, train
from tahdhib.workers.edit.worker import EditWorker

SETTINGS = EditSettings(layers=2, hidden=32, features=2048, epochs=10, batch=256)


def _train(
    pairs: list[TrainingPair], settings: EditSettings = SETTINGS, threads: int = 1
) -> Trained:
    return train(pairs, settings, seed=1, threads=threads, progress=Silence())


@pytest.fixture(scope="module")
def trained() -> Trained:
    return _train(planted_pairs(400, seed=1))


@pytest.fixture(scope="module")
def folder(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    save_tagger(folder, trained.tagger)
    return folder


@pytest.fixture
def worker(folder: Path) -> EditWorker:
    return EditWorker.open(folder, batch=64, threads=1)


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return [Document(pair.id, pair.source) for pair in planted_pairs(60, seed=2)]


def test_it_learns_planted_noise(trained: Trained) -> None:
    held_out = trained.held_out["rules"]
    assert held_out.recall is not None and held_out.recall.estimate > 0.5
    assert held_out.precision is not None and held_out.precision.estimate > 0.7
    assert trained.held_out["all"] == held_out


@pytest.mark.parametrize("threads", [1, 2])
def test_same_pairs_seed_and_threads_give_the_same_bytes(tmp_path: Path, threads: int) -> None:
    pairs = planted_pairs(40, seed=3)
    quick = SETTINGS.model_copy(update={"epochs": 1.0})
    hashes = []
    for name, ordered in (("one", pairs), ("two", pairs[::-1])):
        save_tagger(tmp_path / name, _train(ordered, quick, threads).tagger)
        hashes.append(folder_hash(tmp_path / name))
    assert hashes[0] == hashes[1]


def test_a_saved_worker_rewrites_as_the_trained_one(
    trained: Trained, worker: EditWorker, documents: list[Document]
) -> None:
    unsaved = EditWorker(trained.tagger, model_hash="", batch=64)
    assert worker.rewrite(documents) == unsaved.rewrite(documents)


def test_edits_lead_to_the_text(worker: EditWorker, documents: list[Document]) -> None:
    rewrites = worker.rewrite(documents)
    assert any(rewrite.edits for rewrite in rewrites)
    for document, rewrite in zip(documents, rewrites, strict=True):
        assert apply(document.text, rewrite.edits) == rewrite.text
        assert {edit.by for edit in rewrite.edits} <= {"edit"}


def test_a_document_alone_is_rewritten_as_among_others(
    worker: EditWorker, documents: list[Document]
) -> None:
    together = worker.rewrite(documents)
    assert [worker.rewrite([document])[0] for document in documents] == together


@pytest.mark.parametrize("text", ["", " ", "\n", "?!", "\u200b"])
def test_texts_without_words(worker: EditWorker, text: str) -> None:
    (rewrite,) = worker.rewrite([Document("1", text)])
    assert apply(text, rewrite.edits) == rewrite.text


def test_a_megabyte_without_a_space_stays_as_it_is(worker: EditWorker) -> None:
    blob = "ب" * 1_000_000
    (rewrite,) = worker.rewrite([Document("1", f"كان اول {blob} رئيس")])
    assert blob in rewrite.text


def test_a_long_document_is_read_to_its_end(worker: EditWorker) -> None:
    text = "كان اول رئيس كتب شعر جميل. " * 1200 + "جمـــيل"
    (rewrite,) = worker.rewrite([Document("1", text)])
    assert rewrite.text.endswith("جميل")


def test_no_documents_no_rewrites(worker: EditWorker) -> None:
    assert worker.rewrite([]) == []


def test_pairs_that_change_nothing_teach_nothing() -> None:
    pairs = [TrainingPair(str(n), "كان اول", ("كان اول",), (), "rules") for n in range(20)]
    with pytest.raises(DataError, match="nothing for the edit worker to learn"):
        _train(pairs)


def test_a_folder_without_a_worker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"edit_worker\.json, model\.safetensors missing"):
        EditWorker.open(tmp_path, batch=64, threads=1)


def test_the_card_balances_and_knows_no_clock(trained: Trained) -> None:
    made = record(trained, SETTINGS, {"seed": 1})
    assert sum(made["pairs"].values()) + sum(made["drops"].values()) == 400
    assert made["held_out"]["rules"]["precision"]["n"] > 0
    assert made["seed"] == 1 and not any("second" in key or "time" in key for key in made)


def test_the_hash_of_pairs_knows_no_order() -> None:
    pairs = planted_pairs(5, seed=1)
    assert pairs_hash(pairs) == pairs_hash(pairs[::-1]) != pairs_hash(pairs[1:])
