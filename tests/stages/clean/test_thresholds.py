"""Thresholds: data in the package, a user's file over them, and what such a file may not say."""

import pytest
import yaml

from tahdhib.errors import RecipeError
from tahdhib.score.quality.signals import Signals
from tahdhib.stages.clean.thresholds import (
    DEFAULT,
    PACKAGE,
    RULES,
    load_thresholds,
    parse_rules,
    threshold_files,
)

SETS = tuple(RULES)


def bounds(thresholds, language):
    return {(rule.set, rule.signal): (rule.min, rule.max) for rule in thresholds.of(language)}


def write(tmp_path, tree):
    path = tmp_path / "mine.yaml"
    path.write_text(tree if isinstance(tree, str) else yaml.safe_dump(tree), encoding="utf-8")
    return str(path)


def test_every_rule_is_about_a_signal():
    assert {signal for signals in RULES.values() for signal in signals} <= set(Signals._fields)


def test_the_package_has_its_languages():
    assert [path.stem for path in threshold_files(PACKAGE)] == ["ar", "default", "en"]
    package = load_thresholds(PACKAGE, SETS)
    assert package.of("fr") == package.of(DEFAULT)
    assert bounds(package, "en")["gopher", "mean_word_length"] == (3, 10)  # as published
    assert bounds(package, "en")["c4", "sentences"] == (5, None)
    low, high = bounds(package, "ar")["gopher", "mean_word_length"]
    assert (low, high) != (3, 10) and low < high < 10  # measured


def test_only_the_sets_that_are_named():
    assert {rule.set for rule in load_thresholds(PACKAGE, ("fineweb",)).of("en")} == {"fineweb"}
    assert load_thresholds(PACKAGE, ()).of("en") == ()


def test_a_users_file_lies_over_the_package(tmp_path):
    path = write(
        tmp_path,
        {
            "default": {"gopher": {"words": {"min": 7}}},
            "ar": {
                "fineweb": {"newlines_per_word": None},
                "c4": {"javascript_lines": {"max": 0.1}},
            },
            "tr": {"gopher": {"mean_word_length": {"max": 14}}},
        },
    )
    package, mine = load_thresholds(PACKAGE, SETS), load_thresholds(path, SETS)
    assert bounds(mine, "fr")["gopher", "words"] == (7, 100000)
    assert bounds(mine, "tr")["gopher", "words"] == (7, 100000)
    assert bounds(mine, "tr")["gopher", "mean_word_length"] == (3, 14)
    assert ("fineweb", "newlines_per_word") not in bounds(mine, "ar")
    assert bounds(mine, "ar")["c4", "javascript_lines"] == (None, 0.1)
    assert bounds(mine, "ar")["gopher", "words"] == bounds(package, "ar")["gopher", "words"]


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({"ar": {"gophre": {}}}, "unknown key 'gophre'. Did you mean 'gopher'?"),
        ({"ar": {"gopher": {"wordz": {}}}}, "unknown key 'wordz'. Did you mean 'words'?"),
        ({"ar": {"gopher": {"words": {"mim": 3}}}}, "unknown key 'mim'. Did you mean 'min'?"),
        ({"ar": {"gopher": {"words": {"min": "3"}}}}, "min is '3'; expected a number"),
        ({"ar": {"gopher": {"words": {"min": True}}}}, "min is True; expected a number"),
        ({"ar": {"gopher": {"words": {"min": float("nan")}}}}, "expected a number"),
        ({"ar": {"gopher": {"words": {"min": 9, "max": 3}}}}, "no text would pass"),
        ({"ar": {"gopher": {"words": 50}}}, "is 50; expected keys among min, max"),
        ({"arabic": {}}, "'arabic' is no language code"),
        ({"gopher": {"words": {"min": 3}}}, "'gopher' is no language code"),
        ("- 1\n", "holds list; expected a section for each language"),
        ("a: [", "is not YAML"),
    ],
)
def test_what_a_file_may_not_say(tmp_path, tree, said):
    path = write(tmp_path, tree)
    with pytest.raises(RecipeError, match=r"mine\.yaml") as error:
        load_thresholds(path, SETS)
    assert said in str(error.value)


def test_a_missing_file():
    with pytest.raises(RecipeError, match=r"no such file of thresholds.*'default'"):
        load_thresholds("nowhere.yaml", SETS)


def test_a_bound_may_be_infinite_but_the_file_of_the_package_is_checked_too():
    assert parse_rules({"gopher": {"words": {"max": float("inf")}}}, "x")["gopher"]["words"]
