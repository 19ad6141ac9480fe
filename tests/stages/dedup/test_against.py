"""A corpus held against another one: nothing of the other comes again."""

import json

import pytest

from tahdhib.errors import DataError
from tahdhib.stages.dedup import known, stage
from tahdhib.stages.dedup.stage import reads, work
from tahdhib.store.shards import write_json
from tests.stages.dedup.corpora import (
    content,
    deduplicate,
    drops_of,
    edited,
    kept_of,
    prepare,
    rows_of,
)
from tests.stages.dedup.passages import PASSAGES

LONG = " ".join(PASSAGES[:3])
OWN = {"a": LONG, "b": PASSAGES[3], "c": edited(LONG, 2), "d": PASSAGES[4], "e": PASSAGES[4]}


@pytest.fixture
def file(write_jsonl):
    """Known documents in a file, with one broken record."""

    def write(*texts, name="old.jsonl"):
        records = [json.dumps({"id": number, "text": text}) for number, text in enumerate(texts)]
        return str(write_jsonl([*records, '{"id": 3, "text": ""}', "not json"], name))

    return write


def earlier_run(root, texts):
    place, ledger = deduplicate(root, texts)
    place.here.finish(ledger)
    write_json(place.run.manifest, {})
    return str(root)


def test_copies_and_near_copies_of_a_file_go(tmp_path, file):
    path = file(edited(LONG, 1), PASSAGES[3], "شيء آخر تماما لا يشبه غيره")
    place, ledger = deduplicate(tmp_path / "run", OWN, against=[path])
    drops = drops_of(place)
    assert kept_of(place) == ["d"]
    assert drops["b"] == ("exact_duplicate", "old.jsonl:2", "jaccard=1.00 (same text)")
    assert drops["a"][:2] == drops["c"][:2] == ("near_duplicate", "old.jsonl:1")
    assert drops["e"][:2] == ("exact_duplicate", "d")
    assert (ledger.came_in, ledger.went_out) == (5, 1)
    notes = ("duplicates_of_known", "known_documents", "known_faults")
    assert [ledger.notes[name] for name in notes] == [3, 3, 2]
    assert {row["id"] for row in rows_of(place, "documents")} == {"d"}


def test_an_id_field_names_the_known_documents(tmp_path, write_jsonl):
    path = write_jsonl([{"key": "k7", "text": LONG}], "old.jsonl")
    place = prepare(tmp_path / "run", OWN, against=[str(path)])
    recipe = place.recipe.model_copy(
        update={"ingest": place.recipe.ingest.model_copy(update={"id": "key"})}
    )
    object.__setattr__(place, "recipe", recipe)
    work(place)
    assert drops_of(place)["a"][1] == "old.jsonl:k7"


def test_an_earlier_run_is_known_by_its_documents(tmp_path):
    old = earlier_run(tmp_path / "march", {"x": LONG, "y": LONG, "z": PASSAGES[5]})
    place, ledger = deduplicate(tmp_path / "april", OWN, against=[old])
    assert drops_of(place)["a"] == ("exact_duplicate", "march:x", "jaccard=1.00 (same text)")
    assert kept_of(place) == ["b", "d"]
    assert ledger.notes["known_documents"] == 2
    assert reads(place.recipe) == sorted(
        str(path) for path in (tmp_path / "march" / "dedup" / "documents").glob("*.parquet")
    )


def test_the_corpus_against_itself_leaves_nothing(tmp_path):
    old = earlier_run(tmp_path / "one", OWN)
    place, ledger = deduplicate(tmp_path / "two", OWN, against=[old])
    assert kept_of(place) == []
    assert ledger.notes["duplicates_of_known"] == len(OWN)


