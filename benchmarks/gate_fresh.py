"""Texts for `gate.py --half fresh`: none of them stands in the tuning or the reported half.

Arabic: the news of another file, what is left of Egyptian Wikipedia, ARCD's test part, tweets of
2019, stories. English: web pages by blocks of some 300 words, answers of Dolly and of Alpaca (the
latter by a model), ASSET's test part, JFLEG as a second person mended it. Rewrites by people: the
second rewrite of ParaDetox and JFLEG (the sources are those of the older halves, the rewrites are
not), WNC (of which `added_words.py` has counted refusals), MADAR's dialects in the spelling of
CODA. Texts put together here from several rewrites, and sentences told simply (ASSET), which may
leave something out, are no people's rewrites of a text and are told apart.
"""

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from preservation import lines, textdetox

from tahdhib.readers.page import extracted
from tahdhib.readers.record import Fault

BLOCK = 300
"""Words from which a page goes on as another text."""
BEGINNING = 80
"""Characters by which two texts are taken for one."""
JOINED = {"CODA, joined": (60, 230), "a sentence in a passage": (0, 0)}
"""Sets that are put together here -> words of a text of two lengths."""
SIMPLIFIED = "ASSET, told simply"
APART = (*JOINED, SIMPLIFIED)
"""Sets that do not count as people's rewrites of a text."""


class Kept(NamedTuple):
    """A rewrite that says what its source says, and whence it is."""

    dataset: str
    language: str
    source: str
    rewrite: str


