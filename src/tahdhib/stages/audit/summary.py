"""From measured documents to figures with intervals, by group and against each null rewriter."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tahdhib.records import Interval
from tahdhib.stages.audit.columns import DISTINCT, Column, Columns
from tahdhib.stages.audit.groups import Clusters, Group, by_value
from tahdhib.stats.intervals import as_difference, as_interval, wilson
from tahdhib.stats.means import Mean, means

Values = NDArray[Any]
Table = dict[str, Values]
"""Columns of the audit's table, by name; `rules` is an array of lists."""

_BINS = 20
_AT_ONCE = 12
"""Columns that are drawn together: more take memory, fewer take time."""
_SAME = 1e-9
_UNIT_RANGE = ("probability", "share", "ratio")
"""How the units of scores begin that lie in 0..1."""
_DRAWN = ("all", "language")
"""Kinds of groups that are shown with a picture of all values."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Makes the entries of `audit/summary.json`; every interval is drawn with one seed."""

    seed: int
    repetitions: int
    columns: Columns

    def entries(self, table: Table, clusters: Clusters) -> Iterator[dict[str, Any]]:
        """One entry per measure and group."""
        for group in groups_of(table, self.columns.fields):
            part = {name: column[group.rows] for name, column in table.items()}
            here = clusters.of(group.rows)
            yield self._main(group, part, here)
            for column in (*self.columns.witness[1:], *self.columns.others):
                yield self._sides(group, part, here, column.name, column.score.unit)
            yield self._sides(group, part, here, "length", "letters and digits")
            for order in DISTINCT if group.kind in _DRAWN else ():
                unit = "share of a text's first 200" if order == 1 else "share of their runs"
                name = "distinct words" if order == 1 else f"distinct runs of {order} words"
                key = f"distinct_{order}"
                yield self._sides(group, part, here, key, unit, name)
            yield from self._kept(group, part, here)
        whole = Group("all", np.ones(len(clusters.coarse), dtype=bool))
        names = clusters.of(whole.rows)
        for owner in ("rules", "people"):
            yield self._owner(owner, whole, table, names)
        is_new = table["state"] == "rewritten"
        yield self._overlap(table["overlap"][is_new], clusters.of(is_new))

    def _means(
        self, columns: Sequence[Values], clusters: Values, changes: Collection[int] = ()
    ) -> list[Mean]:
        """Of a few columns at a time; `changes` are the numbers of those held against zero."""
        found: list[Mean] = []
        named = None if len(np.unique(clusters)) == len(clusters) else clusters.tolist()
        for start in range(0, len(columns), _AT_ONCE):
            block = np.stack(
                [np.asarray(one, dtype=np.float64) for one in columns[start : start + _AT_ONCE]],
                axis=1,
            )
            found += means(
                block,
                seed=self.seed,
                repetitions=self.repetitions,
                clusters=named,
                changes=[number - start for number in changes],
            )
        return found

    def _main(self, group: Group, part: Table, clusters: Values) -> dict[str, Any]:
        main = self.columns.main
        before, after, null = (part[f"{arm}_{main.name}"] for arm in ("before", "after", "random"))
        wanted = [before, after, after - before, null - before, after - null]
        old, new, change, by_chance, beyond = self._means(wanted, clusters, (2, 3, 4))
        n = len(before)
        none = Mean(0.0, 0.0, 0.0, 0.0) if n else Mean(0.0, -np.inf, np.inf, np.inf)
        entry = self._entry(group, main.name, main.score.unit, n, old, new)
        return entry | {
            "arms": {
                "worker": _difference(change, n),
                "copy": _difference(none, n),
                "random": _difference(by_chance, n),
            },
            "against": {"copy": _difference(change, n), "random": _difference(beyond, n)},
            **_histogram(group, before, after, 1.0),
        }

    def _owner(self, owner: str, whole: Group, table: Table, clusters: Values) -> dict[str, Any]:
        """What one kind of edits does alone: those that a rule also makes, or the learned ones."""
        main = self.columns.main
        before, after = table[f"before_{main.name}"], table[f"{owner}_only_{main.name}"]
        old, new, change = self._means([before, after, after - before], clusters, (2,))
        group = Group(f"kind={owner}", whole.rows)
        n = len(before)
        return self._entry(group, main.name, main.score.unit, n, old, new) | {
            "arms": {"worker": _difference(change, n)},
            "against": {"copy": _difference(change, n)},
        }

    def _sides(
        self,
        group: Group,
        part: Table,
        clusters: Values,
        key: str,
        unit: str,
        name: str | None = None,
    ) -> dict[str, Any]:
        before, after = part[f"before_{key}"], part[f"after_{key}"]
        old, new, change = self._means([before, after, after - before], clusters, (2,))
        n = len(before)
        top = float(np.quantile(before, 0.99)) if n else 1.0
        return self._entry(group, name or key, unit, n, old, new) | {
            "arms": {"worker": _difference(change, n)},
            "against": {"copy": _difference(change, n)},
            **_histogram(group, before, after, max(1.0, top)),
        }

    def _kept(self, group: Group, part: Table, clusters: Values) -> Iterator[dict[str, Any]]:
        """What was kept in the documents of a group that were rewritten."""
        is_new = part["state"] == "rewritten"
        if not is_new.any() or not self.columns.kept:
            return
        columns = [part[f"kept_{one.name}"][is_new] for one in self.columns.kept]
        found = self._means(columns, clusters[is_new])
        for one, values, mean in zip(self.columns.kept, columns, found, strict=True):
            yield self._kept_entry(group, one, values, mean)

    def _kept_entry(self, group: Group, one: Column, values: Values, mean: Mean) -> dict[str, Any]:
        lost = int((values < 1 - _SAME).sum())
        unit = "share" if values.min() >= 0 and values.max() <= 1 else one.score.unit
        entry: dict[str, Any] = {
            "measure": one.name,
            "family": "preservation",
            "tells": one.score.tells,
            "unit": one.score.unit,
            "group": group.name,
            "n": len(values),
            "after": asdict(_bounded(mean, len(values), unit)),
            "changed": asdict(wilson(lost, len(values))),
        }
        if group.kind == "all" and len(values) and values.min() >= 0 and values.max() <= 1:
            counts, edges = np.histogram(values, np.linspace(0, 1, _BINS + 1))
            entry["spread"] = {"edges": edges.tolist(), "counts": counts.tolist()}
        return entry

    def _overlap(self, values: Values, clusters: Values) -> dict[str, Any]:
        (mean,) = self._means([values], clusters)
        return {
            "measure": "overlap",
            "unit": "chrF with the source",
            "group": "rewritten",
            "n": len(values),
            "after": asdict(as_interval(mean, len(values))),
        }

    def _entry(
        self, group: Group, measure: str, unit: str, n: int, old: Mean, new: Mean
    ) -> dict[str, Any]:
        return {
            "measure": measure,
            "unit": unit,
            "group": group.name,
            "n": n,
            "before": asdict(_bounded(old, n, unit)),
            "after": asdict(_bounded(new, n, unit)),
        }


