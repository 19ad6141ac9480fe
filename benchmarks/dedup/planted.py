"""Corpora with planted duplicates, near-duplicates and site boilerplate, made from real text.

A corpus is a folder: `documents/*.jsonl.zst` (id, url, text), `boilerplate.jsonl.zst` (per site the
lines that are its own), `kinds.jsonl.zst` (what each document was made as) and `plan.json`. It is
made block by block, so that memory does not grow with it; every block has a seed of its own.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import zstandard

from dedup.sources import ARABIC, ENGLISH, Source, read_source

BLOCK = 10_000
"""Documents made at once."""

_JUMP = 0.25  # so that a text follows its source for four words on average
_LINE_WORDS = (12, 60)
_WORDS = {"ar": 150, "en": 260}
"""Median words of a plain document; the mean is then about 1.9 kB of UTF-8."""
_SPREAD = 0.6  # of the logarithm of the words
_SHORTEST, _LONGEST = 60, 1200

Lines = list[list[str]]
"""A text as lines of words."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a corpus is made of: shares of its documents. The rest are plain documents.

    `copies` are equal to another document to the letter; `near` were made of one by word edits,
    their Jaccard similarity drawn evenly between `lowest` and 1; `pages` lie on sites with
    boilerplate, and `twins` is the share of these that were made of another page of the site;
    `error` is one page that many sites show.
    """

    documents: int
    seed: int
    files: int = 16
    copies: float = 0.05
    near: float = 0.12
    lowest: float = 0.45
    pages: float = 0.15
    pages_per_site: int = 200
    twins: float = 0.15
    error: float = 0.0005


class Document(NamedTuple):
    """A document as it was made; `base` is the id of the one that it was made of."""

    id: str
    url: str
    lines: Lines
    kind: str
    base: str = ""


@dataclass(slots=True)
class Writer:
    """Draws words of one language from its source, in order."""

    source: Source
    median: int
    draw: np.random.Generator

    def lengths(self, count: int) -> np.ndarray:
        drawn = self.draw.lognormal(np.log(self.median), _SPREAD, count)
        return np.clip(drawn, _SHORTEST, _LONGEST).astype(np.int64)

    def texts(self, lengths: np.ndarray) -> list[Lines]:
        """One text of each length."""
        words = [self.source.words[place] for place in self.source.walks(lengths, _JUMP, self.draw)]
        ends = np.cumsum(lengths)
        return [
            self._in_lines(words[end - length : end])
            for end, length in zip(ends.tolist(), lengths.tolist(), strict=True)
        ]

    def word(self) -> str:
        """A word as often as it is used."""
        return self.source.words[int(self.draw.integers(len(self.source.words)))]

    def _in_lines(self, words: list[str]) -> Lines:
        lines, first = [], 0
        while first < len(words):
            last = first + int(self.draw.integers(*_LINE_WORDS))
            lines.append(words[first:last])
            first = last
        return lines


def make(plan: Plan, data: Path, out: Path) -> None:
    """Write the corpus; `data` is the folder of the source texts."""
    texts = {"ar": ARABIC, "en": ENGLISH}
    sources = [(read_source(data, files), _WORDS[name]) for name, files in texts.items()]
    out.joinpath("documents").mkdir(parents=True)
    error = _error_page(plan, *sources[1])
    with (
        _Files(out / "documents", plan.files) as files,
        _opened(out / "kinds.jsonl.zst") as kinds,
        _opened(out / "boilerplate.jsonl.zst") as boilerplate,
    ):
        for number in range(-(-plan.documents // BLOCK)):
            draw = np.random.default_rng([plan.seed, number])
            block = _Block(plan, number, draw, [], {})
            writers = [Writer(source, median, draw) for source, median in sources]
            block.fill(writers, min(BLOCK, plan.documents - number * BLOCK), error)
            for place in draw.permutation(len(block.made)).tolist():
                document = block.made[place]
                text = "\n".join(map(" ".join, document.lines))
                home = files.handles[int(draw.integers(plan.files))]
                _write(home, {"id": document.id, "url": document.url, "text": text})
                note = {"id": document.id, "kind": document.kind, "base": document.base}
                _write(kinds, note)
            for site, lines in block.sites.items():
                _write(boilerplate, {"site": site, "lines": [" ".join(line) for line in lines]})
    # Last: a corpus with a plan is a whole one.
    out.joinpath("plan.json").write_text(json.dumps(asdict(plan), indent=2) + "\n")


@dataclass(frozen=True, slots=True)
class _Block:
    """A part of the corpus in the making; what has been made lies in `made`."""

    plan: Plan
    number: int
    draw: np.random.Generator
    made: list[Document]
    sites: dict[str, Lines]

    def add(self, lines: Lines, kind: str, base: str = "", url: str | None = None) -> Document:
        """One more document, by default somewhere on one of 500 sites without boilerplate."""
        host = f"blog-{self.number}-{int(self.draw.integers(500))}.example"
        url = url or f"https://{host}/{int(self.draw.integers(1 << 40))}"
        # Ids tell nothing and sort at random.
        name = f"{self.plan.seed} {self.number} {len(self.made)}".encode()
        number = hashlib.blake2b(name, digest_size=8).hexdigest()
        self.made.append(Document(number, url, lines, kind, base))
        return self.made[-1]

    def fill(self, writers: list[Writer], count: int, error: Lines) -> None:
        """Make `count` documents, as many in one language as in the other."""
        shares = (self.plan.copies, self.plan.near, self.plan.pages, self.plan.error)
        copies, near, pages, errors = (round(count * share) for share in shares)
        plain = count - copies - near - pages - errors
        for place, writer in enumerate(writers):
            part = slice(place, None, len(writers))
            texts = writer.texts(writer.lengths(len(range(plain)[part])))
            bases = [self.add(lines, "plain") for lines in texts]
            self._near(writer, bases, len(range(near)[part]))
            self._sites(writer, f"{place}-{self.number}", len(range(pages)[part]))
        self._copies(self.made[:], copies)
        for _ in range(errors):
            self.add(error, "error")

    def _near(self, writer: Writer, bases: list[Document], count: int) -> None:
        """Edited documents: up to three of each of some of the bases."""
        while count:
            base = bases.pop(int(self.draw.integers(len(bases))))
            for _ in range(min(count, int(self.draw.integers(1, 4)))):
                count -= 1
                self.add(edited(base.lines, self._similarity(), writer), "near", base.id)

    def _similarity(self) -> float:
        return float(self.draw.uniform(self.plan.lowest, 1))

    def _copies(self, of: list[Document], count: int) -> None:
        """Copies to the letter: of most documents one, of a few up to 30."""
        while count:
            base = of[int(self.draw.integers(len(of)))]
            url = base.url + "?print=1" if base.kind in ("page", "twin") else None
            for _ in range(min(count, 30, int(self.draw.zipf(2.2)))):
                count -= 1
                self.add(base.lines, "copy", base.id, url)

    def _sites(self, writer: Writer, name: str, count: int) -> None:
        for number, first in enumerate(range(0, count, self.plan.pages_per_site)):
            here = min(self.plan.pages_per_site, count - first)
            self._site(writer, f"www.site-{name}-{number}.example", here)

    def _site(self, writer: Writer, site: str, count: int) -> None:
        """A site whose pages share menu, header and footer: 30 to 80 % of a page's words."""
        draw = self.draw
        menu = [text[0] for text in writer.texts(draw.integers(1, 4, int(draw.integers(8, 25))))]
        header, footer = writer.texts(draw.integers(30, 90, 2))
        self.sites[site] = [*menu, *header, *footer]
        share = draw.uniform(0.3, 0.8, count)
        lengths = (1 - share) / share * sum(map(len, self.sites[site]))
        own = writer.texts(np.clip(lengths, 40, _LONGEST).astype(np.int64))
        pages: list[Document] = []
        for page in range(count):
            kind, base = "page", ""
            if pages and draw.random() < self.plan.twins:
                other = int(draw.integers(page))
                kind, base = "twin", pages[other].id
                own[page] = edited(own[other], self._similarity(), writer)
            # A menu now and then lacks an entry, as real ones do.
            top = [line for line in menu if draw.random() < 0.95]
            lines = [*top, *header, *own[page], *footer]
            pages.append(self.add(lines, kind, base, f"https://{site}/{page}"))


