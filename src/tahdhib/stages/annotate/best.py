"""Of several rewrites of a document the best: one that passes the gate, and that the others back.

Agreement is that of minimum-Bayes-risk decoding: the mean chrF of a rewrite with every other that
passed. What one teacher invents no other one has, so it agrees less than what several would do.
A document goes where more of those who could be used want it dropped than want it kept.
"""

from collections.abc import Sequence
from typing import NamedTuple

from tahdhib.conduct.protocol import Unusable
from tahdhib.records import Rewrite
from tahdhib.score.overlap import chrf
from tahdhib.text.edits import diff, edit_rate

PASSED = "passed"
DROP = "drop"
UNUSABLE = "unusable"


class Candidate(NamedTuple):
    """What one teacher made of the document, and what stands against it: a reason and a detail."""

    taught: Rewrite | Unusable
    refusal: tuple[str, str] | None


class Standing(NamedTuple):
    """How a candidate came off; `agreement` in 0..1 with the others that passed, None where it has
    not passed, 1 where it is the only one."""

    verdict: str
    agreement: float | None
    edit_rate: float
    won: bool


def standings(source: str, candidates: Sequence[Candidate]) -> list[Standing]:
    """How each candidate for `source` came off. One always wins: of those that passed the one that
    agrees most, then the one with the smallest edit rate, then the first; where most want the
    document dropped the first of these; where none can be used the first, whose refusal stands for
    all."""
    verdicts = [_verdict(one) for one in candidates]
    texts = {
        at: one.taught.text
        for at, one in enumerate(candidates)
        if verdicts[at] == PASSED and isinstance(one.taught, Rewrite)
    }
    agreement = _agreement(texts)
    rates = [_rate(source, one.taught) for one in candidates]
    drops = [at for at, verdict in enumerate(verdicts) if verdict == DROP]
    if len(drops) > len(texts):
        winner = drops[0]
    else:
        winner = min(texts, key=lambda at: (-agreement[at], rates[at], at), default=0)
    return [
        Standing(verdict, agreement.get(at), rates[at], at == winner)
        for at, verdict in enumerate(verdicts)
    ]


def _verdict(one: Candidate) -> str:
    if isinstance(one.taught, Unusable):
        return UNUSABLE
    if one.taught.drop_reason is not None:
        return DROP
    return PASSED if one.refusal is None else one.refusal[0]


def _rate(source: str, taught: Rewrite | Unusable) -> float:
    """By a comparison of the texts, since a rule cuts its edits closer than whoever has only the
    result."""
    return edit_rate(source, diff(source, taught.text, "")) if isinstance(taught, Rewrite) else 0.0


def _agreement(texts: dict[int, str]) -> dict[int, float]:
    """Mean likeness of each text with all others; equal texts are compared once."""
    known: dict[tuple[str, str], float] = {}

    def like(one: str, other: str) -> float:
        if one == other:
            return 1.0
        key = (min(one, other), max(one, other))
        if key not in known:
            known[key] = round((chrf(*key) + chrf(*key[::-1])) / 200, 9)
        return known[key]

    return {
        at: sum(like(text, other) for place, other in texts.items() if place != at)
        / (len(texts) - 1)
        if len(texts) > 1
        else 1.0
        for at, text in texts.items()
    }