def groups_of(table: Table, fields: Sequence[str]) -> Iterator[Group]:
    """All documents, and those of each language, metadata value, dialect, rule, state, worker."""
    yield Group("all", np.ones(len(table["language"]), dtype=bool))
    yield from by_value("language", table["language"].tolist())
    for name in fields:
        yield from by_value(name, table[f"by_{name}"].tolist())
    dialects = [code if code != "und" else "" for code in table["before_dialect"].tolist()]
    yield from by_value("dialect", dialects)
    is_new = table["state"] == "rewritten"
    rules = [own if new else [] for own, new in zip(table["rules"].tolist(), is_new, strict=True)]
    yield from by_value("rule", rules)
    workers = [
        name if new else "" for name, new in zip(table["worker"].tolist(), is_new, strict=True)
    ]
    yield from by_value("worker", workers)
    yield from by_value("state", table["state"].tolist())


def _bounded(mean: Mean, n: int, unit: str) -> Interval:
    """A mean with its bounds; what cannot leave 0..1 is not said to."""
    if not unit.startswith(_UNIT_RANGE):
        return as_interval(mean, n)
    return as_interval(mean._replace(low=max(0.0, mean.low), high=min(1.0, mean.high)), n)


def _difference(change: Mean, n: int) -> dict[str, Any]:
    found = as_difference(change, n)
    return {
        "difference": asdict(found.interval),
        "found": found.is_found,
        "smallest": found.detectable,
        "words": found.words(),
    }


def _histogram(group: Group, before: Values, after: Values, top: float) -> dict[str, Any]:
    if group.kind not in _DRAWN:
        return {}
    edges = np.linspace(0, top, _BINS + 1)

    def count(values: Values) -> list[int]:
        heights, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
        return [int(height) for height in heights]

    return {"histogram": {"edges": edges.tolist(), "before": count(before), "after": count(after)}}