def edited(lines: Lines, jaccard: float, writer: Writer) -> Lines:
    """The text with words replaced, put in or taken out until about this similarity is left.

    Three texts of four get single words changed all over; the fourth gets one passage rewritten.
    A changed word takes five shingles with it and brings five, a passage of L words takes L + 4.
    """
    draw = writer.draw
    words = sum(map(len, lines))
    lost = words * (1 - jaccard) / (1 + jaccard)
    changed = [line[:] for line in lines]
    if draw.random() < 0.25 and lost > 6:
        start = int(draw.integers(max(1, words - int(lost))))
        for place in range(start, min(words, start + int(lost) - 4)):
            _change(changed, lines, place, writer, 0)
        return changed
    # Edits that lie near each other take fewer shingles than five each.
    rate = 1 - (1 - min(0.9, lost / words)) ** 0.2
    places = draw.choice(words, max(1, round(rate * words)), replace=False)
    for place in sorted(places.tolist(), reverse=True):
        _change(changed, lines, place, writer, int(draw.integers(4)))
    return [line for line in changed if line]


def _change(changed: Lines, lines: Lines, place: int, writer: Writer, how: int) -> None:
    """Change word number `place` of `lines`: replaced twice as often as put in or taken out."""
    row = 0
    while place >= len(lines[row]):
        place -= len(lines[row])
        row += 1
    if how <= 1:
        changed[row][place] = writer.word()
    elif how == 2:
        changed[row].insert(place, writer.word())
    else:
        del changed[row][place]


def _error_page(plan: Plan, source: Source, median: int) -> Lines:
    draw = np.random.default_rng([plan.seed, 1 << 31])  # no block has this number
    return Writer(source, median, draw).texts(np.array([120]))[0]


class _Files:
    """The corpus's files, all open at once."""

    def __init__(self, folder: Path, count: int) -> None:
        self.handles = [_opened(folder / f"{number:03d}.jsonl.zst") for number in range(count)]

    def __enter__(self) -> "_Files":
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self.handles:
            handle.close()


def _opened(path: Path) -> IO[bytes]:
    return zstandard.open(path, "wb", cctx=zstandard.ZstdCompressor(level=3))


def _write(handle: IO[bytes], record: dict[str, object]) -> None:
    handle.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
