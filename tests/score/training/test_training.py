"""From labelled rows to weights that the scorer opens."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy")

from tahdhib.errors import DataError
from tahdhib.score.card import Card, Score, to_json
from tahdhib.score.domain import make_profile
from tahdhib.score.toxicity import ngram
from tahdhib.score.toxicity.model import LAYOUTS, NEWEST, decisions, features, pack, unpack, write
from tahdhib.score.toxicity.ngram import NgramToxicity
from tahdhib.score.training.fitting import (
    PRIOR,
    Example,
    best_threshold,
    calibration_error,
    fit_table,
    platt,
    prior_weights,
    scripts_of,
)
from tahdhib.score.training.near import near_groups
from tahdhib.score.training.sets import DIVISION, LABELS, SETS, read_labels, read_sets
from tahdhib.score.training.solver import matrix
from tahdhib.score.training.train import train_weights

CALM = [
    "الكتاب على الطاولة",
    "ذهبنا إلى السوق",
    "the weather is fine",
    "we read a book",
    "صباح الخير",
]
ANGRY = ["hateword", "كلمهسيئه"]


def example(seed: int, count: int = 400) -> tuple[list[str], np.ndarray]:
    pick = np.random.default_rng(seed)
    labels = pick.random(count) < 0.4
    texts = []
    for is_bad in labels:
        one = CALM[pick.integers(len(CALM))]
        word = ANGRY[1] if one[0] > "z" else ANGRY[0]
        texts.append(f"{one} {word if is_bad else ''} {CALM[pick.integers(len(CALM))]}")
    return texts, np.column_stack([labels.astype(np.int8)] + [np.full(count, -1, np.int8)] * 3)


def test_what_is_learned_is_what_the_scorer_opens(tmp_path: Path) -> None:
    texts, labels = example(1)
    rows = Example(matrix(texts), scripts_of(texts), labels)
    calibrate = np.arange(len(texts)) % 4 == 0
    table = fit_table(rows, ~calibrate, calibrate)
    arrays = pack(table.weights, table.offsets, make_profile(texts))
    write(tmp_path / ngram.WEIGHTS, arrays)
    scores = tuple(Score(name, "probability", "…") for name in LABELS)
    card = Card("ngram", "1", "toxicity", scores, ("ar",), (), (), {}, (), ("a set",))
    (tmp_path / ngram.CARD).write_text(to_json(card), "utf-8")
    scorer = NgramToxicity(str(tmp_path))
    assert scorer.card == card
    unseen, truth = example(2, 200)
    chance = scorer.score(unseen)
    bad = truth[:, 0] == 1
    assert chance[bad, 0].min() > chance[~bad, 0].max()
    assert np.allclose(chance[:, 1:], PRIOR, atol=1e-6)  # never learned: stays at the prior
    assert ANGRY[1] in scorer.drivers(f"الكتاب {ANGRY[1]} على", 1)[0].word
    assert unpack(arrays).profile.lengths == make_profile(texts).lengths
    assert unpack(arrays).layout == NEWEST


def test_weights_of_every_layout_learn() -> None:
    texts, labels = example(3)
    calibrate = np.arange(len(texts)) % 4 == 0
    for layout in LAYOUTS:
        rows = Example(matrix(texts, layout), scripts_of(texts), labels)
        table = fit_table(rows, ~calibrate, calibrate, layout)
        weights = unpack(pack(table.weights, table.offsets, make_profile(texts), layout))
        assert weights.layout == layout
        unseen, truth = example(4, 200)
        logits, is_read = decisions(unseen, weights)
        bad = truth[:, 0] == 1
        assert is_read.all()
        assert logits[bad, 0].min() > logits[~bad, 0].max()


def test_a_meaning_of_its_own_is_kept_beside_what_all_share() -> None:
    """Two sources agree on one word and differ on another: the meaning wanted decides the other."""
    pick = np.random.default_rng(7)
    texts, labels, mine = [], [], []
    for _ in range(1200):
        shared, disputed, is_mine = pick.random(3) < 0.5
        words = [CALM[0], ANGRY[1] if shared else "", "مختلفعليه" if disputed else ""]
        texts.append(" ".join(words))
        labels.append(shared or (disputed and is_mine))
        mine.append(is_mine)
    truth = np.array(labels, dtype=np.int8)[:, None]
    calibrate = np.arange(len(texts)) % 4 == 0
    own = np.array(mine)
    asked = [f"{CALM[0]} مختلفعليه", CALM[0], f"{CALM[0]} {ANGRY[1]}"]
    found = []
    for wanted in (own, ~own):
        table = fit_table(
            Example(matrix(texts), scripts_of(texts), truth, wanted), ~calibrate, calibrate
        )
        disputed, calm, bad = (matrix(asked) @ table.weights[0, 0]).tolist()
        assert bad > calm
        found.append((disputed - calm) / (bad - calm))
    assert found[0] > 0.6 > 0.4 > found[1]


def test_a_card_of_another_training_is_refused(tmp_path: Path) -> None:
    texts, labels = example(1, 100)
    rows = Example(matrix(texts), scripts_of(texts), labels)
    table = fit_table(rows, np.arange(100) < 80, np.arange(100) >= 80)
    write(tmp_path / ngram.WEIGHTS, pack(table.weights, table.offsets, make_profile(texts)))
    card = Card("ngram", "1", "x", (Score("a", "b", "c"),), (), (), (), {})
    (tmp_path / ngram.CARD).write_text(to_json(card), "utf-8")
    with pytest.raises(DataError, match="1 scores on its card, 4 in its weights"):
        NgramToxicity(str(tmp_path))
    (tmp_path / ngram.CARD).write_text("[]", "utf-8")
    with pytest.raises(DataError, match="no card"):
        NgramToxicity(str(tmp_path))


def test_features_of_a_window_are_its_own() -> None:
    alone = features(["سوق كبير"])
    both = features(["x y", "سوق كبير"])
    mine = both.window == 1
    assert sorted(alone.bucket) == sorted(both.bucket[mine])
    assert np.isclose(np.sort(alone.value), np.sort(both.value[mine])).all()


def test_platt_gives_the_prior_back() -> None:
    pick = np.random.default_rng(5)
    truth = pick.random(20_000) < 0.5
    logits = np.where(truth, 1.0, -1.0) + pick.normal(0, 1, len(truth))
    slope, offset = platt(3 * logits + 2, truth)
    chance = 1 / (1 + np.exp(-(slope * (3 * logits + 2) + offset)))
    each = prior_weights(truth)
    assert (each * chance).sum() / each.sum() == pytest.approx(PRIOR, abs=0.005)
    assert calibration_error(chance, truth) < 0.01


def test_the_threshold_parts_what_can_be_parted() -> None:
    logits = np.linspace(-3, 3, 200)
    edge = best_threshold(logits, logits > 1)
    assert 0.7 < edge < 1.3


def test_near_copies_hang_together() -> None:
    texts = [
        "هذا نص طويل قليلا عن السوق والناس في المدينة",
        "شيء آخر تماما لا علاقة له بما سبق أبدا",
        "@someone هذا نص طويل قليلا عن السوق والناس في المدينة!!!",
        "",
        "",
    ]
    found = near_groups(texts)
    assert found[0] == found[2] != found[1]
    assert found[3] != found[4]


def test_the_two_kinds_share_no_set() -> None:
    one, two = set(DIVISION["a"]), set(DIVISION["b"])
    assert not one & two
    assert not {SETS[key].family for key in one} & {SETS[key].family for key in two} - {"davidson"}
    assert not {"hatecheck_ar", "hatecheck_en"} & (one | two)


def test_every_set_is_read(shared_data: Path) -> None:
    rows = read_sets(shared_data, list(SETS))
    for key in SETS:
        mine = rows.labels[rows.of(key)]
        assert len(mine) > 100
        assert (mine[:, 0] == 1).any()
    halves = [set(rows.take(rows.of(f"davidson_{half}")).texts) for half in (1, 2)]
    assert not halves[0] & halves[1]


def test_a_missing_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="OSACT4 2020"):
        train_weights(tmp_path, tmp_path / "out", kind="a")
    with pytest.raises(DataError, match="expected one of a, b, all"):
        train_weights(tmp_path, tmp_path / "out", kind="c")


def test_an_unknown_meaning_is_named(shared_data: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"--meaning 'letmi' is unknown; expected one of .*osact5"):
        train_weights(shared_data, tmp_path / "out", kind="a", meaning="letmi")


def test_labels_of_ones_own(write_jsonl: Callable[..., Path]) -> None:
    good = write_jsonl(
        [
            {"text": "x", "label": "vulgar", "source": "mine"},
            {"text": "y", "label": "neutral"},
        ],
        "own.jsonl",
    )
    (one, source), (two, other) = read_labels(good)
    assert (source, other) == ("mine", "own")
    assert one.labels == {"offensive": 1, "vulgar": 1}
    assert two.labels == {"offensive": 0, "hateful": 0}


@pytest.mark.parametrize(
    "line",
    [{"text": "x", "label": "rude"}, {"text": "x"}, {"text": 3, "label": "neutral"}, "no json"],
)
def test_a_label_that_is_unknown_is_refused_by_line(
    write_jsonl: Callable[..., Path], line: object
) -> None:
    path = write_jsonl(
        [{"text": "x", "label": "neutral"}, line if isinstance(line, str) else json.dumps(line)]
    )
    with pytest.raises(DataError, match="line 2"):
        read_labels(path)
