"""Which measured documents are shown together, and which depend on each other."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.match.components import components

MIN_GROUP = 20
"""Smaller groups are left to `all`: an interval from so few says little."""
MOST = 20
"""Groups of one kind that are shown, the largest first."""

Mask = NDArray[np.bool_]


class Group(NamedTuple):
    """Documents with something in common: `all`, or `language=ar`, `source=…`, `rule=…`."""

    name: str
    rows: Mask

    @property
    def kind(self) -> str:
        """What it is by: `all`, `language`, `source`, `dialect`, `rule`, `worker`, `state`."""
        return self.name.partition("=")[0]


def by_value(kind: str, values: Sequence[Any]) -> Iterator[Group]:
    """The groups of equal values, largest first; an empty value makes none, a list of values puts
    a document into several."""
    held: dict[str, list[int]] = {}
    for at, value in enumerate(values):
        for one in value if isinstance(value, list) else [value]:
            if one not in (None, ""):
                held.setdefault(str(one), []).append(at)
    large = [(name, rows) for name, rows in held.items() if len(rows) >= MIN_GROUP]
    for name, rows in sorted(large, key=lambda item: (-len(item[1]), item[0]))[:MOST]:
        mask = np.zeros(len(values), dtype=bool)
        mask[rows] = True
        yield Group(f"{kind}={name}", mask)


class Clusters(NamedTuple):
    """The cluster of each document: the one that counts, and the near-duplicates for a group that
    lies in a single one (the documents of one site, where clusters are sites)."""

    coarse: NDArray[np.int64]
    fine: NDArray[np.int64]

    def of(self, rows: Mask) -> NDArray[np.int64]:
        """The clusters of the documents of a group."""
        coarse = self.coarse[rows]
        return coarse if len(np.unique(coarse)) > 1 else self.fine[rows]


def clusters(names: Sequence[Sequence[str]], keys: NDArray[np.uint64]) -> Clusters:
    """Which documents depend on each other.

    Several kinds of dependence are not followed from one to the next: a report that two newspapers
    printed would make them one, and a few such reports all newspapers.

    Args:
        names: what each document is of, such as its site; the first counts. A document without
            any goes with its near-duplicates.
        keys: (N, B) keys of B kinds that tell near-duplicates, over however many steps; or (N, 0).
    """
    pairs: list[tuple[int, int]] = []
    for column in keys.T:
        order = np.argsort(column, kind="stable")
        same = np.flatnonzero(column[order[1:]] == column[order[:-1]])
        pairs += zip(order[same].tolist(), order[same + 1].tolist(), strict=True)
    lowest = components(pairs)
    fine = [lowest.get(at, at) for at in range(len(names))]
    first: dict[str, int] = {}
    coarse = [
        len(names) + first.setdefault(own[0], at) if own else fine[at]
        for at, own in enumerate(names)
    ]
    return Clusters(np.array(coarse, np.int64), np.array(fine, np.int64))
