"""Who is behind a worker's edit: a rule that would act there too, or the worker alone."""

from collections.abc import Sequence
from dataclasses import replace

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.rewrite import rewrite as rewrite_by_rules
from tahdhib.records import Edit, Rewrite


def credited(text: str, rewrite: Rewrite, worker: str, conduct: Conduct) -> Rewrite:
    """Name the rule behind each edit of a learned `worker`, where one would act there too."""
    if worker == "rules" or not rewrite.edits:
        return rewrite
    return replace(rewrite, edits=attribute(rewrite.edits, rewrite_by_rules(text, conduct).edits))


def attribute(edits: Sequence[Edit], rule_edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Credit each of a worker's `edits` to the rule whose own edit of the same source overlaps it.

    An edit that no rule edit meets keeps its `by`: it is what the worker learned from people.
    Both lists are normal (see `text.edits`); an insertion meets an edit that touches its place.
    """
    credited: list[Edit] = []
    cursor = 0
    for edit in edits:
        while cursor < len(rule_edits) and rule_edits[cursor].end < edit.start:
            cursor += 1
        owner = next((rule.by for rule in rule_edits[cursor:] if _meets(edit, rule)), None)
        credited.append(edit if owner is None else replace(edit, by=owner))
    return tuple(credited)


def _meets(edit: Edit, rule: Edit) -> bool:
    if edit.start == edit.end or rule.start == rule.end:
        return edit.start <= rule.end and rule.start <= edit.end
    return edit.start < rule.end and rule.start < edit.end
