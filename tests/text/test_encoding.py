import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tahdhib.text import encoding
from tahdhib.text.encoding import repair
from tahdhib.text.placeholders import placeholder, placeholders, without_placeholders

ODD = "\x00\x85\r\n\t\xad\u061c\u200b\u200c\u200d\u200e\u200f\u202e\u2028\ufeff\ud800\ufffd"
SPICE = ODD + "Ø§Ùâ€œ™Ã©Â© \xa0ابكـ\u0651ﷺﻻ👨👩\ufe0fहि्a1."


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("a\r\nb\rc\x85d\x0be", "a\nb\nc\nd\ne"),
        ("ب\x00ا\x8dب\ufeff", "باب"),
        ("كتا\xadب", "كتاب"),
        ("\u202bنص\u202c \u200fهنا\u200e", "نص هنا"),
        ("lone \ud83d half", "lone  half"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("می\u200c\u200cخواهم", "می\u200cخواهم"),
        ("می\u200c خواهم", "می خواهم"),
        ("1436ه\u200d", "1436ه"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥", "👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥"),
        ("🚶 \u200d ♀", "🚶  ♀"),
        ("ﻼ ﷺ ﷽", "ﻼ ﷺ ﷽"),
        ("ا\u0653", "آ"),
        ("Ø§Ù„Ø³Ù„Ø§Ù… Ø¹Ù„ÙŠÙƒÙ…", "السلام عليكم"),
        ("It doesnâ€™t", "It doesn’t"),
        ("المقهى Café Ø§Ù„", "المقهى Café Ø§Ù„"),
    ],
)
def test_repairs_what_is_broken(broken: str, whole: str) -> None:
    assert repair(broken) == whole


@pytest.mark.parametrize(
    "text",
    [
        "قال «الوزير»: إنَّ العملَ مستمرٌّ… — 50٪، والحمد لله ﷻ.",
        "Café Ångström Øresund Ñandú Às 5 °C",
        "श्रीमान് മലയാളം ന്\u200d",
        "﴿بِسْمِ اللَّهِ﴾",
    ],
)
def test_leaves_good_text_alone(text: str) -> None:
    assert repair(text) == text


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from(SPICE), st.characters()), max_size=60))
@example("a\u200c\xad\u200cb")
@example("Ã\x82Â©")
def test_repairing_twice_is_repairing_once(text: str) -> None:
    once = repair(text)
    assert repair(once) == once
    assert not any("\ud800" <= character <= "\udfff" for character in once)


def test_is_fast_on_clean_text() -> None:
    text = "هذا نص عربي سليم لا يحتاج إلى إصلاح.\n" * 50_000
    started = time.process_time()
    assert repair(text) == text
    assert time.process_time() - started < 2


def test_placeholders_are_made_and_found() -> None:
    text = f"اتصل على {placeholder('phone')} أو {placeholder('email')}"
    assert [text[span.start : span.end] for span in placeholders(text)] == ["⟦phone⟧", "⟦email⟧"]
    assert [span.kind for span in placeholders(text)] == ["phone", "email"]
    assert "⟦" not in without_placeholders(text)
    with pytest.raises(ValueError, match="placeholder kind"):
        placeholder("Phone number")


PLAIN = "\t\n aZ~\xa0¼¿«»Œőš،؟٪٣بتآأ\u0653\u0654\u064e\u0651жΩ–’“…•€™→∑█😀ﻷ"
ACCENTED = "ÀÂÃÇÐÙàáäåæéíðÿaZ. \n§©\xa0ªŠžŸ™„’ظط"
"""Letters of which some, before some of the others, are mojibake."""


@given(st.text(st.sampled_from(PLAIN)))
def test_a_text_that_is_let_pass_at_once_needs_no_repair(text: str) -> None:
    """The short way may only leave out steps that would change nothing."""
    assert repair(text) == encoding._once(text)


@settings(max_examples=500)
@given(st.text(st.sampled_from(ACCENTED)) | st.text(st.sampled_from("Çáäí. aŠª")))
@example("ªá. ªá. ªá.")
@example("Šžá. Šžá. Šžä")
@example("déjà vu à Paris, ça va.")
def test_accented_letters_are_let_pass_at_once_only_where_nothing_is_broken(text: str) -> None:
    if encoding._PLAIN.fullmatch(text):
        assert repair(text) == encoding._once(text)
