"""Cases for the gate: a source and a rewrite of it in which one thing is wrong, by kind, language
and length.

Texts come from the caller, as the rules leave them: so a sentence that is dropped is never one that
rules may remove. `excerpt` cuts them to a band of lengths. Where a fault needs a thing that few
texts have (a link, a verse), the source is given it first.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from facts import date, dual, link_added, link_changed, number_value, number_word, unit
from fault import Fault, replace, sentence_spans
from noise import noise
from replies import language_switched, refusal, scaffold
from sentences import any_sentence_dropped, claim_added, cut_off, repeated, sentence_added
from spans import hosted, touched
from words import modality, name, negation_added, negation_dropped

BANDS = {"< 30": (8, 29), "30-200": (30, 200), "> 200": (201, 1200)}
"""Name -> least and most words."""
HERE = Path(__file__).parent
BY_HAND = {
    "negation": "negation.tsv",
    "name": "names.tsv",
    "claim": "claims.tsv",
    "dialect": "dialect.tsv",
}
"""Kind -> the file of those that were written by hand."""
_ADDRESSES = (
    "https://www.moe.example.gov/ar/news/2015-07",
    "http://sport.example.net/match/88120",
    "www.maktaba-example.org/book/317",
    "https://t.co/x4Fq81LmZ",
)


@dataclass(frozen=True)
class Material:
    """What faults are made of, read from data: other texts of the language, sentences of other
    languages, and spans to protect by kind."""

    others: Sequence[str]
    foreign: Sequence[Sequence[str]]
    spans: Mapping[str, Sequence[str]]


class Case(NamedTuple):
    kind: str
    language: str
    source: str
    rewrite: str


def case(kind: str, text: str, language: str, material: Material, seed: int = 17) -> Case | None:
    """A case of a kind on `text`, the same on every call; None where the text has no place for it.
    Every other one also has harmless changes elsewhere, as rewrites do."""
    rng = random.Random(f"{seed}:{kind}:{text}")
    made = _MAKERS[kind](text, language, rng, material)
    if made is None:
        return None
    source, faulty = made
    if rng.random() < 0.5 and kind not in _WHOLE:
        faulty = noise(faulty, language, rng, ()) or faulty
    if faulty == source or not faulty.strip():
        return None
    return Case(kind, language, source, faulty)


def by_hand(kind: str, language: str) -> list[tuple[str, str, str]]:
    """(source, a rewrite that keeps what it says, a faulty one) of a kind, as people wrote them."""
    if kind not in BY_HAND:
        return []
    rows = (HERE / BY_HAND[kind]).read_text("utf-8").splitlines()
    found = [row.split("\t") for row in rows if not row.startswith("#")]
    return [(row[1], row[2], row[3]) for row in found if row[0] == language]


def excerpt(text: str, band: str, rng: random.Random) -> str | None:
    """Sentences of a text in a row, from one drawn at random, with the number of words of a band;
    None where it has too few."""
    least, most = BANDS[band]
    if least <= len(text.split()) <= most:
        return text.strip()
    spans = sentence_spans(text, least_words=1)
    starts = list(range(len(spans)))
    rng.shuffle(starts)
    aim = rng.randint(max(least, most // 4), most)
    for start in starts[:8]:
        end = None
        for _, high in spans[start:]:
            words = len(text[spans[start][0] : high].split())
            if words > most:
                break
            end = high
            if words >= aim:
                break
        if end is not None:
            found = text[spans[start][0] : end].strip()
            if len(found.split()) >= least:
                return found
    return None


_Maker = Callable[[str, str, random.Random, Material], tuple[str, str] | None]


def _planted(*faults: Fault) -> _Maker:
    """One of some faults, in random order the first for which the text has a place."""

    def make(
        text: str, language: str, rng: random.Random, material: Material
    ) -> tuple[str, str] | None:
        for fault in rng.sample(faults, len(faults)):
            done = fault(text, language, rng, material.others)
            if done is not None and done != text:
                return text, done
        return None

    return make


def _link(
    text: str, language: str, rng: random.Random, material: Material
) -> tuple[str, str] | None:
    """A link changed, lost or added; the source is given one where it has none."""
    if rng.random() < 1 / 3:
        done = link_added(text, language, rng, material.others)
    else:
        spans = sentence_spans(text, least_words=3)
        if "http" not in text and "www." not in text and spans:
            place = rng.choice(spans)[1]
            text = replace(text, place, place, f" {rng.choice(_ADDRESSES)} ")
        done = link_changed(text, language, rng, material.others)
    return None if done is None else (text, done)


def _switched(
    text: str, language: str, rng: random.Random, material: Material
) -> tuple[str, str] | None:
    done = language_switched(text, language, rng, material.foreign)
    return None if done is None else (text, done)


def _protected(
    text: str, language: str, rng: random.Random, material: Material
) -> tuple[str, str] | None:
    host = hosted(text, rng, material.spans)
    if host is None:
        return None
    source, start, end = host
    done = touched(source, start, end, rng)
    return None if done is None else (source, done)


_MAKERS: dict[str, _Maker] = {
    "number": _planted(number_value, number_word, dual),
    "date": _planted(date),
    "unit": _planted(unit),
    "link": _link,
    "sentence dropped": _planted(any_sentence_dropped),
    "language switched": _switched,
    "cut off": _planted(cut_off),
    "repeated": _planted(repeated),
    "scaffold": _planted(scaffold),
    "refusal": _planted(refusal),
    "protected span": _protected,
    "negation": _planted(negation_dropped, negation_added),
    "name": _planted(name),
    "claim": _planted(claim_added),
    "sentence added": _planted(sentence_added),
    "modality": _planted(modality),
}
KINDS = tuple(_MAKERS)
"""Kinds of which code makes cases; `dialect` is written by hand alone."""
_WHOLE = ("language switched", "repeated", "protected span")
"""Kinds to which nothing harmless is done besides."""
