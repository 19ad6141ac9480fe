import ast
import csv
import gzip
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.score import grams as grams_module
from tahdhib.score.grams import BUCKET_BITS, WINDOW_LETTERS, grams, windows
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
    alone = [float(scorer.score([text])[0, 0]) for text in texts]
    assert together[:, 0] == pytest.approx(alone, abs=1e-12)


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


def test_weights_are_small_plain_arrays(scorer: NgramToxicity) -> None:
    weights = files("tahdhib.score") / "weights" / ngram_module.WEIGHTS
    assert len(weights.read_bytes()) <= 2_000_000
    with weights.open("rb") as stream:
        assert set(np.load(stream, allow_pickle=False)) == {"weights", "scale", "offsets"}


@pytest.mark.parametrize("module", [ngram_module, grams_module])
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
    assert ours <= {"tahdhib.score.card", "tahdhib.score.grams"}
    assert not {"torch", "pickle", "joblib", "sklearn"} & imported


def test_the_card_states_what_is_known(scorer: NgramToxicity) -> None:
    assert {one.language for one in scorer.card.measured} == {"ar", "en"}
    assert scorer.card.is_evidence == {"toxicity": {"ar": False, "en": True}}
    assert "no evidence" in (scorer.card.warning("ar") or "")


def test_the_shipped_weights_reach_what_the_card_says(
    shared_data: Path, scorer: NgramToxicity
) -> None:
    with gzip.open(shared_data / "osact5_hate_2022/dev.csv.gz", "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    stated = next(one for one in scorer.card.measured if one.dataset.startswith("OSACT5"))
    texts = [row["Tweet"].replace("<LF>", " ") for row in rows]
    labels = [row["Offensive"] == "OFF" for row in rows]
    area = auroc(scorer.score(texts)[:, 0], labels, seed=1, repetitions=100)
    assert area.n == stated.auroc.n
    # The card judges a tweet whole; here its windows are judged, so that a few scores differ.
    assert area.estimate == pytest.approx(stated.auroc.estimate, abs=0.02)
