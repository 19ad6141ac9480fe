"""Units of many documents laid end to end, as the encoder reads them.

The encoder sees a bounded way to either side (`model.Form.reach`), so a document may be cut
anywhere: a piece takes so many units of context along, and what is said of the units in between
is what would be said in the whole document. Between pieces lie empty places, over which nothing
reaches; nothing is padded to a common length.

Axes: N places in a batch, K kinds of units (distinct texts) in it, F their features.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch

from tahdhib.workers.edit.features import features_of


class Piece(NamedTuple):
    """The units `[first, end)` of a document, read in their context `[left, right)`."""

    first: int
    end: int
    left: int
    right: int


class Batch(NamedTuple):
    """What the encoder reads; `spans` says where the units of each piece lie."""

    features_F: torch.Tensor
    starts_K: torch.Tensor
    kinds_N: torch.Tensor
    is_unit_N: torch.Tensor
    spans: list[slice]


def pieces(units: int, size: int, reach: int) -> Iterator[Piece]:
    """Cut a document of so many units into pieces of at most `size`, context not counted."""
    for first in range(0, units, size):
        end = min(units, first + size)
        yield Piece(first, end, max(0, first - reach), min(units, end + reach))


def lay(texts: Iterable[tuple[Piece, Sequence[str]]], *, buckets: int, gap: int) -> Batch:
    """Lay pieces end to end; each comes with the units' texts of its whole document."""
    kinds: dict[str, int] = {"": 0}  # the empty kind also stands in the gaps
    numbers: list[int] = []
    is_unit: list[bool] = []
    spans: list[slice] = []
    for piece, document in texts:
        start = len(numbers) + piece.first - piece.left
        spans.append(slice(start, start + piece.end - piece.first))
        read = document[piece.left : piece.right]
        numbers += [kinds.setdefault(text, len(kinds)) for text in read] + [0] * gap
        is_unit += [True] * len(read) + [False] * gap
    features = [features_of(text, buckets) for text in kinds]
    ends_K = np.cumsum([len(one) for one in features])
    return Batch(
        features_F=torch.from_numpy(np.concatenate(features)),
        starts_K=torch.from_numpy(np.concatenate([[0], ends_K[:-1]])),
        kinds_N=torch.tensor(numbers),
        is_unit_N=torch.tensor(is_unit),
        spans=spans,
    )


def filled(sizes: Iterable[int], most: int) -> Iterator[slice]:
    """Group neighbours, given by their sizes, until a group has `most` or more."""
    start = position = total = 0
    for position, size in enumerate(sizes, start=1):
        total += size
        if total >= most:
            yield slice(start, position)
            start, total = position, 0
    if start < position:
        yield slice(start, position)
