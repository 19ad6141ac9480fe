"""A causal worker from nothing: trained, opened, asked."""

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("trl")
pytest.importorskip("peft")

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.protocol import Unusable
from tahdhib.config.recipe import Gate as GateSettings
from tahdhib.config.recipe import Protect
from tahdhib.errors import DataError, RecipeError
from tahdhib.polish import polish
from tahdhib.progress import Progress, Silence
from tahdhib.protect.shelter import open_shelter
from tahdhib.records import Document, Rewrite
from tahdhib.store.shards import write_json
from tahdhib.workers.card import RECORD
from tahdhib.workers.causal.card import record
from tahdhib.workers.causal.folder import folder_hash
from tahdhib.workers.causal.train import Trained, train
from tahdhib.workers.table import open_worker
from tests.servers import vllm_stand_in
from tests.workers.causal.lessons import TINY, opened, pairs, settings, taught

DOCUMENTS = [Document(pair.id, pair.source) for pair in pairs()]


@pytest.fixture(scope="module")
def conduct() -> Conduct:
    return load_conduct("default")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("worker") / "diff"


@pytest.fixture(scope="module")
def trained(folder: Path, conduct: Conduct) -> Trained:
    return taught(folder, conduct)


def test_it_writes_what_it_was_taught(folder: Path, trained: Trained, conduct: Conduct) -> None:
    assert trained.parts == {"train": 21, "held_out": 3}
    made = opened(folder, conduct).rewrite(DOCUMENTS)
    assert [one.text for one in made] == [pair.rewrites[0] for pair in pairs()]
    assert [len(one.edits) for one in made] == [1, 0] * 12
    assert {edit.by for one in made for edit in one.edits} == {"causal"}


def test_an_answer_is_the_document_s_own(folder: Path, trained: Trained, conduct: Conduct) -> None:
    together = opened(folder, conduct, batch=7).answers(DOCUMENTS)
    alone = opened(folder, conduct, batch=1)
    assert [alone.answers([one])[0] for one in DOCUMENTS] == together
    guessing = opened(folder, conduct, batch=1, lookup=4)
    assert guessing.answers(DOCUMENTS) == together


