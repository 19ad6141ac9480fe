"""Which documents of a corpus are alike, by brute force: a program that knows none of the tools.

    python benchmarks/dedup/truth.py CORPUS [--least .5] [--processes 2]

A document's words are its runs of letters, digits and combining marks, lower-cased, after the lines
that `boilerplate.jsonl.zst` names for its site are gone; everything else parts words. Its shingles
are the distinct runs of five words (64-bit hashes; a shorter text is one shingle). Two documents'
similarity is |A ∩ B| / |A ∪ B|, counted, not estimated.

Every pair of at least `--least` is found: all shingles are put in one order (rare ones first), and
two sets of which the first parts, |A| - ceil(least |A|) + 1 long, share no shingle cannot be so
alike. That bound loses no pair, whatever the order.

Writes CORPUS/truth/: `documents.parquet` (id, same: the lowest id with the very same words,
shingles), `pairs.parquet` (left, right, jaccard; of documents that are their own `same`) and
`truth.json`.
"""

import argparse
import hashlib
import json
import os
import time
import unicodedata
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from numpy.typing import NDArray

WORDS_PER_SHINGLE = 5
_CHUNK = 8_000_000  # shingles held at once
_SAMPLE = 300  # documents held against all others to see how unlike the unlike are

Numbers = NDArray[np.uint64]


class Part(NamedTuple):
    """The documents of one file: ids, hashes of all words in order, shingles end to end."""

    ids: list[str]
    texts: list[bytes]
    counts: NDArray[np.int64]


class _Words(dict[int, str]):
    """For `str.translate`: a character that is no part of a word becomes a space."""

    def __missing__(self, point: int) -> str:
        kept = unicodedata.category(chr(point))[0] in "LNM"
        self[point] = chr(point).lower() if kept else " "
        return self[point]


_WORDS = _Words()
_known: dict[str, int] = {}


def words_of(text: str, boilerplate: frozenset[str]) -> list[str]:
    """The words of a text without these lines."""
    if boilerplate:
        text = "\n".join(line for line in text.split("\n") if line not in boilerplate)
    return text.translate(_WORDS).split()


def shingles_of(words: list[str]) -> Numbers:
    """Distinct shingles, ascending; none of a text without words."""
    if not words:
        return np.empty(0, np.uint64)
    hashes = np.fromiter(map(_hash, words), np.uint64, len(words))
    width = min(WORDS_PER_SHINGLE, len(words))
    runs = np.zeros(len(words) - width + 1, np.uint64)
    for offset in range(width):
        runs = runs * np.uint64(0xD6E8FEB86659FD93) + hashes[offset : offset + len(runs)]
        runs ^= runs >> np.uint64(32)
    return np.unique(runs)


def _hash(word: str) -> int:
    number = _known.get(word)
    if number is None:
        digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
        number = _known[word] = int.from_bytes(digest, "little")
    return number


def _records(path: Path) -> Iterator[dict[str, str]]:
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


# Step 1: shingles of every document, file by file


def _read_part(job: tuple[Path, Path, Path]) -> Part:
    file, boilerplate_file, out = job
    boilerplate = {row["site"]: frozenset(row["lines"]) for row in _records(boilerplate_file)}
    nothing: frozenset[str] = frozenset()
    ids, texts, counts = [], [], []
    with out.open("wb") as handle:
        for record in _records(file):
            site = urlsplit(record["url"]).hostname or ""
            words = words_of(record["text"], boilerplate.get(site, nothing))
            numbers = shingles_of(words)
            handle.write(numbers.tobytes())
            ids.append(record["id"])
            texts.append(hashlib.blake2b(" ".join(words).encode(), digest_size=16).digest())
            counts.append(len(numbers))
    return Part(ids, texts, np.array(counts, np.int64))


class Corpus(NamedTuple):
    """All documents in order of their ids' files; the shingles of document `i` are
    `numbers[starts[i]:starts[i + 1]]`."""

    ids: NDArray[np.str_]
    same: NDArray[np.int64]
    numbers: Numbers
    starts: NDArray[np.int64]

    def shingles(self, document: int) -> Numbers:
        return self.numbers[self.starts[document] : self.starts[document + 1]]

    def sizes(self) -> NDArray[np.int64]:
        return np.diff(self.starts)


