"""The first study: its arithmetic and its recipes. The trainings themselves are left out."""

import xml.etree.ElementTree as ET
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from tahdhib.config import load_recipe
from tahdhib.config.load import load_pretrain
from tahdhib.records import Interval
from tahdhib.stats.paired import holm

STUDIES = Path(__file__).parents[2] / "studies"


@pytest.fixture(scope="module")
def first() -> ModuleType:
    spec = spec_from_file_location("first", STUDIES / "first.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_recipes_are_read_and_hold_out_what_the_program_takes_for_held_out(
    first: ModuleType,
) -> None:
    arms = [load_recipe(STUDIES / "first" / f"{arm}.yaml") for arm in ("native", "cleaned")]
    assert arms[0].dedup == arms[1].dedup
    assert arms[0].ingest == arms[1].ingest
    training = load_pretrain(STUDIES / "first" / "train.yaml")
    assert training.held_out.share == first.HELD_OUT.share
    assert set(first.TEXT) <= training.corpora.keys()


def test_bits_of_groups_weigh_by_their_bytes(first: ModuleType) -> None:
    rows = [
        {"corpus": "raw", "bytes": 100, "bits_per_byte": 2.0},
        {"corpus": "raw", "bytes": 300, "bits_per_byte": 1.0},
        {"corpus": "arcd", "bytes": 50, "bits_per_byte": 9.0},
    ]
    assert first.per_byte({"bits_per_byte": rows}, "raw") == 1.25


def test_arms_are_compared_seed_by_seed(first: ModuleType) -> None:
    values = {"raw": [1.0, 2.0, 3.0, 4.0], "native": [0.9, 1.8, 2.9, 3.8]}
    one = first.Measure("text & more", "bits per byte", values)
    assert first.pairs_of(one) == [("native", "raw")]
    found = first.between(one, "native", "raw")
    assert found.interval.estimate == pytest.approx(-0.15)
    assert found.is_found
    (line,) = list(first.difference_table([one]))[2:]
    assert "native − raw" in line
    assert "| yes | yes |" in line
    texts = [each.text for each in ET.fromstring(first.picture([one])).iter() if each.text]
    assert "text & more" in texts


def test_holm_stops_at_the_first_that_is_not_found(first: ModuleType) -> None:
    special = pytest.importorskip("scipy.special")
    reach = special.stdtrit(3, 0.975)
    steps = [20.0, 3.5, 6.0, 1.0]  # in standard errors: alone the first three are found
    raw = [2 * special.stdtr(3, -one) for one in steps]
    found = first.found_by_holm([Interval(one, one - reach, one + reach, 4) for one in steps])
    assert found == [p < 0.05 for p in holm(raw)]
    assert found == [True, False, True, False]
