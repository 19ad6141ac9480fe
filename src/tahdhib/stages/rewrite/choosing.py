"""What chooses between drafts of the edit worker: the gate, as it will judge, and scorers.

A scorer that chooses is no witness: a run refuses one that shares a training set with the witness.
"""

from collections.abc import Callable, Sequence

import numpy as np

from tahdhib.conduct.conduct import Conduct, content_hash
from tahdhib.config.recipe import Drafts, Protect
from tahdhib.config.recipe import Gate as GateSettings
from tahdhib.gate.gate import Gate
from tahdhib.protect.shelter import open_shelter
from tahdhib.protect.shield import spare
from tahdhib.records import Rewrite
from tahdhib.score.table import Scorer, open_scorer
from tahdhib.workers.edit.drafts import GOOD, HARMLESS, MINDED, REFUSED, Choice

Accepts = Callable[[str, Rewrite], bool]
"""Whether the gate lets the rewrite of a text through."""
Spared = Callable[[str, Rewrite], Rewrite]
"""The rewrite of a text without its edits of protected spans."""


class ScoredChooser:
    """A chooser by the gate, by a scorer of harm and by one of how surprising a text is; a scorer
    that is missing has nothing to say. All read what is left of a rewrite after `spared`."""

    def __init__(
        self,
        settings: Drafts,
        accepts: Accepts,
        harm: Scorer | None,
        surprise: Scorer | None,
        spared: Spared = lambda _text, rewrite: rewrite,
    ) -> None:
        self._settings, self._accepts, self._spared = settings, accepts, spared
        self._harm, self._surprise = harm, surprise

    def marks(self, sources: Sequence[str], rewrites: Sequence[Rewrite]) -> list[int]:
        """See `workers.edit.drafts.Chooser`."""
        rewrites = list(map(self._spared, sources, rewrites))
        after = [rewrite.text for rewrite in rewrites]
        is_harmless_N = np.ones(len(after), bool)
        is_fluent_N = np.ones(len(after), bool)
        if self._harm is not None:
            is_harmless_N = self._harm.score(after)[:, 0] < self._settings.threshold
        changed = [at for at, text in enumerate(after) if text != sources[at]]
        if self._surprise is not None and changed:
            then = self._surprise.score([sources[at] for at in changed])[:, 0]
            now = self._surprise.score([after[at] for at in changed])[:, 0]
            is_fluent_N[changed] = now - then <= self._settings.tolerance
        marks_N = np.where(is_harmless_N, np.where(is_fluent_N, GOOD, HARMLESS), MINDED)
        for at in changed:
            if not self._accepts(sources[at], rewrites[at]):
                marks_N[at] = REFUSED
        return [int(mark) for mark in marks_N]


def open_choice(
    settings: Drafts, gate: GateSettings, conduct: Conduct, protect: Protect
) -> Choice | None:
    """Open the scorers that `settings` name; None where they name none.

    Raises:
        RecipeError: no scorer has such a name.
        DataError: its files cannot be read.
    """
    if not settings.choosing:
        return None
    harm = open_scorer(settings.scorer) if settings.scorer else None
    surprise = open_scorer(settings.fluency) if settings.fluency else None
    shelter = open_shelter(protect)
    judge = Gate(gate, conduct, shelter.spans)

    def accepts(text: str, rewrite: Rewrite) -> bool:
        return judge.verdict(text, rewrite).accepted

    def spared(text: str, rewrite: Rewrite) -> Rewrite:
        return spare(text, rewrite, shelter)

    versions = [scorer and scorer.card.version for scorer in (harm, surprise)]
    numbers = [settings.leans, settings.threshold, settings.tolerance]
    mark = content_hash([numbers, versions, gate.model_dump(mode="json"), conduct.hash])
    return Choice(settings.leans, ScoredChooser(settings, accepts, harm, surprise, spared), mark)
