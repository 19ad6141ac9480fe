"""The gate: may a rewrite replace its source?

It decides alone and without a model of its own; annotate, rewrite and audit all call it here.
"""

from functools import partial

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.rewrite import removable
from tahdhib.config.recipe import Gate as Settings
from tahdhib.gate.change import FindProtected, change
from tahdhib.gate.checks import CHECKS
from tahdhib.records import Rewrite, Verdict

GATE_SCORERS = ("lexicon",)
"""The scorers by which the gate chooses rewrites: none of them can be the witness."""


class Gate:
    """The checks under one recipe and one conduct; the same answer for the same texts, always."""

    def __init__(
        self,
        settings: Settings,
        conduct: Conduct,
        find_protected: FindProtected | None = None,
    ) -> None:
        self._settings = settings
        self._find_removable = partial(removable, conduct=conduct)
        self._find_protected = find_protected

    def verdict(self, source: str, rewrite: Rewrite) -> Verdict:
        """Accept, or say everything that is wrong.

        A rewrite that changes nothing is accepted at once, and so is one that asks for the
        document to be dropped: that is for the conduct to decide.
        """
        if rewrite.text == source or rewrite.drop_reason is not None:
            return Verdict()
        seen = change(source, rewrite, self._find_removable, self._find_protected)
        reasons = (check(seen, self._settings) for check in CHECKS)
        return Verdict(tuple(reason for reason in reasons if reason is not None))
