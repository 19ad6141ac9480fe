from pathlib import Path

import pytest
import yaml

from tahdhib.conduct.load import load_conduct, parse_conduct
from tahdhib.errors import RecipeError

MINIMAL = {
    "name": "mine",
    "version": "1",
    "languages": ["ar"],
    "principles": {"format": {"ar": "سلامة الشكل"}},
    "rules": [
        {
            "id": "fix-spacing",
            "principle": "format",
            "action": "fix",
            "severity": 1,
            "wording": {"ar": "أصلح المسافات"},
            "matcher": "spacing",
        }
    ],
}


def changed(**keys: object) -> dict:
    return {**MINIMAL, "rules": [{**MINIMAL["rules"][0], **keys}]}


def test_default_conduct_is_whole() -> None:
    conduct = load_conduct("default")
    assert conduct.languages == ("ar", "en")
    assert len(conduct.principles) == 4
    assert sum(rule.matcher is not None for rule in conduct.rules) == 12
    assert all(rule.provenance for rule in conduct.rules)
    assert {rule.id for rule in conduct.rules if rule.removes} == {
        "remove-markup",
        "remove-navigation",
        "remove-advertising",
        "mask-contacts",
    }


def test_hash_ignores_layout_but_not_content(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(MINIMAL, allow_unicode=True), encoding="utf-8")
    conduct = load_conduct(str(path))
    path.write_text(yaml.safe_dump(MINIMAL, sort_keys=False), encoding="utf-8")
    assert load_conduct(str(path)).hash == conduct.hash
    assert parse_conduct(changed(severity=2)).hash != conduct.hash


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (changed(severty=2), "rule 1: unknown key 'severty'. Did you mean 'severity'?"),
        (changed(matcher="spaceing"), "matcher: 'spaceing' is unknown. Did you mean 'spacing'?"),
        (changed(action="remove"), "action: 'remove' is unknown."),
        (changed(severity=5), "severity: is 5; expected 1"),
        (changed(removes="yes"), "removes: is 'yes'; expected true or false"),
        (changed(wording={}), "wording: 'ar' is missing"),
        (changed(principle="form"), "Did you mean 'format'?"),
        (changed(examples=[{"before": "x"}]), "example 1: 'after' is missing"),
        ({**MINIMAL, "rules": MINIMAL["rules"] * 2}, "is taken by an earlier rule"),
        ({**MINIMAL, "version": 1}, "version: is 1; expected text"),
        ([], "expected the keys name, version"),
    ],
)
def test_errors_say_where_and_what(tree: object, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_conduct(tree, source="mine.yaml")
    assert str(caught.value).startswith("mine.yaml")
    assert message in str(caught.value)


def test_a_matcher_serves_one_rule() -> None:
    other = {**MINIMAL["rules"][0], "id": "other"}
    with pytest.raises(RecipeError, match="already serves rule 'fix-spacing'"):
        parse_conduct({**MINIMAL, "rules": [*MINIMAL["rules"], other]})


def test_missing_conducts(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="Did you mean 'default'"):
        load_conduct("defalt")
    with pytest.raises(RecipeError, match="no such conduct"):
        load_conduct(str(tmp_path / "none.yaml"))
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [", encoding="utf-8")
    with pytest.raises(RecipeError, match="is not YAML"):
        load_conduct(str(broken))
