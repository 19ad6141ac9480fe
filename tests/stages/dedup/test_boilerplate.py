"""Pages of sites: lines that repeat across them are found and left out of matching."""

import gzip
import json
import random

import numpy as np
import pyarrow.parquet as pq
import pytest

from tahdhib.match.boilerplate import boilerplate_spans, read_boilerplate, site_of
from tahdhib.stages.dedup.forms import Lines
from tahdhib.stages.dedup.lines import LineCount
from tests.stages.dedup.corpora import content, deduplicate, drops_of, edited, kept_of
from tests.stages.dedup.passages import PASSAGES

WORDS = sorted({word for passage in PASSAGES for word in passage.split()})
FRAME = tuple(" ".join(random.Random(5).sample(WORDS, 6)) for _ in range(1)) + tuple(
    " ".join(random.Random(seed).sample(WORDS, 9)) for seed in range(12)
)


def prose(seed, words=45):
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def page(body, lines=FRAME):
    return "\n".join((*lines[:6], body, *lines[6:]))


def site(count, name="a", lines=FRAME):
    texts = {f"{name}{number:03d}": page(prose(number), lines) for number in range(count)}
    return texts, {key: {"url": f"https://{name}.example/{key}"} for key in texts}


def frame_of(place):
    table = pq.read_table(place.here.file("boilerplate.parquet"))
    return {row["line"]: row for row in table.to_pylist()}


SITE = {"boilerplate": {"site": "url"}}


def test_unrelated_pages_in_one_frame_all_stay(tmp_path):
    """Most of their words are the same."""
    texts, metadata = site(40)
    bare, _ = deduplicate(tmp_path / "a", texts, metadata=metadata, boilerplate=None, threshold=0.5)
    assert len(kept_of(bare)) < 5
    place, ledger = deduplicate(tmp_path / "b", texts, metadata=metadata, threshold=0.5, **SITE)
    assert kept_of(place) == sorted(texts)
    assert ledger.notes["boilerplate_lines"] == len(FRAME)


def test_the_frame_is_written_for_people_and_for_later_stages(tmp_path):
    texts, metadata = site(40)
    place, _ = deduplicate(tmp_path, texts, metadata=metadata, **SITE)
    found = frame_of(place)
    assert set(found) == set(FRAME)
    assert {(row["site"], row["documents"], row["id"]) for row in found.values()} == {
        ("a.example", 40, "a000")
    }
    known = read_boilerplate(place.here.file("boilerplate.parquet"))
    text = texts["a007"]
    spans = boilerplate_spans(text, site_of(metadata["a007"], known.site), known)
    assert len(spans) == 2
    left = text[spans[0].end : spans[1].start]
    assert left == prose(7) + "\n"


def test_one_article_in_two_frames_is_found(tmp_path):
    """What is left is the same, however much lies around it."""
    texts, metadata = site(20)
    other, others = site(20, "b", tuple(f"{line} غير ذلك" for line in FRAME))
    texts |= other
    metadata |= others
    texts["b003"] = page(edited(prose(3, 200), 1), tuple(f"{line} غير ذلك" for line in FRAME))
    texts["a003"] = page(prose(3, 200))
    place, _ = deduplicate(tmp_path, texts, metadata=metadata, **SITE)
    assert drops_of(place)["b003"][:2] == ("near_duplicate", "a003")


def test_lines_of_one_site_do_not_count_for_another(tmp_path):
    texts, metadata = {}, {}
    for number in range(12):
        one, said = site(1, f"s{number:02d}")
        texts |= {key: page(prose(number)) for key in one}
        metadata |= said
    place, ledger = deduplicate(tmp_path, texts, metadata=metadata, **SITE)
    assert ledger.notes["boilerplate_lines"] == 0
    _, ledger = deduplicate(tmp_path / "whole", texts, metadata=metadata)
    assert ledger.notes["boilerplate_lines"] == len(FRAME)
    assert not frame_of(place)


def test_an_article_under_a_dozen_addresses_is_no_boilerplate(tmp_path):
    """All its lines repeat, but none of the pages says anything else."""
    paragraphs = [prose(seed, 30) for seed in range(8)]
    texts = {f"{number:02d}": "\n".join((*paragraphs, f"قرئ {number} مرة")) for number in range(15)}
    place, ledger = deduplicate(tmp_path, texts)
    assert ledger.notes["boilerplate_lines"] == 0
    assert kept_of(place) == ["00"]
    assert len(drops_of(place)) == 14


