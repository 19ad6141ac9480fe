"""Candidates put to the proof: the true similarity of each pair."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from tahdhib.match.shingles import Shingles, overlap
from tahdhib.stages.dedup.tables import MATCHES, Positions


def verify(
    left: Positions,
    right: Positions,
    threshold: float,
    read_left: Callable[[int], Shingles],
    read_right: Callable[[int], Shingles],
) -> pa.Table:
    """The pairs whose Jaccard similarity is at least `threshold`, ascending.

    Pairs are gone through by their right member, so that `read_right` is asked once for each.
    """
    rows = []
    current, known = None, np.empty(0, np.uint64)
    order = np.lexsort((left, right))
    for one, other in zip(left[order].tolist(), right[order].tolist(), strict=True):
        if other != current:
            current, known = other, read_right(other)
        shared = overlap(read_left(one), known)
        if shared.jaccard >= threshold:
            rows.append((one, other, shared.shared, shared.total))
    columns = list(zip(*sorted(rows), strict=True)) or [()] * len(MATCHES)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, MATCHES, strict=True)],
        schema=MATCHES,
    )
