"""What a scorer is and how well it was measured: the card that every figure of its own needs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tahdhib.records import Interval

EVIDENCE_AUROC = 0.70
"""Below it, on any natural set of a language, a score is no evidence of a change there."""


@dataclass(frozen=True, slots=True)
class Score:
    """One column of what a scorer gives: its name, its unit, and what it tells."""

    name: str
    unit: str
    tells: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement of one score on rows that the scorer was not trained on.

    `natural`: the rows are found text; a set of contrasts built to be hard (HateCheck) is printed,
    but is no sample of anything, so that it does not decide on evidence.
    `positives`: rows of the kind that ought to score high. `calibration_error`: expected
    calibration error in ten bins, the set weighted to the prior that the card states; None for a
    score that is no chance.
    """

    score: str
    language: str
    dataset: str
    natural: bool
    auroc: Interval
    positives: int
    calibration_error: float | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A scorer's own description.

    `scores`: the columns that it gives, the one that stands for it first. `is_evidence`: score ->
    language -> whether figures of it there are evidence of a change.
    """

    name: str
    version: str
    measures: str
    scores: tuple[Score, ...]
    languages: tuple[str, ...]
    training: tuple[str, ...]
    measured: tuple[Measured, ...]
    is_evidence: Mapping[str, Mapping[str, bool]]
    notes: tuple[str, ...] = ()
    training_sets: tuple[str, ...] = ()
    """Names of the labelled sets that it learned from: two scorers that share one are no
    independent measures of each other."""

    def holds(self, language: str, score: str | None = None) -> bool:
        """Whether figures of `score` (the first by default) in `language` are evidence."""
        return self.is_evidence.get(score or self.scores[0].name, {}).get(language, False)

    def warning(self, language: str, score: str | None = None) -> str | None:
        """The sentence that a report must print beside figures of `score` (the first by default)
        in `language`; None: no need."""
        score = score or self.scores[0].name
        if self.holds(language, score):
            return None
        sets = [one for one in self.measured if (one.language, one.score) == (language, score)]
        if not sets:
            return f"{score} by {self.name} was never measured on {language!r}: no evidence there"
        worst = min((one for one in sets if one.natural), default=sets[0], key=_area)
        area = worst.auroc
        return (
            f"{self.name} tells {score} from other text in {language!r} with an AUROC of "
            f"{area.estimate:.2f} ({area.low:.2f} to {area.high:.2f}"
            f"{', rough' if area.rough else ''}, n={area.n:,}, {worst.dataset}); "
            f"below {EVIDENCE_AUROC:.2f} its scores are no evidence of a change"
        )


def evidence(measured: Sequence[Measured]) -> dict[str, dict[str, bool]]:
    """Score -> language -> whether the lowest AUROC on its natural sets is `EVIDENCE_AUROC`."""
    areas: dict[str, dict[str, list[float]]] = {}
    for one in measured:
        found = areas.setdefault(one.score, {}).setdefault(one.language, [])
        if one.natural:
            found.append(one.auroc.estimate)
    return {
        score: {name: bool(all_) and min(all_) >= EVIDENCE_AUROC for name, all_ in by.items()}
        for score, by in areas.items()
    }


def to_json(card: Card) -> str:
    """The card as JSON, keys in the order of the record."""
    return json.dumps(asdict(card), ensure_ascii=False, indent=1) + "\n"


def from_json(text: str) -> Card:
    """Read a card back."""
    raw: dict[str, Any] = json.loads(text)
    measured = measured_from(raw["measured"])
    lists = ("languages", "training", "notes", "training_sets")
    listed = {name: tuple(raw.get(name, ())) for name in lists}
    scores = tuple(Score(**one) for one in raw["scores"])
    return Card(**{**raw, **listed, "scores": scores, "measured": measured})


def measured_from(rows: Sequence[Mapping[str, Any]]) -> tuple[Measured, ...]:
    """Read measurements back from what JSON makes of them."""
    return tuple(Measured(**{**one, "auroc": Interval(**one["auroc"])}) for one in rows)


def _area(measured: Measured) -> float:
    return measured.auroc.estimate
