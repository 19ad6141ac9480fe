"""A corpus of real articles with planted duplicates, and of stubs that only look like duplicates.

Originals are newspaper articles that share next to nothing with any other article. Each has one
variant, so that no third text can hang the two together. Beside them stand the articles of
Egyptian Wikipedia as they are. Articles are halved by a hash of their id: one half to choose by,
the other to report on.
"""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arabic.perturb import EDITS, SPELLINGS, VARIANTS, sentences_of
from arabic.plain import alike, grams, jaccard, loosely, masked, words
from tahdhib.match.components import components
from tahdhib.stats.draw import rank, share

HALVES = ("tuning", "held-out")
KINDS = SPELLINGS | EDITS | VARIANTS

_FEWEST_WORDS, _FEWEST_SENTENCES, _FEWEST_BODY_WORDS = 100, 4, 5
_GRAM_WORDS = 5
_MOST_SHARED = 0.1
_TEMPLATE_JACCARD = 0.5
_TEMPLATE_GRAM_WORDS = 2
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


class Article(NamedTuple):
    """A real text and what it is about."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is deduplicated, and what ought to come of it."""

    texts: Mapping[str, str]
    """By id."""
    originals: Mapping[str, str]
    """Original of each variant."""
    kinds: Mapping[str, str]
    """Kind of change of each variant."""
    subjects: Mapping[str, str]
    """What each text is about: texts of one subject may be merged, others may not."""
    stubs: frozenset[str]
    """Wikipedia articles that share a template with one on another subject."""

    def similarities(self, kind: str) -> list[float]:
        """Of every variant of this kind with its original, over words as they stand."""
        return [
            jaccard(*(grams(words(self.texts[name]), _GRAM_WORDS) for name in (variant, original)))
            for variant, original in self.originals.items()
            if self.kinds[variant] == kind
        ]


def make(data: Path, half: str, seed: int, per_kind: int) -> Corpus:
    """Draw the originals, change them, add the Wikipedia articles; all of one half."""
    news = _in_half(_news(data), half, seed)
    articles = sorted(_standing_alone(news), key=lambda article: rank("article", seed, article.id))
    sentences = [part for article in articles for part in sentences_of(article.text)]
    texts, originals, kinds, subjects = {}, {}, {}, {}
    waiting = iter(articles)
    for kind, change in KINDS.items():
        for article in _changed_by(waiting, per_kind):
            random = Random(rank(kind, seed, article.id))
            text = change(article.text, random, sentences)
            if text == article.text:  # no digits in it, say
                continue
            # Hashed, so that neither comes first by its name.
            name, variant = (f"{rank(side, seed, article.id):016x}" for side in ("one", "other"))
            texts |= {name: article.text, variant: text}
            subjects |= dict.fromkeys((name, variant), article.id)
            originals[variant], kinds[variant] = name, kind
    wiki = _in_half(_wikipedia(data), half, seed)
    texts |= {article.id: article.text for article in wiki}
    about = _subjects(wiki)
    return Corpus(texts, originals, kinds, subjects | about, _stubs(wiki, about))


def _changed_by(waiting: Iterator[Article], count: int) -> Iterator[Article]:
    return (article for article, _ in zip(waiting, range(count), strict=False))


def _in_half(articles: Iterator[Article], half: str, seed: int) -> list[Article]:
    place = HALVES.index(half)
    return [each for each in articles if int(2 * share("half", seed, each.id)) == place]


def _news(data: Path) -> Iterator[Article]:
    for path in sorted((data / "raw_saudinewsnet").glob("*.jsonl.gz")):
        for number, record in enumerate(_records(path)):
            text = record.get("content") or ""
            enough = len(text.split()) >= _FEWEST_WORDS
            if enough and len(sentences_of(text)) >= _FEWEST_SENTENCES:
                yield Article(f"{path.name}:{number}", record.get("title") or "", text)


def _wikipedia(data: Path) -> Iterator[Article]:
    for record in _records(data / "raw_arz_wikipedia" / "arzwiki_20181020.jsonl.gz"):
        yield Article(record["id"], record["title"], record["text"])


def _records(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _standing_alone(articles: Sequence[Article]) -> list[Article]:
    """Articles of whose runs of words hardly any stands in another."""
    numbers: dict[str, int] = {}
    runs = [_runs(words(loosely(article.text)), numbers) for article in articles]
    distinct, counts = np.unique(np.concatenate(runs), return_counts=True)
    repeated = distinct[counts > 1]
    return [
        article
        for article, own in zip(articles, runs, strict=True)
        if np.isin(own, repeated, assume_unique=True).mean() <= _MOST_SHARED
    ]


def _runs(said: Sequence[str], numbers: dict[str, int]) -> NDArray[np.uint64]:
    known = np.array([numbers.setdefault(word, len(numbers) + 1) for word in said], np.uint64)
    runs = np.zeros(len(known) - _GRAM_WORDS + 1, np.uint64)
    for offset in range(_GRAM_WORDS):
        runs = (runs ^ known[offset : offset + len(runs)]) * _MULTIPLIER
        runs ^= runs >> _SHIFT
    return np.unique(runs)


def _subjects(wiki: Sequence[Article]) -> dict[str, str]:
    """What each article is about: its own title, spelt loosely, or that of one listed with it."""
    by_title: dict[str, int] = {}
    links = []
    for article in wiki:
        title = "".join(words(loosely(article.title)))
        links.append((int(article.id), by_title.setdefault(title, int(article.id))))
    listed = Path(__file__).with_name("same_subject.tsv").read_text("utf-8").splitlines()
    links += [tuple(map(int, line.split("\t"))) for line in listed if not line.startswith("#")]
    same = components(links)
    return {article.id: f"wikipedia:{same[int(article.id)]}" for article in wiki}


def _stubs(wiki: Sequence[Article], subjects: Mapping[str, str]) -> frozenset[str]:
    """Who is like an article on another subject once names and digits are masked."""
    bodies = {article.id: masked(article.title, article.text) for article in wiki}
    names = [name for name, body in bodies.items() if len(body) >= _FEWEST_BODY_WORDS]
    sets = [grams(bodies[name], _TEMPLATE_GRAM_WORDS) for name in names]
    pairs = alike(sets, _TEMPLATE_JACCARD)
    ids = ((names[left], names[right]) for left, right in pairs)
    return frozenset(
        name for pair in ids if subjects[pair[0]] != subjects[pair[1]] for name in pair
    )
