"""A scorer that chose is no witness, nor one that learned from the same sets."""

from dataclasses import replace
from pathlib import Path

import pytest

from tahdhib.errors import DataError, RecipeError
from tahdhib.score.card import to_json
from tahdhib.score.table import check_witness
from tahdhib.score.toxicity import ngram
from tahdhib.score.toxicity.ngram import NgramToxicity


def copy_of_shipped(folder: Path, *sets: str) -> str:
    shipped = Path(ngram.__file__).parents[1] / "weights" / ngram.WEIGHTS
    folder.mkdir()
    (folder / ngram.WEIGHTS).write_bytes(shipped.read_bytes())
    card = replace(NgramToxicity().card, version=folder.name, training_sets=sets)
    (folder / ngram.CARD).write_text(to_json(card), "utf-8")
    return f"ngram:{folder}"


def test_disjoint_training_is_a_witness(tmp_path: Path) -> None:
    one = copy_of_shipped(tmp_path / "a", "OSACT5 2022")
    two = copy_of_shipped(tmp_path / "b", "SO-Hateful")
    check_witness("ngram", "lexicon")
    check_witness(one, two, "lexicon")


def test_a_shared_set_or_the_same_scorer_is_refused(tmp_path: Path) -> None:
    one = copy_of_shipped(tmp_path / "a", "OSACT5 2022", "DziriOFN")
    two = copy_of_shipped(tmp_path / "b", "SO-Hateful", "DziriOFN")
    with pytest.raises(RecipeError, match="both learned from DziriOFN"):
        check_witness(one, two)
    with pytest.raises(RecipeError, match="cannot measure the result"):
        check_witness("lexicon", "lexicon")


def test_a_witness_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="unknown"):
        check_witness("ngarm", "lexicon")
    with pytest.raises(DataError, match="score train"):
        check_witness(f"ngram:{tmp_path}", "lexicon")
