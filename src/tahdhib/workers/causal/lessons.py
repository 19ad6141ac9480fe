"""From pairs to what the model is shown: a split that ids decide, sources with one rewrite each."""

from collections.abc import Sequence
from typing import NamedTuple

from tahdhib.stats.draw import rank
from tahdhib.workers.edit.examples import Part, TrainingPair, drop_reason, part_of


class Lesson(NamedTuple):
    """A source and the rewrite that is to be written; `is_mended`: the source is itself a rewrite,
    to be left as it is."""

    id: str
    source: str
    rewrite: str
    is_mended: bool = False

    @property
    def changes(self) -> bool:
        return self.source != self.rewrite


class Parted(NamedTuple):
    """Pairs by what they are for, and why others are left out."""

    train: list[TrainingPair]
    held_out: list[TrainingPair]
    drops: dict[str, str]  # reason by pair id


def parted(pairs: Sequence[TrainingPair], seed: int, share: float) -> Parted:
    """Split pairs by their ids alone, so that the edit worker holds the same ones out; it tunes on
    a part that this worker trains on."""
    found: dict[Part, list[TrainingPair]] = {"train": [], "tune": [], "held_out": []}
    drops: dict[str, str] = {}
    for pair in sorted(pairs, key=lambda one: one.id):
        if (reason := drop_reason(pair)) is not None:
            drops[pair.id] = reason
        else:
            found[part_of(pair.id, seed, share)].append(pair)
    train = sorted([*found["train"], *found["tune"]], key=lambda one: one.id)
    return Parted(train, found["held_out"], drops)


def lessons(pairs: Sequence[TrainingPair], share: float | None, seed: int) -> list[Lesson]:
    """A lesson for each rewrite that changes something, and for each pair that changes nothing;
    of the latter a share of about `share` (None: as they come), filled up with rewrites as their
    own sources, for what was mended needs no mending."""
    changing: list[Lesson] = []
    settled: list[Lesson] = []
    for pair in pairs:
        own = [text for text in dict.fromkeys(pair.rewrites) if text != pair.source]
        changing += [Lesson(pair.id, pair.source, text) for text in own]
        if not own:
            settled.append(Lesson(pair.id, pair.source, pair.source))
    if share is None:
        return changing + settled
    wanted = round(len(changing) * share / (1 - share))
    mended = [Lesson(one.id, one.rewrite, one.rewrite, True) for one in changing]
    settled += _drawn(mended, wanted - len(settled), seed)
    return changing + _drawn(settled, wanted, seed)


def _drawn(found: Sequence[Lesson], most: int, seed: int) -> list[Lesson]:
    """At most so many lessons, by a hash of their ids."""
    by_rank = sorted(found, key=lambda one: (rank("causal lessons", seed, one.id), one.rewrite))
    return by_rank[: max(0, most)]
