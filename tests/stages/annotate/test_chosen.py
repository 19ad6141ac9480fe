"""Choosing over a run folder: by field, score, model and diversity, in any number of processes."""

import json
import random
from pathlib import Path

import pytest

from tahdhib.conduct.conduct import Conduct
from tahdhib.config import parse_recipe
from tahdhib.errors import RecipeError
from tahdhib.score.fluency.model import save, train
from tahdhib.stages.annotate.stage import work
from tahdhib.stages.contract import Workplace
from tahdhib.store.schemas import DOCUMENTS
from tahdhib.store.shards import bucket_of, read_rows, write_rows
from tests.stages.annotate.test_stage import contents, table
from tests.stages.workplaces import workplace

WORDS = [
    "the",
    "city",
    "stood",
    "by",
    "a",
    "river",
    "and",
    "its",
    "people",
    "sold",
    "bread",
    "fish",
    "salt",
    "paper",
    "books",
]
_random = random.Random(5)
TEXTS = {
    f"{site}{n}": (
        " ".join(_random.choices(WORDS, k=12)),
        {"url": f"https://www.{site}.org/{n}", "rank": n},
    )
    for site, number in (("big", 60), ("mid", 20), ("tiny", 2))
    for n in range(number)
}
NOISE = {f"noise{n}": (f"zqx{n} vvk{n} pwj{n} xzx{n}", {"url": None}) for n in range(6)}


def place_in(
    folder: Path, conduct: Conduct, choose: dict, texts=TEXTS, sample=12, buckets=3, processes=1
) -> Workplace:
    recipe = {
        "ingest": {"paths": ["-"], "buckets": buckets, "metadata": ["url", "rank"]},
        "annotate": {"sample": sample, "choose": choose},
        "processes": processes,
    }
    place = workplace(folder, "annotate", recipe, conduct)
    for bucket in range(buckets):
        rows = [
            {"id": identity, "text": text, "metadata": json.dumps(metadata)}
            for identity, (text, metadata) in sorted(texts.items())
            if bucket_of(identity, buckets) == bucket
        ]
        write_rows(place.run.stage("dedup").shard("documents", bucket), rows, DOCUMENTS)
    return place


CHOICES = {
    "random": {},
    "site": {"by": "stratified", "field": "url"},
    "rank": {"by": "stratified", "score": "metadata:rank", "allocation": "equal"},
    "both": {"by": "stratified", "field": "url", "score": "ngram", "bins": 2},
    "end": {"by": "perplexity", "score": "metadata:rank", "end": "low"},
    "diverse": {"by": "diversity", "candidates": 3},
}


@pytest.mark.parametrize("choose", CHOICES.values(), ids=CHOICES)
def test_the_choice_depends_on_neither_processes_nor_buckets(
    tmp_path: Path, conduct: Conduct, choose: dict
) -> None:
    tables, chosen = [], []
    for name, settings in {
        "one": {},
        "two": {"processes": 2},
        "single": {"buckets": 1},
    }.items():
        place = place_in(tmp_path / name, conduct, choose, **settings)
        ledger = work(place)
        assert (ledger.came_in, ledger.went_out) == (12, 12)
        tables.append((table(place, "pairs"), contents(place)))
        file = place.here.file("chosen.parquet")
        chosen.append(read_rows(file) if file.exists() else None)
    assert tables[0][0] == tables[1][0] == tables[2][0]
    assert tables[0][1] == tables[1][1]
    assert chosen[0] == chosen[1] == chosen[2]
    assert (chosen[0] is None) == (not choose)


def test_every_site_is_there(tmp_path: Path, conduct: Conduct) -> None:
    place = place_in(tmp_path, conduct, CHOICES["site"])
    work(place)
    found = read_rows(place.here.file("chosen.parquet"))
    strata = [row["stratum"] for row in found]
    assert {name: strata.count(name) for name in set(strata)} == {
        "big.org": 8,
        "mid.org": 3,
        "tiny.org": 1,
    }
    assert {row["id"] for row in found} == set(table(place, "pairs"))


def test_a_model_of_sound_text_tells_what_surprises_it(tmp_path: Path, conduct: Conduct) -> None:
    model = tmp_path / "sound.npz"
    save(train([text for text, _ in TEXTS.values()], reference=("sound",), order=2), model)
    for end, is_noise in (("high", True), ("low", False)):
        choose = {"by": "perplexity", "score": f"fluency:{model}", "end": end, "share": 0.07}
        place = place_in(tmp_path / end, conduct, choose, {**TEXTS, **NOISE}, sample=6)
        work(place)
        found = {identity.startswith("noise") for identity in table(place, "pairs")}
        assert found == {is_noise}


def test_the_choice_is_made_once(tmp_path: Path, conduct: Conduct) -> None:
    place = place_in(tmp_path, conduct, CHOICES["both"])
    first, whole = work(place), contents(place)
    place.here.shard("pairs", 1).unlink()
    file = place.here.file("chosen.parquet")
    before = file.stat().st_mtime_ns
    assert work(place) == first
    assert contents(place) == whole
    assert file.stat().st_mtime_ns == before


def test_nothing_to_choose_from(tmp_path: Path, conduct: Conduct) -> None:
    for name, choose in CHOICES.items():
        ledger = work(place_in(tmp_path / name, conduct, choose, {}))
        assert (ledger.came_in, ledger.went_out) == (0, 0)


@pytest.mark.parametrize(
    ("choose", "words"),
    [
        ({"by": "perplexity"}, "no score is named"),
        ({"by": "stratified"}, "neither a field nor a score"),
        ({"by": "stratified", "field": "site"}, "annotate.choose.field names 'site'"),
        ({"by": "stratified", "score": "metadata:x"}, "annotate.choose.score names 'x'"),
        ({"by": "stratified", "score": "signal:words"}, "has no signals"),
    ],
)
def test_a_choice_by_what_is_not_there_is_refused(choose: dict, words: str) -> None:
    recipe = {"ingest": {"paths": ["-"], "metadata": ["url"]}, "annotate": {"choose": choose}}
    with pytest.raises(RecipeError, match=words):
        parse_recipe(recipe)


def test_an_unknown_score_is_told_with_those_that_are_known(
    tmp_path: Path, conduct: Conduct
) -> None:
    choose = {"by": "stratified", "score": "ngram", "column": "charm"}
    with pytest.raises(RecipeError, match=r"annotate\.choose\.column is 'charm'.*known here: "):
        work(place_in(tmp_path / "column", conduct, choose))
    choose = {"by": "stratified", "score": "elsewhere"}
    with pytest.raises(RecipeError, match="'elsewhere' is unknown"):
        work(place_in(tmp_path / "score", conduct, choose))