def test_pages_of_nothing_but_frame_are_compared_by_all_of_it(tmp_path):
    texts, metadata = site(30)
    texts |= {"z1": "\n".join(FRAME), "z2": "\n".join(FRAME[::-1]), "z3": "\n".join(FRAME)}
    metadata |= dict.fromkeys(("z1", "z2", "z3"), metadata["a000"])
    place, _ = deduplicate(tmp_path, texts, metadata=metadata, **SITE)
    assert {key: drop[:2] for key, drop in drops_of(place).items()} == {
        "z3": ("exact_duplicate", "z1"),
    }


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"min_documents": 41}, 0),
        ({"min_documents": 40}, len(FRAME)),
        ({"min_share": 0.6}, 0),
        ({"min_share": 0.3}, len(FRAME)),
        ({"min_characters": 1000}, 0),
    ],
)
def test_the_settings_say_what_counts(tmp_path, settings, found):
    texts, metadata = site(40)
    more = {
        f"b{number:03d}": f"{prose(900 + number)}\n{prose(990 + number)}" for number in range(40)
    }
    metadata |= {key: {"url": f"https://a.example/{key}"} for key in more}
    rules = {"boilerplate": {"site": "url", **settings}}
    _, ledger = deduplicate(tmp_path, texts | more, metadata=metadata, **rules)
    assert ledger.notes["boilerplate_lines"] == found


def test_a_refrain_within_a_poem_counts_once(tmp_path):
    texts = {
        f"{number:02d}": "\n".join(("يا ليل يا عين", prose(number, 20)) * 12) for number in range(8)
    }
    _, ledger = deduplicate(tmp_path, texts)
    assert ledger.notes["boilerplate_lines"] == 0


def test_short_lines_count_as_part_of_their_document(tmp_path):
    texts = {f"{number:02d}": f"{prose(number)}\n1.\nأ\n— —" for number in range(30)}
    _, ledger = deduplicate(tmp_path, texts)
    assert ledger.notes["boilerplate_lines"] == 0


def test_the_result_depends_on_no_buckets(tmp_path):
    texts, metadata = site(40)
    seen = []
    for buckets in (1, 7):
        place, ledger = deduplicate(
            tmp_path / str(buckets), texts, metadata=metadata, buckets=buckets, **SITE
        )
        seen.append((content(place)["boilerplate.parquet"], kept_of(place), ledger))
    assert seen[0] == seen[1]


def test_lines_are_counted_once_per_document_and_by_site():
    count = LineCount()
    keys = np.array([5, 5, 7, 0, 5], np.uint64)
    count.add(["s", "t", "t"], Lines(keys, np.ones(5), np.array([0, 4, 5, 5])))
    assert sum(count.lines["documents"].to_pylist()) == 3
    assert count.sites.select(["name", "documents"]).to_pydict() == {
        "name": ["s", "t"],
        "documents": [1, 2],
    }


def test_real_news_keep_their_articles(tmp_path, shared_data):
    """3,000 articles of many newspapers: their boilerplate is found, and no article is lost."""
    path = shared_data / "raw_saudinewsnet" / "saudinewsnet_0.jsonl.gz"
    if not path.exists():
        pytest.skip(f"{path} is missing")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for _, line in zip(range(3000), lines, strict=False)]
    records = [record for record in records if record["content"]]
    texts = {f"{number:05d}": record["content"] for number, record in enumerate(records)}
    metadata = {f"{n:05d}": {"source": record["source"]} for n, record in enumerate(records)}
    place, ledger = deduplicate(tmp_path, texts, metadata=metadata, boilerplate={"site": "source"})
    known = read_boilerplate(place.here.file("boilerplate.parquet"))
    left = []
    for key, text in texts.items():
        spans = boilerplate_spans(text, site_of(metadata[key], "source"), known)
        left.append(1 - sum(span.end - span.start for span in spans) / len(text))
    assert min(left) > 0.05
    assert np.mean(left) > 0.97
    assert ledger.came_in == len(texts)
