"""What the corpus would hold under other rewriters: the arms that the worker is compared with.

Every arm makes the same choice (the documents that the worker wanted to change) and passes the
same gate: what a null rewriter gains in this way, no worker can claim.
"""

from collections.abc import Sequence
from typing import NamedTuple

from tahdhib.gate.gate import Gate
from tahdhib.records import Document, Edit
from tahdhib.text.edits import apply
from tahdhib.workers.worker import Worker


class Arms(NamedTuple):
    """One document's text in each arm. `before` is also the copy arm: copying changes nothing."""

    before: str
    after: str
    random: str
    rules_only: str
    people_only: str


def arms_of(
    document: Document, after: str, edits: Sequence[Edit], is_chosen: bool, null: Worker, gate: Gate
) -> Arms:
    """The texts of `document` in each arm.

    `after` is the worker's text as the gate left it, `edits` what led there, `is_chosen` whether
    the worker wanted to change the document, refused or not.
    """
    source = document.text
    learned = [edit for edit in edits if edit.by == "edit"]
    by_rules = [edit for edit in edits if edit.by != "edit"]
    return Arms(
        before=source,
        after=after,
        random=_through_gate(document, null, gate) if is_chosen else source,
        rules_only=apply(source, by_rules) if learned else after,
        people_only=apply(source, learned) if learned else source,
    )


def _through_gate(document: Document, null: Worker, gate: Gate) -> str:
    (rewrite,) = null.rewrite([document])
    if rewrite.drop_reason is not None or not gate.verdict(document.text, rewrite).accepted:
        return document.text
    return rewrite.text


def words_edited(source: str, edits: Sequence[Edit]) -> int:
    """Words of `source` that the edits delete or replace, whole or in part."""
    return sum(len(source[edit.start : edit.end].split()) for edit in edits)
