import numpy as np
import pytest

from tahdhib.match.engine import daft_quietly
from tahdhib.match.minhash import signatures, signatures_work
from tahdhib.match.shingles import overlap, shingles

HASHES = 512


def kernel(texts):
    """Daft's MinHash without the wrapper."""
    series = daft_quietly().Series.from_pylist(texts)
    return series.minhash(num_hashes=16, ngram_size=5).to_pylist()


def test_trap_doubled_spaces_make_other_shingles():
    assert kernel(["a b c"]) != kernel(["a  b c"])
    made = signatures(["a b c", "a  b c", " a b c\n"], hashes=16, words=5)
    assert (made == made[0]).all()


def test_trap_empty_texts_get_one_signature():
    first, second = kernel(["", ""])
    assert first == second
    with pytest.raises(ValueError, match="without words"):
        signatures(["a", " "], hashes=16, words=5)


def test_short_texts_are_one_run_each():
    made = signatures(["كلمة", "كلمة أخرى", "كلمة ثانية"], hashes=64, words=5)
    assert all((made[i] == made[j]).mean() < 0.1 for i, j in ((0, 1), (0, 2), (1, 2)))


def test_agreement_estimates_true_similarity():
    words = [f"كلمة{number}" for number in range(300)]
    for changed in (0, 20, 60, 150):
        other = [*words[changed:], *(f"غير{number}" for number in range(changed))]
        left, right = " ".join(words), " ".join(other)
        made = signatures([left, right], hashes=HASHES, words=5)
        true = overlap(shingles(left, 5), shingles(right, 5)).jaccard
        assert abs((made[0] == made[1]).mean() - true) < 4 * np.sqrt(0.25 / HASHES)


def test_a_signature_depends_on_its_text_alone():
    texts = ["نص أول قصير", "نص ثان أطول من الأول بقليل جدا", "third text"]
    together = signatures(texts, hashes=32, words=2)
    alone = np.concatenate([signatures([text], hashes=32, words=2) for text in texts])
    assert np.array_equal(together, alone)
    assert signatures([], hashes=32, words=2).shape == (0, 32)


def test_the_doctor_is_told_that_it_works():
    assert signatures_work()
