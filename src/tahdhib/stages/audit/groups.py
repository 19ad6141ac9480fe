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


def clusters(names: Sequence[Sequence[str]], keys: NDArray[np.uint64]) -> list[int]:
    """The cluster of each document: what shares a name or a key, over however many steps.

    Args:
        names: what each document is of, such as its site.
        keys: (N, B) keys of B kinds that tell near-duplicates, or (N, 0).
    """
    first: dict[str, int] = {}
    pairs = [(first.setdefault(name, at), at) for at, own in enumerate(names) for name in own]
    for column in keys.T:
        order = np.argsort(column, kind="stable")
        same = np.flatnonzero(column[order[1:]] == column[order[:-1]])
        pairs += zip(order[same].tolist(), order[same + 1].tolist(), strict=True)
    lowest = components(pairs)
    return [lowest.get(at, at) for at in range(len(names))]