def fresh(data: Path, language: str, older: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Texts by source; without those that begin like one of the older halves."""
    seen = {_beginning(text) for texts in older.values() for text in texts}
    return {
        name: [text for text in dict.fromkeys(texts) if text and _beginning(text) not in seen]
        for name, texts in (_arabic(data) if language == "ar" else _english(data)).items()
    }


def _beginning(text: str) -> str:
    return " ".join(text.split())[:BEGINNING]


def _arabic(data: Path) -> dict[str, list[str]]:
    news = lines(data / "raw_saudinewsnet/saudinewsnet_0.jsonl.gz")
    wikipedia = [
        row["text"]
        for row in lines(data / "raw_arz_wikipedia/arzwiki_20181020.jsonl.gz")
        if len(row["text"].split()) > 25
    ]
    articles = _whole(data / "arcd/arcd-test.json.gz")["data"]
    tweets = lines(data / "raw_arabic_tweets/tweets_sentiment_2019.jsonl.gz")
    stories = lines(data / "raw_arabic_html/stories_html.jsonl.gz")
    return {
        "news": [row["content"] for row in news],
        "Egyptian Wikipedia": wikipedia[6000:],
        "Wikipedia": [one["context"] for article in articles for one in article["paragraphs"]],
        "tweets": [row["text"] for row in tweets if len(row["text"].split()) >= 12][:4000],
        "stories": [row["text"] for row in stories if row.get("text")],
    }


def _english(data: Path) -> dict[str, list[str]]:
    dolly = _whole(data / "dolly/dolly_train_sdft.json.gz")
    dolly += _whole(data / "alpagasus/dolly_3k.json.gz")
    answers = [row["output"] for row in dolly if len(row["output"].split()) > 30]
    alpaca = _whole(data / "alpagasus/alpaca_filtered_claude_t45.json.gz")
    return {
        "web": [block for text in _pages(data) for block in _blocks(text)],
        "Dolly, answers": answers,
        "Dolly, two answers": ["\n".join(pair) for pair in pairwise(answers)],
        "Alpaca, answers": [row["output"] for row in alpaca if len(row["output"].split()) > 30],
        "ASSET": [row["src"] for row in lines(data / "asset_simplification/test.jsonl.gz")],
        "JFLEG, mended": [row["refs"][1] for row in lines(data / "jfleg/test.jsonl")],
    }


def _pages(data: Path) -> Iterator[str]:
    """The main texts of English web pages."""
    for row in lines(data / "html_extraction_gold/pages.jsonl.gz"):
        page = extracted(row["html"]) if row["lang"] == "en" else None
        if page is not None and not isinstance(page, Fault):
            yield page.text


def _blocks(text: str) -> Iterator[str]:
    """A text in pieces of so many words and the rest of their paragraph."""
    piece: list[str] = []
    for paragraph in text.split("\n"):
        piece.append(paragraph)
        if sum(len(one.split()) for one in piece) >= BLOCK:
            yield "\n".join(piece).strip()
            piece = []
    yield "\n".join(piece).strip()


def by_people(
    data: Path, passages: Mapping[str, Sequence[str]], seed: int, most: int
) -> list[Kept]:
    """Rewrites by people, and apart from them those of `APART`; `passages` by language, into which
    a rewritten sentence may be put, `most` of them a language."""
    mended = [row for part in ("dev", "test") for row in lines(data / f"jfleg/{part}.jsonl")]
    neutral = lines(data / "wiki_neutrality_sample/wnc_sample.jsonl.gz")
    simple = [
        row
        for part in ("valid", "test")
        for row in lines(data / f"asset_simplification/{part}.jsonl.gz")
    ]
    second = [
        Kept("ParaDetox", "en", row["toxic"], row["neutral"][1])
        for row in lines(data / "paradetox_en/paradetox.jsonl.gz")
        if len(row["neutral"]) > 1
    ]
    arabic = [Kept("", "ar", pair.source, pair.kept) for pair in textdetox(data, "ar")]
    short = _coda(data, "dev") + _coda(data, "test")
    rows = [
        *second,
        *(Kept("JFLEG", "en", row["src"], row["refs"][1]) for row in mended),
        *(Kept("WNC", "en", row["biased"], row["neutral"]) for row in neutral),
        *(one for _, one in short),
        *_joined(short, JOINED["CODA, joined"][0]),
        *_joined(_coda(data, "train"), JOINED["CODA, joined"][1]),
        *_within(second, passages["en"], seed, most),
        *_within(arabic, passages["ar"], seed, most),
        *(Kept(SIMPLIFIED, "en", row["src"], row["refs"][0]) for row in simple),
    ]
    return [one for one in rows if one.rewrite.strip()]


def _coda(data: Path, part: str) -> list[tuple[str, Kept]]:
    """City -> a sentence of its dialect as it was written down, and in the spelling of CODA."""
    rows = lines(data / f"madar_coda/{part}.jsonl.gz")
    return [(row["dialect"], Kept("MADAR CODA", "ar", row["raw"], row["CODA"])) for row in rows]


def _joined(rows: Sequence[tuple[str, Kept]], words: int) -> Iterator[Kept]:
    """Sentences of one city, one after the other, to texts of so many words and more."""
    for _, group in groupby(sorted(rows, key=lambda row: row[0]), key=lambda row: row[0]):
        some: list[Kept] = []
        for _, one in group:
            some.append(one)
            if sum(len(each.source.split()) for each in some) >= words:
                source, rewrite = (" ".join(column) for column in list(zip(*some, strict=True))[2:])
                yield Kept("CODA, joined", "ar", source, rewrite)
                some = []


def _within(rows: Sequence[Kept], passages: Sequence[str], seed: int, most: int) -> Iterator[Kept]:
    """A rewritten sentence as a line of a passage in which nothing else changes."""
    rng = random.Random(seed)
    chosen = rng.sample(list(rows), min(most, len(rows), len(passages)))
    for one, passage in zip(chosen, passages, strict=False):
        paragraphs = passage.split("\n")
        at = rng.randint(0, len(paragraphs))
        source, rewrite = (
            "\n".join([*paragraphs[:at], told, *paragraphs[at:]])
            for told in (one.source, one.rewrite)
        )
        yield Kept("a sentence in a passage", one.language, source, rewrite)


def _whole(path: Path) -> Any:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return json.load(stream)
