"""Weights of all scores and scripts from labelled rows, calibrated on rows that did not train.

A logistic regression gives odds at the share of positives that its training sets happen to have.
Platt's method (a slope and an offset, fitted on other rows) turns them into probabilities where
`PRIOR` of the windows are positive; a threshold for each score is chosen on the same rows.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.score.grams import SCRIPTS, letters, scripts
from tahdhib.score.toxicity.model import NEWEST, Layout
from tahdhib.score.training.solver import fit, rarity

PRIOR = 0.1
"""Share of positive windows that the probabilities are meant for."""
_FEW = 30
"""With fewer rows of a label a score is not learned: it stays at the prior."""


class Table(NamedTuple):
    """`weights` (S, K, B), `offsets` (S, K), `thresholds` (S, K): the logit from which on a
    window counts as positive."""

    weights: NDArray[np.float32]
    offsets: NDArray[np.float64]
    thresholds: NDArray[np.float64]


class Example(NamedTuple):
    """Rows as the fit reads them: features (N, B), scripts (N,), labels (N, K). `own` (N,): the
    rows whose meaning of the labels is wanted; without it, what all rows share."""

    features: Any
    script: NDArray[np.int64]
    labels: NDArray[np.int8]
    own: NDArray[np.bool_] | None = None


def scripts_of(texts: list[str]) -> NDArray[np.int64]:
    """The script of each text (N,); one without a letter counts as the last."""
    codes, owner = letters(texts)
    return scripts(codes, owner, len(texts)) % len(SCRIPTS)


def fit_table(
    rows: Example,
    learn: NDArray[np.bool_],
    calibrate: NDArray[np.bool_],
    layout: Layout = NEWEST,
) -> Table:
    """Fit on the rows of `learn` (N,), calibrate on those of `calibrate` (N,), and where a meaning
    is wanted, on its rows among them, if there are enough."""
    columns = rows.labels.shape[1]
    weights = np.zeros((len(SCRIPTS), columns, rows.features.shape[1]), dtype=np.float32)
    offsets = np.full((len(SCRIPTS), columns), np.log(PRIOR / (1 - PRIOR)))
    thresholds = np.zeros((len(SCRIPTS), columns))
    for script in range(len(SCRIPTS)):
        for column in range(columns):
            known = (rows.script == script) & (rows.labels[:, column] >= 0)
            train, test = known & learn, known & calibrate
            if not (_is_enough(rows.labels[train, column]) and rows.labels[test, column].any()):
                continue
            learned = rows.features[train]
            scale = rarity(learned) if layout.rarity else None
            own = None if rows.own is None else rows.own[train]
            fitted = fit(learned, rows.labels[train, column] == 1, scale, own)
            if rows.own is not None and _is_enough(rows.labels[test & rows.own, column]):
                test = test & rows.own
            truth = rows.labels[test, column] == 1
            logits = rows.features[test] @ fitted.weights + fitted.offset
            slope, offset = platt(logits, truth)
            weights[script, column] = fitted.weights * slope
            offsets[script, column] = fitted.offset * slope + offset
            thresholds[script, column] = best_threshold(logits * slope + offset, truth)
    return Table(weights, offsets, thresholds)


def _is_enough(labels: NDArray[np.int8]) -> bool:
    return int((labels == 1).sum()) >= _FEW and int((labels == 0).sum()) >= _FEW


def prior_weights(truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights (N,) that make the share of positive rows `PRIOR`."""
    share = min(max(float(truth.mean()), 1e-9), 1 - 1e-9)
    return np.where(truth, PRIOR / share, (1 - PRIOR) / (1 - share))


def platt(logits: NDArray[np.float64], truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope (never below 0) and offset of Platt's method under the prior: Newton's steps from a
    slope of 0, on logits brought to mean 0 and spread 1, with a small pull back to it."""
    each = prior_weights(truth)
    each = each / each.sum()
    mean, spread = float(logits.mean()), max(float(logits.std()), 1e-9)
    design = np.column_stack(((logits - mean) / spread, np.ones(len(logits)))).astype(np.float64)
    point, pull = np.array([0.0, np.log(PRIOR / (1 - PRIOR))]), np.array([1e-4, 0.0])
    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(design @ point, -30, 30)))
        gradient = design.T @ (each * (chance - truth)) + pull * point
        curve = (design * (each * chance * (1 - chance))[:, None]).T @ design
        step = np.linalg.solve(curve + np.diag(pull + 1e-9), gradient)
        point = point - np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    slope = max(float(point[0]), 0.0) / spread
    return slope, float(point[1]) - slope * mean


def best_threshold(logits: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """The logit from which on rows count as positive for the highest macro-F1 on these rows,
    looked for on a grid of their quantiles, the middle of the best run taken."""
    grid = np.unique(np.quantile(logits, np.linspace(0.02, 0.98, 97)))
    found = np.array([macro(truth, logits >= edge) for edge in grid])
    smooth = np.convolve(found, np.ones(5) / 5, mode="same") if len(found) > 10 else found
    return float(grid[int(smooth.argmax())])


def macro(truth: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
    """Mean F1 of the two classes; 0 for one that neither occurs nor is said."""
    total = 0.0
    for is_positive in (True, False):
        hits = int(((truth == is_positive) & (said == is_positive)).sum())
        both = int((truth == is_positive).sum() + (said == is_positive).sum())
        total += hits * 2 / both if both else 0.0
    return total / 2


def calibration_error(chance: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """Expected calibration error in ten bins, rows weighted to the prior."""
    each = prior_weights(truth)
    bins = np.minimum((chance * 10).astype(int), 9)
    gaps = np.bincount(bins, weights=each * (chance - truth), minlength=10)
    return float(np.abs(gaps).sum() / each.sum())
