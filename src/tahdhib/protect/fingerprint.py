"""Known passages by the hashes of their word 4-grams: verses and hadith are found, not kept.

A 4-gram counts with its words as they follow each other and, where `gaps` are asked for, also
with one word between them left out, so that a quotation that lacks a word is known all the same.
What stands in a text is a chain of such 4-grams, with no more than two strange words between them.

Of each hash 40 bits are kept: among 300,000 of them a 4-gram of ordinary words is taken for one of
theirs once in 4 million times. A file holds the sorted hashes by their differences, three bytes
each, and no word can be read back from it.
"""

import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import DataError
from tahdhib.protect.skeleton import VERSION, Words, read_words

KINDS = ("verse", "hadith", "poetry", "quotation")
"""What fingerprints can be of."""
WORDS = 4
"""Words of a gram, and so the least by which a passage can be known."""
_BITS = 40
_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64
)
_FINAL = np.uint64(0xBF58476D1CE4E5B9)
_FAR = 16
"""Words further apart, in characters, do not follow each other."""
_STRANGE = 2
"""Most strange words inside a passage, where it was misquoted."""
_FORMULA_WORDS = 5
_FORMULA_TEXTS = 3
"""A passage of no more words, found by itself in so many ordinary texts, is a formula."""

_Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class About:
    """What a file of fingerprints says of itself. `kind` is that of the spans that it finds,
    `least_words` what a span must have of its words; `credit` names the source."""

    kind: str
    credit: str
    least_words: int = WORDS
    skeleton: int = VERSION


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprints:
    """Hashes of the 4-grams of known passages, (N,) ascending."""

    about: About
    hashes: _Hashes

    def find(self, words: Words) -> Iterator[tuple[int, int]]:
        """Where known passages stand: offsets into the text, ascending and disjoint."""
        for first, last in _chains(self._hits(words), self.about.least_words):
            yield int(words.starts[first]), int(words.ends[last])

    def without(self, hashes: _Hashes) -> "Fingerprints":
        """The same without some of the hashes."""
        return replace(self, hashes=np.setdiff1d(self.hashes, hashes))

    def _hits(self, words: Words) -> NDArray[np.int64]:
        """The first words of the grams that are known."""
        if len(self.hashes) == 0:
            return np.empty(0, np.int64)
        grams, places = _grams(words, gaps=False)
        at = np.minimum(np.searchsorted(self.hashes, grams), len(self.hashes) - 1)
        known: NDArray[np.int64] = places[self.hashes[at] == grams]
        return known


def make(
    passages: Iterable[str],
    about: About,
    *,
    ordinary: Iterable[str] = (),
    gaps: bool = True,
) -> Fingerprints:
    """The fingerprints of `passages`, without formulas: short passages that several `ordinary`
    texts use by themselves."""
    each = [_grams(read_words(passage), gaps=gaps)[0] for passage in passages]
    made = Fingerprints(about, np.unique(np.concatenate([np.empty(0, np.uint64), *each])))
    return made.without(_formulas(made, ordinary))


def save(made: Fingerprints, path: Path) -> None:
    """Write fingerprints to `path`.

    Raises:
        DataError: the file cannot be written.
    """
    steps = np.diff(made.hashes, prepend=np.uint64(0)).astype("<u8")
    planes = np.ascontiguousarray(steps.view(np.uint8).reshape(-1, 8).T[: _BITS // 8])
    about = json.dumps(asdict(made.about), ensure_ascii=False, sort_keys=True)
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as stream:
            np.savez_compressed(stream, planes=planes, about=np.array(about))
        unfinished.replace(path)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}).") from None


def load(path: Path) -> Fingerprints:
    """Read fingerprints.

    Raises:
        DataError: the file is missing, is none of fingerprints, or of another version's words.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            about = About(**json.loads(str(file["about"])))
            planes = file["planes"]
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read as fingerprints ({error.strerror or error}). Make the file: "
            "tahdhib conduct fingerprint FILE --out OUT."
        ) from None
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile):
        raise DataError(
            f"{path}: holds no fingerprints; expected a file that `tahdhib conduct fingerprint` "
            "made. Name such a file."
        ) from None
    if about.skeleton != VERSION:
        raise DataError(
            f"{path}: was made when words were folded otherwise (version {about.skeleton}, now "
            f"{VERSION}). Make it anew: tahdhib conduct fingerprint FILE --out {path}."
        )
    steps = np.zeros((planes.shape[1], 8), np.uint8)
    steps[:, : len(planes)] = planes.T
    return Fingerprints(about, np.cumsum(steps.view("<u8").reshape(-1)).astype(np.uint64))


def _grams(words: Words, *, gaps: bool) -> tuple[_Hashes, NDArray[np.int64]]:
    """Hashes of the grams, and the first word of each."""
    near = words.starts[1:] - words.ends[:-1] <= _FAR
    patterns = [(0, 1, 2, 3)]
    if gaps:
        patterns += [(0, 2, 3, 4), (0, 1, 3, 4), (0, 1, 2, 4)]
    hashes, places = [], []
    for pattern in patterns:
        count = max(0, len(words.hashes) - pattern[-1])
        firsts = np.arange(count)
        for step in range(pattern[-1]):
            firsts = firsts[near[firsts + step]]
        mixed = np.zeros(len(firsts), np.uint64)
        for factor, step in zip(_FACTORS, pattern, strict=True):
            mixed += words.hashes[firsts + step] * factor
        mixed = (mixed ^ (mixed >> np.uint64(31))) * _FINAL
        hashes.append(mixed >> np.uint64(64 - _BITS))
        places.append(firsts)
    return np.concatenate(hashes), np.concatenate(places)


def _chains(hits: NDArray[np.int64], least_words: int) -> Iterator[tuple[int, int]]:
    """Grams that touch or nearly do, as the first and last word of each chain."""
    first = last = known = -1
    for hit in hits.tolist():
        if first >= 0 and hit - last - 1 <= _STRANGE:
            known += hit + WORDS - 1 - max(last, hit - 1)
        else:
            if known >= least_words:
                yield first, last
            first, known = hit, WORDS
        last = hit + WORDS - 1
    if known >= least_words:
        yield first, last


def _formulas(made: Fingerprints, ordinary: Iterable[str]) -> _Hashes:
    """Hashes of the passages that ordinary texts use as a formula."""
    texts: Counter[bytes] = Counter()
    for text in ordinary:
        words = read_words(text)
        found = {
            words.hashes[first : last + 1].tobytes()
            for first, last in _chains(made._hits(words), WORDS)
            if last - first < _FORMULA_WORDS
        }
        texts.update(found)
    often = [np.frombuffer(key, np.uint64) for key, n in texts.items() if n >= _FORMULA_TEXTS]
    none = np.empty(0, np.uint64)
    return np.concatenate([none, *(_grams(_adjacent(one), gaps=False)[0] for one in often)])


def _adjacent(hashes: _Hashes) -> Words:
    places = np.arange(len(hashes), dtype=np.int64)
    return Words(places, places, hashes)
