"""The card in a worker's folder: made from its record, whatever the kind."""

from typing import Any

import pytest
import yaml

from tahdhib.workers.card import Kind, Way, readme

KIND = Kind(
    says="It does something.",
    task="text-generation",
    tags=("causal-worker",),
    ways=(Way("With a tool:", "bash", "tool FOLDER"),),
    limits=("It is small.",),
)
SHARE = {"estimate": 0.5, "low": 0.25, "high": 0.75, "n": 12, "level": 0.95, "rough": ""}
RECORD: dict[str, Any] = {
    "kind": "causal",
    "version": "0.1",
    "conduct": {"name": "default", "version": "3"},
    "conduct_hash": "c0ffee",
    "pairs_hash": "ab12",
    "pairs": {"train": 1200, "tune": 10, "held_out": 20},
    "drops": {"too_long": 2},
    "languages": {"ar": 0.9, "en": 0.1},
    "licences": {"CC0-1.0": 5, "CC-BY-4.0": 1225},
    "settings": {"epochs": 2.0},
    "seed": 17,
    "threads": 1,
    "parameters": 1234567,
    "held_out": {"people": {"pairs": 20, "precision": SHARE, "recall": None}},
}


def _front(card: str) -> dict[str, Any]:
    front: dict[str, Any] = yaml.safe_load(card.split("---\n")[1])
    return front


def test_hubs_read_the_front_matter() -> None:
    front = _front(readme({**RECORD, "base": {"name": "some/encoder", "revision": "f00"}}, KIND))
    assert front["language"] == ["ar", "en"]
    assert front["license"] == "other"
    assert front["pipeline_tag"] == "text-generation"
    assert front["base_model"] == "some/encoder"
    assert {"tahdhib", "causal-worker"} <= set(front["tags"])


@pytest.mark.parametrize(
    ("licences", "expected"),
    [({"CC-BY-SA-4.0": 9}, "cc-by-sa-4.0"), ({"unknown": 9}, "other"), ({}, "other")],
)
def test_one_licence_of_all_pairs_is_that_of_the_card(
    licences: dict[str, int], expected: str
) -> None:
    assert _front(readme({**RECORD, "licences": licences}, KIND))["license"] == expected


def test_it_says_where_it_comes_from_and_how_good_it_is() -> None:
    card = readme(RECORD, KIND)
    for line in (
        "| pairs | 1,200 train, 20 held out, 10 tune |",
        "| their hash | `ab12` |",
        "| its hash | `c0ffee` |",
        "| `CC-BY-4.0` | 1,225 |",
        "| `epochs` | `2.0` |",
        "| people | 20 | 0.500 (0.250 to 0.750), n = 12 |",
        "tool FOLDER",
        "- It is small.",
    ):
        assert line in card.splitlines()


def test_what_a_source_says_of_itself_is_not_read_as_markup() -> None:
    card = readme({**RECORD, "licences": {"x`\n# [mine](javascript:x) | ": 1}}, KIND)
    assert "| `x' # [mine](javascript:x) \\|` | 1 |" in card.splitlines()
