"""What a matcher yields. It does not know which rule of which conduct it serves: the runner
stamps the rule's id when it turns changes into edits."""

from collections.abc import Callable, Iterable
from typing import NamedTuple


class Change(NamedTuple):
    """Replace `text[start:end]` by `new`."""

    start: int
    end: int
    new: str


Matcher = Callable[[str], Iterable[Change]]
"""Finds what a rule would change. Pure, linear in the text, and quick to say that there is
nothing; what it yields may overlap, the runner settles that."""
