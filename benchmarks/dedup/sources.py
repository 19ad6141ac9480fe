"""Real text to make documents of: a word list per language, and a walk over it."""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ARABIC = {
    "raw_saudinewsnet/saudinewsnet_0.jsonl.gz": ("content",),
    "raw_saudinewsnet/saudinewsnet_1.jsonl.gz": ("content",),
    "raw_saudinewsnet/saudinewsnet_2.jsonl.gz": ("content",),
    "raw_arz_wikipedia/arzwiki_20181020.jsonl.gz": ("text",),
    "raw_arabic_html/stories_html.jsonl.gz": ("text",),
}
ENGLISH = {
    "html_extraction_gold/pages.jsonl.gz": ("html",),
    "dolly/dolly_train_sdft.json.gz": ("instruction", "input", "output"),
    "lima/lima_train.json.gz": ("instruction", "output"),
    "alpagasus/alpaca_random_9k.json.gz": ("instruction", "input", "output"),
}

Walk = NDArray[np.int64]
"""Places in a source's list of words, one per word of a document."""


@dataclass(frozen=True, slots=True)
class Source:
    """The words of a language's texts, end to end, and where each word occurs.

    The places of word number `n` are `places[starts[n]:starts[n + 1]]`; `numbers` holds the number
    of each place's word.
    """

    words: list[str]
    numbers: NDArray[np.int64]
    places: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Source":
        """A source of all words of `texts`."""
        words = [word for text in texts for word in text.split()]
        number_of: dict[str, int] = {}
        numbers = np.fromiter(
            (number_of.setdefault(word, len(number_of)) for word in words), np.int64, len(words)
        )
        starts = np.concatenate(([0], np.cumsum(np.bincount(numbers))))
        return cls(words, numbers, np.argsort(numbers, kind="stable"), starts)

    def walks(self, lengths: NDArray[np.int64], jump: float, draw: np.random.Generator) -> Walk:
        """Walks of so many words each, end to end.

        A walk reads the text on, and after each word jumps with chance `jump` to another place
        where the same word stands: the words and their neighbours are those of real text, the
        whole is new.
        """
        order = np.argsort(-lengths, kind="stable")
        asked = lengths[order]
        here = draw.integers(0, len(self.words) - 1, len(lengths))
        walks = np.empty((len(lengths), int(asked[0])), np.int64)
        for step in range(walks.shape[1]):
            here = here[: np.searchsorted(-asked, -step)]  # those that are longer
            walks[order[: len(here)], step] = here
            here = self._next(here, jump, draw)
        return walks[np.arange(walks.shape[1])[None, :] < lengths[:, None]]

    def _next(self, here: Walk, jump: float, draw: np.random.Generator) -> Walk:
        jumping = np.flatnonzero(draw.random(len(here)) < jump)
        number = self.numbers[here[jumping]]
        here = here.copy()
        here[jumping] = self.places[draw.integers(self.starts[number], self.starts[number + 1])]
        return (here + 1) % len(self.words)


def read_source(data: Path, files: dict[str, tuple[str, ...]]) -> Source:
    """The source of the named fields of files under `data`."""
    return Source.of(text for name, fields in files.items() for text in _texts(data / name, fields))


def _texts(path: Path, fields: tuple[str, ...]) -> Iterator[str]:
    for record in _records(path):
        for field in fields:
            text = record.get(field) or ""
            yield _visible(text) if field == "html" else text


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        if ".jsonl" in path.name:
            yield from map(json.loads, lines)
        else:
            yield from json.load(lines)


class _Visible(HTMLParser):
    """Collects what stands between tags, scripts and styles left out."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= self._hidden > 0 and tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _visible(html: str) -> str:
    parser = _Visible()
    parser.feed(html)
    return " ".join(parser.parts)
