"""Units of many documents laid end to end, as the encoder reads them.

The encoder sees a bounded way to either side (`tagger.Form.reach`), so a document may be cut
anywhere: a piece takes so many units of context along, and what is said of the units in between
is what would be said in the whole document. Each place has the number of its piece, and nothing
reaches from one piece into another; so nothing is padded.

Axes: N places in a batch, K kinds of units (distinct texts) in it, F their features.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tahdhib.workers.edit.features import features_of
from tahdhib.workers.edit.tagger import Form, Indices, Seen, Sums


class Piece(NamedTuple):
    """The units `[first, end)` of a document, read in their context `[left, right)`."""

    first: int
    end: int
    left: int
    right: int


class Batch(NamedTuple):
    """What the encoder reads; `spans` says where the units of each piece lie."""

    features_F: Indices
    starts_K: Indices
    kinds_N: Indices
    piece_N: Indices
    spans: list[slice]

    @property
    def arrays(self) -> tuple[Indices, Indices, Indices, Indices]:
        """All but the spans."""
        return self.features_F, self.starts_K, self.kinds_N, self.piece_N


class Group(NamedTuple):
    """A batch, and whose pieces they are: indices of documents."""

    batch: Batch
    placed: list[tuple[int, Piece]]

    def seen(self, sums: Sums) -> Iterator[Seen]:
        """Deal out what a network says of the batch's places."""
        for (document, piece), span in zip(self.placed, self.batch.spans, strict=True):
            yield Seen(document, slice(piece.first, piece.end), sums.of(span))


def groups(documents: Sequence[Sequence[str]], form: Form, size: int) -> Iterator[Group]:
    """Lay documents, each given as its units' texts, out in batches of about `size` units."""
    placed = [
        (document, piece)
        for document, texts in enumerate(documents)
        for piece in pieces(len(texts), size, form.reach)
    ]
    for group in filled((piece.end - piece.first for _, piece in placed), size):
        read = ((piece, documents[document]) for document, piece in placed[group])
        yield Group(lay(read, buckets=form.features), placed[group])


def pieces(units: int, size: int, reach: int) -> Iterator[Piece]:
    """Cut a document of so many units into pieces of at most `size`, context not counted."""
    for first in range(0, units, size):
        end = min(units, first + size)
        yield Piece(first, end, max(0, first - reach), min(units, end + reach))


def lay(texts: Iterable[tuple[Piece, Sequence[str]]], *, buckets: int) -> Batch:
    """Lay pieces end to end; each comes with the units' texts of its whole document."""
    kinds: dict[str, int] = {}
    numbers: list[int] = []
    sizes: list[int] = []
    spans: list[slice] = []
    for piece, document in texts:
        start = len(numbers) + piece.first - piece.left
        spans.append(slice(start, start + piece.end - piece.first))
        read = document[piece.left : piece.right]
        numbers += [kinds.setdefault(text, len(kinds)) for text in read]
        sizes.append(len(read))
    features = [features_of(text, buckets) for text in kinds]
    ends_K = np.cumsum([len(one) for one in features])
    return Batch(
        features_F=np.concatenate(features),
        starts_K=np.concatenate([[0], ends_K[:-1]]),
        kinds_N=np.array(numbers),
        piece_N=np.repeat(np.arange(len(sizes)), sizes),
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
