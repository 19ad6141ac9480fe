"""When an interval can be relied on, and why not where it cannot: the one place that decides.

Rows that are all alike tell nothing about how far rows spread, however many they are: of forty
documents of which four were rewritten, four tell. So what counts is neither rows nor clusters but
clusters *with something to tell*: one row that is not what most rows are. No interval from fewer
than `ENOUGH_TELL` of them keeps its promise for all kinds of values (docs/log/audit.md), and
nothing in so few says which kind they are. Their interval is printed all the same, called rough,
and no difference is found on its strength.
"""

import math

import numpy as np

from tahdhib.stats.clusters import Floats, Groups, sums

ENOUGH_TELL = 13
"""Clusters of one size, each with something to tell, from which an interval is relied on."""
ENOUGH_FAULTS = 10
"""Rows told wrongly from which the interval of an F1 is relied on."""
UNRELIABLE = "for an interval that can be relied on"


def telling(columns: Floats, found: Groups, ordinary: Floats) -> Floats:
    """To how many equal clusters (M,) those come that hold a row of `columns` (N, M) apart from the
    `ordinary` value (M,): unequal ones count for fewer (Kish's effective number, by rows)."""
    tells = sums((columns != ordinary).astype(np.float64), found) > 0
    rows = found.sizes @ tells
    squares = found.sizes**2 @ tells
    return np.asarray(np.divide(rows**2, squares, out=np.zeros_like(rows), where=squares > 0))


def commonest(columns: Floats) -> Floats:
    """The value (M,) of at least half of the rows of each column (N, M), NaN where none is."""
    rows = len(columns)
    middle = np.partition(columns, (rows - 1) // 2, axis=0)[(rows - 1) // 2]
    is_half = 2 * (columns == middle).sum(axis=0) >= rows
    return np.where(is_half, middle, np.nan)


def why_rough(effective: float, what: str) -> str:
    """Why an interval is rough, as a clause; empty where it can be relied on.

    Args:
        effective: to how many equal clusters those come that tell.
        what: what there is too little of, such as "clusters with a change".
    """
    if effective >= ENOUGH_TELL:
        return ""
    return (
        f"too few {what} (as good as {math.floor(effective)} of one size; "
        f"{ENOUGH_TELL} are needed) {UNRELIABLE}"
    )


def why_few_faults(faults: int) -> str:
    """The same of an F1, by the rows that were told wrongly."""
    if faults >= ENOUGH_FAULTS:
        return ""
    return f"too few faults ({faults}; {ENOUGH_FAULTS} are needed) {UNRELIABLE}"
