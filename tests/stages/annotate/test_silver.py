"""Silver pairs beside a teacher's, with the scorer of debris: it minds a word that stands twice."""

from pathlib import Path
from typing import Any

import pytest

from tahdhib.conduct.conduct import Conduct
from tahdhib.config import parse_recipe
from tahdhib.errors import RecipeError
from tahdhib.run.pipeline import run_recipe
from tahdhib.stages.annotate.stage import work
from tests.stages.annotate.test_stage import contents, place_in, table

TEXTS = {f"plain-{n}": f"The lake lies {n} miles from the town" for n in range(30)} | {
    f"twice-{n}": f"The river is is {n} miles long and very cold" for n in range(30)
}
SILVER = {"scorer": "debris", "threshold": 1, "share": 0.5}


def _annotate(share: float, **settings: object) -> dict[str, object]:
    return {"sample": 20, "silver": {**SILVER, "share": share, **settings}}


def test_a_share_of_the_pairs_is_silver(tmp_path: Path, conduct: Conduct) -> None:
    texts = TEXTS | {f"long-{n}": f"الإسكنــدرية مدينة على البحـــر رقمها {n}" for n in range(20)}
    place = place_in(tmp_path, conduct, texts, _annotate(0.5))
    ledger = work(place)
    pairs = table(place, "pairs")
    silver = {one: row for one, row in pairs.items() if row["teacher"] == "silver"}
    taught = [row for row in pairs.values() if row["teacher"] != "silver" and row["edits"]]
    assert 0 < len(silver) == len(taught)
    assert ledger.came_in == ledger.went_out == 20 + len(silver)
    assert ledger.notes["pairs_by_silver"] == len(silver)
    for identity, row in silver.items():
        assert identity.startswith("twice")
        assert row["rewrites"] == [row["source"].replace(" is is ", " is ")]


def test_stopped_and_run_again_it_is_the_same(tmp_path: Path, conduct: Conduct) -> None:
    place = place_in(tmp_path, conduct, TEXTS, _annotate(0.6))
    work(place)
    before = contents(place)
    shard = place.here.shards("pairs")[-1]
    shard.unlink()
    work(place)
    assert contents(place) == before
    assert str(shard.relative_to(place.here.root)) in before


@pytest.mark.parametrize(
    "taught",
    [
        {"annotate": {"silver": {"scorer": "ngram"}}},
        {"worker": {"select": {"by": "high", "score": "ngram"}}},
        {"rewrite": {"drafts": {"scorer": "ngram"}, "ladder": ["edit"]}},
    ],
    ids=["silver", "select", "drafts"],
)
def test_a_scorer_that_taught_is_no_witness(taught: dict[str, Any], tmp_path: Path) -> None:
    recipe = parse_recipe({"ingest": {"paths": ["x"]}, **taught})
    with pytest.raises(RecipeError, match="cannot measure the result"):
        run_recipe(recipe, tmp_path)
