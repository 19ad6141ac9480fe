"""Logistic regression over sparse features by L-BFGS, in the memory of one matrix.

scikit-learn's solvers copy the matrix to double precision and start anew for each label; here one
single-precision matrix and its transpose serve every label. scipy is the only package needed.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import MissingExtraError
from tahdhib.score.toxicity.model import NEWEST, Layout, features

ITERATIONS = 60
REGULARISATION = 1e-6
"""Weight of the squared norm beside the mean loss."""
RARE_REGULARISATION = 4e-5
"""The same where features are scaled by their rarity, 0 to some 12."""
_AT_ONCE = 4000


class Fitted(NamedTuple):
    """Weights (B,) and an offset: a logit is their product with the features, plus it."""

    weights: NDArray[np.float32]
    offset: float


def scipy_or_error() -> Any:
    """The module `scipy.sparse`.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        from scipy import sparse
    except ImportError:
        raise MissingExtraError("training a scorer", "score") from None
    return sparse


def matrix(texts: Sequence[str], layout: Layout = NEWEST) -> Any:
    """Features of windows as a sparse matrix (N, B), each text taken as one window."""
    sparse = scipy_or_error()
    blocks = []
    for at in range(0, len(texts), _AT_ONCE):
        part = texts[at : at + _AT_ONCE]
        found = features(part, layout)
        block = sparse.csr_matrix(
            (found.value.astype(np.float32), (found.window, found.bucket)),
            shape=(len(part), layout.buckets),
        )
        block.sum_duplicates()
        blocks.append(block)
    if not blocks:
        return sparse.csr_matrix((0, layout.buckets), dtype=np.float32)
    return sparse.vstack(blocks, format="csr")


def rarity(rows: Any) -> NDArray[np.float32]:
    """For each feature the logarithm of one over the share of `rows` (N, B) that hold it: what
    is in most texts says little of any."""
    held = np.bincount(rows.indices, minlength=rows.shape[1])
    logs = np.log((1 + rows.shape[0]) / (1 + held))
    return np.asarray(logs, dtype=np.float32)


def fit(
    rows: Any,
    truth: NDArray[np.bool_],
    scale: NDArray[np.float32] | None = None,
    own: NDArray[np.bool_] | None = None,
) -> Fitted:
    """Fit one label on features times `scale` (B,); the weights are those of the features as they
    are. Without rows of both kinds: weights 0, offset 0.

    `own` (N,): these rows have weights of their own beside those that all share, and the weights
    returned are the sum, what the label means to them (feature augmentation: Daume 2007,
    "Frustratingly Easy Domain Adaptation", section 3).

    Raises:
        MissingExtraError: scipy is not installed.
    """
    scipy_or_error()
    from scipy.optimize import minimize

    size = rows.shape[1]
    if truth.all() or not truth.any():
        return Fitted(np.zeros(size, dtype=np.float32), 0.0)
    everywhere = np.ones(len(truth), dtype=bool)
    parts = [(rows, everywhere)] + ([] if own is None else [(rows[own], own)])
    turned = [part.T.tocsr() for part, _ in parts]
    sign = np.where(truth, 1, -1).astype(np.float32)
    scaled = np.ones(size, dtype=np.float32) if scale is None else scale
    regularisation = REGULARISATION if scale is None else RARE_REGULARISATION

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        at = point.astype(np.float32).reshape(len(parts), size + 1)
        logits = np.zeros(len(truth), dtype=np.float32)
        for (part, mine), weights in zip(parts, at, strict=True):
            logits[mine] += part @ (scaled * weights[:size]) + weights[size]
        margin = np.clip(sign * logits, -40, 40)
        pull = -sign / np.float32(len(truth)) / (1 + np.exp(margin))
        gradient = np.empty(at.shape)
        for (_, mine), back, weights, slope in zip(parts, turned, at, gradient, strict=True):
            slope[:size] = (
                scaled * (back @ pull[mine]) + 2 * np.float32(regularisation) * weights[:size]
            )
            slope[size] = pull[mine].sum()
        norm = float((at[:, :size] ** 2).sum())
        cost = float(np.logaddexp(0, -margin.astype(np.float64)).mean())
        return cost + regularisation * norm, gradient.ravel()

    found = minimize(
        loss,
        np.zeros(len(parts) * (size + 1)),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": ITERATIONS, "maxcor": 6},
    )
    total = found.x.reshape(len(parts), size + 1).sum(axis=0)
    return Fitted(scaled * total[:size].astype(np.float32), float(total[size]))
