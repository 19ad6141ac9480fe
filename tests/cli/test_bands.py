"""`tahdhib bands`: the curve and its cost, printed; what cannot be is said in a sentence."""

import pytest

import tahdhib
from tahdhib.errors import RecipeError
from tahdhib.match.bands import Bands
from tests.run.small import tahdhib as command


def test_the_curve_is_printed():
    done = command("bands", "--threshold", "0.7", "-n", "200000")
    assert done.returncode == 0
    assert "25 bands of 5 hashes" in done.stdout
    assert "98.99%" in done.stdout


def test_an_impossible_threshold_is_refused():
    done = command("bands", "--threshold", "7")
    assert done.returncode == 2
    assert done.stderr.startswith("tahdhib: bands: dedup.threshold: is 7.0;")
    with pytest.raises(RecipeError, match=r"dedup\.hashes"):
        tahdhib.bands(hashes=1)


def test_the_verb_as_a_function():
    assert tahdhib.bands(threshold=0.8).bands == Bands(18, 7)
