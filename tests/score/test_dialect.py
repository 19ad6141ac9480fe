import csv
import gzip
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from tahdhib.errors import DataError
from tahdhib.score.dialect import (
    CODES,
    LEAST_LETTERS,
    READ_CHARACTERS,
    WEIGHTS,
    Dialect,
    Model,
    card_path,
    dialect_probabilities,
    dialects,
    read_card,
    rounded,
    save,
    shipped,
    write_card,
)
from tahdhib.stats.intervals import macro_f1

ARSARCASM = {"msa": "msa", "egypt": "egy", "gulf": "glf", "levant": "lev", "magreb": "mgr"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("أعلنت الوزارة اليوم عن افتتاح مدرسة جديدة في المدينة لخدمة الطلاب", "msa"),
        ("انا مش عارف هو عايز ايه دلوقتي، كده مينفعش خالص", "egy"),
        ("وش السالفة ياخي، مدري ليش ما تبي تجي الحين معنا", "glf"),
        ("شو بدك هلق؟ ما عم بفهم عليك، هيك كتير صعب", "lev"),
        ("واش راك خويا، بزاف ديال الناس مازال ماعرفوش علاش", "mgr"),
    ],
)
def test_plain_examples_of_each_group(text: str, code: str) -> None:
    assert dialects([text])[0].code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "😀🔥👍",
        "12345 !!! ...",
        "plain English only",
        "كتاب",
        "@محمد_أحمد_العلي",
        "\ud800",
    ],
)
def test_a_text_without_enough_arabic_is_undetermined(text: str) -> None:
    assert dialects([text]) == [Dialect("und", 0.0)]
    assert dialect_probabilities([text]).tolist() == [[0.0] * len(CODES)]


def test_no_text_no_answer() -> None:
    assert dialects([]) == []
    assert dialect_probabilities([]).shape == (0, len(CODES))


def test_the_least_number_of_letters_is_exact() -> None:
    letters = "كتبدرسملنه"
    assert dialects([letters[: LEAST_LETTERS - 1]])[0].code == "und"
    assert dialects([letters[:LEAST_LETTERS]])[0].code in CODES


@given(st.lists(st.text(alphabet=st.characters() | st.sampled_from("شولكده بمنا"), max_size=300)))
@settings(max_examples=60, deadline=None)
def test_every_text_is_judged_alone_and_finitely(texts: list[str]) -> None:
    together = dialect_probabilities(texts)
    assert np.isfinite(together).all()
    sums = together.sum(axis=1)
    assert all(value == 0 or value == pytest.approx(1) for value in sums)
    for text, row, answer in zip(texts, together, dialects(texts), strict=True):
        assert row == pytest.approx(dialect_probabilities([text])[0], abs=1e-12)
        assert answer.probability == row.max()
        assert (answer.code == "und") == (row.max() == 0)


@pytest.mark.parametrize(
    "text",
    [
        "ش" * 1_000_000,
        "شلونك" * 200_000,
        "a" * 1_000_000 + " شلونك الحين ياخي",
        "ﷺ" * 1_000_000,
        "شلونك\u0651\u0640" * 100_000,
        "ب ا " * 250_000,
        "\n" * 1_000_000,
        "شو بدك؟\n" * 100_000,
        "<" * 1_000_000,
        "&ب" * 500_000,
    ],
)
def test_a_megabyte_of_anything_ends(text: str, no_hang: None) -> None:
    row = dialect_probabilities([text])[0]
    assert row.sum() == pytest.approx(1) or row.sum() == 0


def test_only_the_start_of_a_text_is_read() -> None:
    start = ("أعلنت الوزارة اليوم. " * READ_CHARACTERS)[:READ_CHARACTERS]
    assert (
        dialect_probabilities([start]) == dialect_probabilities([start + "عايز ايه دلوقتي"])
    ).all()


def test_what_is_not_arabic_does_not_count() -> None:
    bare = "شو بدك هلق ما عم بفهم عليك"
    dressed = "@someone شو بدكـــ هلق!!!! RT https://t.co/xYz ما عم بفهم عليك 😀 Beirut 2020"
    assert dialect_probabilities([dressed]) == pytest.approx(dialect_probabilities([bare]))


def test_presentation_forms_read_as_letters() -> None:
    plain = "لا بدي هيك ولا هيك"
    assert dialect_probabilities([plain.replace("لا", "ﻻ")]) == pytest.approx(
        dialect_probabilities([plain])
    )


def test_a_long_text_answers_with_the_mean_of_its_lines() -> None:
    standard = "أعلنت الوزارة اليوم عن افتتاح مدرسة جديدة في المدينة"
    egyptian = "انا مش عارف هو عايز ايه دلوقتي كده مينفعش خالص"
    each = dialect_probabilities([standard, egyptian])
    both = dialect_probabilities([f"{standard}\n{egyptian}"])[0]
    assert (both >= each.min(axis=0) - 1e-9).all()
    assert (both <= each.max(axis=0) + 1e-9).all()
    assert min(both[0], both[1]) > 0.2


