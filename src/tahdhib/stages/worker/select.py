"""Which pairs a worker learns from: all, or those at one end of what rewriting did to perplexity.

The paper's selection (arXiv 2412.03253, appendix F): a thousand pairs whose rewrite lowers the
perplexity most (heavy edits), a thousand with the least fall, or as many at random.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tahdhib.config.recipe import SelectPairs
from tahdhib.score.table import Scorer
from tahdhib.stats.draw import rank
from tahdhib.workers.edit.examples import TrainingPair

NOT_SELECTED = "not_selected"


def select(
    pairs: Sequence[TrainingPair], settings: SelectPairs, scorer: Scorer | None, seed: int
) -> list[TrainingPair]:
    """The pairs that `settings` ask for, by id; equals are told apart by a draw over ids.
    `scorer` says how surprising a text is by its first score; only a random selection can do
    without."""
    if settings.by == "all":
        return list(pairs)
    if settings.by == "random" or scorer is None:
        falls = np.zeros(len(pairs))
    else:
        falls = perplexity_falls(pairs, scorer) * (-1 if settings.by == "low" else 1)
    order = sorted(
        range(len(pairs)),
        key=lambda place: (-falls[place], rank("select pairs", seed, pairs[place].id)),
    )
    return sorted((pairs[place] for place in order[: settings.pairs]), key=lambda pair: pair.id)


def not_selected(pairs: int, settings: SelectPairs) -> int:
    """How many of so many pairs `settings` leave out."""
    return 0 if settings.by == "all" else max(0, pairs - settings.pairs)


def perplexity_falls(pairs: Sequence[TrainingPair], scorer: Scorer) -> NDArray[np.float64]:
    """How much less surprising the (first) rewrite of each of N pairs is than its source (N,)."""
    before = scorer.score([pair.source for pair in pairs])[:, 0]
    after = scorer.score([pair.rewrites[0] for pair in pairs])[:, 0]
    return np.asarray(before - after)
