"""The stamps of rows that were made under one conduct, as another one would give them.

A row whose stamp does not change is what it would be if it were made anew, and may stay.
"""

from collections.abc import Mapping
from typing import Any

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.in_force import InForce, Telling, acting_on, deeds, in_force


class Restamp:
    """From rows under `old` to stamps under `new`; `telling` is of `new`, None where no model was
    asked."""

    def __init__(self, old: Conduct, new: Conduct, telling: Telling | None) -> None:
        self._new = new
        self._telling = telling
        before, after = _all_deeds(old), _all_deeds(new)
        self._left = {str(deed[0]) for deed in after}
        self.needs_texts = not _is_part(after, before)
        """Whether a rule may now find something where none did: only the text can tell."""

    def of(self, stamp: Mapping[str, Any], text: str) -> InForce | None:
        """The stamp that the row would have now; None: another one, whichever."""
        acting = tuple(stamp["acting"])
        if self.needs_texts:
            acting = acting_on(text, self._new)
        elif not self._left.issuperset(acting):
            return None
        told = None if self._telling is None else self._telling.of(text)
        return in_force(self._new, acting, told)

    def stays(self, stamp: Mapping[str, Any], text: str) -> bool:
        """Whether the row is what it would be if it were made now."""
        now = self.of(stamp, text)
        return now is not None and now.hash == stamp["rules_hash"]


def _all_deeds(conduct: Conduct) -> list[list[object]]:
    return deeds(conduct, tuple(rule.id for rule in conduct.rules if rule.matcher))


def _is_part(part: list[list[object]], whole: list[list[object]]) -> bool:
    """Whether `part` is `whole` with some left out: nothing new, and in the same order."""
    rest = iter(whole)
    return all(one in rest for one in part)