def read_corpus(folder: Path, out: Path, processes: int) -> Corpus:
    """Read, cut and hash everything; the shingles come back as a memory map."""
    files = sorted((folder / "documents").glob("*.jsonl.zst"))
    jobs = [(file, folder / "boilerplate.jsonl.zst", out / f"{file.name}.u64") for file in files]
    with get_context("spawn").Pool(processes) as pool:
        parts = pool.map(_read_part, jobs, chunksize=1)
    with (out / "all.u64").open("wb") as whole:
        for _, _, part in jobs:
            whole.write(part.read_bytes())
            part.unlink()
    ids = np.array([name for part in parts for name in part.ids])
    texts = np.array([text for part in parts for text in part.texts], dtype="S16")
    counts = np.concatenate([part.counts for part in parts])
    starts = np.concatenate(([0], np.cumsum(counts)))
    numbers = np.memmap(out / "all.u64", np.uint64, "r", shape=(int(starts[-1]),))
    return Corpus(ids, _lowest_of_each(ids, texts), numbers, starts)


def _lowest_of_each(ids: NDArray[np.str_], texts: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """For each document the one of lowest id that has the same words."""
    order = np.lexsort((ids, texts))
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = texts[order][1:] != texts[order][:-1]
    same = np.empty(len(order), np.int64)
    same[order] = order[is_first][np.cumsum(is_first) - 1]
    return same


# Step 2: pairs that may be alike enough


def _chunks(corpus: Corpus) -> Iterator[tuple[int, int]]:
    """Ranges of documents with at most so many shingles together."""
    first = 0
    while first < len(corpus.ids):
        end = int(np.searchsorted(corpus.starts, corpus.starts[first] + _CHUNK, "right")) - 1
        end = max(first + 1, min(end, len(corpus.ids)))
        yield first, end
        first = end


def _slots(numbers: Numbers, bits: int) -> NDArray[np.int64]:
    return (numbers >> np.uint64(64 - bits)).astype(np.int64)


def _frequencies(corpus: Corpus, bits: int) -> NDArray[np.uint32]:
    """In how many documents a shingle stands, by its slot: never too low, seldom too high."""
    table = np.zeros(1 << bits, np.uint32)
    for first, end in _chunks(corpus):
        slots, counts = np.unique(
            _slots(corpus.numbers[corpus.starts[first] : corpus.starts[end]], bits),
            return_counts=True,
        )
        table[slots] += counts.astype(np.uint32)
    return table


def candidates(corpus: Corpus, least: float) -> NDArray[np.int64]:
    """Pairs of documents, two columns, that share a shingle of their first parts."""
    bits = min(29, max(16, int(np.ceil(np.log2(max(1, 4 * corpus.starts[-1]))))))
    table = _frequencies(corpus, bits)
    is_own = corpus.same == np.arange(len(corpus.ids))
    found_numbers, found_owners = [], []
    for first, end in _chunks(corpus):
        numbers = corpus.numbers[corpus.starts[first] : corpus.starts[end]]
        sizes = corpus.sizes()[first:end]
        owners = np.repeat(np.arange(end - first), sizes)
        frequency = np.minimum(table[_slots(numbers, bits)], (1 << 32) - 1).astype(np.uint64)
        # Stable: shingles ascend within a document, so that they decide between equal frequencies.
        order = np.argsort(owners.astype(np.uint64) << np.uint64(32) | frequency, kind="stable")
        rank = np.arange(len(order)) - np.repeat(corpus.starts[first:end], sizes)
        rank += corpus.starts[first]
        lengths = sizes - np.ceil(least * sizes).astype(np.int64) + 1
        wanted = rank < np.repeat(lengths, sizes)
        wanted &= (frequency[order] > 1) & np.repeat(is_own[first:end], sizes)
        found_numbers.append(numbers[order][wanted])
        found_owners.append(owners[wanted] + first)
    del table
    return _meeting(np.concatenate(found_numbers), np.concatenate(found_owners), corpus, least)


def _meeting(
    numbers: Numbers, owners: NDArray[np.int64], corpus: Corpus, least: float
) -> NDArray[np.int64]:
    """Pairs of owners of one number whose sizes allow for the similarity."""
    order = np.argsort(numbers, kind="stable")
    numbers, owners = numbers[order], owners[order]
    starts = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1])))
    group_sizes = np.diff(np.append(starts, len(numbers)))
    sizes = corpus.sizes()
    found = [np.empty(0, np.int64)]
    # The k-th neighbour in each group, for every k: no group is too large for it.
    group_ends = np.repeat(starts + group_sizes, group_sizes)
    places = np.arange(len(owners))
    for distance in range(1, int(group_sizes.max(initial=1))):
        places = places[places + distance < group_ends[places]]
        left, right = owners[places], owners[places + distance]
        small, large = np.minimum(sizes[left], sizes[right]), np.maximum(sizes[left], sizes[right])
        fits = small >= least * large
        pairs = np.minimum(left, right)[fits] << 32 | np.maximum(left, right)[fits]
        found.append(np.unique(pairs))
        if sum(map(len, found)) > 4 * _CHUNK:
            found = [np.unique(np.concatenate(found))]
    pairs = np.unique(np.concatenate(found))
    return np.column_stack((pairs >> 32, pairs & 0xFFFFFFFF))


