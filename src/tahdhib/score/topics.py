"""What documents are about: a fixed set of topics, learnt from a sample of the corpus itself.

Spherical k-means (Dhillon and Modha 2001) over hashed TF-IDF, in numpy: no better than anything,
but the same for both sides, small, and without a model of its own. A topic is named by the words
that set it apart; it is a heap of words, not a claim.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.score.vocabulary import places_of, words_of

WIDTH = 1 << 12
READ_WORDS = 400
"""So many words of a text are read, from its start."""
NONE = -1
_ROUNDS = 25
_SHOWN = 6
_LONG = 3
"""Shorter words do not name a topic."""


class Topics(NamedTuple):
    """Centres (T, WIDTH) of unit length, the weight (WIDTH,) of each hashed word, and names."""

    centres: NDArray[np.float32]
    weights: NDArray[np.float32]
    names: tuple[str, ...]


def learn_topics(texts: Sequence[str], count: int, seed: int) -> Topics:
    """Find `count` topics (fewer where there are fewer texts with words) in a sample of texts.

    A few thousand are enough; memory is 16 kB for each of them.
    """
    cut = [words_of(text)[:READ_WORDS] for text in texts]
    cut = [words for words in cut if words]
    counts = _counted(cut)
    held = (counts > 0).sum(axis=0)
    weights = np.log((1 + len(cut)) / (1 + held)).astype(np.float32)
    rows = _unit(np.log1p(counts) * weights)
    rows = rows[np.linalg.norm(rows, axis=1) > 0]
    count = min(count, len(rows))
    if count == 0:
        return Topics(np.zeros((0, WIDTH), np.float32), weights, ())
    generator = np.random.default_rng(seed)
    centres = _far_apart(rows, count, generator)
    nearest = np.full(len(rows), -1)
    for _ in range(_ROUNDS):
        found = (rows @ centres.T).argmax(axis=1)
        if np.array_equal(found, nearest):
            break
        nearest = found
        summed = np.zeros_like(centres)
        np.add.at(summed, nearest, rows)
        # A topic that lost all its texts starts anew from the text that fits its own worst.
        for empty in np.flatnonzero(np.bincount(nearest, minlength=count) == 0):
            summed[empty] = rows[(rows * centres[nearest]).sum(axis=1).argmin()]
        centres = _unit(summed)
    return Topics(centres, weights, _names(centres, cut))


def topics_of(model: Topics, texts: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    """The nearest topic (N,) of texts given as their folded words; `NONE` where none is near."""
    if not len(texts) or not len(model.centres):
        return np.full(len(texts), NONE, np.int64)
    near = _unit(np.log1p(_counted([t[:READ_WORDS] for t in texts])) * model.weights)
    near = near @ model.centres.T
    found = near.argmax(axis=1)
    return np.where(near.max(axis=1) > 0, found, NONE)


def _counted(texts: Sequence[Sequence[str]]) -> NDArray[np.float32]:
    counts = np.zeros((len(texts), WIDTH), np.float32)
    for row, words in enumerate(texts):
        np.add.at(counts[row], places_of(words) & (WIDTH - 1), 1)
    return counts


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-12), dtype=np.float32)


def _far_apart(
    rows: NDArray[np.float32], count: int, generator: np.random.Generator
) -> NDArray[np.float32]:
    """Rows to start from, each drawn by its distance from those before (k-means++)."""
    chosen = [int(generator.integers(len(rows)))]
    distance = np.ones(len(rows))
    for _ in range(count - 1):
        distance = np.minimum(distance, np.clip(1 - rows @ rows[chosen[-1]], 0, None))
        total = distance.sum()
        share = distance / total if total > 0 else np.full(len(rows), 1 / len(rows))
        chosen.append(int(generator.choice(len(rows), p=share)))
    return rows[chosen]


def _names(centres: NDArray[np.float32], texts: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The words that a topic's centre holds more of than the others do on average."""
    held = Counter(word for words in texts for word in set(words))
    words = sorted(word for word, n in held.items() if len(word) > _LONG and n > 1)
    if not words:
        return tuple(f"topic {number + 1}" for number in range(len(centres)))
    places = places_of(words) & (WIDTH - 1)
    # Of words that share a place the commonest is meant.
    order = sorted(range(len(words)), key=lambda at: (-held[words[at]], words[at]))
    meant: dict[int, str] = {}
    for at in order:
        meant.setdefault(int(places[at]), words[at])
    found = []
    for centre in centres - centres.mean(axis=0):
        best = [int(place) for place in np.argsort(-centre, kind="stable") if int(place) in meant]
        found.append(" · ".join(meant[place] for place in best[:_SHOWN]))
    return tuple(found)
