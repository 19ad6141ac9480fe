import gzip
import hashlib
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahdhib.text.encoding import repair
from tahdhib.text.mojibake import is_scrambled, unscramble_arabic


def as_1252(text: str, encoding: str = "cp1256") -> str:
    """`text`'s bytes read as windows-1252, its holes as Latin-1."""
    raw = text.encode(encoding)
    return "".join(
        bytes([b]).decode("cp1252", "ignore") or bytes([b]).decode("latin-1") for b in raw
    )


@pytest.mark.parametrize(
    "text",
    [
        "السلام عليكم ورحمة الله",
        "قال الوزير: «العمل مستمر»، فهل ينتهي؟ نعم؛ ينتهي.",
        "إنَّ العملَ مستمرٌّ",
        "زار Paris و Café de Flore عام 2019 ثم عاد",
        "#وسم_طويل_جدا والباقي نص",
        "پروژه گچ چاپ ژاله گراج",
        "1 - السطر الأول\n2 - ثان",
    ],
)
def test_arabic_read_as_western_comes_back(text: str) -> None:
    for broken in (as_1252(text), text.encode("cp1256").decode("latin-1")):
        assert unscramble_arabic(broken) == text
    assert unscramble_arabic(text) == text


@pytest.mark.parametrize(
    "text", ["السلام عليكم", "قال: «نعم»، ثم عاد في 2019؟", "إلى المدينة — غدا"]
)
def test_utf8_read_as_windows_1256_comes_back(text: str) -> None:
    assert unscramble_arabic(text.encode("utf-8").decode("cp1256")) == text


def test_only_the_broken_lines_change() -> None:
    lines = [
        "سطر سليم",
        as_1252("سطر مكسور تماما"),
        "Crème brûlée à Besançon, où ça ?",
        "å ä ö Ç á",
    ]
    assert unscramble_arabic("\n".join(lines)).split("\n") == [
        lines[0],
        "سطر مكسور تماما",
        *lines[2:],
    ]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Привет, как дела? Сегодня хорошая погода в Москве", "cp1251"),
        ("ПРИВЕТ КАК ДЕЛА СЕГОДНЯ ХОРОШАЯ ПОГОДА В МОСКВЕ", "cp1251"),
        ("ПРИВЕТ как дела сегодня", "koi8-r"),
        ("Καλημέρα, τι κάνεις σήμερα; Ο καιρός είναι καλός", "cp1253"),
        ("ΚΑΛΗΜΕΡΑ ΤΙ ΚΑΝΕΙΣ ΣΗΜΕΡΑ", "cp1253"),
        ("שלום מה שלומך היום מזג האוויר יפה", "cp1255"),
        ("你好今天天气很好我们去北京看长城吧", "gbk"),
        ("안녕하세요 오늘 날씨가 좋네요", "cp949"),
        ("สวัสดีวันนี้อากาศดีมาก", "cp874"),
    ],
)
def test_other_alphabets_read_as_western_are_not_arabic(text: str, encoding: str) -> None:
    broken = as_1252(text, encoding)
    assert unscramble_arabic(broken) == broken
    assert not is_scrambled(broken)


@pytest.mark.parametrize(
    "text",
    [
        "ÀÉÈÊËÎÏÔÖÙÛÜ ÇA ALORS ! L'ÉTÉ À BESANÇON",
        "ÁÉÍÓÚ áéíóú ñÑ ¿qué? ¡sí! 1º 2ª",
        "ÅÄÖ åäö ÆØÅ æøå Þórður bæði það íþróttir",
        "ÐÐÐÐ þþþþ ßßßß ÿÿÿÿ",
        "ÃÃÃÃÃ ÕÕÕÕÕ não são ações",
        "ÇÇÇ ŞŞŞ çok güzel İstanbul",
        "باع، طبع؛ ظفر؟ غاب، طاب — ط ظ ع غ",
    ],
)
def test_healthy_accents_stay(text: str) -> None:
    assert unscramble_arabic(text) == text


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ÇáÓãæíäåÊ éèà¡¿\nabطظ§„…\xa0\x81", max_size=40))
def test_what_comes_out_is_not_repaired_again(text: str) -> None:
    once = repair(text)
    assert repair(once) == once


def test_real_pairs_that_no_rule_was_made_on(shared_data: Path) -> None:
    path = shared_data / "mojibake_ar" / "id16_cp1256_mojibake.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    held_out = [
        pair
        for pair in pairs
        if hashlib.sha256(pair["text_mojibake"].encode("utf-8")).digest()[0] % 2
    ]
    repaired = sum(
        repair(pair["text_mojibake"]) == unicodedata.normalize("NFC", pair["text_repaired"])
        for pair in held_out
    )
    assert len(held_out) > 150
    assert repaired >= 0.95 * len(held_out)


def test_healthy_tweets_stay(shared_data: Path) -> None:
    path = shared_data / "raw_arabic_tweets" / "tweets_unlabelled_2018.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines][::6]
    assert not [text for text in texts if unscramble_arabic(text) != text]