def test_known_documents_that_are_alike_are_no_matter(tmp_path, file):
    path = file(LONG, LONG, edited(LONG, 1), edited(LONG, 2))
    place, ledger = deduplicate(tmp_path / "run", {"a": PASSAGES[3]}, against=[path])
    assert kept_of(place) == ["a"]
    notes = ("clusters", "largest_cluster", "candidate_pairs", "duplicates_of_known")
    assert [ledger.notes[name] for name in notes] == [0, 0, 0, 0]


def test_a_chain_to_a_known_one_is_told(tmp_path, file):
    words = [f"كلمة{number}" for number in range(200)]
    near = " ".join([*words[16:], *(f"أخرى{number}" for number in range(16))])
    far = " ".join([*words[32:], *(f"أخرى{number}" for number in range(32))])
    path = file(" ".join(words))
    place, _ = deduplicate(tmp_path / "run", {"a": far, "b": near}, against=[path])
    drops = drops_of(place)
    assert drops["b"] == ("near_duplicate", "old.jsonl:1", "jaccard=0.84")
    told = "jaccard=0.84 with b, which was dropped itself"
    assert drops["a"] == ("near_duplicate", "old.jsonl:1", told)


def test_score_and_length_never_save_a_copy_of_a_known_one(tmp_path, file):
    path = file(edited(LONG, 1))
    place, _ = deduplicate(
        tmp_path / "run", {"a": LONG + " وانتهى", "b": LONG}, against=[path], keep="longest"
    )
    assert kept_of(place) == []


def test_the_result_depends_on_no_pieces_and_processes(tmp_path, file, monkeypatch):
    one = file(*(edited(" ".join((text, LONG)), 2) for text in PASSAGES), name="one.jsonl")
    two = file(LONG, PASSAGES[3], name="two.jsonl")
    seen = []
    for name, buckets, processes, characters in (("a", 1, 1, 10**9), ("b", 3, 2, 500)):
        monkeypatch.setattr(known, "_PIECE_CHARACTERS", characters)
        place, ledger = deduplicate(
            tmp_path / name, OWN, buckets=buckets, processes=processes, against=[one, two]
        )
        seen.append((kept_of(place), drops_of(place), ledger))
    assert seen[0] == seen[1]


def test_exact_only(tmp_path, file):
    path = file(LONG, edited(PASSAGES[3], 1))
    place, _ = deduplicate(tmp_path / "run", OWN, against=[path], near=False)
    assert kept_of(place) == ["b", "c", "d"]


def test_what_is_lost_is_read_again(tmp_path, file):
    path = file(LONG, PASSAGES[3])
    place, ledger = deduplicate(tmp_path / "run", OWN, against=[path])
    before = content(place)
    for name in ("decisions.parquet", "candidates.parquet", "documents/bucket-00000.parquet"):
        place.here.file(name).unlink()
    assert work(place) == ledger
    assert content(place) == before


def test_what_is_not_there_is_said(tmp_path):
    place = prepare(tmp_path, OWN, against=[str(tmp_path / "nowhere")])
    with pytest.raises(DataError, match=r"nowhere: .* Check dedup\.against"):
        work(place)


def test_an_unfinished_run_is_refused(tmp_path):
    old = tmp_path / "old"
    write_json(old / "manifest.json", {})
    place = prepare(tmp_path / "run", OWN, against=[str(old)])
    with pytest.raises(DataError, match="the dedup of this run is not finished"):
        work(place)


def test_a_file_without_any_text_is_refused(tmp_path, write_jsonl):
    path = write_jsonl([{"content": LONG}], "other.jsonl")
    place = prepare(tmp_path / "run", OWN, against=[str(path)])
    with pytest.raises(DataError, match=r"none of 1 records holds text in the field 'text'"):
        work(place)


def test_shards_are_told_apart_from_buckets(tmp_path, file):
    place, _ = deduplicate(tmp_path / "run", OWN, against=[file(LONG)])
    assert len(place.here.shards("documents")) == 4
    assert not place.here.file("known").exists()
    assert stage.reads(place.recipe) == [str(tmp_path / "old.jsonl")]
