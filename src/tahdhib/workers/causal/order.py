"""In which order samples are learned from: a pure function of their lengths, batch and seed.

Nothing is drawn on the way, so a training that goes on from step 4,711 reads on from there. In each
pass every sample comes once; those of a batch are of about one length, so that little is padded.
"""

import random
from collections.abc import Iterator, Sequence

_BATCHES_SORTED = 50
"""Batches' worth of samples that are sorted by length together: less would pad more, more would
always put the same samples into one batch."""


def order(lengths: Sequence[int], batch: int, epochs: float, seed: int) -> list[int]:
    """Numbers of samples, pass after pass, in batches of `batch`; the last pass may be a part."""
    wanted = max(1, round(len(lengths) * epochs))
    found: list[int] = []
    number = 0
    while len(found) < wanted:
        found += _epoch(lengths, batch, random.Random(f"causal order:{seed}:{number}"))
        number += 1
    return found[:wanted]


def _epoch(lengths: Sequence[int], batch: int, dice: random.Random) -> Iterator[int]:
    shuffled = list(range(len(lengths)))
    dice.shuffle(shuffled)
    batches: list[list[int]] = []
    for start in range(0, len(shuffled), _BATCHES_SORTED * batch):
        part = sorted(shuffled[start : start + _BATCHES_SORTED * batch], key=lengths.__getitem__)
        batches += [part[at : at + batch] for at in range(0, len(part), batch)]
    whole = [one for one in batches if len(one) == batch]
    dice.shuffle(whole)
    for one in (*whole, *(one for one in batches if len(one) < batch)):
        yield from one
