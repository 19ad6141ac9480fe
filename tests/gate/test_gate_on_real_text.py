"""The gate on news and Egyptian Wikipedia: faults planted by code, and what the rules do."""

import gzip
import json
import random
import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.rewrite import rewrite as rewrite_by_rules
from tahdhib.config.recipe import Gate as Settings
from tahdhib.gate.gate import Gate
from tahdhib.records import Rewrite
from tahdhib.score.dates import dates
from tahdhib.text.edits import diff

CONDUCT = load_conduct("default")
GATE = Gate(Settings(), CONDUCT)
FILES = {
    "news": ("raw_saudinewsnet/saudinewsnet_2.jsonl.gz", "content"),
    "egyptian": ("raw_arz_wikipedia/arzwiki_20181020.jsonl.gz", "text"),
}
ENGLISH = "The minister said on the same day that the works would start again in the capital."


@pytest.fixture(scope="module", params=FILES)
def passages(request: pytest.FixtureRequest, shared_data: Path) -> list[str]:
    name, field = FILES[request.param]
    with gzip.open(shared_data / name, "rt", encoding="utf-8") as stream:
        texts = [str(json.loads(line)[field]) for line in islice(stream, 6000)]
    return [text for text in texts if 600 < len(text) < 4000][:400]


def one_sentence(text: str) -> re.Match[str] | None:
    """A sentence of at least 18 words that no rule touches."""
    found = [
        match
        for match in re.finditer(r"[^.\n؟!:]{100,600}", text)
        if len(match.group().split()) >= 18
    ]
    return found[len(found) // 2] if found else None


def change_number(text: str, rng: random.Random) -> str | None:
    found = list(re.finditer(r"(?<![\d.,/])[1-9]\d*(?![\d.,/])", text))
    if not found:
        return None
    match = rng.choice(found)
    other = str(int(match.group()) + rng.choice((1, 10, 100)))
    return text[: match.start()] + other + text[match.end() :]


def change_date(text: str, rng: random.Random) -> str | None:
    other = {
        "يناير": "فبراير",
        "مارس": "أبريل",
        "يوليو": "أكتوبر",
        "يونيو": "ديسمبر",
        "رمضان": "شعبان",
    }
    for old, new in other.items():
        changed = re.sub(rf"(\d\s){old}\b", rf"\1{new}", text, count=1)
        if changed != text:
            return changed
    return None


def cut_half_a_sentence(text: str, rng: random.Random) -> str | None:
    match = one_sentence(text)
    if match is None:
        return None
    words = match.group().split(" ")
    return text[: match.start()] + " ".join(words[: len(words) // 2]) + text[match.end() :]


def add_link(text: str, rng: random.Random) -> str | None:
    match = one_sentence(text)
    return match and text[: match.end()] + " http://example.org/page" + text[match.end() :]


def switch_language(text: str, rng: random.Random) -> str | None:
    match = one_sentence(text)
    return match and text[: match.start()] + ENGLISH + text[match.end() :]


def leak_label(text: str, rng: random.Random) -> str | None:
    return rng.choice(("Rewritten text: ", "النص بعد التعديل: ", "Arabic text:\n")) + text


def leak_refusal(text: str, rng: random.Random) -> str | None:
    return text + "\nعذراً، لا أستطيع إكمال النص."


def get_stuck(text: str, rng: random.Random) -> str | None:
    words = text.split()
    return text + " " + " ".join(words[-5:] * (len(words) // 10))


PLANTED: dict[str, tuple[Callable[[str, random.Random], str | None], str, float]] = {
    "number changed": (change_number, "numbers", 0.95),
    "date changed": (change_date, "dates", 0.95),
    "half a sentence cut": (cut_half_a_sentence, "length", 0.95),
    "link added": (add_link, "links", 1.0),
    "language switched": (switch_language, "language", 0.99),
    "label leaked": (leak_label, "scaffold", 0.6),
    "refusal leaked": (leak_refusal, "scaffold", 1.0),
    "loop": (get_stuck, "repetition", 0.95),
}
"""Fault -> how it is made, the code that must find it, and the least share found."""


@pytest.mark.parametrize("fault", PLANTED)
def test_planted_faults_are_found(fault: str, passages: list[str]) -> None:
    plant, code, least = PLANTED[fault]
    rng = random.Random(7)
    planted, missed = 0, []
    for text in passages:
        clean = rewrite_by_rules(text, CONDUCT).text
        faulty = plant(clean, rng)
        if faulty is None or faulty == clean:
            continue
        planted += 1
        verdict = GATE.verdict(clean, Rewrite(faulty, diff(clean, faulty, "worker")))
        if code not in {reason.code for reason in verdict.reasons}:
            missed.append(faulty)
    assert planted >= 10
    assert 1 - len(missed) / planted >= least, f"{len(missed)} of {planted} missed"


def test_what_the_rules_do_is_not_refused(passages: list[str]) -> None:
    changed = refused = 0
    for text in passages:
        done = rewrite_by_rules(text, CONDUCT)
        if done.text == text or done.drop_reason:
            continue
        changed += 1
        refused += not GATE.verdict(text, done).accepted
    assert changed >= 50
    assert refused / changed <= 0.005


def test_spacing_digits_and_tatweel_are_never_a_reason(passages: list[str]) -> None:
    arabic_digits = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    tidied = 0
    for text in passages:
        for harmless in (
            re.sub(r" {2,}", " ", text.replace("،", " ، ")),
            text.translate(arabic_digits)
            if not re.search(r"https?:|www\.|&#|[a-z]\d", text)
            else text,
            re.sub(r"(?<=[بتسم])(?=[ار])", "ـ", text, count=5),
        ):
            verdict = GATE.verdict(text, Rewrite(harmless, diff(text, harmless, "worker")))
            # A comma inside digits is part of a number; the rules leave those alone.
            if not re.search(r"\d،|،\d", text):
                assert verdict.accepted, verdict
                tidied += harmless != text
    assert tidied >= 100


def test_dates_are_found_in_real_text(passages: list[str]) -> None:
    assert sum(bool(dates(text)) for text in passages) >= len(passages) // 20
