"""Thresholds for a chosen rate of false refusals, on rewrites by people and on the demo's texts."""

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tahdhib import verbs
from tahdhib.calibrate import Given, samples
from tahdhib.conduct.load import load_conduct
from tahdhib.config.load import parse_recipe
from tahdhib.config.recipe import Gate as Settings
from tahdhib.config.recipe import Protect
from tahdhib.errors import DataError, RecipeError
from tahdhib.gate.calibration import DIALS, Sample, _observe, calibrate
from tahdhib.gate.checks import CHECKS
from tahdhib.progress import Silence
from tahdhib.protect.shelter import open_shelter

DEMO = Path(verbs.__file__).parent / "demo" / "data"
PAIRS = 300
ARTICLES = 120


def lines(path: Path) -> Iterator[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Given:
    """People's rewrites as a table, and passages with a space more, as JSON lines."""
    folder = tmp_path_factory.mktemp("given")
    rows = list(lines(DEMO / "pairs" / "paradetox.jsonl.gz"))[:PAIRS]
    people = "".join(f"{row['toxic']}\t{row['neutral'][0]}\n" for row in rows)  # type: ignore[index]
    (folder / "people.tsv").write_text("source\trewrite\n" + people, encoding="utf-8")
    texts = [str(row["clean"]) for row in lines(DEMO / "planted.jsonl.gz") if row.get("clean")]
    assert len(texts) >= ARTICLES
    with (folder / "passages.jsonl").open("w", encoding="utf-8") as stream:
        for text in texts[:ARTICLES]:
            row = {"source": text, "rewrite": text.replace(" ", "  ", 1)}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    return Given((str(folder / "people.tsv"),), (str(folder / "passages.jsonl"),))


@pytest.fixture(scope="module")
def read(given: Given) -> list[Sample]:
    return samples(given, load_conduct("default"), open_shelter(Protect()), 17, Silence())


def test_what_is_seen_at_each_place_adds_up_to_the_verdict(read: list[Sample]) -> None:
    some = random.Random(5).sample(read, 120)
    seen = _observe(some, DIALS, Settings())
    for trial in range(3):
        rng = random.Random(trial)
        places = {dial.setting: rng.randrange(len(dial.places)) for dial in DIALS}
        settings = Settings().model_copy(
            update={dial.setting: dial.places[places[dial.setting]] for dial in DIALS}
        )
        refused = [any(check(one.change, settings) for check in CHECKS) for one in some]
        assert seen.any(places).tolist() == refused


def test_a_rate_is_kept_and_what_it_costs_is_told(read: list[Sample]) -> None:
    loose = calibrate(read, Settings(), rate=0.2, seed=17)
    close = calibrate(read, Settings(), rate=0.02, seed=17)
    assert loose.is_reached
    assert loose.joint["people", ""].low <= 0.2
    assert close.joint["people", ""].estimate <= loose.joint["people", ""].estimate
    assert sum(one.estimate for one in close.kinds.values()) < sum(
        one.estimate for one in loose.kinds.values()
    )
    assert close.joint["passages", ""].estimate <= 0.02
    assert {"people", "passages", "faults"} == set(close.checks["length"])


def test_a_threshold_that_no_fault_judges_stays(read: list[Sample]) -> None:
    found = calibrate(read, Settings(), rate=0.001, seed=17)
    assert not found.is_reached  # numbers alone are more
    assert found.thresholds["max_flips"] == Settings().max_flips
    assert found.thresholds["max_dialect_words"] == Settings().max_dialect_words


def test_the_section_is_a_recipes_and_the_same_each_time(given: Given, tmp_path: Path) -> None:
    faults = tmp_path / "faults.jsonl"
    rows = [
        {"kind": "number", "source": f"In {year} it was {at} degrees.", "rewrite": "In it was."}
        for at, year in enumerate(range(1900, 1960), 10)
    ]
    faults.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for name in ("one.yaml", "two.yaml"):
        verbs.gate_calibrate(
            tmp_path / name, people=given.people, passages=given.passages, faults=[str(faults)]
        )
    told = (tmp_path / "one.yaml").read_text(encoding="utf-8")
    assert told == (tmp_path / "two.yaml").read_text(encoding="utf-8")
    recipe = parse_recipe({"ingest": {"paths": ["a.jsonl"]}, **yaml.safe_load(told)})
    measured = recipe.gate.measured
    assert measured is not None
    assert measured.found["number"][0] == 1.0
    assert measured.checks["numbers"]["faults"][0] == 1.0
    assert measured.refused["people"][3] > 100


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"source": "a b c", "rewrite": "a b"}', "without a `kind`"),
        ('{"kind": "name", "source": "a b c"}', "has the fields"),
    ],
)
def test_a_file_of_faults_says_what_is_wrong_where(
    line: str, said: str, given: Given, tmp_path: Path
) -> None:
    faults = tmp_path / "faults.jsonl"
    faults.write_text(line + "\n", encoding="utf-8")
    broken = Given(given.people, given.passages, (str(faults),))
    with pytest.raises(DataError, match=said) as caught:
        samples(broken, load_conduct("default"), open_shelter(Protect()), 17, Silence())
    assert f"{faults}:1" in str(caught.value)


def test_a_rate_is_a_share(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no share between 0 and 1"):
        verbs.gate_calibrate(tmp_path / "gate.yaml", rate=5)
