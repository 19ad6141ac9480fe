"""The verbs of `tahdhib conduct`, as someone at a terminal meets them."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tahdhib.cli.main import app
from tahdhib.errors import RecipeError
from tests.llm.chat_server import Answer, serving
from tests.stages.annotate.test_stage import document_in, rewritten

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


def test_the_rules_pass_every_rule_that_they_claim() -> None:
    for pack in ("default", "minimal", "saudi"):
        done = conduct("test", pack)
        assert done.exit_code == 0, done.output
    assert "10 rules claimed, 21 of 21 examples passed" in conduct("test").output
    assert "not claimed (15): keep-what-is-right" in conduct("test").output


def test_a_broken_promise_is_exit_1(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    example = "{before: اتصل على جوال 0506314341 اليوم, after: اتصل اليوم}"
    rule = f"{{id: mask-contacts, examples: [{example}]}}"
    path.write_text(f"name: wrong\nversion: '1'\nextends: minimal\nrules: [{rule}]\n", "utf-8")
    done = conduct("test", str(path))
    assert done.exit_code == 1
    assert "mask-contacts failed" in done.output
    assert "⟦phone⟧" in done.output
    assert "0% (0% to 79.3%)" in done.output


def test_a_model_is_examined_on_every_rule_with_examples(tmp_path: Path) -> None:
    """The model here obeys one rule alone: it turns every letter-for-letter example back."""

    def behave(payload: dict[str, Any], _earlier: int) -> Answer:
        text = document_in(payload)
        return Answer(text="<unchanged/>" if "النبيذ" not in text else rewritten("يقدم النبيذ"))

    with serving(behave) as server:
        recipe = tmp_path / "recipe.yaml"
        openai = {"base_url": server.base_url, "model": "tiny", "api_key_env": None}
        content = {"ingest": {"paths": ["x"]}, "annotate": {"openai": openai}, "conduct": "saudi"}
        recipe.write_text(json.dumps(content), encoding="utf-8")
        arguments = ["test", "--teacher", "openai", "-c", str(recipe), "--out", str(tmp_path)]
        done = conduct(*arguments)
        asked = len(server.calls)
        assert conduct(*arguments).output == done.output
    assert len(server.calls) == asked > 30
    assert done.exit_code == 1
    assert "saudi by openai:tiny" in done.output
    assert "respect-alcohol-ban" in done.output
    assert "claimed, but without example" not in done.output
    assert conduct("test", "--teacher", "openai").exit_code != 0
