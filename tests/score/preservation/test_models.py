"""Scorers of pairs by Hugging Face models, on tiny real ones made on the spot."""

from pathlib import Path

import numpy as np
import pytest

from tahdhib.errors import RecipeError
from tahdhib.score.table import open_pair_scorer
from tests.score import tiny_models

torch = pytest.importorskip("torch")

TEXTS = ["A book about the sea.", "كتاب عن البحر", "x", "a much longer text of many words " * 20]
LABELS = ["entailment", "neutral", "contradiction"]
HOSTILE = ["", "🙂", "\ud800", "لا", "a\n" * 300, "كتاب. جديد. " * 60]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.classifier(tmp_path_factory.mktemp("nli"), TEXTS, LABELS, None)


@pytest.mark.parametrize("name", ["embedding", "nli"])
def test_any_pair_gets_finite_shares(name: str, folder: Path) -> None:
    scorer = open_pair_scorer(f"{name}:{folder}")
    assert (scorer.name, scorer.version) == (scorer.card.name, scorer.card.version)
    columns = len(scorer.card.scores)
    for source in HOSTILE:
        scores = scorer.compare([source] * len(HOSTILE), HOSTILE)
        assert scores.shape == (len(HOSTILE), columns)
        assert np.isfinite(scores).all()
        assert (scores >= 0).all() and (scores <= 1).all()
    assert scorer.compare([], []).shape == (0, columns)
    same = scorer.compare(HOSTILE, HOSTILE)
    assert (same == 1).all()
    with pytest.raises(ValueError, match="expected as many"):
        scorer.compare(["one"], [])


@pytest.mark.parametrize("name", ["embedding", "nli"])
def test_a_row_is_a_function_of_its_pair(name: str, folder: Path) -> None:
    scorer = open_pair_scorer(f"{name}:{folder}")
    together = scorer.compare(TEXTS, TEXTS[::-1])
    alone = np.vstack(
        [scorer.compare([one], [two]) for one, two in zip(TEXTS, TEXTS[::-1], strict=True)]
    )
    np.testing.assert_allclose(together, alone, rtol=1e-5)


def test_the_vector_is_the_mean_of_the_last_states(folder: Path) -> None:
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    vectors = []
    for text in TEXTS[:2]:
        with torch.no_grad():
            states = model.eval()(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]
        vectors.append(states.mean(dim=0).double().numpy())
    cosine = vectors[0] @ vectors[1] / np.linalg.norm(vectors[0]) / np.linalg.norm(vectors[1])
    found = open_pair_scorer(f"embedding:{folder}").compare(TEXTS[:1], TEXTS[1:2])
    assert found[0, 0] == pytest.approx(max(0.0, cosine), abs=1e-5)


def test_only_changed_sentences_are_asked_about(folder: Path) -> None:
    scorer = open_pair_scorer(f"nli:{folder}")
    source = "He came home. It rained."
    entailed, kept, _ = scorer.compare([source], [source + " He was paid."])[0]
    assert kept == 1.0
    assert entailed < 1.0


@pytest.mark.parametrize("name", ["embedding", "nli"])
def test_a_folder_that_is_no_model(name: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "nothing"}')
    with pytest.raises(RecipeError, match="no model could be loaded"):
        open_pair_scorer(f"{name}:{tmp_path}")
    with pytest.raises(RecipeError, match="needs"):
        open_pair_scorer(name)


def test_labels_must_be_those_of_entailment(tmp_path: Path) -> None:
    made = tiny_models.classifier(tmp_path, TEXTS, ["good", "bad"], None)
    with pytest.raises(RecipeError, match="good, bad"):
        open_pair_scorer(f"nli:{made}")
