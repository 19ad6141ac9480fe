"""The classifier adapter on tiny real models, by problem type, windows and bad folders."""

from pathlib import Path

import numpy as np
import pytest

from tahdhib.errors import RecipeError
from tahdhib.score.table import open_scorer
from tests.score import tiny_models

torch = pytest.importorskip("torch")

from tahdhib.score.adapters.classifier import Classifier, form_of  # noqa: E402

TEXTS = ["A book about the sea.", "كتاب عن البحر", "x", "a much longer text of many words " * 20]
LABELS = ["fine", "rude", "hateful"]


def make(folder: Path, problem: str | None, labels: list[str] = LABELS) -> Path:
    return tiny_models.classifier(folder, TEXTS, labels, problem)


def plain(folder: Path, text: str) -> np.ndarray:
    """Logits of a short text, by the library's own way."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.no_grad():
        return model(**tokenizer(text, return_tensors="pt")).logits[0].double().numpy()


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))


def softmax(logits: np.ndarray) -> np.ndarray:
    return np.exp(logits) / np.exp(logits).sum()


@pytest.mark.parametrize(
    ("problem", "labels", "how"),
    [
        ("multi_label_classification", LABELS, sigmoid),
        ("single_label_classification", LABELS, softmax),
        (None, LABELS, softmax),
        (None, ["rude"], sigmoid),
        ("regression", ["grade"], lambda logits: logits),
    ],
)
def test_labels_become_columns(
    tmp_path: Path, problem: str, labels: list[str], how: object
) -> None:
    folder = make(tmp_path, problem, labels)
    scorer = open_scorer(f"classifier:{folder}")
    assert [score.name for score in scorer.card.scores] == labels
    found = scorer.score(TEXTS[:3])
    for row, text in zip(found, TEXTS, strict=False):
        assert row == pytest.approx(how(plain(folder, text)), rel=1e-4, abs=1e-6)


def test_a_long_text_is_read_in_windows(tmp_path: Path) -> None:
    folder = make(tmp_path, "multi_label_classification")
    worst, mean = (
        open_scorer(f"classifier:{folder}?windows={how}").score([TEXTS[3]])[0]
        for how in ("max", "mean")
    )
    assert (worst >= mean).all()
    assert (worst > mean).any()
    with_end = TEXTS[3] + "كتاب عن البحر " * 10
    scorer = open_scorer(f"classifier:{folder}?windows=mean")
    assert not np.array_equal(scorer.score([with_end])[0], mean)


def test_who_stands_beside_matters_to_rounding_only(tmp_path: Path) -> None:
    scorer = Classifier(str(make(tmp_path, None)))
    alone = np.vstack([scorer.score([text]) for text in TEXTS])
    together = scorer.score(TEXTS)
    assert together == pytest.approx(alone, rel=1e-4, abs=1e-6)
    assert np.array_equal(together, scorer.score(TEXTS))


def test_hostile_text(tmp_path: Path, no_hang: None) -> None:
    scorer = Classifier(str(make(tmp_path, None)))
    texts = ["", "  ", "🙂", "\ud800", "\0", "x" * 20_000, "a\n" * 1000, "\u202eabc"]
    found = scorer.score(texts)
    assert found.shape == (len(texts), len(LABELS))
    assert np.isfinite(found).all()
    assert not found[:2].any()
    assert scorer.score([]).shape == (0, len(LABELS))


def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    causal = tiny_models.causal(tmp_path / "causal", TEXTS)
    with pytest.raises(RecipeError, match="lacks weights"):
        open_scorer(f"classifier:{causal}")


@pytest.mark.parametrize("content", [{}, {"config.json": "{}"}, {"config.json": "no json"}])
def test_a_folder_without_a_model_is_refused(tmp_path: Path, content: dict[str, str]) -> None:
    for name, text in content.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(RecipeError, match="no model could be loaded"):
        open_scorer(f"classifier:{tmp_path}")


def test_strange_arguments_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="expected max or mean"):
        open_scorer(f"classifier:{make(tmp_path, None)}?windows=median")
    with pytest.raises(RecipeError, match="problem_type"):
        form_of("strange", 3)


def test_a_card_without_evidence(tmp_path: Path) -> None:
    card = Classifier(str(make(tmp_path, None))).card
    assert "never measured" in (card.warning("ar", "rude") or "")
