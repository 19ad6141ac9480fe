"""What went: sentences and ends, protected spans, names, how sure a text is, its dialect."""

import pytest

from tahdhib.config.recipe import Gate as Settings
from tahdhib.config.recipe import Protect
from tahdhib.gate.gate import Gate
from tahdhib.protect.shelter import open_shelter
from tests.gate.test_gate import CONDUCT, codes

SHELTERED = Gate(Settings(), CONDUCT, open_shelter(Protect()).spans)
STREET = "The street was closed on Friday. Nobody in the shop was told. It opens again soon."
CODE = "Type this line into the terminal: `git commit --amend --no-edit` and wait."
BRACKETS = 'He wrote "the machine (the old one) is still in use" and signed it.'
TWO_QUOTED = 'It was named "Hotel Love" and had a sign. "Old buildings are costly to maintain."'
QUOTED = "قال المدير في ختام اللقاء «سنفتح أبواب المتحف أمام الجمهور قريبا» ثم غادر القاعة."


@pytest.mark.parametrize(
    ("source", "rewrite", "code"),
    [
        (STREET, STREET.replace(" Nobody in the shop was told.", ""), "dropped"),
        (STREET, STREET.replace(" again soon.", ""), "dropped"),
        (CODE, CODE.replace("--amend ", ""), "protected"),
        (QUOTED, QUOTED.replace("الجمهور", "السياح"), "protected"),
        (QUOTED, QUOTED.replace("المتحف أمام", "أمام المتحف"), "protected"),
        (QUOTED, QUOTED.replace("الجمهور", "المتحف"), "protected"),
        ("وصل خالد إلى دمشق مساء أمس.", "وصل خالد إلى بغداد مساء أمس.", "names"),
        ("The mayor met John in Chicago.", "The mayor met John in Boston.", "names"),
        ("You must wear a helmet here.", "You may wear a helmet here.", "modality"),
        ("Some plants could not grow there.", "Some plants should not grow there.", "modality"),
        (BRACKETS, BRACKETS.replace("one)", "one"), "protected"),
        (TWO_QUOTED, TWO_QUOTED.replace("costly to", "to costly"), "protected"),
        ("وصلنا إلى البيت بعد يوم طويل 💙 🎹 💔 🚶", "وصلنا إلى البيت بعد يوم طويل", "dropped"),
        (STREET, STREET.replace("told.", "told. in the shop was told."), "repetition"),
        (STREET, f"{STREET} It opens again soon. It opens again soon.", "repetition"),
        ("انا مش عايز اروح المدرسة بكرة", "أنا لا أريد الذهاب إلى المدرسة غدا", "dialect"),
        ("وين تروح هذي البنت كل يوم", "أين تذهب هذه البنت كل يوم", "dialect"),
    ],
)
def test_what_went_is_found(source: str, rewrite: str, code: str) -> None:
    assert code in codes(source, rewrite, SHELTERED)


@pytest.mark.parametrize(
    ("source", "rewrite"),
    [
        (STREET, STREET.replace("on Friday", "on  Friday")),
        (CODE, CODE.replace("wait", "Wait")),
        (QUOTED, QUOTED.replace("أبواب", "ابواب")),
        (QUOTED.replace("أبواب", "أبوااااب"), QUOTED),
        (QUOTED.replace("أمام الجمهور", "أمام&nbsp;الجمهور"), QUOTED),
        ("بلغ طوله 160\u00a0سم في ذلك العام", "بلغ طوله 160 سم في ذلك العام"),
        ("ولد الكاتب في 8 اكتوبرررر 1949 في حلب", "ولد الكاتب في 8 اكتوبر 1949 في حلب"),
        (
            "ولد الكاتب في 8 \ufe83\ufedb\ufe98\ufeee\ufe91\ufeae 1949",
            "ولد الكاتب في 8 أكتوبر 1949",
        ),
        (
            "what can the people of this town expect this group of cowards to do ?",
            "what can the people of this town expect this group to do?",
        ),
        (
            "that idea of yours was dumb and late .",
            "That idea of yours was not a good one and late.",
        ),
        ("وصلنا و المجتمع ايضا تغير و العالم .", "وصلنا والمجتمع أيضا تغير والعالم."),
        ("وصل خالد إلى أبو ظبي مساء أمس.", "وصل خالد إلى أبوظبي مساء أمس."),
        ("وزار الوفد ابوظبي و دبي و العين", "وزار الوفد أبو ظبي ودبي والعين"),
        (
            "لا أحد يعرف لماذا بنيت هذه المدينة في الصحراء ولكن هذي المدينة اليوم كبيرة جدا",
            "لا أحد يعرف لماذا بنيت هذه المدينة في الصحراء ولكن هذه المدينة اليوم كبيرة جدا",
        ),
        (
            "The city should build more roads and more lines for buses.",
            "The city should build more roads and more bus lines.",
        ),
        ("انا مش عايز اروح المدرسه بكره", "أنا مش عايز أروح المدرسة بكرة."),
    ],
)
def test_what_stays_is_let_through(source: str, rewrite: str) -> None:
    assert codes(source, rewrite, SHELTERED) == set()


def test_a_conduct_may_ask_for_standard_arabic() -> None:
    tolerant = Gate(Settings(max_dialect_words=1000), CONDUCT)
    source, rewrite = "انا مش عايز اروح المدرسة", "أنا لا أريد الذهاب إلى المدرسة"
    assert "dialect" not in codes(source, rewrite, tolerant)


def test_a_harsh_word_excuses_a_cut_in_a_short_text_alone() -> None:
    short = "The council met on Friday. It was one of its silly meetings."
    assert codes(short, "The council met on Friday.") == set()
    long = f"{STREET} {STREET} {short}"
    assert "dropped" in codes(long, long.replace(" It was one of its silly meetings.", ""))
