import ast
import csv
import gzip
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.errors import DataError
from tahdhib.score import domain as domain_module
from tahdhib.score import grams as grams_module
from tahdhib.score.grams import BUCKET_BITS, WINDOW_LETTERS, grams, inner, letters, windows
from tahdhib.score.toxicity import model as model_module
from tahdhib.score.toxicity import ngram as ngram_module
from tahdhib.score.toxicity.ngram import NgramToxicity
from tahdhib.stats.intervals import auroc


@pytest.fixture(scope="module")
def scorer() -> NgramToxicity:
    return NgramToxicity()


@given(st.lists(st.text(max_size=400), max_size=6))
@settings(max_examples=60, deadline=None)
def test_scores_are_probabilities_of_each_text_alone(texts: list[str]) -> None:
    scorer = NgramToxicity()
    together = scorer.score(texts)
    assert ((together >= 0) & (together <= 1)).all()
    assert together.shape == (len(texts), len(scorer.card.scores))
    for row, text in zip(together, texts, strict=True):
        assert row == pytest.approx(scorer.score([text])[0], abs=1e-9)


@given(st.text(max_size=1500))
def test_windows_are_short_and_keep_every_letter(text: str) -> None:
    found = windows(text)
    assert all(len(window) <= WINDOW_LETTERS for window in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_tidying_does_not_move_the_score(scorer: NgramToxicity) -> None:
    untidy = "هذا  الكتـــاب جمييييييل!!!! http://a.example/b @someone ،،، 😀😀"
    tidy = "هذا الكتاب جمييل!"
    scores = scorer.score([untidy, tidy])
    assert scores[0] == pytest.approx(scores[1], abs=1e-12)


def test_a_long_text_scores_as_its_worst_line(scorer: NgramToxicity) -> None:
    lines = ["The ministry opened a new school in the town.", "fuck you, you stupid bitch"]
    each = scorer.score(lines)[:, 0]
    assert each[1] > 0.9 > 0.2 > each[0]
    assert scorer.score(["\n".join([lines[0]] * 20 + lines)])[0, 0] == pytest.approx(each[1])


def test_hashing_is_by_content_and_bounded() -> None:
    first, second = grams(["كتاب"]), grams(["x", "الكتاب", "كتاب"])
    mine = second.bucket[second.window == 2]
    assert sorted(first.bucket) == sorted(mine)
    assert first.bucket.max() < 1 << BUCKET_BITS
    assert list(second.script) == [1, 0, 0]


@given(st.lists(st.text("ابتثج xyz", min_size=1, max_size=12), min_size=1, max_size=5))
def test_n_grams_inside_words_are_those_of_each_word(texts: list[str]) -> None:
    together, _ = inner(*letters([" ".join(texts)]), 20)
    apart, owner = inner(*letters(" ".join(texts).split()), 20)
    assert sorted(together) == sorted(apart)
    assert len(owner) == len(apart)


def test_n_grams_inside_words_reach_over_no_space() -> None:
    def sorted_grams(text: str) -> list[int]:
        return sorted(inner(*letters([text]), 20)[0].tolist())

    both = sorted_grams("سوق كبير")
    assert both == sorted(sorted_grams("سوق") + sorted_grams("كبير"))
    assert len(sorted_grams("سوق")) == 4 + 3 + 2 + 1  # of " سوق ", two to five letters long


def test_weights_are_small_plain_arrays(scorer: NgramToxicity) -> None:
    weights = files("tahdhib.score") / "weights" / ngram_module.WEIGHTS
    assert len(weights.read_bytes()) <= 5_000_000
    with weights.open("rb") as stream:
        arrays = np.load(stream, allow_pickle=False)
        assert {"weights", "scale", "offsets", "known", "familiar", "lengths"} == set(arrays)


@pytest.mark.parametrize("module", [ngram_module, model_module, domain_module, grams_module])
def test_the_witness_knows_nothing_of_the_conduct(module: object) -> None:
    tree = ast.parse(Path(str(getattr(module, "__file__", ""))).read_text("utf-8"))
    imported = {
        node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    } | {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    ours = {name for name in imported if name.startswith("tahdhib")}
    assert ours <= {
        "tahdhib.errors",
        "tahdhib.score.card",
        "tahdhib.score.domain",
        "tahdhib.score.grams",
        "tahdhib.score.toxicity.model",
    }
    assert not {"torch", "pickle", "joblib", "sklearn", "scipy"} & imported


def test_the_card_states_what_is_known(scorer: NgramToxicity) -> None:
    card = scorer.card
    assert [one.name for one in card.scores] == ["toxicity", "hateful", "vulgar", "violent"]
    assert {one.language for one in card.measured} == {"ar", "en"}
    for language in ("ar", "en"):
        lowest = min(
            one.auroc.estimate
            for one in card.measured
            if (one.score, one.language, one.natural) == ("toxicity", language, True)
        )
        assert card.holds(language) == (lowest >= 0.7)
        assert ("no evidence" in (card.warning(language) or "")) == (lowest < 0.7)
    assert card.training_sets


def test_drivers_are_words_of_the_text_that_raised_the_score(scorer: NgramToxicity) -> None:
    text = "The weather is fine.\nYou are a stupid  bitch, my friend.\nSee you tomorrow."
    found = scorer.drivers(text, 2)
    assert {driver.word.strip(",") for driver in found} == {"stupid", "bitch"}
    for driver in found:
        assert text[driver.start : driver.end] == driver.word
        assert driver.effect > 0
    assert scorer.drivers("", 3) == scorer.drivers("🙂", 3) == ()
    with pytest.raises(ValueError, match="no score 'rude'"):
        scorer.drivers(text, 1, "rude")


@given(st.text(max_size=600), st.sampled_from(["toxicity", "hateful", "vulgar", "violent"]))
@settings(max_examples=60, deadline=None)
def test_drivers_stand_where_they_say(text: str, score: str) -> None:
    for driver in NgramToxicity().drivers(text, 4, score):
        assert text[driver.start : driver.end] == driver.word
        assert np.isfinite(driver.effect)


HOSTILE = [
    "",
    "😀",
    "x" * 1_000_000,
    "ك" * 1_000_000,
    "مرحبا hello שלום привет",
    "\u202eabc\u202c كتاب \u2066x\u2069",
    "ya7mar enta ghabi",
    "\ud800\udfff\udc00",
    "\0\0",
    "ـ" * 500,
    "\u0301" * 500,
]


def test_hostile_text_has_a_score_and_drivers(scorer: NgramToxicity) -> None:
    scores = scorer.score(HOSTILE)
    assert np.isfinite(scores).all()
    assert ((scores >= 0) & (scores <= 1)).all()
    assert not scores[:2].any()
    for text in HOSTILE:
        assert all(np.isfinite(driver.effect) for driver in scorer.drivers(text, 2))
    assert 0 <= scorer.domain_distance(HOSTILE) <= 1


def test_a_folder_that_holds_no_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="score train"):
        NgramToxicity(str(tmp_path))
    (tmp_path / ngram_module.WEIGHTS).write_bytes(b"PK\3\4 nothing")
    with pytest.raises(DataError, match="no file of toxicity weights"):
        NgramToxicity(str(tmp_path))


def test_weights_of_a_layout_that_is_unknown_are_refused(tmp_path: Path) -> None:
    with (files("tahdhib.score") / "weights" / ngram_module.WEIGHTS).open("rb") as stream:
        opened = np.load(stream, allow_pickle=False)
        arrays = {name: opened[name] for name in opened.files}
    for layout in (np.array(7), np.array("x"), np.array(1)):  # the last: of another size
        model_module.write(tmp_path / ngram_module.WEIGHTS, {**arrays, "layout": layout})
        with pytest.raises(DataError, match="no file of toxicity weights"):
            NgramToxicity(str(tmp_path))


def test_the_shipped_weights_reach_what_the_card_says(
    shared_data: Path, scorer: NgramToxicity
) -> None:
    with gzip.open(shared_data / "osact5_hate_2022/train.csv.gz", "rt", encoding="utf-8") as one:
        rows = list(csv.DictReader(one))
    with gzip.open(shared_data / "osact5_hate_2022/dev.csv.gz", "rt", encoding="utf-8") as two:
        rows += csv.DictReader(two)
    stated = next(
        one
        for one in scorer.card.measured
        if one.score == "toxicity" and one.dataset.startswith("OSACT5")
    )
    texts = [row["Tweet"].replace("<LF>", " ") for row in rows]
    area = auroc(scorer.score(texts)[:, 0], [row["Offensive"] == "OFF" for row in rows])
    assert area.n == stated.auroc.n
    # The card judges a tweet whole; here its windows are judged, so that a few scores differ.
    assert area.estimate == pytest.approx(stated.auroc.estimate, abs=0.02)