# Step 3: the count


_shared: Corpus | None = None


def _jaccards(pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    assert _shared is not None
    similar = np.empty(len(pairs))
    for place, (left, right) in enumerate(pairs.tolist()):
        one, other = _shared.shingles(left), _shared.shingles(right)
        both = len(one) + len(other)
        joined = np.concatenate((one, other))
        joined.sort()
        common = int(np.count_nonzero(joined[1:] == joined[:-1]))
        similar[place] = common / (both - common) if both > common else 0.0
    return similar


def count(corpus: Corpus, pairs: NDArray[np.int64], processes: int) -> NDArray[np.float64]:
    """The similarity of each pair."""
    global _shared
    _shared = corpus
    parts = np.array_split(pairs, max(1, len(pairs) // 20_000))
    with get_context("fork").Pool(processes) as pool:
        return np.concatenate(pool.map(_jaccards, parts, chunksize=1))


def unlike(corpus: Corpus, least: float, seed: int) -> dict[str, float]:
    """How alike documents are that are no pair: a sample against everything, shingle by shingle."""
    own = np.flatnonzero(corpus.same == np.arange(len(corpus.ids)))
    draw = np.random.default_rng(seed)
    sample = np.sort(draw.choice(own, min(_SAMPLE, len(own)), replace=False))
    wanted = np.concatenate([corpus.shingles(document) for document in sample.tolist()])
    owners = np.repeat(np.arange(len(sample)), corpus.sizes()[sample])
    order = np.argsort(wanted, kind="stable")
    wanted, owners = wanted[order], owners[order]
    highest, between = 0.0, 0
    for first, end in _chunks(corpus):
        numbers = corpus.numbers[corpus.starts[first] : corpus.starts[end]]
        begin = np.searchsorted(wanted, numbers, "left")
        many = np.searchsorted(wanted, numbers, "right") - begin
        hits = np.flatnonzero(many)
        documents = np.repeat(np.arange(end - first), corpus.sizes()[first:end])[hits]
        lefts = np.concatenate(
            [owners[begin[hit] : begin[hit] + many[hit]] for hit in hits.tolist()] or [owners[:0]]
        )
        pairs, common = np.unique(
            lefts.astype(np.int64) << 32 | np.repeat(documents + first, many[hits]),
            return_counts=True,
        )
        left, right = sample[pairs >> 32], pairs & 0xFFFFFFFF
        similar = common / (corpus.sizes()[left] + corpus.sizes()[right] - common)
        similar = similar[(corpus.same[right] != left) & (similar < least)]
        highest = max(highest, float(similar.max(initial=0)))
        between += int(np.count_nonzero(similar >= 0.2))
    return {
        "sample": len(sample),
        "highest_below_least": round(highest, 4),
        "pairs_from_0.2_to_least": between,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--least", type=float, default=0.5, help="smallest similarity listed")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=17, help="of the sample of unlike documents")
    options = parser.parse_args()
    clock = [time.perf_counter()]
    out = options.corpus / "truth"
    out.mkdir(exist_ok=True)
    corpus = read_corpus(options.corpus, out, options.processes)
    clock.append(time.perf_counter())
    pairs = candidates(corpus, options.least)
    clock.append(time.perf_counter())
    similar = count(corpus, pairs, options.processes)
    clock.append(time.perf_counter())
    is_pair = similar >= options.least
    table = {
        "left": corpus.ids[pairs[is_pair, 0]],
        "right": corpus.ids[pairs[is_pair, 1]],
        "jaccard": similar[is_pair],
    }
    pq.write_table(pa.table(table), out / "pairs.parquet")
    table = {"id": corpus.ids, "same": corpus.ids[corpus.same], "shingles": corpus.sizes()}
    pq.write_table(pa.table(table), out / "documents.parquet")
    bins = np.histogram(similar[is_pair], [0.5, 0.6, 0.7, 0.8, 0.9, 1.0 + 1e-9])[0]
    told = {
        "documents": len(corpus.ids),
        "shingles": int(corpus.starts[-1]),
        "copies": int(np.count_nonzero(corpus.same != np.arange(len(corpus.ids)))),
        "candidates": len(pairs),
        "pairs": int(np.count_nonzero(is_pair)),
        "pairs_from_.5_by_tenths": bins.tolist(),
        "unlike": unlike(corpus, options.least, options.seed),
    }
    clock.append(time.perf_counter())
    steps = ("read", "candidates", "count", "unlike")
    told["seconds"] = dict(zip(steps, np.diff(clock).round(1).tolist(), strict=True))
    (out / "truth.json").write_text(json.dumps(told, indent=2) + "\n")
    os.unlink(out / "all.u64")
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
