"""A teacher that is a scorer: it deletes, word by word, what the scorer minds most.

What it takes out is what the scorer learned to mind, so a worker learns a scorer's list of words
without the list, and where a word is harmless. It mends no grammar, and minds what the scorer
minds: the gate judges its rewrites as everyone's.
"""

from collections.abc import Sequence, Set

import numpy as np
from numpy.typing import NDArray

from tahdhib.records import Edit, Rewrite
from tahdhib.score.table import Scorer
from tahdhib.text.edits import apply
from tahdhib.text.segment import tokens, words


class Deletion:
    """Deletes from a text the words whose going lowers a scorer's first score most, one after the
    other, until it is below `threshold`; at most `most_words`, and never the last word."""

    def __init__(self, scorer: Scorer, threshold: float, most_words: int) -> None:
        self._scorer, self._threshold, self._most_words = scorer, threshold, most_words

    def minds(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Of N texts, whether the scorer minds each (N,)."""
        return np.asarray(self._scorer.score(texts)[:, 0] >= self._threshold)

    def rewrite(self, text: str) -> Rewrite | None:
        """The text without what the scorer minds; None where deleting does not help."""
        cut = words(text)
        gone: frozenset[int] = frozenset()
        score = self._score([text])[0]
        while score >= self._threshold and len(gone) < min(self._most_words, len(cut) - 1):
            trials = [gone | {place} for place in range(len(cut)) if place not in gone]
            scores = self._score([without_words(text, trial).text for trial in trials])
            best = int(scores.argmin())
            if scores[best] >= score:
                return None
            gone, score = trials[best], scores[best]
        return without_words(text, gone) if gone and score < self._threshold else None

    def _score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return self._scorer.score(texts)[:, 0]


def without_words(text: str, gone: Set[int], by: str = "deletion") -> Rewrite:
    """`text` without its words at the places `gone`, each with the space after it, or before it at
    an end."""
    edits: list[Edit] = []
    pieces = tokens(text)
    place = -1
    for at, piece in enumerate(pieces):
        place += piece.is_word
        if not piece.is_word or place not in gone:
            continue
        start, end = piece.start, piece.end
        if at + 1 < len(pieces) and pieces[at + 1].text == " ":
            end = pieces[at + 1].end
        elif start and text[start - 1] == " " and not (edits and edits[-1].end == start):
            start -= 1
        if edits and edits[-1].end == start:
            start = edits.pop().start
        edits.append(Edit(start, end, "", by))
    return Rewrite(apply(text, edits), tuple(edits))
