"""The rules of the conduct as a worker: every document, no model, each edit owned by its rule."""

from collections.abc import Sequence
from dataclasses import dataclass

from tahdhib.conduct.conduct import Conduct, content_hash
from tahdhib.conduct.rewrite import rewrite
from tahdhib.conduct.rules.table import RULES_VERSION
from tahdhib.conduct.terms import lexicon_hash
from tahdhib.records import Document, Rewrite


@dataclass(frozen=True, slots=True)
class RulesWorker:
    """Applies the deterministic rules of a conduct."""

    conduct: Conduct

    @property
    def name(self) -> str:
        return "rules"

    @property
    def hash(self) -> str:
        return content_hash(["rules", RULES_VERSION, self.conduct.hash, lexicon_hash()])

    def rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        return [rewrite(document.text, self.conduct) for document in documents]
