"""What is said against a whole group, beside what only tells, asks or denies that it is said."""

import csv
import gzip
from pathlib import Path

import pytest

from tahdhib.conduct.load import parse_conduct
from tahdhib.conduct.rewrite import recontextualising
from tahdhib.conduct.rules import incitement
from tahdhib.errors import RecipeError
from tests.conduct.test_rules import CONDUCT

CALLS = [
    "يجب قتل كل الملحدين في هذه البلاد.",
    "وختم خطبته هكذا:\nاقتلوا الكفار حيث وجدتم.",
    "سنطرد كل المهاجرين غدا.",
    "الأجانب لازم يموتوا.",
    "أُلقي الكتاب وعليه: الموت لليهود",
    "They wrote a song. We should get rid of all immigrants. It sold well.",
    "Foreigners deserve to die.",
    "Death to all infidels!",
]
CONTEMPT = [
    "اللاجئون هم لصوص.",
    "كلهم حرامية هؤلاء الأجانب.",
    "كل المهاجرين لصوص وعالة.",
    "انا بكره الأجانب.",
    "All migrants are just criminals.",
    "I really hate those foreigners.",
]
NEITHER = [
    "قال الوزير إنه لا يجب طرد اللاجئين من البلاد.",
    "دعا المتطرفون إلى قتل الكفار، ورفض الناس ذلك.",
    "يجب دعم كل اللاجئين في المخيمات.",
    "اقتلوا الوقت بالقراءة، ثم زوروا النساء في السوق.",
    "قبضت الشرطة على لصوص، وشكرها المهاجرون.",
    "هتفوا «الموت لليهود» ثم تفرقوا.",
    "بعد بكرة العرب يلعبون المباراة.",
    "Police said we should not harm immigrants.",
    "He denied that refugees are criminals.",
    "Nobody should say that foreigners deserve to die.",
    "Rats are a pest, and women are scientists.",
    "I hate women's football boots in this colour.",
]


@pytest.mark.parametrize("text", CALLS)
def test_a_call_against_a_group_is_found(text: str) -> None:
    assert [text[change.start : change.end] for change in incitement.find(text)] != []
    assert recontextualising(text, CONDUCT) == ("neutralise-violence",)


@pytest.mark.parametrize("text", CONTEMPT)
def test_contempt_for_a_group_is_found(text: str) -> None:
    assert recontextualising(text, CONDUCT) == ("neutralise-hate",)


@pytest.mark.parametrize("text", NEITHER)
def test_what_is_told_asked_or_denied_is_not(text: str) -> None:
    assert recontextualising(text, CONDUCT) == ()


def test_a_group_named_without_end_is_read_once(no_hang: None) -> None:
    for name in ("women ", "النساء "):
        assert recontextualising(name * 200_000, CONDUCT) == ()
        found = recontextualising(f"{name * 1000}. Foreigners deserve to die.", CONDUCT)
        assert found == ("neutralise-violence",)


@pytest.mark.parametrize(
    ("name", "fewest"), [("hatecheck_en.csv.gz", 0.08), ("mhc_arabic.csv.gz", 0.04)]
)
def test_of_built_contrasts_some_of_the_hateful_and_none_of_the_others(
    shared_data: Path, name: str, fewest: float
) -> None:
    with gzip.open(shared_data / "hatecheck" / name, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = {row["test_case"] for row in rows if recontextualising(row["test_case"], CONDUCT)}
    hateful = {row["test_case"] for row in rows if row["label_gold"] == "hateful"}
    assert found <= hateful
    assert len(found) > fewest * len(hateful)


def test_a_matcher_that_only_finds_serves_no_rule_that_edits() -> None:
    rule = {
        "id": "a-rule",
        "principle": "p",
        "action": "fix",
        "severity": 1,
        "wording": {"en": "x"},
        "matcher": "contempt",
    }
    tree = {
        "name": "n",
        "version": "1",
        "languages": ["en"],
        "principles": {"p": {"en": "x"}},
        "rules": [rule],
    }
    with pytest.raises(RecipeError, match="recontextualise or drop"):
        parse_conduct(tree)
    assert parse_conduct({**tree, "rules": [{**rule, "action": "drop"}]}).rules[0].matcher
