"""From pairs to what the encoder trains on: a split that ids decide, labels."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tahdhib.records import Edit
from tahdhib.stats.draw import rank
from tahdhib.stats.draw import share as drawn_share
from tahdhib.text.segment import words
from tahdhib.workers.edit.labels import KEEP, labels_of
from tahdhib.workers.edit.units import units

IGNORED = -100
"""Target of what carries no label; torch's cross-entropy skips it."""

PEOPLE = "people"
"""Teacher of the pairs that people wrote."""

SILVER = "silver"
"""Teacher of the pairs that a scorer made."""

LONGEST_SOURCE = 200_000
"""Characters of a source that is trained on: one book is no better an example than a page."""

_MOST_CHANGED = 0.5

Part = Literal["train", "tune", "held_out"]


@dataclass(frozen=True, slots=True)
class TrainingPair:
    """A source with its reference rewrites; `edits` lead to the first."""

    id: str
    source: str
    rewrites: tuple[str, ...]
    edits: tuple[Edit, ...]
    teacher: str


class Labelled(NamedTuple):
    """A pair with the label of each unit."""

    pair: TrainingPair
    labels: list[str]


class Example(NamedTuple):
    """A source as the encoder trains on it: the text of each unit, and its label's index."""

    texts: list[str]
    targets: list[int]


def pairs_hash(pairs: Sequence[TrainingPair]) -> str:
    """Hash of all pairs, whatever their order."""
    rows = sorted(
        json.dumps([pair.id, pair.source, pair.rewrites, pair.teacher], ensure_ascii=False)
        for pair in pairs
    )
    return hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()


def part_of(pair_id: str, seed: int, share: float) -> Part:
    """Where a pair belongs, by its id and the seed alone: `share` is held out, as much again
    tunes the keep bias, the rest is trained on."""
    place = drawn_share("worker split", seed, pair_id)
    if place < share:
        return "held_out"
    return "tune" if place < 2 * share else "train"


def drop_reason(pair: TrainingPair) -> str | None:
    """Why nothing can be learnt from a pair, or None."""
    if len(pair.source) > LONGEST_SOURCE:
        return "too_long"
    return None if words(pair.source) else "no_words"


def label(pair: TrainingPair) -> Labelled:
    """Mine the labels that lead to a reference: where people wrote several, to the one that
    changes least, since the smallest change is the easiest to learn. A reference that changes
    nothing is taken only if all do."""
    mined = [labels_of(pair.source, pair.edits)]
    mined += [labels_of(pair.source, rewrite) for rewrite in pair.rewrites[1:]]
    return Labelled(pair, min(mined, key=lambda labels: _changes(labels) or len(labels) + 1))


def is_rewritten_anew(labelled: Labelled) -> bool:
    """Whether so much changes that the labels are an accident of the alignment."""
    return _changes(labelled.labels) > _MOST_CHANGED * len(labelled.labels)


def example(labelled: Labelled, index: Mapping[str, int]) -> Example:
    """A lesson with its targets. A label outside the vocabulary teaches nothing, not even KEEP."""
    return Example(
        texts=[unit.text for unit in units(labelled.pair.source)],
        targets=[index.get(name, IGNORED) for name in labelled.labels],
    )


def lost(counts: Counter[str], known: Iterable[str]) -> int:
    """Operations outside the vocabulary."""
    return sum(counts.values()) - sum(counts[name] for name in known)


def with_settled(lessons: Sequence[Labelled], share: float | None, seed: int) -> list[Labelled]:
    """`lessons` with those that change nothing in a share of about `share` (None: as they come):
    drawn from them where there are more, filled up with rewrites as their own sources, for what
    was mended needs no mending, where there are fewer."""
    if share is None:
        return list(lessons)
    changing = [lesson for lesson in lessons if _changes(lesson.labels)]
    settled = [lesson for lesson in lessons if not _changes(lesson.labels)]
    wanted = round(len(changing) * share / (1 - share))
    settled += [
        _own_source(lesson.pair) for lesson in _drawn(changing, wanted - len(settled), seed)
    ]
    return changing + _drawn(settled, wanted, seed)


def _drawn(lessons: Sequence[Labelled], most: int, seed: int) -> list[Labelled]:
    """At most so many lessons, by a hash of their ids."""
    by_rank = sorted(lessons, key=lambda one: rank("settled lessons", seed, one.pair.id))
    return by_rank[: max(0, most)]


def _own_source(pair: TrainingPair) -> Labelled:
    """A rewrite that is to stay as it is."""
    text = pair.rewrites[0]
    return Labelled(
        TrainingPair(f"{pair.id} rewritten", text, (text,), (), pair.teacher),
        [KEEP] * len(units(text)),
    )


def _changes(labels: Sequence[str]) -> int:
    return sum(name != KEEP for name in labels)
