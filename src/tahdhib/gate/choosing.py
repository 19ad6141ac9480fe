"""Scorers that choose between several rewrites of one text; the gate then judges the chosen one.

What chooses is no witness: a run refuses one that shares a training set with the witness.
"""

from collections.abc import Sequence

import numpy as np

from tahdhib.conduct.conduct import content_hash
from tahdhib.config.recipe import Drafts
from tahdhib.score.table import Scorer, open_scorer
from tahdhib.workers.edit.drafts import GOOD, HARMLESS, MINDED, Choice


class ScoredChoice:
    """A chooser by a scorer of harm and one of how surprising a text is; either may be missing, and
    then has nothing to say."""

    def __init__(self, settings: Drafts, harm: Scorer | None, surprise: Scorer | None) -> None:
        self._settings = settings
        self._harm, self._surprise = harm, surprise

    def marks(self, sources: Sequence[str], rewrites: Sequence[str]) -> list[int]:
        """See `workers.edit.drafts.Chooser`."""
        is_harmless_N = np.ones(len(rewrites), bool)
        is_fluent_N = np.ones(len(rewrites), bool)
        if self._harm is not None:
            is_harmless_N = self._harm.score(rewrites)[:, 0] < self._settings.threshold
        changed = [at for at, text in enumerate(rewrites) if text != sources[at]]
        if self._surprise is not None and changed:
            before = self._surprise.score([sources[at] for at in changed])[:, 0]
            after = self._surprise.score([rewrites[at] for at in changed])[:, 0]
            is_fluent_N[changed] = after - before <= self._settings.tolerance
        marks = np.where(is_harmless_N, np.where(is_fluent_N, GOOD, HARMLESS), MINDED)
        return [int(mark) for mark in marks]


def open_choice(settings: Drafts) -> Choice | None:
    """Open the scorers that `settings` name; None where they name none.

    Raises:
        RecipeError: no scorer has such a name.
        DataError: its files cannot be read.
    """
    if settings.scorer is None and settings.fluency is None:
        return None
    harm = open_scorer(settings.scorer) if settings.scorer else None
    surprise = open_scorer(settings.fluency) if settings.fluency else None
    versions = [scorer and scorer.card.version for scorer in (harm, surprise)]
    mark = content_hash([settings.leans, settings.threshold, settings.tolerance, versions])
    return Choice(settings.leans, ScoredChoice(settings, harm, surprise), mark)
