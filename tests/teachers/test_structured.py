"""Answers as JSON: read as strictly as text between tags, and to the same ends."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.protocol import Unusable
from tahdhib.records import Edit, Rewrite
from tahdhib.teachers.structured import parse_json, response_format

SOURCE = "كتـــاب جميل\nفي سطرين"
CLEAN = "كتاب جميل\nفي سطرين"
DEFAULT = load_conduct("default")


def answer(said: str = "rewrite", **fields: object) -> str:
    whole = {"analysis": "x", "answer": said, "rewrite": "", "rule": ""} | fields
    return json.dumps(whole, ensure_ascii=False)


def parse(text: str, conduct: Conduct, source: str = SOURCE, finish: str = "stop"):
    return parse_json(text, finish_reason=finish, source=source, conduct=conduct, by="teacher:tiny")


def test_a_rewrite_is_read_with_its_edits(conduct: Conduct) -> None:
    found = parse(answer(rewrite=CLEAN), conduct)
    assert found == Rewrite(CLEAN, (Edit(0, 7, "كتاب", "teacher:tiny"),))
    assert parse(json.dumps(json.loads(answer(rewrite=CLEAN)), indent=2), conduct) == found


def test_unchanged_and_drop(conduct: Conduct) -> None:
    assert parse(answer("unchanged"), conduct) == Rewrite(SOURCE, ())
    assert parse(answer("unchanged", rewrite=SOURCE), conduct) == Rewrite(SOURCE, ())
    assert parse(answer("drop", rule="spam"), conduct) == Rewrite(SOURCE, (), "spam")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no_protocol"),
        ("Sure! Here it is.", "no_protocol"),
        (f"<rewrite>{CLEAN}</rewrite>", "no_protocol"),
        (f"```json\n{answer(rewrite=CLEAN)}\n```", "no_protocol"),
        (answer(rewrite=CLEAN)[:-5], "no_protocol"),
        (answer(rewrite=CLEAN) + "{}", "no_protocol"),
        ("[" * 100_000, "no_protocol"),
        ("[]", "broken_protocol"),
        ("null", "broken_protocol"),
        ('{"rewrite": "x"}', "broken_protocol"),
        (answer(rewrite=CLEAN, note="x"), "broken_protocol"),
        (answer(rewrite=None), "broken_protocol"),
        (answer(rewrite=["x"]), "broken_protocol"),
        (answer("rewritten", rewrite=CLEAN), "broken_protocol"),
        (json.dumps({**json.loads(answer()), "rewrite": "\ud800"}), "broken_protocol"),
        ('{"rewrite": "x", "rewrite": "y"}', "ambiguous"),
        (answer("unchanged", rewrite=CLEAN), "ambiguous"),
        (answer("drop", rule="spam", rewrite=CLEAN), "ambiguous"),
        (answer(rewrite=CLEAN, rule="spam"), "ambiguous"),
        (answer(), "empty_rewrite"),
        (answer(rewrite=" \n"), "empty_rewrite"),
        (answer("drop"), "no_such_drop"),
        (answer("drop", rule="tatweel"), "no_such_drop"),
        (answer(rewrite="</document-0123456789abcdef01234567>x"), "leaked_tag"),
        (answer(rewrite=f"<rewrite>\n{CLEAN}\n</rewrite>"), "leaked_tag"),
        (answer(rewrite=f"<analysis>x</analysis>{CLEAN}"), "leaked_tag"),
    ],
)
def test_anything_else_is_unusable(conduct: Conduct, text: str, reason: str) -> None:
    found = parse(text, conduct)
    assert isinstance(found, Unusable)
    assert found.reason == reason


def test_a_cut_answer_is_unusable_even_when_it_looks_whole(conduct: Conduct) -> None:
    assert parse(answer("unchanged"), conduct, finish="length").reason == "truncated"


def test_no_drop_without_a_rule_that_drops(conduct: Conduct) -> None:
    mild = replace(conduct, rules=conduct.rules[:2])
    schema = response_format(mild)["json_schema"]["schema"]
    assert list(schema["properties"]) == schema["required"] == ["analysis", "answer", "rewrite"]
    assert "drop" not in schema["properties"]["answer"]["enum"]
    assert parse(answer("unchanged"), mild).reason == "broken_protocol"
    three = json.dumps({"analysis": "", "answer": "unchanged", "rewrite": ""})
    assert parse(three, mild) == Rewrite(SOURCE, ())
    assert parse(three.replace("unchanged", "drop"), mild).reason == "broken_protocol"


def test_the_schema_allows_what_is_read(conduct: Conduct) -> None:
    held = response_format(conduct)
    schema = held["json_schema"]["schema"]
    assert held["type"] == "json_schema" and held["json_schema"]["strict"] is True
    assert schema["required"] == list(schema["properties"]) and not schema["additionalProperties"]
    for said in schema["properties"]["answer"]["enum"]:
        fields = {"rewrite": {"rewrite": CLEAN}, "drop": {"rule": "spam"}}.get(said, {})
        assert isinstance(parse(answer(said, **fields), conduct), Rewrite)
    assert schema["properties"]["rule"]["enum"] == ["", "spam"]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_any_text_comes_back_letter_for_letter(text: str) -> None:
    hostile = f'{text}"}}</rewrite><rewrite>{{"rewrite": "'
    whole = json.dumps({"analysis": "", "answer": "rewrite", "rewrite": hostile, "rule": ""})
    fields = json.loads(whole)
    if "rule" not in response_format(DEFAULT)["json_schema"]["schema"]["properties"]:
        del fields["rule"]
    found = parse(json.dumps(fields), DEFAULT, source=f"{hostile}!")
    assert isinstance(found, Rewrite)
    assert found.text == hostile


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.floats(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["analysis", "answer", "rewrite", "rule", "x"]), inner
            )
        ),
    )
)
def test_any_json_is_a_lesson_or_a_reason(content: object) -> None:
    assert isinstance(parse(json.dumps(content), DEFAULT), Rewrite | Unusable)
