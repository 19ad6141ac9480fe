"""Length, language, repetition, overlap and scaffolding."""

import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import CHRF

from tahdhib.score.language import language, script_shares
from tahdhib.score.length import Letters, count_letters
from tahdhib.score.overlap import chrf
from tahdhib.score.repetition import repetition
from tahdhib.score.scaffold import scaffolds


def test_letters_by_script() -> None:
    assert count_letters("مرحبا world ١٢ 🙂!") == Letters(5, 5, 0, 2)
    assert count_letters("Привет 日本") == Letters(0, 0, 8, 0)
    assert count_letters("") == Letters(0, 0, 0, 0)
    assert count_letters("🙂").script is None


def test_tidying_does_not_shorten() -> None:
    assert count_letters("رااااااائع").total == count_letters("راائع").total
    assert count_letters("كـــتاب").total == count_letters("كتاب").total
    assert count_letters("كِتَابٌ").total == count_letters("كتاب").total
    assert count_letters("1000000").digits == 7


@given(st.text(max_size=200))
def test_counts_are_of_characters_in_the_text(text: str) -> None:
    assert 0 <= count_letters(text).total <= len(text)


def test_languages_offline_and_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    arabic = "أعلنت الوزارة اليوم عن خطة جديدة لتطوير التعليم في المدارس"
    assert language(arabic).code == "ar"
    assert language("القاهره هى عاصمة مصر و اكبر مدينه فيها و فيها ناس كتير اوى").code == "ar"
    assert language("The ministry announced a new plan today").code == "en"
    assert language(arabic) == language(arabic)
    assert language("🙂 12") == ("und", 0.0)
    assert script_shares("") == {}
    assert script_shares("اب cd") == {"arabic": 0.5, "latin": 0.5, "other": 0.0}


@given(st.text(max_size=100))
@settings(max_examples=50)
def test_any_text_has_a_language(text: str) -> None:
    assert 0 <= language(text).probability <= 1


def test_repetition() -> None:
    assert repetition("") == repetition("one two three four") == 0
    assert repetition("واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية") == 0
    assert repetition("نعم " * 50) > 0.9


@pytest.mark.parametrize(
    ("left", "right"),
    [("the cat sat", "the cat sat down"), ("كتاب جديد", "كتاب قديم"), ("abc", "xyz"), ("a", "ab")],
)
def test_chrf_is_that_of_sacrebleu(left: str, right: str) -> None:
    assert chrf(left, right) == pytest.approx(CHRF().sentence_score(right, [left]).score, abs=1e-6)


def test_chrf_of_nothing() -> None:
    assert chrf("", "") == 100
    assert chrf("a", "") == 0


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Arabic text: كتاب", "label"),
        ("**Rewritten text:** كتاب", "label"),
        ("Analysis: the text is fine", "label"),
        ("النص المعاد كتابته: كتاب", "label"),
        ("النص المُعدَّل:\nكتاب", "label"),
        ("إعادة الصياغة: كتاب", "label"),
        ("Sure, here is a polite version", "preamble"),
        ("إليك النص بعد التعديل", "preamble"),
        ("As an AI language model, I follow rules", "refusal"),
        ("I'm sorry, but I can't help with that", "refusal"),
        ("عذراً، لا أستطيع ذلك", "refusal"),
        ("لا يمكنني إعادة كتابة هذا", "refusal"),
        ("بصفتي نموذج لغوي", "refusal"),
        ("```", "markup"),
        ("<rewrite>كتاب</rewrite>", "markup"),
        ("[INST] كتاب", "markup"),
    ],
)
def test_scaffolding_is_seen(text: str, kind: str) -> None:
    assert kind in {leak.kind for leak in scaffolds(text)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "قال إنه لا يستطيع الحضور اليوم.",
        "النص المسرحي جميل",
        "The analysis of the text was long.",
        "وقال: لا أستطيع أن أصف فرحتي",
    ],
)
def test_ordinary_text_is_not_scaffolding(text: str) -> None:
    assert not scaffolds(text)
