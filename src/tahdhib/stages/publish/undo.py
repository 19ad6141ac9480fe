"""A corpus without some of its edits: a rule's, a worker's own, or all; see `publish.without`."""

from collections.abc import Collection, Mapping
from typing import Any

from tahdhib.conduct.conduct import Conduct
from tahdhib.errors import RecipeError
from tahdhib.gate.gate import Gate
from tahdhib.records import Edit, Rewrite
from tahdhib.text.edits import apply
from tahdhib.workers.table import KINDS

Row = dict[str, Any]

ALL = "rewritten"
"""The state whose documents become what they were."""


def check_without(without: Collection[str], conduct: Conduct) -> None:
    """Raise RecipeError unless each name is a rule of the conduct, a worker, or `rewritten`."""
    rules = [rule.id for rule in conduct.rules]
    for name in without:
        if name not in (*rules, *KINDS, ALL):
            raise RecipeError(
                f"publish.without: {name!r} is no rule of the conduct {conduct.name!r}, no worker "
                f"({', '.join(KINDS)}) and not {ALL!r}. Rules: {', '.join(rules)}. Name one of "
                "these."
            )


def undone(row: Mapping[str, Any], without: Collection[str], gate: Gate) -> Row:
    """A row of the rewrite stage (REWRITES) with the edits undone that `without` names: by the id
    of the rule behind them, by the worker where no rule is, or all of them.

    What stays of a rewrite must pass the gate again, since an edit can lean on another; where it
    does not, the document is `kept` as its source.
    """
    edits = row["edits"] or []
    rest = [] if ALL in without else [edit for edit in edits if edit["by"] not in without]
    if len(rest) == len(edits):
        return dict(row)
    source = row["source"]
    if not rest:
        return {**row, "text": source, "state": "untouched", "edits": []}
    left = tuple(Edit(**edit) for edit in rest)
    rewrite = Rewrite(apply(source, left), left)
    verdict = gate.verdict(source, rewrite)
    if verdict.accepted:
        return {**row, "text": rewrite.text, "edits": rest}
    reasons = [reason.code for reason in verdict.reasons]
    return {**row, "text": source, "state": "kept", "edits": [], "reasons": reasons}
