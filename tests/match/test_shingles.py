import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.match.shingles import Overlap, overlap, shingles

WORDS = st.lists(st.sampled_from(["ا", "ب", "ت", "ث", "ج", "ح"]), max_size=25)


def plain(words, width):
    runs = range(max(1, len(words) - width + 1)) if words else ()
    return {tuple(words[start : start + width]) for start in runs}


@given(WORDS, WORDS, st.integers(1, 6))
def test_overlap_is_that_of_plain_sets(left, right, width):
    one, other = plain(left, width), plain(right, width)
    found = overlap(shingles(" ".join(left), width), shingles(" ".join(right), width))
    assert found == Overlap(len(one & other), len(one | other))


@given(WORDS, WORDS)
def test_overlap_is_symmetric_and_whole_with_itself(left, right):
    one, other = shingles(" ".join(left), 3), shingles(" ".join(right), 3)
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, one).jaccard == (1.0 if left else 0.0)


def test_shingles_are_distinct_and_ascend():
    made = shingles("واحد اثنان " * 20, 2)
    assert made.dtype == np.uint64 and len(made) == 2
    assert made[0] < made[1]


def test_a_short_text_is_one_shingle_and_no_prefix_of_another():
    assert len(shingles("كلمة", 5)) == len(shingles("كلمة أخرى", 5)) == 1
    assert overlap(shingles("كلمة", 5), shingles("كلمة أخرى", 5)).shared == 0


def test_the_order_of_words_counts():
    assert overlap(shingles("a b", 2), shingles("b a", 2)).shared == 0


def test_numbers_are_the_same_in_every_process():
    code = "from tahdhib.match.shingles import shingles; print(shingles('بسم الله', 1).tolist())"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert seen == {f"{shingles('بسم الله', 1).tolist()}\n"}
