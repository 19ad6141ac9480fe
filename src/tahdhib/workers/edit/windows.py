"""Cut a document's units into windows that the encoder reads at once.

A window ends after a line where it can, so that an advertising line is judged whole; else after
a sentence; else where it is full. Windows do not overlap.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tahdhib.workers.edit.units import Unit

PAD_ID, CLS_ID = 0, 1

_SENTENCE_MARKS = frozenset(".!?؟۔…")


@dataclass(frozen=True, slots=True)
class Window:
    """Sub-token ids, and for the units `[first_unit, first_unit + len(heads))` where each has its
    first sub-token, the one that carries the label."""

    ids: list[int]
    heads: list[int]
    first_unit: int


def windows(
    cut: Sequence[Unit], pieces: Sequence[Sequence[int]], max_tokens: int
) -> Iterator[Window]:
    """Cut a document; `pieces` are the sub-tokens of each unit (of the empty first one: none).

    Every window begins with CLS, which in a document's first window stands for the empty unit
    at its start.
    """
    start = 0
    while start < len(cut):
        end = _end(cut, pieces, start, max_tokens - 1)
        ids = [CLS_ID]
        heads = []
        for unit_pieces in pieces[start:end]:
            heads.append(len(ids) if unit_pieces else 0)
            ids += unit_pieces
        yield Window(ids, heads, start)
        start = end


def _end(cut: Sequence[Unit], pieces: Sequence[Sequence[int]], start: int, room: int) -> int:
    """Where the window that begins at `start` ends: the last good border that fits."""
    line = sentence = 0
    for index in range(start, len(cut)):
        room -= len(pieces[index])
        if room < 0 and index > start:
            return line or sentence or index
        body = cut[index].body
        if body == "\n":
            line = index + 1
        elif body[:1] in _SENTENCE_MARKS and body:
            sentence = index + 1
    return len(cut)
