from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from tahdhib.config.recipe import SelectPairs
from tahdhib.score.card import Card
from tahdhib.stages.worker.select import perplexity_falls, select
from tahdhib.workers.edit.examples import TrainingPair


class Length:
    """A text is as surprising as it is long."""

    name, version = "length", "1"
    card: Card

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return np.array([[float(len(text))] for text in texts])


PAIRS = [TrainingPair(f"{fall:02d}", "x" * (fall + 1), ("x",), (), "rules") for fall in range(12)]


def _ids(settings: dict[str, object], seed: int = 1, *, is_turned: bool = False) -> list[str]:
    pairs = PAIRS[::-1] if is_turned else PAIRS
    chosen = select(pairs, SelectPairs.model_validate(settings), Length(), seed)
    return [pair.id for pair in chosen]


def test_the_ends_are_of_the_fall_from_source_to_rewrite() -> None:
    assert perplexity_falls(PAIRS, Length()).tolist() == list(range(12))
    told = {"pairs": 3, "score": "fluency:x"}
    assert _ids({"by": "high", **told}) == ["09", "10", "11"]
    assert _ids({"by": "low", **told}) == ["00", "01", "02"]


def test_a_random_choice_hangs_on_ids_and_seed_alone() -> None:
    random = {"by": "random", "pairs": 5}
    assert _ids(random) == _ids(random, is_turned=True)
    assert len(set(_ids(random))) == 5
    assert len({tuple(_ids(random, seed)) for seed in range(5)}) > 1
    assert set(_ids({"by": "random", "pairs": 4})) < set(_ids(random))


def test_all_are_all() -> None:
    assert _ids({"pairs": 3}) == [pair.id for pair in PAIRS]


def test_an_end_needs_a_score() -> None:
    with pytest.raises(ValidationError, match="no score says how surprising"):
        SelectPairs(by="high")
