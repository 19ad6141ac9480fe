"""Protected spans as placeholders for a model, and put back into what it makes of the text.

A placeholder is numbered, `⟦verse-1⟧`, so that each is one of a kind. What looks like a placeholder
in the source itself, be it a mask of personal data or a trap, is replaced as well: so every
placeholder that the model sees is ours, and another number in its answer is its own invention. One
without a number, `⟦phone⟧`, is text: a rule of the conduct may have asked for it.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from tahdhib.conduct.protocol import Unusable
from tahdhib.config.recipe import HELD
from tahdhib.protect.shelter import Shelter, merged
from tahdhib.records import Edit, Rewrite, Span
from tahdhib.text.edits import apply, diff
from tahdhib.text.placeholders import placeholder, placeholders

LOST = "protected_span_lost"
"""Why a rewrite is refused that has not every placeholder once, in its order."""
_NUMBERED = re.compile(r"[a-z_]+-[0-9]+")
MASKED = "masked"
"""The kind of what was a placeholder before."""


@dataclass(frozen=True, slots=True)
class Shielded:
    """A source, its protected spans, and the text with a placeholder for each of them."""

    source: str
    text: str
    spans: tuple[Span, ...]


def shield(source: str, spans: Collection[Span]) -> Shielded:
    """Put a placeholder in the place of every span, and of every placeholder of the source."""
    masks = [replace(span, kind=MASKED) for span in placeholders(source)]
    every = merged([*spans, *masks])
    edits = [
        Edit(span.start, span.end, placeholder(f"{span.kind}-{number}"), "protect")
        for number, span in enumerate(every, start=1)
    ]
    return Shielded(source, apply(source, edits), every)


def restore(shielded: Shielded, taught: Rewrite) -> Rewrite | Unusable:
    """What a rewrite of the shielded text makes of the source: edits between the spans, none in
    them. Unusable where a placeholder was lost, doubled, moved, changed or made up."""
    source = shielded.source
    if taught.drop_reason is not None or taught.text == shielded.text:
        return replace(taught, text=source, edits=())
    given, got = placeholders(shielded.text), numbered(taught.text)
    wanted = [span.kind for span in given]
    answered = [span.kind for span in got]
    if wanted != answered:
        return Unusable(LOST, _difference(wanted, answered))
    by = taught.edits[0].by if taught.edits else "unknown"
    edits: list[Edit] = []
    old_start = new_start = 0
    ends = (Span(len(taught.text), len(taught.text), ""), Span(len(source), len(source), ""))
    for mark, span in zip((*got, ends[0]), (*shielded.spans, ends[1]), strict=True):
        old, new = source[old_start : span.start], taught.text[new_start : mark.start]
        if old != new:
            edits += [
                replace(edit, start=edit.start + old_start, end=edit.end + old_start)
                for edit in diff(old, new, by)
            ]
        old_start, new_start = span.end, mark.end
    if len(_outside(edits, shielded.spans)) < len(edits):
        raise AssertionError("an edit reaches into a protected span")
    return Rewrite(apply(source, edits), tuple(edits), None, taught.acting)


def numbered(text: str) -> tuple[Span, ...]:
    """Where placeholders with a number stand."""
    return tuple(span for span in placeholders(text) if _NUMBERED.fullmatch(span.kind))


def spare(source: str, rewrite: Rewrite, shelter: Shelter) -> Rewrite:
    """The rewrite without those of its edits that touch a span of the kinds `HELD`."""
    spans = shelter.spans(source, HELD) if rewrite.edits else ()
    edits = _outside(rewrite.edits, spans)
    if len(edits) == len(rewrite.edits):
        return rewrite
    return replace(rewrite, text=apply(source, edits), edits=edits)


def _outside(edits: Sequence[Edit], spans: Sequence[Span]) -> tuple[Edit, ...]:
    """The edits that change no character of a span and put nothing into one; spans are ascending
    and disjoint."""
    ends = [span.end for span in spans]

    def is_outside(edit: Edit) -> bool:
        at = bisect_right(ends, edit.start)  # the first span that ends behind the edit's start
        return at == len(spans) or edit.end <= spans[at].start

    return tuple(filter(is_outside, edits))


def _difference(wanted: list[str], answered: list[str]) -> str:
    lost = [kind for kind in wanted if kind not in answered]
    made_up = [kind for kind in answered if kind not in wanted]
    doubled = [kind for kind in wanted if answered.count(kind) > 1]
    for what, kinds in (("lost", lost), ("doubled", doubled), ("made up", made_up)):
        if kinds:
            return f"{len(kinds)} of {len(wanted)} placeholders {what}: {', '.join(kinds[:3])}"
    return "placeholders in another order"
