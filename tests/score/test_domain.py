import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.score.domain import OUTSIDE, Profile, domain_distance, make_profile, unlike

WORDS = [
    "بيت",
    "كتاب",
    "مدرسة",
    "طريق",
    "سماء",
    "شجرة",
    "نهر",
    "جبل",
    "باب",
    "نافذة",
    "قلم",
    "ورقة",
]


@pytest.fixture(scope="module")
def profile() -> Profile:
    pick = np.random.default_rng(3)
    return make_profile([" ".join(pick.choice(WORDS, 9)) for _ in range(400)])


def test_texts_of_the_same_kind_are_near(profile: Profile) -> None:
    pick = np.random.default_rng(4)
    same = [" ".join(pick.choice(WORDS, 9)) for _ in range(400)]
    assert domain_distance(profile, same) < 4 * OUTSIDE


def test_other_words_scripts_and_lengths_are_far(profile: Profile) -> None:
    assert unlike(profile, ["قضت المحكمة بتأجيل النظر إلى أيلول"]).words == 1
    assert unlike(profile, ["nothing in this script was measured at all"]).words == 1
    assert unlike(profile, [" ".join(WORDS * 20)]).length == 1
    assert domain_distance(profile, [" ".join(WORDS * 20)]) == 1


def test_nothing_to_read_is_no_distance(profile: Profile) -> None:
    assert domain_distance(profile, []) == 0
    assert domain_distance(profile, ["", "😀", "123"]) == 0


@given(st.lists(st.text(max_size=200), max_size=8))
@settings(max_examples=50, deadline=None)
def test_it_is_a_share_whatever_is_asked(texts: list[str]) -> None:
    for found in (make_profile(texts), make_profile(["كلام قصير"] * 3)):
        assert 0 <= domain_distance(found, texts) <= 1


def test_news_is_unlike_tweets(shared_data: Path) -> None:
    with gzip.open(shared_data / "arsarcasm_v2/training.csv.gz", "rt", encoding="utf-8") as stream:
        tweets = [row["tweet"] for row in csv.DictReader(stream)][:4000]
    news_file = shared_data / "raw_saudinewsnet/saudinewsnet_0.jsonl.gz"
    with gzip.open(news_file, "rt", encoding="utf-8") as stream:
        news = [json.loads(next(stream))["content"] for _ in range(300)]
    found = make_profile(tweets[:3000])
    assert domain_distance(found, tweets[3000:]) < 0.2 < 0.7 < domain_distance(found, news)
