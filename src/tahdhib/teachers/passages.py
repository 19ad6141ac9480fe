"""A document too long for one answer: cut into passages, each taught by itself, put together again.

A passage is cut where a paragraph ends, else a sentence, else a word; white space between passages
is nobody's to change and stays with the document. What stands around a passage is shown to the
model so that it understands it, and is not its to rewrite.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tahdhib.conduct.protocol import Unusable
from tahdhib.records import Edit, Rewrite
from tahdhib.text.edits import apply
from tahdhib.text.placeholders import placeholders
from tahdhib.text.segment import sentences

CONTEXT_CHARACTERS = 300
"""What is shown of the document before and after a passage, each."""
_SHORTEST = 0.5
"""A passage is at least this share of the longest where a better border would make it shorter."""
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch `[start, end)` of a document, without white space where it was cut, and what stands
    `before` and `after` it there; empty: the document begins or ends with it."""

    start: int
    end: int
    text: str
    before: str = ""
    after: str = ""


def cut(text: str, most: int) -> tuple[Passage, ...]:
    """Cut `text` into passages of at most `most` characters (code points).

    A text that is short enough is one passage, white space and all. Nothing but white space lies
    between passages; no placeholder and no letter with its marks is cut apart, unless one is longer
    than `most` by itself.
    """
    if len(text) <= most:
        return (Passage(0, len(text), text),)
    spans = []
    for start, end in _stretches(text, most):
        first, last = _stripped(text, start, end)
        if first < last:
            # what stands at the edges of the document is a part of it, as in a short one
            spans.append((first if start else 0, last if end < len(text) else end))
    return tuple(
        Passage(start, end, text[start:end], *_around(text, start, end)) for start, end in spans
    )


def stitch(
    source: str, passages: Sequence[Passage], taught: Sequence[Rewrite | Unusable]
) -> Rewrite | Unusable:
    """What became of the whole document: the edits of all passages, each at its place.

    One passage without a usable answer leaves the document without one, since half a rewrite is no
    example to learn from. A document is dropped where every passage is; that some of it should go
    is no answer, since a passage cannot see the whole.
    """
    edits: list[Edit] = []
    drops: list[str] = []
    acting: dict[str, None] = {}
    for number, (passage, one) in enumerate(zip(passages, taught, strict=True), start=1):
        where = f"passage {number} of {len(passages)}: " if len(passages) > 1 else ""
        if isinstance(one, Unusable):
            return replace(one, detail=f"{where}{one.detail}")
        if one.drop_reason is not None:
            drops.append(one.drop_reason)
        acting |= dict.fromkeys(one.acting)
        edits += [
            replace(edit, start=edit.start + passage.start, end=edit.end + passage.start)
            for edit in one.edits
        ]
    if drops and len(drops) < len(passages):
        return Unusable(
            "dropped_in_part",
            f"{len(drops)} of {len(passages)} passages would go by {', '.join(sorted(set(drops)))}",
        )
    drop = drops[0] if drops else None
    return Rewrite(apply(source, edits), tuple(edits), drop, tuple(acting))


def _stretches(text: str, most: int) -> list[tuple[int, int]]:
    sentence_ends = [sentence.end for sentence in sentences(text)]
    held = [(span.start, span.end) for span in placeholders(text)]
    stretches = []
    start = 0
    while len(text) - start > most:
        end = _border(text, start, most, sentence_ends)
        end = _outside(end, held, start)
        stretches.append((start, end))
        start = end
    stretches.append((start, len(text)))
    return stretches


def _border(text: str, start: int, most: int, sentence_ends: Sequence[int]) -> int:
    """Where the stretch from `start` ends: the last good place, the better kind first."""
    least, last = start + max(1, int(most * _SHORTEST)), start + most
    paragraph = text.rfind("\n", least - 1, last)
    if paragraph >= 0:
        return paragraph + 1
    sentence = _last_within(sentence_ends, least, last)
    if sentence is not None:
        return sentence
    words = list(re.finditer(r"\s", text[least:last]))
    if words:
        return least + words[-1].end()
    return _between_letters(text, least, last)


def _last_within(places: Sequence[int], least: int, last: int) -> int | None:
    at = bisect_right(places, last) - 1
    return places[at] if at >= 0 and places[at] >= least else None


def _between_letters(text: str, least: int, last: int) -> int:
    """The last place in reach that parts no letter from its marks and no joined pair."""
    for end in range(last, least, -1):
        follows, before = text[end : end + 1], text[end - 1]
        is_joined = before in _JOINERS or (follows and follows in _JOINERS)
        if not is_joined and not (follows and unicodedata.combining(follows)):
            return end
    return last


def _outside(end: int, held: Sequence[tuple[int, int]], start: int) -> int:
    """`end`, or the edge of the placeholder that it would cut."""
    for low, high in held:
        if low < end < high:
            return low if low > start else high
    return end


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    return start + left, max(start + left, start + len(piece.rstrip()))


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    before = text[max(0, start - CONTEXT_CHARACTERS) : start]
    after = text[end : end + CONTEXT_CHARACTERS]
    if start > CONTEXT_CHARACTERS:
        before = before.partition(" ")[2] or before
    if end + CONTEXT_CHARACTERS < len(text):
        after = after.rpartition(" ")[0] or after
    return before.strip(), after.strip()
