"""What the corpus would hold under other rewriters: the arms that the worker is compared with.

Every arm makes the same choice (the documents that the worker wanted to change), leaves protected
spans alone and passes the same gate: what a null rewriter gains in this way, no worker can claim.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tahdhib.gate.gate import Gate
from tahdhib.protect.shelter import Shelter
from tahdhib.protect.shield import spare
from tahdhib.records import Document, Edit
from tahdhib.text.edits import apply
from tahdhib.workers.table import LEARNING
from tahdhib.workers.worker import Worker


@dataclass(frozen=True, slots=True)
class Null:
    """A null rewriter under what the worker is under: protected spans, and the gate."""

    worker: Worker
    shelter: Shelter
    gate: Gate

    def text(self, document: Document) -> str:
        """What is left of the document: its source where the gate refuses."""
        source = document.text
        (proposed,) = self.worker.rewrite([document])
        rewrite = spare(source, proposed, self.shelter)
        is_through = rewrite.drop_reason is None and self.gate.verdict(source, rewrite).accepted
        return rewrite.text if is_through else source


class Arms(NamedTuple):
    """One document's text in each arm. `before` is also the copy arm: copying changes nothing."""

    before: str
    after: str
    random: str
    rules_only: str
    people_only: str


def arms_of(
    document: Document, after: str, edits: Sequence[Edit], is_chosen: bool, null: Null
) -> Arms:
    """The texts of `document` in each arm.

    `after` is the worker's text as the gate left it, `edits` what led there, `is_chosen` whether
    the worker wanted to change the document, refused or not.
    """
    source = document.text
    learned = [edit for edit in edits if edit.by in LEARNING]
    by_rules = [edit for edit in edits if edit.by not in LEARNING]
    return Arms(
        before=source,
        after=after,
        random=null.text(document) if is_chosen else source,
        rules_only=apply(source, by_rules) if learned else after,
        people_only=apply(source, learned) if learned else source,
    )


def words_edited(source: str, edits: Sequence[Edit]) -> int:
    """Words of `source` that the edits delete or replace, whole or in part."""
    return sum(len(source[edit.start : edit.end].split()) for edit in edits)
