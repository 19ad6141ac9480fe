"""What a rewrite must pass, one row of marks per rewrite.

Abuse: *joint success* is accepted by the gate, not toxic to the witness, and no less fluent than
its source: at most `TOLERANCE` bits per character more surprising, fixed before any figure was
seen. Mistakes: accepted by the gate, and nearer than its source to what one of the people made of
it, by chrF++ (Popovic 2017; `sacrebleu`); a source that needs no correction must stay.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics import CHRF
from texts import Source

from tahdhib.gate.gate import Gate
from tahdhib.records import Rewrite
from tahdhib.score.fluency.builtin import Fluency
from tahdhib.score.toxicity.ngram import NgramToxicity

TOLERANCE = 0.1
Marks = NDArray[np.float64]


class Marked(NamedTuple):
    """Of N rewrites, each (N,): 0 or 1, and chrF and exact match with the references."""

    joint: Marks
    accepted: Marks
    non_toxic: Marks
    fluent: Marks
    changed: Marks
    chrf: Marks
    exact: Marks


class Checks:
    """The gate, the witness and the fluency model of one language."""

    def __init__(
        self, gate: Gate, witness: NgramToxicity, threshold: float, fluency: Fluency
    ) -> None:
        self._gate, self._witness = gate, witness
        self._threshold, self._fluency = threshold, fluency
        self._chrf = CHRF()
        self._chrf_words = CHRF(word_order=2)

    def abuse(self, sources: Sequence[Source], rewrites: Sequence[Rewrite]) -> Marked:
        """Marks of rewrites that are to take insults away."""
        after = [rewrite.text for rewrite in rewrites]
        accepted, non_toxic, fluent = self._of_abuse(sources, rewrites)
        chrf = [
            self._nearest(self._chrf, text, one) for text, one in zip(after, sources, strict=True)
        ]
        joint = accepted * non_toxic * fluent
        changed, exact = _changed(sources, after), _exact(sources, after)
        return Marked(joint, accepted, non_toxic, fluent, changed, np.array(chrf), exact)

    def success(self, sources: Sequence[Source], rewrites: Sequence[Rewrite]) -> float:
        """The joint success of rewrites that are to take insults away: all that choosing needs."""
        return float(np.prod(self._of_abuse(sources, rewrites), axis=0).mean())

    def _of_abuse(
        self, sources: Sequence[Source], rewrites: Sequence[Rewrite]
    ) -> tuple[Marks, Marks, Marks]:
        after = [rewrite.text for rewrite in rewrites]
        non_toxic = (self._witness.score(after)[:, 0] < self._threshold).astype(float)
        fluent = self.fluent([one.text for one in sources], after, TOLERANCE)
        return self._accepted(sources, rewrites), non_toxic, fluent

    def mended(self, sources: Sequence[Source], rewrites: Sequence[Rewrite]) -> float:
        """The joint success of rewrites that are to mend mistakes."""
        return float(self.mistakes(sources, rewrites).joint.mean())

    def fluent(self, before: Sequence[str], after: Sequence[str], tolerance: float) -> Marks:
        """Whether each rewrite is at most `tolerance` bits per character more surprising."""
        rise = self._fluency.score(after)[:, 0] - self._fluency.score(before)[:, 0]
        return (rise <= tolerance).astype(float)

    def mistakes(self, sources: Sequence[Source], rewrites: Sequence[Rewrite]) -> Marked:
        """Marks of rewrites that are to mend mistakes; `fluent` says whether they come nearer."""
        after = [rewrite.text for rewrite in rewrites]
        accepted, exact = self._accepted(sources, rewrites), _exact(sources, after)
        nearer = []
        for one, text in zip(sources, after, strict=True):
            is_right = one.text in one.references
            before = self._nearest(self._chrf_words, one.text, one)
            now = self._nearest(self._chrf_words, text, one)
            nearer.append(float(text in one.references if is_right else now > before))
        chrf = [
            self._nearest(self._chrf, text, one) for text, one in zip(after, sources, strict=True)
        ]
        fluent, sound = np.array(nearer), np.ones(len(after))
        changed = _changed(sources, after)
        return Marked(accepted * fluent, accepted, sound, fluent, changed, np.array(chrf), exact)

    def _nearest(self, metric: CHRF, text: str, source: Source) -> float:
        return float(metric.sentence_score(text, list(source.references)).score)

    def _accepted(self, sources: Sequence[Source], rewrites: Sequence[Rewrite]) -> Marks:
        verdicts = [
            self._gate.verdict(one.text, rewrite)
            for one, rewrite in zip(sources, rewrites, strict=True)
        ]
        return np.array([float(verdict.accepted) for verdict in verdicts])


def _exact(sources: Sequence[Source], after: Sequence[str]) -> Marks:
    pairs = zip(sources, after, strict=True)
    return np.array([float(text in one.references) for one, text in pairs])


def _changed(sources: Sequence[Source], after: Sequence[str]) -> Marks:
    return np.array([float(text != one.text) for one, text in zip(sources, after, strict=True)])
