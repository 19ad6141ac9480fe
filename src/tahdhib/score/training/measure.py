"""How well scores agree with labels: one `Measured` per set and score, and the table's figures."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tahdhib.records import Interval
from tahdhib.score.card import Measured
from tahdhib.score.training.fitting import calibration_error
from tahdhib.score.training.sets import LABELS, SETS, Rows
from tahdhib.stats.intervals import auroc, macro_f1
from tahdhib.stats.rough import why_few_faults

SEED = 17
REPETITIONS = 2000
FEW = 20
"""Sets with fewer rows of either kind are not measured on."""
COLUMNS = ("toxicity", *LABELS[1:])
"""Names of the scores: the first is what the sets call offensive."""


def measured(rows: Rows, chances: NDArray[np.float64], suffix: str = "") -> tuple[Measured, ...]:
    """Measure probabilities (N, K) on each set and label with enough rows of both kinds; `suffix`
    says in the set's title which of its rows these are."""
    found = []
    for index, key in enumerate(rows.names):
        one = SETS.get(key)
        for column, score in enumerate(COLUMNS):
            known = (rows.sets == index) & (rows.labels[:, column] >= 0)
            truth = rows.labels[known, column] == 1
            if min(truth.sum(), (~truth).sum()) < FEW:
                continue
            chance = chances[known, column]
            clusters = [rows.clusters[place] for place in np.flatnonzero(known).tolist()]
            area = auroc(chance, truth, clusters=clusters if any(clusters) else None)
            found.append(
                Measured(
                    score,
                    one.language if one else "und",
                    (one.title if one else key) + suffix,
                    not key.startswith("hatecheck"),
                    area,
                    int(truth.sum()),
                    round(calibration_error(chance, truth), 4),
                )
            )
    return tuple(found)


def macro_interval(
    truth: NDArray[np.bool_], said: NDArray[np.bool_], clusters: Sequence[str] | None = None
) -> Interval:
    """Macro-F1 with its interval; `clusters`: rows of one are drawn together."""
    table = np.zeros((2, 2), dtype=np.int64)
    np.add.at(table, (truth.astype(int), said.astype(int)), 1)
    if clusters is None or not any(clusters):
        return macro_f1(table, seed=SEED, repetitions=REPETITIONS)
    _, member = np.unique(np.array(clusters), return_inverse=True)
    cells = np.zeros((int(member.max()) + 1, 4), dtype=np.int64)
    np.add.at(cells, (member, truth.astype(int) * 2 + said.astype(int)), 1)
    pick = np.random.default_rng(SEED)
    drawn = np.array(
        [
            _mean_f1(cells[pick.integers(0, len(cells), len(cells))].sum(axis=0))
            for _ in range(REPETITIONS)
        ]
    )
    low, high = np.quantile(drawn, (0.025, 0.975))
    rough = why_few_faults(int((truth != said).sum()))
    return Interval(_mean_f1(table.ravel()), float(low), float(high), len(truth), rough=rough)


def _mean_f1(cells: NDArray[np.int64]) -> float:
    no, false, missed, yes = (int(cell) for cell in cells)
    return no / max(1, 2 * no + false + missed) + yes / max(1, 2 * yes + false + missed)
