"""Which labelled rows are copies of each other, nearly: they may not stand on both sides of a
measurement.

Rows are near where their runs of three words, sorted out, agree by more than half (Jaccard), after
the folding that the scorer reads by; what hangs together through such pairs is one group.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tahdhib.match.shingles import shingles
from tahdhib.score.grams import letters
from tahdhib.score.training.solver import scipy_or_error

WORDS = 3
SIMILAR = 0.5
_AT_ONCE = 4000


def near_groups(texts: Sequence[str]) -> NDArray[np.int64]:
    """A number per text (N,), equal for texts that hang together through near copies.

    Raises:
        MissingExtraError: scipy is not installed.
    """
    sparse = scipy_or_error()
    found = [shingles(form, WORDS) for form in _forms(texts)]
    sizes = np.array([len(one) for one in found], dtype=np.int64)
    rows = np.repeat(np.arange(len(texts)), sizes)
    flat = np.concatenate(found) if found else np.zeros(0, np.uint64)
    _, column, counts = np.unique(flat, return_inverse=True, return_counts=True)
    shared = counts[column] > 1
    table = sparse.csr_matrix(
        (np.ones(int(shared.sum()), np.int32), (rows[shared], column[shared])),
        shape=(len(texts), max(1, len(counts))),
    )
    turned = table.T.tocsr()
    left: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    right: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for at in range(0, len(texts), _AT_ONCE):
        pairs = (table[at : at + _AT_ONCE] @ turned).tocoo()
        one, two, both = pairs.row.astype(np.int64) + at, pairs.col.astype(np.int64), pairs.data
        near = (one < two) & (both > SIMILAR * (sizes[one] + sizes[two] - both))
        left.append(one[near])
        right.append(two[near])
    edges = (np.concatenate(left), np.concatenate(right))
    graph = sparse.csr_matrix((np.ones(len(edges[0])), edges), shape=(len(texts), len(texts)))
    from scipy.sparse.csgraph import connected_components

    _, group = connected_components(graph, directed=False)
    return np.asarray(group, dtype=np.int64)


def _forms(texts: Sequence[str]) -> list[str]:
    """The letters that the scorer reads, as text."""
    forms: list[str] = []
    for at in range(0, len(texts), _AT_ONCE):
        part = texts[at : at + _AT_ONCE]
        codes, owner = letters(part)
        ends = np.searchsorted(owner, np.arange(len(part) + 1))
        joined = codes.astype("<u4").tobytes().decode("utf-32-le", "replace")
        forms += [joined[start:end] for start, end in pairwise(ends)]
    return forms
