"""The quality signals: held against datatrove's own functions, and against hostile text."""

import gzip
import json
import math

import pytest
from datatrove.pipeline.filters.gopher_repetition_filter import (
    find_all_duplicate,
    find_duplicates,
    find_top_duplicate,
    get_n_grams,
)
from datatrove.utils.text import TERMINAL_PUNCTUATION
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.score.quality.lines import TERMINAL, lines_of
from tahdhib.score.quality.repetition import DUPLICATE_WORDS, TOP_WORDS, n_grams
from tahdhib.score.quality.signals import Signals, measure
from tahdhib.score.quality.words import words_of
from tests.run.small import demo_records

ARTICLE = (
    "أعلن المتحدث باسم الوزارة أن المشروع سيبدأ في الشهر القادم. وقال إن العمل فيه لن يتأخر!\n"
    "هل يكفي المال؟ لا أحد يعرف ذلك حتى الآن…\n"
    "- الطريق الأول\n"
    "روابط ذات صلة\n"
)


def demo_texts():
    texts = []
    for line in demo_records(300):
        try:
            text = json.loads(line).get("text")
        except ValueError:
            continue
        if isinstance(text, str) and text.strip():
            texts.append(text)
    return texts


def expected_n_grams(words):
    top = []
    for n in TOP_WORDS:
        grams = get_n_grams(words, n)
        is_repeated = len(set(grams)) < len(grams)
        top.append(find_top_duplicate(grams) if is_repeated else 0)
    return tuple(top), tuple(find_all_duplicate(words, n) for n in DUPLICATE_WORDS)


def test_n_grams_are_datatroves_on_real_text():
    texts = demo_texts()
    assert len(texts) > 200
    repeated = 0
    for text in texts:
        words = words_of(text).words
        found = n_grams(words)
        assert tuple(found) == expected_n_grams(words)
        repeated += any(found.duplicate)
    assert repeated > 3  # otherwise nothing was compared


def test_n_grams_are_datatroves_on_news(shared_data):
    with gzip.open(shared_data / "raw_saudinewsnet/saudinewsnet_0.jsonl.gz") as lines:
        texts = [json.loads(next(lines))["content"] for _ in range(300)]
    for text in texts:
        words = words_of(text).words
        assert tuple(n_grams(words)) == expected_n_grams(words)


@given(st.lists(st.sampled_from(["a", "b", "ab", "ج"]), max_size=60))
def test_n_grams_are_datatroves_on_few_words(words):
    # datatrove glues words together, so that a+b is ab there: with separate lengths it is not
    words = [word if word != "ab" else "dd" for word in words]
    assert tuple(n_grams(words)) == expected_n_grams(words)


def test_lines_are_datatroves():
    compared = 0
    for text in demo_texts():
        lines = [line for line in text.split("\n") if line.strip()]
        signals = measure(text, "ar")
        count, characters = find_duplicates(lines)
        assert signals.duplicate_lines == count / len(lines)
        assert signals.duplicate_line_characters == characters / len(text.replace("\n", ""))
        assert signals.short_lines == sum(len(line) <= 30 for line in lines) / len(lines)
        if all(line.rstrip() == line and line[-1] not in "\"'”’»)]" for line in lines):
            ends = sum(line.endswith(tuple(TERMINAL_PUNCTUATION)) for line in lines)
            assert signals.line_punctuation == ends / len(lines)
            compared += 1
    assert compared > 100


def test_our_terminal_marks_are_among_theirs():
    assert set(TERMINAL) <= TERMINAL_PUNCTUATION
    assert "؟" in TERMINAL


def test_what_an_article_measures():
    signals = measure(ARTICLE, "ar")
    assert signals.words == 30
    assert signals.line_punctuation == 1 / 4  # the ellipsis breaks off, it does not end
    assert signals.ellipsis_lines == 1 / 4
    assert signals.bullet_lines == 1 / 4
    assert signals.short_lines == 2 / 4
    assert signals.terminal_lines == 1 / 4
    assert signals.sentences == 2
    assert signals.stop_words is not None and signals.stop_words >= 5


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("في البيت", "ar", 1),
        ("فِي البَيْتِ وَلا", "ar", 2),
        ("أن ان إن", "ar", 1),
        ("The house of The Lord", "en", 2),
        ("la casa de", "es", None),
    ],
)
def test_stop_words(text, language, expected):
    assert measure(text, language).stop_words == expected


def test_vocalised_text_has_no_longer_words():
    plain = measure("كتب الولد الدرس في المدرسة", "ar").mean_word_length
    assert measure("كَتَبَ الوَلَدُ الدَّرْسَ فِي المَدْرَسَةِ", "ar").mean_word_length == plain


def test_c4_and_its_lines():
    text = (
        "This is a full sentence. And another one!\n"
        "Please enable javascript to see the page.\n"
        "We use cookies and a privacy policy here.\n"
        "Home\n"
        "Lorem ipsum dolor { sit } amet and so on.\n"
        "He said: “Yes, we will come.”\n"
    )
    signals = measure(text, "en")
    assert signals.terminal_lines == 3 / 6
    assert signals.sentences == 4
    assert (signals.curly_brackets, signals.lorem_ipsum) == (2, 1)
    assert (signals.javascript_lines, signals.policy_lines) == (1 / 6, 1 / 6)
    assert lines_of(text).punctuated == 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "🙂",
        "🙂🙂 ❤️",
        "...",
        "—",
        "#",
        "١٢٣",
        "x" * 1_000_000,
        "س" * 1_000_000,
        "\n" * 10_000,
    ],
    ids=len,
)
def test_hostile_texts_measure_without_nan(text, no_hang):
    for value in measure(text, "ar"):
        assert value is None or math.isfinite(value)


def test_an_emoji_is_no_word():
    signals = measure("🙂", "und")
    assert (signals.words, signals.alphabetic_words, signals.mean_word_length) == (0, 0.0, None)


def test_scripts_without_spaces_have_no_word_length():
    signals = measure("这是一个很长的句子没有空格", "zh")
    assert signals.words == 13
    assert signals.mean_word_length is None


@given(st.text())
def test_shares_are_shares(text):
    signals = measure(text, "ar")
    for name, value in signals._asdict().items():
        assert value is None or value >= 0, name
    for name in ("bullet_lines", "short_lines", "alphabetic_words", "duplicate_lines"):
        value = getattr(signals, name)
        assert value is None or value <= 1, name
    assert Signals(*signals) == measure(text, "ar")
