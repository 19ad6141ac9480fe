"""Thresholds for a chosen joint rate of false refusals, and how often each check errs at them.

Each threshold is a dial with a few places from strict to loose. A rewrite is laid before a check
once for each place of its dials; since a check only refuses less at a looser place, whatever all
dials together would refuse is a union of what was seen, and no rewrite is judged twice.

One half of the rewrites, by a hash of the source, chooses: while more of those that should pass are
refused than the rate allows, the dial is loosened that saves most of them for each fault that it
lets through; then dials are tightened where that finds more faults within the rate. The other half
measures. A dial leaves its place only where that pays, and only if there are faults that it finds:
else nobody would know what loosening it costs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.config.recipe import Gate as Settings
from tahdhib.config.recipe import GateErrors, Share
from tahdhib.gate.change import Change
from tahdhib.gate.checks import CHECKS, CODES, Check
from tahdhib.records import Interval
from tahdhib.stats.draw import share
from tahdhib.stats.intervals import wilson

BANDS = {"< 30": 29, "30-200": 200, "> 200": None}
"""Name of a band of lengths -> most words; None: any number."""
LEAST = 100
"""The rate is held for each band of so many rewrites and more in the half that chooses."""
LEAST_FAULTS = 20
"""A dial by which fewer faults are found is left where it is."""
HALVES = "gate calibration"


class Dial(NamedTuple):
    """A threshold, the check that asks for it, and its places from strict to loose."""

    setting: str
    code: str
    places: tuple[float, ...]


DIALS = (
    Dial("min_length_ratio", "length", (0.7, 0.6, 0.5, 0.4, 0.3, 0.2)),
    Dial("max_length_ratio", "length", (1.1, 1.2, 1.3, 1.5, 2.0)),
    Dial("max_flips", "negation", (0, 1, 2, 4)),
    Dial("max_repetition", "repetition", (0.05, 0.1, 0.2, 0.4)),
    Dial("toxicity_tolerance", "toxicity", (0, 1, 2)),
    Dial("max_added_words", "added", (0, 1, 2, 3, 5, 8)),
    Dial("max_gone_words", "dropped", (1, 2, 3, 4, 6, 8)),
    Dial("max_names", "names", (0, 1, 2)),
    Dial("max_modalities", "modality", (0, 1, 2)),
    Dial("max_dialect_words", "dialect", (0, 1, 2, 4)),
)
"""Numbers, dates, units, links, protected spans, the language and a model's own words have none:
of those nothing may be lost for any rate."""

Places = Mapping[str, int]
"""Setting -> index of its place."""
_Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sample:
    """A rewrite that should pass, of people or a passage, or one with a planted fault."""

    group: str
    """`people`, `passages`, or the kind of fault."""
    is_fault: bool
    change: Change

    @property
    def band(self) -> str:
        count = len(self.change.source.split())
        return next(name for name, most in BANDS.items() if most is None or count <= most)


@dataclass(frozen=True, slots=True)
class Found:
    """What a code refuses: alone, and where no other check does."""

    by_it: Interval
    only_by_it: Interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """The thresholds chosen, and what they do to the half that chose nothing."""

    rate: float
    thresholds: dict[str, float]
    is_reached: bool
    """Whether the half that chooses keeps the rate in every group and band."""
    joint: dict[tuple[str, str], Interval]
    """(`people` or `passages`, band; "" for all) -> refused by any check."""
    kinds: dict[str, Interval]
    """Kind of fault -> found by any check."""
    checks: dict[str, dict[str, Found]]
    """Code -> `people`, `passages`, `faults` -> what the check refuses."""

    def errors(self) -> GateErrors:
        """As a recipe holds it."""
        return GateErrors(
            rate=self.rate,
            refused={group: _told(one) for (group, band), one in self.joint.items() if not band},
            found={kind: _told(one) for kind, one in self.kinds.items()},
            checks={
                code: {group: _told(one.by_it) for group, one in groups.items()}
                for code, groups in self.checks.items()
            },
        )


def calibrate(
    samples: Sequence[Sample], settings: Settings, *, rate: float, seed: int
) -> Calibration:
    """Choose thresholds on one half of `samples`, from those of `settings` on, and measure them on
    the other."""
    dials = [_with_place(dial, getattr(settings, dial.setting)) for dial in DIALS]
    sides = [share(HALVES, seed, one.change.source) < 0.5 for one in samples]
    chooses = [one for one, is_first in zip(samples, sides, strict=True) if is_first]
    measures = [one for one, is_first in zip(samples, sides, strict=True) if not is_first]
    start = {dial.setting: dial.places.index(getattr(settings, dial.setting)) for dial in dials}
    search = _Search(chooses, _observe(chooses, dials, settings), rate, start)
    places = search.tightened(search.loosened(start))
    return Calibration(
        rate,
        {dial.setting: dial.places[places[dial.setting]] for dial in dials},
        search.excess(places).sum() == 0,
        *_measured(measures, _observe(measures, dials, settings), places),
    )


def _with_place(dial: Dial, value: float) -> Dial:
    """The dial with the recipe's own value among its places."""
    is_falling = dial.places[0] > dial.places[-1]
    return dial._replace(places=tuple(sorted({*dial.places, value}, reverse=is_falling)))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What each check refused: without a dial by code, with dials by setting and place."""

    fixed: dict[str, _Flags]
    dials: dict[str, tuple[Dial, _Flags]]

    def by_code(self, places: Places) -> dict[str, _Flags]:
        found = dict(self.fixed)
        for setting, (dial, flags) in self.dials.items():
            column = flags[:, places[setting]]
            found[dial.code] = found[dial.code] | column if dial.code in found else column
        return {code: found[code] for code in CODES}

    def by_dial(self, places: Places) -> dict[str, _Flags]:
        return {name: flags[:, places[name]] for name, (_, flags) in self.dials.items()}

    def any(self, places: Places) -> _Flags:
        columns = [*self.fixed.values(), *self.by_dial(places).values()]
        together: _Flags = np.any(np.stack(columns), axis=0)
        return together


def _observe(samples: Sequence[Sample], dials: Sequence[Dial], settings: Settings) -> _Seen:
    """Lay every rewrite before every check, with a dial at each place, all others at their last:
    there they refuse nothing that they would not refuse at any other."""
    loose = settings.model_copy(update={dial.setting: dial.places[-1] for dial in dials})
    asked = {
        dial: [loose.model_copy(update={dial.setting: place}) for place in dial.places]
        for dial in dials
    }
    checks = dict(zip(CODES, CHECKS, strict=True))
    dialled = {dial.code for dial in dials}
    fixed: dict[str, list[bool]] = {code: [] for code in CODES if code not in dialled}
    turned: dict[Dial, list[list[bool]]] = {dial: [] for dial in dials}
    for one in samples:
        for code, flags in fixed.items():
            flags.append(checks[code](one.change, settings) is not None)
        for dial, rows in turned.items():
            rows.append(list(_row(checks[dial.code], one.change, asked[dial])))
    return _Seen(
        {code: np.array(flags, bool) for code, flags in fixed.items()},
        {
            dial.setting: (dial, np.array(rows, bool).reshape(len(samples), len(dial.places)))
            for dial, rows in turned.items()
        },
    )


def _row(check: Check, change: Change, asked: Sequence[Settings]) -> Iterator[bool]:
    """Whether a check refuses at each place, from strict to loose; let go once, let go for good."""
    is_refused = True
    for settings in asked:
        is_refused = is_refused and check(change, settings) is not None
        yield is_refused


class _Search:
    """The way from some places to others on the half that chooses."""

    def __init__(self, samples: Sequence[Sample], seen: _Seen, rate: float, start: Places) -> None:
        self._seen = seen
        groups, kinds = _grouped(samples)
        self._groups = [
            np.array(rows) for (_, band), rows in groups.items() if not band or len(rows) >= LEAST
        ]
        self._allowed = np.array([int(rate * len(rows)) for rows in self._groups], int)
        self._weights = np.zeros(len(samples))
        for rows in kinds.values():
            self._weights[rows] = 1 / (len(rows) * len(kinds))
        self._start = start
        self._turnable = [
            name
            for name, flags in seen.by_dial(start).items()
            if (flags & (self._weights > 0)).sum() >= LEAST_FAULTS
        ]

    def excess(self, places: Places) -> NDArray[np.int_]:
        """Rewrites refused beyond what the rate allows, per group and band that is held to it."""
        refused = self._seen.any(places)
        counts = [int(refused[rows].sum()) for rows in self._groups]
        beyond: NDArray[np.int_] = np.clip(np.array(counts, int) - self._allowed, 0, None)
        return beyond

    def found(self, places: Places) -> float:
        """Faults found, every kind with the same weight."""
        return float(self._weights @ self._seen.any(places))

    def loosened(self, places: dict[str, int]) -> dict[str, int]:
        """Loosen one dial after the other until the rate is kept, or no dial helps."""
        while self.excess(places).any():
            steps = [step for step in self._looser(places) if step.saved > 0]
            if not steps:
                break
            best = max(steps, key=lambda step: step.saved / (step.lost + 1e-6))
            places = best.places
        return places

    def tightened(self, places: dict[str, int]) -> dict[str, int]:
        """Tighten one dial after the other within the rate as long as that finds more, or finds as
        much at a place nearer to the start."""
        while True:
            found, excess = self.found(places), self.excess(places)
            tried = {name: {**places, name: places[name] - 1} for name in self._turnable}
            within = [
                one
                for name, one in tried.items()
                if one[name] >= 0
                and (self.excess(one) <= excess).all()
                and (self.found(one) > found or one[name] >= self._start[name])
            ]
            if not within:
                return places
            places = max(within, key=self.found)

    def _looser(self, places: dict[str, int]) -> Iterator["_Step"]:
        """Every dial at its next places, with what that saves of rewrites in groups beyond the rate
        (one that several dials refuse counts for each in part) and loses of faults."""
        beyond = np.zeros(len(self._weights), bool)
        for rows, excess in zip(self._groups, self.excess(places), strict=True):
            beyond[rows] |= excess > 0
        by_dial = self._seen.by_dial(places)
        refusing = np.sum(list(by_dial.values()), axis=0)
        can_be_saved = beyond & ~np.logical_or.reduce(list(self._seen.fixed.values()))
        found = self.found(places)
        for name in self._turnable:
            dial, flags = self._seen.dials[name]
            for place in range(places[name] + 1, len(dial.places)):
                let_go = by_dial[name] & ~flags[:, place] & can_be_saved
                saved = float((let_go / np.maximum(1, refusing)).sum())
                looser = {**places, name: place}
                yield _Step(looser, saved, found - self.found(looser))


class _Step(NamedTuple):
    places: dict[str, int]
    saved: float
    lost: float


def _measured(
    samples: Sequence[Sample], seen: _Seen, places: Places
) -> tuple[dict[tuple[str, str], Interval], dict[str, Interval], dict[str, dict[str, Found]]]:
    """Jointly by group and band, by kind of fault, and check by check."""
    refused = seen.any(places)
    by_code = seen.by_code(places)
    alone = np.sum(list(by_code.values()), axis=0) == 1
    rows, kinds = _grouped(samples)
    groups = {group: found for (group, band), found in rows.items() if not band}
    groups |= {"faults": [at for found in kinds.values() for at in found]} if kinds else {}
    return (
        {key: _share(refused, rows[key]) for key in sorted(rows, key=_in_order)},
        {kind: _share(refused, found) for kind, found in kinds.items()},
        {
            code: {
                group: Found(_share(flags, found), _share(flags & alone, found))
                for group, found in groups.items()
            }
            for code, flags in by_code.items()
        },
    )


def _grouped(
    samples: Sequence[Sample],
) -> tuple[dict[tuple[str, str], list[int]], dict[str, list[int]]]:
    """Places of the samples: by group and band ("" for all), and of faults by kind."""
    groups: dict[tuple[str, str], list[int]] = {}
    kinds: dict[str, list[int]] = {}
    for at, one in enumerate(samples):
        if one.is_fault:
            kinds.setdefault(one.group, []).append(at)
        else:
            groups.setdefault((one.group, ""), []).append(at)
            groups.setdefault((one.group, one.band), []).append(at)
    return groups, kinds


def _in_order(key: tuple[str, str]) -> tuple[str, int]:
    group, band = key
    return group, list(BANDS).index(band) if band else -1


def _share(flags: _Flags, rows: Sequence[int]) -> Interval:
    return wilson(int(flags[rows].sum()), len(rows))


def _told(one: Interval) -> Share:
    return round(one.estimate, 4), round(one.low, 4), round(one.high, 4), one.n
