"""From measured documents to figures with intervals, by group and against each null rewriter."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tahdhib.stats.intervals import bootstrap_mean, paired_difference

Column = NDArray[Any]
Table = dict[str, Column]
"""Columns of the audit's table, by name."""

_BINS = 20
_MIN_GROUP = 20
"""Smaller groups are left to `all`: an interval from so few says little."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Makes the entries of `audit/summary.json`; every interval is drawn with one seed."""

    seed: int
    repetitions: int

    def entries(self, table: Table) -> list[dict[str, Any]]:
        """One entry per measure and group."""
        found: list[dict[str, Any]] = []
        for group, rows in _groups(table):
            part = {name: column[rows] for name, column in table.items()}
            found += [self._toxicity(group, part), self._length(group, part)]
        found += [self._owner(owner, table) for owner in ("rules", "people")]
        return [*found, self._overlap(table)]

    def _toxicity(self, group: str, part: Table) -> dict[str, Any]:
        before, after = part["before_toxicity"], part["after_toxicity"]
        null = part["random_toxicity"]
        return {
            **self._before_after("toxicity", "probability", group, before, after),
            "arms": {
                "worker": self._difference(after, before),
                "copy": self._difference(before, before),
                "random": self._difference(null, before),
            },
            "against": {
                "copy": self._difference(after, before),
                "random": self._difference(after, null),
            },
            "histogram": _histogram(before, after, np.linspace(0, 1, _BINS + 1)),
        }

    def _owner(self, owner: str, table: Table) -> dict[str, Any]:
        """What one kind of edits does alone: those that a rule also makes, or the learned ones."""
        before, after = table["before_toxicity"], table[f"{owner}_only_toxicity"]
        change = self._difference(after, before)
        return {
            **self._before_after("toxicity", "probability", f"kind={owner}", before, after),
            "arms": {"worker": change},
            "against": {"copy": change},
        }

    def _length(self, group: str, part: Table) -> dict[str, Any]:
        before, after = part["before_length"], part["after_length"]
        change = self._difference(after, before)
        top = max(1.0, float(np.quantile(before, 0.99))) if len(before) else 1.0
        return {
            **self._before_after("length", "letters and digits", group, before, after),
            "arms": {"worker": change},
            "against": {"copy": change},
            "histogram": _histogram(before, after, np.linspace(0, top, _BINS + 1)),
        }

    def _overlap(self, table: Table) -> dict[str, Any]:
        values = table["overlap"][table["state"] == "rewritten"]
        return {
            "measure": "overlap",
            "unit": "chrF with the source",
            "group": "rewritten",
            "n": len(values),
            "after": self._mean(values),
        }

    def _before_after(
        self, measure: str, unit: str, group: str, before: Column, after: Column
    ) -> dict[str, Any]:
        return {
            "measure": measure,
            "unit": unit,
            "group": group,
            "n": len(before),
            "before": self._mean(before),
            "after": self._mean(after),
        }

    def _mean(self, values: Column) -> dict[str, Any]:
        return asdict(bootstrap_mean(values, seed=self.seed, repetitions=self.repetitions))

    def _difference(self, a: Column, b: Column) -> dict[str, Any]:
        found = paired_difference(a, b, seed=self.seed, repetitions=self.repetitions)
        return {
            "difference": asdict(found.interval),
            "found": found.is_found,
            "smallest": found.detectable,
            "words": found.words(),
        }


def _groups(table: Table) -> Iterator[tuple[str, Column]]:
    languages = table["language"].astype(str)
    yield "all", np.ones(len(languages), dtype=bool)
    for name, count in zip(*np.unique(languages, return_counts=True), strict=True):
        if count >= _MIN_GROUP:
            yield f"language={name}", languages == name


def _histogram(before: Column, after: Column, edges: Column) -> dict[str, list[float]]:
    def count(values: Column) -> list[float]:
        heights, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
        return [int(height) for height in heights]

    return {"edges": edges.tolist(), "before": count(before), "after": count(after)}