def test_vllm_is_asked_in_its_words(
    folder: Path, trained: Trained, conduct: Conduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a stand-in that computes as it does; the real one needs a GPU."""
    monkeypatch.setitem(sys.modules, "vllm", vllm_stand_in)
    worker = opened(folder, conduct, engine="vllm", lookup=5)
    assert worker.answers(DOCUMENTS) == opened(folder, conduct).answers(DOCUMENTS)
    (told,) = vllm_stand_in.told
    assert told["model"] == str(folder)
    assert told["speculative_config"] == {
        "method": "ngram",
        "num_speculative_tokens": 5,
        "prompt_lookup_min": 2,
        "prompt_lookup_max": 4,
    }


@pytest.mark.parametrize("guessed", [0, 5])
def test_vllm_guesses_as_the_pilot_on_record_says(
    folder: Path,
    trained: Trained,
    conduct: Conduct,
    monkeypatch: pytest.MonkeyPatch,
    guessed: int,
) -> None:
    monkeypatch.setitem(sys.modules, "vllm", vllm_stand_in)
    monkeypatch.setattr(vllm_stand_in, "told", [])
    found = trained.pilot
    unreadable = trained.measured.unreadable
    assert found.per_step is not None and unreadable is not None
    assert found.per_step.n == round(3 * (1 - unreadable.estimate)) > 0
    assert found.tokens >= found.steps > 0
    told = record(trained, settings(), {})
    assert told["pilot"]["lookup"] == found.lookup
    write_json(folder / RECORD, {**told, "pilot": {**told["pilot"], "lookup": guessed}})
    worker = opened(folder, conduct, engine="vllm", lookup="pilot")
    assert worker.answers(DOCUMENTS[:2]) == opened(folder, conduct).answers(DOCUMENTS[:2])
    (loaded,) = vllm_stand_in.told
    assert loaded.get("speculative_config", {}).get("num_speculative_tokens", 0) == guessed
    (folder / RECORD).unlink()
    with pytest.raises(DataError, match="says nothing of a pilot"):
        opened(folder, conduct, engine="vllm", lookup="pilot")


def test_answers_that_cannot_be_read_change_nothing(
    folder: Path, trained: Trained, conduct: Conduct
) -> None:
    worker = opened(folder, conduct)
    strange = [Document("strange", "zq 𓂀 " * 40), Document("empty", "")]
    told = worker.answers(strange)
    assert any(isinstance(one, Unusable) for one in told)
    for document, one, text in zip(strange, told, worker.rewrite(strange), strict=True):
        if isinstance(one, Unusable):
            assert text == Rewrite(document.text, ())


def test_polish_shows_it_passages_and_no_protected_span(
    folder: Path, trained: Trained, conduct: Conduct
) -> None:
    """What it can read is judged; where one passage has no answer, none of the text has."""
    worker = opened(folder, conduct)
    asked: list[str] = []
    answers = worker.answers

    def heard(documents: Sequence[Document]) -> list[Rewrite | Unusable]:
        asked.extend(one.text for one in documents)
        return answers(documents)

    worker.answers = heard  # type: ignore[method-assign]
    sources = [pair.source for pair in pairs()[:4]]
    texts = ["\n".join(sources), f"{sources[0]}\nhttps://example.org/page"]
    whole, protected = polish(
        texts, worker, conduct, GateSettings(), open_shelter(Protect()), passage_characters=30
    )
    assert whole.accepted and whole.text == "\n".join(pair.rewrites[0] for pair in pairs()[:4])
    assert set(sources) <= set(asked) and not any("example.org" in one for one in asked)
    assert protected.accepted or protected.reasons[0].code == "worker:unreadable"
    assert protected.text.endswith("https://example.org/page")


def test_plain_transformers_opens_it(folder: Path, trained: Trained) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert sum(weights.numel() for weights in model.parameters()) == trained.parameters
    assert model.generation_config.eos_token_id == [tokenizer.eos_token_id]
    assert tokenizer.eos_token_id != tokenizer.pad_token_id


def test_the_same_pairs_give_the_same_worker(tmp_path: Path, conduct: Conduct) -> None:
    told = {"epochs": 1, "base": {**TINY, "rehearsal": 16}}
    first = taught(tmp_path / "one", conduct, **told)
    backwards = train(pairs()[::-1], settings(**told), tmp_path / "two", conduct=conduct, seed=17)
    assert first == backwards
    assert first.steps == math.ceil((16 + 21) / 8)
    assert folder_hash(tmp_path / "one") == folder_hash(tmp_path / "two")


def test_a_killed_training_goes_on_to_the_same_weights(tmp_path: Path, conduct: Conduct) -> None:
    """Killed after 4 of 6 steps, of which 3 lie on disk, and again inside a checkpoint."""
    told = settings(epochs=2, checkpoint_steps=3)

    def learn(name: str, progress: Progress) -> Trained:
        return train(pairs(), told, tmp_path / name, conduct=conduct, seed=17, progress=progress)

    undisturbed = learn("undisturbed", Silence())
    dying, watching = Counted(dies_at=4), Counted()
    with pytest.raises(KeyboardInterrupt):
        learn("killed", dying)
    assert not (tmp_path / "killed" / "model.safetensors").exists()
    cut_off = tmp_path / "killed" / "scratch" / "checkpoint-4"
    cut_off.mkdir()
    (cut_off / "trainer_state.json").write_text("{")
    assert learn("killed", watching) == undisturbed
    assert (dying.steps, watching.steps) == ([0, 1, 1, 1, 1], [3, 1, 1, 1])
    assert folder_hash(tmp_path / "killed") == folder_hash(tmp_path / "undisturbed")


class Counted(Silence):
    """Progress that takes the process with it at a step."""

    def __init__(self, dies_at: int = 0) -> None:
        self.steps: list[int] = []
        self._dies_at = dies_at

    @contextmanager
    def task(self, label: str, total: int | None, unit: str) -> Iterator["Counted"]:
        assert total == 6
        yield self

    def advance(self, count: int = 1) -> None:
        self.steps.append(count)
        if sum(self.steps) == self._dies_at:
            raise KeyboardInterrupt

    def note(self, remark: str) -> None:
        pass


def test_adapters_are_learned_and_merged(
    folder: Path, trained: Trained, tmp_path: Path, conduct: Conduct
) -> None:
    taught(tmp_path, conduct, model=str(folder), instruction="brief", epochs=1, lora_rank=2)
    assert (tmp_path / "adapter" / "adapter_config.json").exists()
    assert folder_hash(tmp_path) != folder_hash(folder)
    made = opened(tmp_path, conduct).rewrite(DOCUMENTS)
    assert [one.text for one in made] == [pair.rewrites[0] for pair in pairs()]


def test_its_hash_is_of_weights_and_conduct(
    folder: Path, trained: Trained, conduct: Conduct
) -> None:
    here = opened(folder, conduct)
    assert here.hash == opened(folder, conduct, batch=1).hash
    assert here.hash != opened(folder, replace(conduct, hash="0" * 64)).hash


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"max_length": 16}, "no pair that changes something takes less than"),
        ({"model": "no/such/model"}, "cannot be loaded"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    tmp_path: Path, conduct: Conduct, changes: dict[str, object], seen: str
) -> None:
    with pytest.raises((DataError, RecipeError), match=seen):
        taught(tmp_path, conduct, **changes)


def test_a_folder_without_a_worker_says_so(tmp_path: Path, conduct: Conduct) -> None:
    with pytest.raises(DataError, match="holds no causal worker"):
        opened(tmp_path, conduct)
    with pytest.raises(RecipeError, match="'causal' learns from pairs"):
        open_worker(
            "causal", conduct=conduct, folder=None, seed=1, random_rate=0, batch=1, threads=1
        )
