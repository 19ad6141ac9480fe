"""The built-in fluency model: what it finds surprising, its file, and hostile text."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.errors import DataError, RecipeError
from tahdhib.score.fluency.builtin import Fluency
from tahdhib.score.fluency.model import LanguageModel, Reader, load, save, train
from tahdhib.score.fluency.words import LINK, USER, folded, tokens
from tahdhib.score.table import open_scorer

SENTENCES = [
    "ذهب الولد إلى المدرسة في الصباح.",
    "عاد الولد من المدرسة في المساء.",
    "ذهبت البنت إلى السوق مع أمها.",
    "قرأ المعلم الكتاب في الصباح.",
    "The boy went to school in the morning.",
    "The girl came home from school in the evening.",
    "The teacher read the book in the morning.",
]


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return train(SENTENCES * 3, reference=("sentences",))


@pytest.fixture(scope="module")
def scorer(model: LanguageModel) -> Fluency:
    return Fluency.of(model)


def test_known_order_is_less_surprising(scorer: Fluency) -> None:
    good, shuffled, typo, strange = scorer.score(
        [
            "ذهب الولد إلى السوق في الصباح.",
            "في السوق ذهب الصباح إلى الولد.",
            "ذهب الولد إلى السوق في الضباح.",
            "يا خوي شو بدك بهالشغلة كلها.",
        ]
    )[:, 0]
    assert good < min(shuffled, typo) < strange


def test_the_words_before_tell_more_in_the_right_order(scorer: Fluency) -> None:
    good, shuffled = scorer.score(
        ["ذهب الولد إلى السوق في الصباح.", "في السوق ذهب الصباح إلى الولد."]
    )[:, 3]
    assert good > shuffled


def test_a_text_without_letters_scores_nothing(scorer: Fluency) -> None:
    assert not scorer.score(["", "🙂", "123 456", "...", "\n\n"]).any()
    assert scorer.score([]).shape == (0, 4)


@given(st.lists(st.text(st.characters(codec=None), max_size=60), max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_text_has_a_score_of_its_own(scorer: Fluency, texts: list[str]) -> None:
    together = scorer.score(texts)
    assert np.isfinite(together).all()
    assert (together[:, :3] >= 0).all()
    assert (together[:, 2] <= 1).all()
    alone = [scorer.score([text])[0] for text in texts]
    assert np.array_equal(together, np.array(alone).reshape(-1, 4))


@pytest.mark.parametrize(
    "text",
    ["\ud800" * 10, "\0", "a" * 1_000_000, "ا" * 1_000_000, "x\n" * 50_000, "‮abc‬", "@" * 10_000],
)
def test_hostile_text(scorer: Fluency, no_hang: None, text: str) -> None:
    assert np.isfinite(scorer.score([text])).all()


def test_the_worst_stretch_is_found(scorer: Fluency) -> None:
    sound = "The boy went to school in the morning. " * 10
    damaged = sound + "zxq wvk jjp qqz xkcd bvn mnb lkj poi uyt rew asd"
    before, after = scorer.score([sound, damaged])
    assert after[1] > 2 * before[1]
    assert before[0] <= before[1] < 2 * before[0]


def test_equal_reference_makes_an_equal_file(model: LanguageModel, tmp_path: Path) -> None:
    save(model, tmp_path / "a.npz")
    save(train(SENTENCES * 3, reference=("sentences",)), tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    again = open_scorer(f"fluency:{tmp_path / 'a.npz'}")
    assert np.array_equal(again.score(SENTENCES), Fluency.of(model).score(SENTENCES))
    assert load(tmp_path / "a.npz").origin == model.origin
    assert again.card.name == "fluency"
    assert not again.card.holds("ar")
    assert "never measured" in (again.card.warning("ar") or "")


def test_spelling_tells_a_likely_new_word_from_an_unlikely_one(model: LanguageModel) -> None:
    reader = Reader(model)
    likely, _, _ = reader.read(tokens(["schooling"]))
    unlikely, _, is_unknown = reader.read(tokens(["xqzvjkwpf"]))
    assert is_unknown.all()
    assert likely[0] < unlikely[0]


def test_words_are_folded() -> None:
    assert folded("ABC ١٢٣ 45 مُحَمَّد") == "abc 000 00 محمد"
    found = tokens(["see https://a.b/c?d @me now\n\nكتاب،", "", "x"])
    assert found.words == ["see", LINK, USER, "now", "كتاب", "،", "x"]
    assert found.owners.tolist() == [0, 0, 2]


def test_bad_files_are_refused(tmp_path: Path, model: LanguageModel) -> None:
    with pytest.raises(RecipeError, match="fluency:FILE"):
        open_scorer("fluency")
    with pytest.raises(DataError, match="no such file"):
        open_scorer(f"fluency:{tmp_path / 'none.npz'}")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(DataError, match="no fluency model"):
        open_scorer(f"fluency:{tmp_path / 'text.npz'}")
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(DataError, match="no fluency model"):
        open_scorer(f"fluency:{tmp_path / 'other.npz'}")
    with pytest.raises(DataError, match="no fluency model"):
        open_scorer(f"fluency:{tmp_path}")
    save(model, tmp_path / "whole.npz")
    whole = (tmp_path / "whole.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="no fluency model"):
        open_scorer(f"fluency:{tmp_path / 'cut.npz'}")


def test_no_reference_is_refused() -> None:
    with pytest.raises(DataError, match="no words to learn from"):
        train(["", "\n"], reference=("empty",))


def test_reading_stops_where_the_limit_is(tmp_path: Path) -> None:
    short = train(["one two three"] * 10_000, reference=("r",), max_words=5)
    assert short.origin.documents == 2000
