"""The verbs of `tahdhib conduct`, as someone at a terminal meets them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tahdhib.cli.main import app
from tahdhib.errors import RecipeError

MINE = """
name: mine
version: "1"
extends: default
without: [take-no-side]
rules: [{id: mask-contacts, severity: 3, wording: {ar: غير ذلك, en: Replace phone numbers.}}]
"""


@pytest.fixture
def mine(tmp_path: Path) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(MINE, encoding="utf-8")
    return str(path)


def conduct(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["conduct", *arguments], env={"COLUMNS": "200"})


def test_validate_says_what_is_sound_and_what_is_missing(mine: str) -> None:
    done = conduct("validate", "default", "minimal", mine)
    assert done.exit_code == 0
    assert "minimal: sound. 8 rules" in done.output
    assert "format-with-markdown: has no example" in done.output


def test_validate_tells_a_fault_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(MINE.replace("severity: 3", "severity: 9"), encoding="utf-8")
    done = conduct("validate", str(path))
    assert isinstance(done.exception, RecipeError)
    assert "(mask-contacts): severity: is 9; expected 1" in str(done.exception)


def test_show_prints_rules_one_rule_and_the_prompt() -> None:
    assert "respect-alcohol-ban" in conduct("show", "saudi").output
    one = conduct("show", "default", "--rule", "mask-contacts").output
    assert "0506314341" in one
    assert "after: the same" in one
    golden = Path(__file__).parents[1] / "conduct" / "golden" / "saudi_ar.txt"
    assert conduct("show", "saudi", "--prompt", "ar").output == golden.read_text("utf-8") + "\n"
    assert "known: en, ar" in str(conduct("show", "--prompt", "fr").exception)
    assert "has no rule 'none'" in str(conduct("show", "--rule", "none").exception)


def test_diff_says_what_changed_word_by_word(mine: str) -> None:
    output = conduct("diff", "default", mine).output
    assert "rule mask-contacts reworded (ar, en), severity 2 → 3" in output
    assert (
        "Replace phone numbers[- and mail addresses with placeholders such as ⟦phone⟧-]" in output
    )
    assert "rule take-no-side removed" in output
    assert conduct("diff", "default", "default").output == "The two say the same.\n"
