"""What rewrites documents: the one face of every worker."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tahdhib.conduct.protocol import Unusable
from tahdhib.records import Document, Rewrite


class Worker(Protocol):
    """Rewrites documents; a pure function of them, whatever the batch they come in."""

    @property
    def name(self) -> str:
        """Kind of the worker, as recipes and reports name it."""

    @property
    def hash(self) -> str:
        """Hash of all that its output depends on: weights, settings, rules."""

    def rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        """Return one rewrite per document, in order; no edits where it would change nothing."""


@runtime_checkable
class Generating(Worker, Protocol):
    """A worker that writes text, of which not every one can be read; `rewrite` then leaves the
    document as it is."""

    def answers(self, documents: Sequence[Document]) -> list[Rewrite | Unusable]:
        """Return one rewrite per document, in order, or why there is none."""
