"""The conducts of the package, and conducts that build on another."""

from pathlib import Path

import pytest
import yaml

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.load import load_conduct, names
from tahdhib.conduct.remarks import remarks
from tahdhib.errors import RecipeError


def write(folder: Path, name: str = "mine", **keys: object) -> str:
    path = folder / f"{name}.yaml"
    content = {"name": name, "version": "1", "extends": "default", **keys}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return str(path)


def ids(conduct: Conduct) -> list[str]:
    return [rule.id for rule in conduct.rules]


def test_the_packs_are_there_and_speak_both_languages() -> None:
    assert names() == ("default", "minimal", "saudi")
    for name in names():
        conduct = load_conduct(name)
        assert conduct.name == name
        assert conduct.languages == ("ar", "en")
        assert not [line for line in remarks(conduct) if "provenance" in line]
        assert {rule.principle for rule in conduct.rules} == set(conduct.principles)


def test_the_regional_pack_holds_every_example_of_the_paper() -> None:
    added = set(ids(load_conduct("saudi"))) - set(ids(load_conduct("default")))
    assert added == {
        "respect-alcohol-ban",
        "respect-pork-ban",
        "respect-dress",
        "respect-public-gatherings",
        "respect-prayer-and-holidays",
        "no-proselytising",
        "discuss-morals-universally",
    }


def test_the_minimal_pack_is_a_part_of_the_default() -> None:
    default, minimal = load_conduct("default"), load_conduct("minimal")
    assert all(rule == default.rule(rule.id) for rule in minimal.rules)
    assert set(minimal.principles) < set(default.principles)


def test_a_rule_is_taken_over_key_by_key_and_stays_at_its_place(tmp_path: Path) -> None:
    base = load_conduct("default")
    mine = load_conduct(write(tmp_path, rules=[{"id": "mask-contacts", "severity": 3}]))
    assert ids(mine) == ids(base)
    changed, before = mine.rule("mask-contacts"), base.rule("mask-contacts")
    assert changed and before
    assert (changed.severity, before.severity) == (3, 2)
    assert (changed.wording, changed.examples) == (before.wording, before.examples)
    assert mine.hash != base.hash


def test_rules_are_left_out_kept_alone_and_added(tmp_path: Path) -> None:
    default = load_conduct("default")
    less = load_conduct(write(tmp_path, without=["take-no-side"]))
    assert set(ids(default)) - set(ids(less)) == {"take-no-side"}
    few = load_conduct(write(tmp_path, only=["fix-encoding"]))
    assert ids(few) == ["fix-encoding"]
    assert list(few.principles) == ["format"]
    new = {**rule_of("spam"), "principle": "mine"}
    more = load_conduct(
        write(tmp_path, rules=[new], principles={"mine": {"ar": "لنا", "en": "Ours."}})
    )
    assert ids(more) == [*ids(default), "spam"]


def rule_of(identity: str) -> dict[str, object]:
    return {
        "id": identity,
        "principle": "format",
        "action": "drop",
        "severity": 1,
        "wording": {"ar": "لا", "en": "No."},
    }


def test_a_file_may_build_on_a_file_beside_it(tmp_path: Path) -> None:
    write(tmp_path, "base", without=["take-no-side"])
    mine = load_conduct(write(tmp_path, "mine", extends="base.yaml", rules=[rule_of("spam")]))
    assert "take-no-side" not in ids(mine)
    assert ids(mine)[-1] == "spam"
    before = mine.hash
    write(tmp_path, "base", without=["take-no-side", "correct-facts"])
    assert load_conduct(str(tmp_path / "mine.yaml")).hash != before


def test_what_cannot_be_built_is_said(tmp_path: Path) -> None:
    for keys, message in (
        ({"without": ["take-no-sides"]}, "without: 'take-no-sides' is unknown. Did you mean"),
        ({"only": ["nothing"]}, "only: 'nothing' is unknown"),
        ({"extend": "default"}, "unknown key 'extend'. Did you mean 'extends'?"),
        ({"extends": "defalt"}, "Did you mean 'default'?"),
        ({"extends": "mine.yaml"}, "builds on this conduct itself"),
        ({"rules": [{"id": "new"}]}, r"rule 26: 'principle' is missing"),
        ({"principles": []}, r"principles: is \[\]"),
    ):
        with pytest.raises(RecipeError, match=message):
            load_conduct(write(tmp_path, **keys))
    write(tmp_path, "a", extends="b.yaml")
    write(tmp_path, "b", extends="a.yaml")
    with pytest.raises(RecipeError, match="builds on this conduct itself"):
        load_conduct(str(tmp_path / "a.yaml"))


def test_a_rule_has_a_hash_of_what_it_asks_for(tmp_path: Path) -> None:
    base = load_conduct("default")
    assert len({rule.hash for rule in base.rules}) == len(base.rules)

    def changed(**keys: object) -> tuple[Conduct, set[str]]:
        mine = load_conduct(write(tmp_path, rules=[{"id": "mask-contacts", **keys}]))
        return mine, {a.id for a, b in zip(mine.rules, base.rules, strict=True) if a.hash != b.hash}

    for keys in (
        {"severity": 1},
        {"action": "drop"},
        {"removes": False},
        {"wording": {"ar": "غيره", "en": "Other."}},
    ):
        assert changed(**keys)[1] == {"mask-contacts"}
    mine, differing = changed(examples=[], provenance="ours", cues={"en": ["phone"]})
    assert differing == set()
    assert mine.hash != base.hash


def test_cues_are_checked(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"cues: unknown key 'fr'"):
        load_conduct(write(tmp_path, rules=[{"id": "mask-contacts", "cues": {"fr": ["tel"]}}]))
    with pytest.raises(RecipeError, match=r"cues\.en: is 'tel'; expected a list"):
        load_conduct(write(tmp_path, rules=[{"id": "mask-contacts", "cues": {"en": "tel"}}]))
