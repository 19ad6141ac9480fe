"""What a scorer is and how well it was measured: the card that every figure of its own needs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tahdhib.records import Interval

EVIDENCE_AUROC = 0.70
"""Below it, on any natural set of a language, a score is no evidence of a change there."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement on rows that the scorer was not trained on.

    `natural`: the rows are found text; a set of contrasts built to be hard (HateCheck) is printed,
    but is no sample of anything, so that it does not decide on evidence.
    `calibration_error`: expected calibration error in ten bins, the set weighted to the prior that
    the card states.
    """

    language: str
    dataset: str
    natural: bool
    auroc: Interval
    positives: int
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Card:
    """A scorer's own description."""

    name: str
    version: str
    measures: str
    unit: str
    languages: tuple[str, ...]
    training: tuple[str, ...]
    measured: tuple[Measured, ...]
    is_evidence: Mapping[str, bool]
    notes: tuple[str, ...] = ()

    def warning(self, language: str) -> str | None:
        """The sentence that a report must print beside figures in `language`; None: no need."""
        if self.is_evidence.get(language, False):
            return None
        sets = [one for one in self.measured if one.language == language]
        if not sets:
            return f"{self.name} was never measured on {language!r}: no evidence there"
        worst = min((one for one in sets if one.natural), default=sets[0], key=_area)
        area = worst.auroc
        return (
            f"{self.name} tells toxic from other text in {language!r} with an AUROC of "
            f"{area.estimate:.2f} ({area.low:.2f} to {area.high:.2f}, n={area.n:,}, "
            f"{worst.dataset}); below {EVIDENCE_AUROC:.2f} its scores are no evidence of a change"
        )


def evidence(measured: Sequence[Measured]) -> dict[str, bool]:
    """Language -> whether the lowest AUROC on its natural sets reaches `EVIDENCE_AUROC`."""
    areas: dict[str, list[float]] = {}
    for one in measured:
        areas.setdefault(one.language, [])
        if one.natural:
            areas[one.language].append(one.auroc.estimate)
    return {name: bool(found) and min(found) >= EVIDENCE_AUROC for name, found in areas.items()}


def to_json(card: Card) -> str:
    """The card as JSON, keys in the order of the record."""
    return json.dumps(asdict(card), ensure_ascii=False, indent=1) + "\n"


def from_json(text: str) -> Card:
    """Read a card back."""
    raw: dict[str, Any] = json.loads(text)
    measured = tuple(
        Measured(**{**one, "auroc": Interval(**one["auroc"])}) for one in raw["measured"]
    )
    listed = {name: tuple(raw[name]) for name in ("languages", "training", "notes")}
    return Card(**{**raw, **listed, "measured": measured})


def _area(measured: Measured) -> float:
    return measured.auroc.estimate
