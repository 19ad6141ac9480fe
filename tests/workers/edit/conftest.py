"""A worker that learned from the rules on real texts of the demo, and sentences it never saw."""

import json
from pathlib import Path

import pytest

from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.rewrite import rewrite
from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.progress import Silence
from tahdhib.text.segment import sentences
from tahdhib.workers.edit.examples import TrainingPair
from tests.run.small import demo_records

_RECORDS = 3000
_TRAINED_ON = 600
_SENTENCES = 1000


@pytest.fixture(scope="session")
def real_texts() -> list[str]:
    """Texts of the demo's records; broken records are left out."""
    texts = []
    for line in demo_records(_RECORDS):
        try:
            texts.append(json.loads(line)["text"])
        except (ValueError, KeyError, TypeError):
            continue
    return [text for text in texts if isinstance(text, str) and text.strip()]


@pytest.fixture(scope="session")
def real_pairs(real_texts: list[str]) -> list[TrainingPair]:
    conduct = load_conduct("default")
    made = [(text, rewrite(text, conduct)) for text in real_texts[:_TRAINED_ON]]
    return [
        TrainingPair(f"real:{number}", text, (one.text,), one.edits, "rules")
        for number, (text, one) in enumerate(made)
    ]


@pytest.fixture(scope="session")
def real_sentences(real_texts: list[str]) -> list[str]:
    """A thousand sentences outside the pairs."""
    cut = [piece.text for text in real_texts[_TRAINED_ON:] for piece in sentences(text)]
    assert len(cut) >= _SENTENCES
    return cut[:: len(cut) // _SENTENCES][:_SENTENCES]


@pytest.fixture(scope="session")
def real_folder(real_pairs: list[TrainingPair], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a worker of the default form."""
    pytest.importorskip("torch")
    from tahdhib.workers.edit.model import save_tagger
    from tahdhib.workers.edit.train import train

    settings = EditSettings(epochs=4, min_precision=0.5)
    trained = train(real_pairs, settings, seed=1, threads=1, progress=Silence())
    folder = tmp_path_factory.mktemp("real") / "model"
    save_tagger(folder, trained.tagger)
    return folder
