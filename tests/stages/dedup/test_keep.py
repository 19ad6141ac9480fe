"""Who is kept of each cluster, and what is written about it."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.config import parse_recipe
from tahdhib.errors import DataError, RecipeError
from tahdhib.stages.dedup.decisions import with_sizes
from tahdhib.store.shards import metadata_json
from tests.stages.dedup.corpora import deduplicate, drops_of, edited, kept_of, rows_of
from tests.stages.dedup.passages import PASSAGES

LONG = " ".join(PASSAGES[:3])
TEXTS = {
    "a": edited(LONG, 1),
    "b": LONG + " وانتهى",
    "c": LONG,
    "d": LONG,
    "e": PASSAGES[3],
}
SCORES = {"a": 0.5, "b": 0.7, "c": 0.9, "d": 0.9, "e": 0.1}


def told(scores):
    return {key: {"quality": score} for key, score in scores.items()}


def best(root, scores, texts=TEXTS, **options):
    rules = {"keep": "best", "score": "quality", "metadata": told(scores), **options}
    return deduplicate(root, texts, **rules)


def sizes_of(place):
    rows = rows_of(place, "documents")
    return {row["id"]: json.loads(row["metadata"])["cluster_size"] for row in rows}


def test_the_first_is_kept_unless_told_otherwise(tmp_path):
    place, _ = deduplicate(tmp_path, TEXTS)
    assert kept_of(place) == ["a", "e"]


def test_the_longest_is_kept(tmp_path):
    place, _ = deduplicate(tmp_path, TEXTS, keep="longest")
    assert kept_of(place) == ["b", "e"]
    assert {drop[1] for drop in drops_of(place).values()} == {"b"}


def test_the_best_is_kept_and_ties_go_to_the_lowest_id(tmp_path):
    place, _ = best(tmp_path, SCORES)
    assert kept_of(place) == ["c", "e"]
    assert drops_of(place)["d"] == ("exact_duplicate", "c", "jaccard=1.00 (same text)")


@pytest.mark.parametrize("nothing", [None, "good", True, float("nan"), "nan", [1], {"x": 1}])
def test_a_document_without_a_number_counts_lowest(tmp_path, nothing):
    place, _ = best(tmp_path, {**SCORES, "c": nothing, "d": nothing, "b": -1e9, "a": "-2e9"})
    assert kept_of(place) == ["b", "e"]


def test_scores_that_nobody_has_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"dedup\.score: no document has a number .* 'quality'"):
        best(tmp_path, dict.fromkeys(SCORES))


def test_best_without_a_score_is_refused_when_the_recipe_is_read():
    with pytest.raises(RecipeError, match=r"dedup: keep is 'best', but no score"):
        parse_recipe({"ingest": {"paths": ["x"]}, "dedup": {"keep": "best"}})


@pytest.mark.parametrize(
    ("dedup", "named"),
    [
        ({"keep": "best", "score": "quality"}, r"dedup\.score is 'quality'"),
        ({"boilerplate": {"site": "url"}}, r"dedup\.boilerplate\.site is 'url'"),
    ],
)
def test_a_field_that_ingest_does_not_carry_is_refused(dedup, named):
    content = {"ingest": {"paths": ["x"], "metadata": ["source"]}, "dedup": dedup}
    with pytest.raises(RecipeError, match=named + r".* it carries: source"):
        parse_recipe(content)


@pytest.mark.parametrize("keep", ["first", "longest", "best"])
def test_the_order_and_the_buckets_do_not_matter(tmp_path, keep):
    chance = random.Random(4)
    bases = [" ".join(chance.sample(PASSAGES, 3)) for _ in range(6)]
    texts = {
        f"{chance.getrandbits(32):x}": edited(chance.choice(bases), chance.choice((0, 0, 1, 2)))
        for _ in range(60)
    }
    scores = {key: chance.choice((1, 2, 3)) for key in texts}
    seen = []
    for buckets in (1, 5):
        place, ledger = best(tmp_path / str(buckets), scores, texts, keep=keep, buckets=buckets)
        seen.append((kept_of(place), drops_of(place), sizes_of(place), ledger))
    assert seen[0] == seen[1]
    kept, drops, sizes, _ = seen[0]
    assert sum(sizes.values()) == len(texts)
    for gone, (_, other, _) in drops.items():
        assert other in kept
        if keep == "best":
            assert scores[other] >= scores[gone]
        if keep == "longest":
            assert len(texts[other]) >= len(texts[gone])


def test_who_is_kept_learns_how_many_it_stands_for(tmp_path):
    place, _ = deduplicate(tmp_path, TEXTS)
    assert sizes_of(place) == {"a": 4, "e": 1}
    [first, *_] = rows_of(place, "documents")
    assert first["metadata"] == '{"cluster_size":4,"source":"of a"}'
    assert all("cluster_size" not in row["metadata"] for row in rows_of(place, "drops"))


KEYS = st.text(max_size=8) | st.sampled_from(
    ["author", "cluster", "cluster_size", "cluster_size_", "cluster_siz", "clusters", "d", "url"]
)


@given(st.dictionaries(KEYS, st.text(max_size=5) | st.integers() | st.none(), max_size=5))
def test_metadata_stay_sorted_and_whole(metadata):
    metadata = {key.encode("utf-8", "ignore").decode(): value for key, value in metadata.items()}
    said = metadata_json(metadata)
    assert with_sizes([said], [7]) == [metadata_json({**metadata, "cluster_size": 7})]
