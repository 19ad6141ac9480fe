import numpy as np
import pytest

from tahdhib.match.bands import (
    WANTED_RECALL,
    Bands,
    band_keys,
    choose_bands,
    curve,
    expected_recall,
)


@pytest.mark.parametrize("threshold", [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0])
@pytest.mark.parametrize("hashes", [64, 128, 256])
def test_the_wanted_recall_is_reached_with_as_many_rows_as_possible(hashes, threshold):
    bands = choose_bands(hashes, threshold)
    assert bands.hashes <= hashes
    assert expected_recall(bands, threshold) >= WANTED_RECALL
    more = Bands(hashes // (bands.rows + 1), bands.rows + 1)
    assert bands.rows == hashes or expected_recall(more, threshold) < WANTED_RECALL


def test_too_few_hashes_give_one_row_per_band():
    assert choose_bands(8, 0.1) == Bands(8, 1)


def test_the_default_of_the_recipe():
    assert choose_bands(128, 0.8) == Bands(18, 7)
    assert choose_bands(128, 0.7) == Bands(25, 5)


def test_recall_rises_with_similarity():
    curve = [expected_recall(Bands(21, 6), step / 100) for step in range(101)]
    assert curve[0] == 0.0 and curve[-1] == 1.0
    assert curve == sorted(curve)


def test_the_curve_is_what_happens():
    """Signatures that agree in each hash with chance J, as MinHash's do."""
    generator = np.random.default_rng(5)
    bands, pairs = Bands(21, 6), 4000
    for jaccard in (0.3, 0.5, 0.7, 0.8):
        left = generator.integers(0, 2**32, (pairs, 128), dtype=np.uint32)
        other = generator.integers(0, 2**32, (pairs, 128), dtype=np.uint32)
        right = np.where(generator.random((pairs, 128)) < jaccard, left, other)
        is_candidate = (band_keys(left, bands) == band_keys(right, bands)).any(axis=1)
        expected = expected_recall(bands, jaccard)
        assert abs(is_candidate.mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / pairs)


def test_bands_do_not_share_keys():
    same = np.full((1, 128), 7, np.uint32)
    assert len(np.unique(band_keys(same, Bands(21, 6)))) == 21
    assert band_keys(np.empty((0, 128), np.uint32), Bands(21, 6)).shape == (0, 21)


def test_the_curve_and_its_cost_follow_from_the_threshold():
    found = curve(128, 0.8, 1001)
    assert found.bands == choose_bands(128, 0.8)
    recall = dict(found.recall)
    assert recall[0.8] == expected_recall(found.bands, 0.8) >= WANTED_RECALL
    assert list(recall) == sorted(recall) and 0.3 in recall and 0.95 in recall
    assert found.key_bytes == 18 * 8 + 32
    assert dict(found.chance)[0.1] == pytest.approx(500 * expected_recall(found.bands, 0.1))
