"""Perplexity against the formula read token by token, windows, threads and bad folders."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.errors import RecipeError
from tahdhib.score.table import open_scorer
from tests.score import tiny_models

torch = pytest.importorskip("torch")

from tahdhib.score.fluency.perplexity import Perplexity, windows  # noqa: E402

TEXTS = ["A book about the sea.", "كتاب عن البحر", "x", "a much longer text " * 20]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.causal(tmp_path_factory.mktemp("causal"), TEXTS)


@pytest.fixture(scope="module")
def without_start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.causal(tmp_path_factory.mktemp("bare"), TEXTS, begins=False)


def naive(folder: Path, text: str, *, window: int, stride: int) -> tuple[float, float, int]:
    """One token at a time, each with the context that its window gives it."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    if tokenizer.bos_token_id is not None:
        ids = [tokenizer.bos_token_id, *ids]
    total = 0.0
    for place in range(1, len(ids)):
        start = 0
        while place >= start + window:
            start += stride
        context = torch.tensor([ids[start:place]])
        with torch.no_grad():
            logits = model(input_ids=context).logits[0, -1].double()
        total -= float(torch.log_softmax(logits, dim=0)[ids[place]])
    count = len(ids) - 1
    return math.exp(total / count), total / math.log(2) / len(text), count


def test_equals_the_formula(folder: Path) -> None:
    found = open_scorer(f"perplexity:{folder}").score(TEXTS)
    for row, text in zip(found, TEXTS, strict=True):
        assert row == pytest.approx(naive(folder, text, window=64, stride=32), rel=1e-4)


def test_without_a_token_of_the_beginning_the_first_is_not_predicted(without_start: Path) -> None:
    scorer = Perplexity(str(without_start))
    text = TEXTS[0]
    assert scorer.score([text])[0] == pytest.approx(
        naive(without_start, text, window=64, stride=32), rel=1e-4
    )
    assert not Perplexity(str(without_start)).score([""]).any()


@given(st.integers(0, 200), st.integers(2, 40), st.data())
def test_every_token_is_predicted_once(length: int, window: int, data: st.DataObject) -> None:
    stride = data.draw(st.integers(1, max(1, window // 2)))
    ids = list(range(length))
    predicted = [
        number
        for one in windows(0, ids, window=window, stride=stride)
        for number in one.ids[one.first :]
    ]
    assert predicted == ids[1:]
    for one in windows(0, ids, window=window, stride=stride):
        assert len(one.ids) <= window
        assert 1 <= one.first < len(one.ids)
        assert one.ids[0] == 0 or one.first >= window - stride


def test_who_stands_beside_matters_to_rounding_only(folder: Path) -> None:
    scorer = Perplexity(str(folder))
    together = scorer.score(TEXTS * 3)
    alone = np.vstack([scorer.score([text]) for text in TEXTS])
    assert together == pytest.approx(np.vstack([alone] * 3), rel=1e-5)
    assert np.array_equal(together, Perplexity(str(folder)).score(TEXTS * 3))


def test_the_threads_of_the_caller_stay(folder: Path) -> None:
    before = torch.get_num_threads()
    Perplexity(str(folder), threads=before + 1).score(["a"])
    assert torch.get_num_threads() == before


def test_hostile_text(folder: Path, no_hang: None) -> None:
    texts = ["", "🙂", "\ud800", "\0", "١٢٣", "x" * 20_000, "a\n" * 1000, "<s>", "\u202eabc"]
    found = Perplexity(str(folder)).score(texts)
    assert found.shape == (len(texts), 3)
    assert np.isfinite(found).all()
    assert not found[0].any()
    assert (found[1:, 0] >= 1).all()
    assert Perplexity(str(folder)).score([]).shape == (0, 3)


def test_a_card_without_evidence(folder: Path) -> None:
    card = Perplexity(str(folder)).card
    assert "never measured" in (card.warning("ar") or "")


@pytest.mark.parametrize("content", [{}, {"config.json": "{}"}, {"config.json": "no json"}])
def test_a_folder_without_a_model_is_refused(tmp_path: Path, content: dict[str, str]) -> None:
    for name, text in content.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(RecipeError, match="no model could be loaded"):
        open_scorer(f"perplexity:{tmp_path}")


def test_no_name_is_refused() -> None:
    with pytest.raises(RecipeError, match="perplexity:FOLDER"):
        open_scorer("perplexity")
