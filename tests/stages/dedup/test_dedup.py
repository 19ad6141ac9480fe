"""The stage as a whole: what goes in as ingest's shards comes out as documents and drops."""

import gzip
import json
import random
import shutil
from itertools import combinations, islice

import pyarrow.parquet as pq
import pytest

from tahdhib.match.components import components
from tahdhib.match.shingles import overlap, shingles
from tahdhib.stages.dedup import boilerplate, files, stage
from tahdhib.stages.dedup.stage import work
from tahdhib.store import shards
from tahdhib.store.schemas import DOCUMENTS, DROPS
from tahdhib.store.shards import bucket_of, read_rows
from tahdhib.text.fold import match_form
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

VOCALISED = "َُِّْ"


def vocalise(text, seed=1):
    chance = random.Random(seed)
    return "".join(
        letter + chance.choice(VOCALISED) if letter.isalpha() and chance.random() < 0.6 else letter
        for letter in text
    )


VARIANTS = {
    "vocalised": vocalise,
    "tatweel": lambda text: text.replace("س", "ســـ").replace("ب", "بـ"),
    "hamza": lambda text: text.translate(str.maketrans("أإآؤئ", "اااوي")),
    "punctuation": lambda text: text.replace("،", " , ").replace(".", " !!"),
    "presentation forms": lambda text: text.replace("لا", "ﻻ"),
    "spaces": lambda text: f"  {text}\n".replace(" ", "  "),
    "zero width": lambda text: "\u200f" + text.replace("و", "و\u200d"),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_spellings_of_one_text_are_duplicates(tmp_path, variant):
    texts = {f"a{number}": text for number, text in enumerate(PASSAGES)}
    texts |= {f"b{number}": VARIANTS[variant](text) for number, text in enumerate(PASSAGES)}
    place, ledger = deduplicate(tmp_path, texts)
    changed = [
        number for number in range(len(PASSAGES)) if texts[f"a{number}"] != texts[f"b{number}"]
    ]
    assert changed
    drops = drops_of(place)
    assert sorted(drops) == [f"b{number}" for number in range(len(PASSAGES))]
    for number in changed:
        words = ("near_duplicate", f"a{number}", "jaccard=1.00 (same words)")
        assert drops[f"b{number}"] == words
    assert ledger.drops["near_duplicate"] == len(changed)


def test_different_arabic_texts_all_stay(tmp_path):
    place, ledger = deduplicate(tmp_path, dict(zip("abcdef", PASSAGES, strict=True)))
    assert kept_of(place) == list("abcdef")
    assert (ledger.dropped, ledger.notes["verified_pairs"]) == (0, 0)


def test_short_different_arabic_texts_all_stay(tmp_path):
    texts = ["نعم", "لا", "شكرا لك", "السلام عليكم", "السلام عليكم ورحمة الله", "صباح الخير"]
    place, _ = deduplicate(tmp_path, {str(number): text for number, text in enumerate(texts)})
    assert len(kept_of(place)) == len(texts)


def test_an_edited_sentence_is_a_near_duplicate_and_a_rewritten_text_is_not(tmp_path):
    long = " ".join(PASSAGES[:3])
    place, _ = deduplicate(tmp_path, {"a": long, "b": edited(long, 2), "c": edited(long, 30)})
    reason, other, detail = drops_of(place)["b"]
    assert (reason, other) == ("near_duplicate", "a")
    true = overlap(shingles(match_form(long), 5), shingles(match_form(edited(long, 2)), 5))
    assert detail == f"jaccard={int(true.jaccard * 100) / 100:.2f}"
    assert kept_of(place) == ["a", "c"]


def test_what_is_dropped_can_be_read_back_and_the_lowest_id_is_kept(tmp_path):
    texts = {"9": PASSAGES[0], "10": PASSAGES[0], "b": PASSAGES[1]}
    place, ledger = deduplicate(tmp_path, texts)
    assert kept_of(place) == ["10", "b"]
    [dropped] = rows_of(place, "drops")
    assert dropped == {
        "id": "9",
        "text": PASSAGES[0],
        "metadata": '{"source":"of 9"}',
        "reason": "exact_duplicate",
        "detail": "jaccard=1.00 (same text)",
        "other": "10",
    }
    assert (ledger.came_in, ledger.went_out, dict(ledger.drops)) == (3, 2, {"exact_duplicate": 1})


def test_a_chain_is_told_apart_from_a_match(tmp_path):
    words = [f"كلمة{number}" for number in range(200)]
    texts = {
        "a": " ".join(words),
        "b": " ".join([*words[16:], *(f"أخرى{number}" for number in range(16))]),
        "c": " ".join([*words[32:], *(f"أخرى{number}" for number in range(32))]),
    }
    texts["d"] = texts["c"]
    place, ledger = deduplicate(tmp_path, texts)
    drops = drops_of(place)
    assert kept_of(place) == ["a"]
    assert drops["b"][2] == "jaccard=0.84"
    assert drops["c"] == ("near_duplicate", "a", "jaccard=0.84 with b, which was dropped itself")
    via = "jaccard=1.00 (same text) with c, which was dropped itself"
    assert drops["d"] == ("exact_duplicate", "a", via)
    notes = ("chained", "longest_chain", "clusters", "largest_cluster")
    assert [ledger.notes[name] for name in notes] == [2, 3, 1, 4]


def test_exact_only_leaves_other_spellings_alone(tmp_path):
    texts = {"a": PASSAGES[0], "b": vocalise(PASSAGES[0]), "c": PASSAGES[0]}
    place, ledger = deduplicate(tmp_path, texts, near=False)
    assert kept_of(place) == ["a", "b"]
    assert "candidate_pairs" not in ledger.notes


def test_texts_without_words_are_duplicates_only_of_themselves(tmp_path):
    texts = dict(zip("abcdefgh", ["😀", "😁", "...", "…", "😀", "", "😀 ", "\u200b"], strict=True))
    place, ledger = deduplicate(tmp_path, texts)
    assert kept_of(place) == list("abcdfgh")
    assert dict(ledger.drops) == {"exact_duplicate": 1}


def test_one_document(tmp_path):
    place, ledger = deduplicate(tmp_path, {"only": PASSAGES[0]})
    assert kept_of(place) == ["only"]
    assert (ledger.dropped, ledger.notes["candidate_precision"]) == (0, 1.0)


def test_no_document(tmp_path):
    place, ledger = deduplicate(tmp_path, {}, buckets=2)
    assert (ledger.came_in, ledger.went_out) == (0, 0)
    assert len(place.here.shards("documents")) == 2


def test_a_corpus_of_identical_documents(tmp_path):
    texts = {f"{number:05d}": PASSAGES[0] for number in range(5000)}
    place, ledger = deduplicate(tmp_path, texts)
    assert kept_of(place) == ["00000"]
    assert dict(ledger.drops) == {"exact_duplicate": 4999}
    assert (ledger.notes["candidate_pairs"], ledger.notes["largest_cluster"]) == (0, 5000)


def test_a_corpus_of_one_hundred_thousand_identical_documents(tmp_path):
    texts = dict.fromkeys((f"{number:06d}" for number in range(100_000)), PASSAGES[0])
    place, ledger = deduplicate(tmp_path, texts)
    assert kept_of(place) == ["000000"]
    assert (ledger.came_in, ledger.went_out, ledger.dropped) == (100_000, 1, 99_999)
    assert ledger.notes["largest_cluster"] == 100_000


def test_a_corpus_of_empty_documents(tmp_path):
    texts = {f"{number:03d}": "" for number in range(500)}
    place, ledger = deduplicate(tmp_path, texts)
    assert kept_of(place) == ["000"]
    assert dict(ledger.drops) == {"exact_duplicate": 499}


def test_a_corpus_of_nothing_but_ends_of_lines(tmp_path):
    texts = {f"{number:03d}": "\n" * number for number in range(200)}
    place, ledger = deduplicate(tmp_path, texts)
    assert len(kept_of(place)) == 200
    assert ledger.notes["boilerplate_lines"] == 0


def test_a_template_costs_no_quadratic_number_of_comparisons(tmp_path):
    page = " ".join(PASSAGES)
    texts = {f"{number:05d}": f"{page} رقم {number}" for number in range(3000)}
    place, ledger = deduplicate(tmp_path, texts)
    assert kept_of(place) == ["00000"]
    assert dict(ledger.drops) == {"near_duplicate": 2999}
    assert int(ledger.notes["candidate_pairs"]) < 10 * len(texts)


def test_the_shards_keep_schema_buckets_and_order(tmp_path):
    texts = {f"{number}": f"{text} {number % 5}" for number, text in enumerate(PASSAGES * 5)}
    place, _ = deduplicate(tmp_path, texts, buckets=3)
    for table, schema in (("documents", DOCUMENTS), ("drops", DROPS)):
        for bucket in range(3):
            shard = place.here.shard(table, bucket)
            assert pq.read_schema(shard).equals(schema)
            ids = [row["id"] for row in read_rows(shard)]
            assert ids == sorted(ids)
            assert {bucket_of(key, 3) for key in ids} <= {bucket}


def mixed(count, seed=3):
    """Passages with planted copies, spellings, edits and chains, under ids without order."""
    chance = random.Random(seed)
    texts = {}
    for _ in range(count):
        text = " ".join(chance.sample(PASSAGES, 2))
        text = edited(text, chance.choice((0, 1, 3, 6, 12)), chance.choice(("زائدة", "غريبة")))
        if chance.random() < 0.2:
            text = chance.choice(list(VARIANTS.values()))(text)
        texts[f"{chance.getrandbits(40):x}"] = text
    return texts


def test_the_result_depends_on_no_buckets_and_processes(tmp_path, monkeypatch):
    texts = mixed(150)
    seen = []
    monkeypatch.setattr(stage, "_SERIAL_SECONDS", 0.0)
    for name, buckets, processes in (("a", 1, 1), ("b", 5, 2), ("c", 16, 1)):
        place, ledger = deduplicate(tmp_path / name, texts, buckets=buckets, processes=processes)
        seen.append((kept_of(place), drops_of(place), ledger))
    assert all(result == seen[0] for result in seen)
    assert {"exact_duplicate", "near_duplicate"} == set(seen[0][2].drops)
    assert int(seen[0][2].notes["chained"]) > 0


def test_the_result_depends_on_no_pass_of_the_engine(tmp_path, monkeypatch):
    texts = mixed(80)
    whole, _ = deduplicate(tmp_path / "a", texts)
    monkeypatch.setattr(stage, "_KEYS_PER_PASS", 1)
    monkeypatch.setattr(stage, "_WRITTEN_ROWS", 7)
    monkeypatch.setattr(files, "_BATCH_ROWS", 3)
    monkeypatch.setattr(boilerplate, "_LINES_PER_PASS", 5)
    parts, _ = deduplicate(tmp_path / "b", texts)
    assert kept_of(parts) == kept_of(whole)
    assert drops_of(parts) == drops_of(whole)


def test_a_folder_with_a_strange_name(tmp_path):
    place, _ = deduplicate(
        tmp_path / "run [1] {a,b} *?", {"a": PASSAGES[0], "b": PASSAGES[0] + "!"}
    )
    assert kept_of(place) == ["a"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    texts = mixed(60)
    place, ledger = deduplicate(tmp_path_factory.mktemp("whole"), texts, buckets=2)
    return texts, content(place), ledger


class Killed(BaseException):
    """What no one in the stage catches."""


@pytest.mark.parametrize("writes", range(28))
def test_killed_after_any_write_it_ends_as_if_it_had_never_been(
    tmp_path, monkeypatch, undisturbed, writes
):
    texts, expected, ledger = undisturbed
    place = prepare(tmp_path, texts, buckets=2)
    left = iter(range(writes))
    replace = shards.os.replace

    def dying(*paths):
        if next(left, None) is None:
            raise Killed
        replace(*paths)

    monkeypatch.setattr(shards.os, "replace", dying)
    with pytest.raises(Killed):
        work(place)
    monkeypatch.undo()
    place.here.begin("a fingerprint", {})
    assert work(place) == ledger
    assert content(place) == expected


@pytest.mark.parametrize(
    "lost",
    [
        ["documents/bucket-00001.parquet"],
        ["documents", "drops"],
        ["documents", "decisions.parquet"],
        ["documents", "decisions.parquet", "matches/bucket-00001.parquet"],
        ["documents", "drops", "decisions.parquet", "matches", "candidates.parquet"],
        ["documents", "decisions.parquet", "candidates.parquet", "sketches/bucket-00000.parquet"],
    ],
)
def test_what_is_lost_is_made_again(tmp_path, undisturbed, lost):
    texts, expected, ledger = undisturbed
    place = prepare(tmp_path, texts, buckets=2)
    work(place)
    for name in lost:
        path = place.here.file(name)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert work(place) == ledger
    assert content(place) == expected


def test_a_finished_stage_reads_no_text_again(tmp_path, undisturbed, monkeypatch):
    texts, _, ledger = undisturbed
    place = prepare(tmp_path, texts, buckets=2)
    work(place)

    def refuse(*arguments, **options):
        raise AssertionError("a finished bucket was worked on again")

    monkeypatch.setattr(stage, "parts", refuse)
    monkeypatch.setattr(stage, "part", refuse)
    assert work(place) == ledger


def test_pairs_agree_with_brute_force_on_real_texts(tmp_path, shared_data):
    """1,500 articles of Egyptian Wikipedia, 300 of them copied with more and more edits."""
    path = shared_data / "raw_arz_wikipedia" / "arzwiki_20181020.jsonl.gz"
    if not path.exists():
        pytest.skip(f"{path} is missing")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in islice(lines, 1500)]
    texts = {f"{record['id']:>8}": record["text"] for record in records}
    chance = random.Random(11)
    for key in chance.sample(sorted(texts), 300):
        changes = chance.randrange(1, 6)
        text = edited(texts[key], min(changes, len(texts[key].split()) - 1))
        texts[f"copy of {key}"] = vocalise(text, seed=changes) if changes % 3 == 0 else text
    place, ledger = deduplicate(tmp_path, texts)

    sets = {key: shingles(match_form(text), 5) for key, text in texts.items()}
    keys = sorted(sets)
    true = {
        (left, right)
        for left, right in combinations(range(len(keys)), 2)
        if abs(len(sets[keys[left]]) - len(sets[keys[right]])) < 0.3 * len(sets[keys[left]]) + 2
        and overlap(sets[keys[left]], sets[keys[right]]).jaccard >= 0.8
    }
    kept = components(true)
    expected = {keys[number]: keys[root] for number, root in kept.items() if number != root}
    found = {key: other for key, (_, other, _) in drops_of(place).items()}
    assert len(expected) > 80
    assert not set(found) - set(expected), "dropped without a true match"
    assert len(found) >= 0.98 * len(expected)
    assert all(expected[key] == other for key, other in found.items())
    assert int(ledger.notes["verified_pairs"]) <= len(true)