def test_the_shipped_file_is_small_and_plain() -> None:
    weights = files("tahdhib.score") / "weights" / WEIGHTS
    assert len(weights.read_bytes()) <= 2_000_000
    with weights.open("rb") as stream:
        assert set(np.load(stream, allow_pickle=False)) == {"weights", "scale", "offsets"}


def test_the_card_prints_its_figures_and_limits() -> None:
    card = read_card()
    printed = str(card)
    assert card.version in printed
    assert "ArSarcasm-v2 testing: macro-F1" in printed
    assert all(limit in printed for limit in card.limits)
    assert sum(card.prior) == pytest.approx(1)
    assert not any("BY-SA" in one or "GPL" in one for one in card.training)


def test_weights_of_a_path_answer_as_the_ones_in_the_package(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    save(path, shipped())
    write_card(path, read_card())
    texts = ["شو بدك هلق ما عم بفهم عليك", "انا مش عارف هو عايز ايه"]
    assert dialect_probabilities(texts, path) == pytest.approx(dialect_probabilities(texts))
    assert read_card(path) == read_card()
    again = tmp_path / "again.npz"
    save(again, shipped())
    assert path.read_bytes() == again.read_bytes()


def test_new_weights_under_the_same_path_are_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    save(path, shipped())
    before = dialects(["شو بدك هلق ما عم بفهم عليك"], path)[0]
    turned = Model(np.roll(shipped().weights, 1, axis=0), np.roll(shipped().offsets, 1))
    save(path, rounded(turned))
    assert dialects(["شو بدك هلق ما عم بفهم عليك"], path)[0].code != before.code


def _not_a_zip(path: Path) -> None:
    path.write_bytes(b"not weights")


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _other_arrays(path: Path) -> None:
    np.savez(path, weights=np.zeros((2, 4), dtype=np.int8))


def _wrong_shape(path: Path) -> None:
    np.savez(path, weights=np.zeros((2, 4), np.int8), scale=np.ones((2, 1)), offsets=np.zeros(2))


def _a_pickle(path: Path) -> None:
    parts = {"scale": np.ones((5, 1)), "offsets": np.zeros(5)}
    np.savez(path, weights=np.array([{}], dtype=object), **parts)


def _cut_off(path: Path) -> None:
    save(path, shipped())
    path.write_bytes(path.read_bytes()[:1000])


def _a_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    "spoil", [_not_a_zip, _empty, _other_arrays, _wrong_shape, _a_pickle, _cut_off, _a_folder]
)
def test_other_files_are_refused_with_a_sentence(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    path = tmp_path / "weights.npz"
    spoil(path)
    with pytest.raises(DataError, match=r"weights\.npz: not dialect weights"):
        dialects(["شو بدك هلق"], path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.npz: cannot be read"):
        dialects(["شو بدك هلق"], tmp_path / "none.npz")
    with pytest.raises(DataError, match=r"none\.card\.json: no card"):
        read_card(tmp_path / "none.npz")


def test_a_card_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    for content in ("", "[]", json.dumps({"version": "1"}), '{"figures": 3}'):
        card_path(path).write_text(content, "utf-8")
        with pytest.raises(DataError, match="no card of dialect weights"):
            read_card(path)


def test_tweets_with_labels_reach_what_the_card_says(shared_data: Path) -> None:
    path = shared_data / "arsarcasm_v2/testing.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    truth = [ARSARCASM[row["dialect"]] for row in rows]
    found = [answer.code for answer in dialects([row["tweet"] for row in rows])]
    four = f1_score(truth, found, labels=CODES[:4], average="macro")
    stated = next(
        one.value
        for one in read_card().figures
        if one.dataset == "ArSarcasm-v2 testing" and "4 groups" in one.measure
    )
    assert four == pytest.approx(stated.estimate, abs=0.01)
    assert four > 0.35


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=60))
@settings(max_examples=30, deadline=None)
def test_macro_f1_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, found = zip(*pairs, strict=True)
    table = np.zeros((4, 4), dtype=int)
    np.add.at(table, (list(truth), list(found)), 1)
    ours = macro_f1(table, seed=1, repetitions=50)
    theirs = f1_score(truth, found, labels=range(4), average="macro", zero_division=0)
    assert ours.estimate == pytest.approx(theirs)
    assert 0 <= ours.low <= ours.high <= 1
    assert ours.n == len(pairs)
    assert ours == macro_f1(table, seed=1, repetitions=50)


def test_macro_f1_of_no_and_of_one_row() -> None:
    assert macro_f1(np.zeros((2, 2)), seed=1, repetitions=9).n == 0
    one = macro_f1([[1, 0], [0, 0]], seed=1, repetitions=9)
    assert (one.low, one.high) == (0.0, 1.0)
    with pytest.raises(ValueError, match="expected K x K counts"):
        macro_f1([[1, 2, 3]], seed=1, repetitions=9)
