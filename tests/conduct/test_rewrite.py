import dataclasses
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.rewrite import removable, rewrite
from tahdhib.text.edits import apply

CONDUCT = load_conduct("default")
PIECES = [
    "يا حمار",
    "انت وسخ",
    "كلب",
    " ",
    "  ",
    "\n",
    "\n\n\n",
    "،",
    ",",
    "!!",
    " ؟",
    ".",
    "..",
    "....",
    "ـ",
    "هـ",
    "1440",
    "جمييييل",
    "لللل",
    "<br>",
    "<b>",
    "</b>",
    "[[",
    "]]",
    "|",
    "{{",
    "}}",
    "&amp;",
    "&lt;",
    "br&gt;",
    "\u200c",
    "\u200f",
    "ﻻ",
    "ﷺ",
    "﴿",
    "﴾",
    "a@b.com",
    "0506314341",
    "هاتف ",
    "اقرأ أيضا: خبر",
    "للتواصل أرسل sms إلى 88548",
    "fucking",
    "shit",
    "you idiot",
    "ك ل ب",
    "«",
    "»",
    '"',
    "شرموط",
    "ابن الكلب",
    "القحبة",
    "== ",
    " ==",
    "'''",
    "](http://x)",
    "[",
    "َ",
    "\xa0",
    "قال",
    "⟦phone⟧",
    "soooo",
    "\t",
    ":",
    ";",
    "?",
    "😭",
    "\ufffd",
    "<ref>",
    "</ref>",
    "#a b { color: red; }",
]


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=40))
def test_rewriting_is_idempotent_and_its_edits_rebuild_it(text: str) -> None:
    result = rewrite(text, CONDUCT)
    assert apply(text, result.edits) == result.text
    assert {edit.by for edit in result.edits} <= {rule.id for rule in CONDUCT.rules}
    assert rewrite(result.text, CONDUCT).text == result.text


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_removable_spans_are_sorted_and_apart(text: str) -> None:
    spans = removable(text, CONDUCT)
    assert all(a.end < b.start for a, b in pairwise(spans))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


EXAMPLES = [(rule, example) for rule in CONDUCT.rules for example in rule.examples]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=lambda value: getattr(value, "id", ""))
def test_examples_of_the_conduct_hold(rule, example) -> None:
    result = rewrite(example.before, CONDUCT)
    if rule.matcher and rule.action == "recontextualise":
        assert (rule.id in result.acting) == (example.before != example.after)
    elif rule.matcher or rule.action == "keep":
        assert result.text == example.after
        assert rule.matcher is None or {edit.by for edit in result.edits} <= {rule.id}
    else:
        assert result.edits == ()  # only a model or a person can, and the rules do not try


def test_quran_quotes_are_never_edited() -> None:
    quote = "﴿قُلْ هُـوَ اللَّـهُ أَحَدٌ ,  اللَّهُ الصَّمَدُ !!﴾"
    result = rewrite(f"قال تعالى: {quote} صدق الله العظيــم", CONDUCT)
    assert result.text == f"قال تعالى: {quote} صدق الله العظيم"


def test_removable_names_what_goes_with_its_numbers() -> None:
    text = "نص مفيد هنا.\nللتواصل أرسل sms إلى 88548\nاتصل على جوال 0506314341."
    found = {span.kind: text[span.start : span.end] for span in removable(text, CONDUCT)}
    assert "88548" in found["remove-advertising"]
    assert found["mask-contacts"] == "0506314341"
    assert removable("نص مفيد هنا عن عام 1995.", CONDUCT) == ()


def test_text_of_debris_alone_is_dropped() -> None:
    assert rewrite("اقرأ أيضا: خبر آخر\n...المزيد", CONDUCT).drop_reason == "remove-navigation"
    assert rewrite("0506314341", CONDUCT).drop_reason == "mask-contacts"
    assert rewrite("😭 !!", CONDUCT).drop_reason is None
    assert rewrite("", CONDUCT).drop_reason is None


def test_drop_action_drops_the_document() -> None:
    rules = tuple(
        dataclasses.replace(rule, action="drop") if rule.matcher == "advertising" else rule
        for rule in CONDUCT.rules
    )
    conduct = dataclasses.replace(CONDUCT, rules=rules)
    result = rewrite("نص  طويل\nللتواصل أرسل sms إلى 88548", conduct)
    assert (result.drop_reason, result.edits) == ("remove-advertising", ())


MEGABYTE = 1_000_000
HOSTILE = {
    "one letter": "ا",
    "latin": "a",
    "digits": "1",
    "open tags": "<",
    "tags": "<p>",
    "entities": "&",
    "ats": "@",
    "mail": "a@",
    "tatweel": "ـ",
    "brackets": "[[",
    "braces": "{{a|",
    "space": " ",
    "dots": ".",
    "spaced dots": " .",
    "newlines": "\n",
    "quotes": "﴿",
    "marks": "َ",
    "joiners": "\u200c",
    "phones": "05",
    "letters": "ك ",
    "word": "كلب",
    "refs": "<ref ",
    "comments": "<!--",
    "css": "#a b {c:",
    "numbers": "+1 ",
    "markdown": "[a](",
    "underscores": "_",
    "quoted": '"يا كلب ',
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.usefixtures("no_hang")
def test_a_hostile_megabyte_is_gone_through(piece: str) -> None:
    text = (piece * (MEGABYTE // len(piece) + 1))[:MEGABYTE]
    result = rewrite(text, CONDUCT)
    assert apply(text, result.edits) == result.text
