"""Rewrite a text by the rules of a conduct that need no model.

The rules run in the order of the table of matchers, each over the result of those before it, and
the round is repeated until nothing changes: so a rewritten text is one that the rules leave alone.
Inside ﴿ ﴾ nothing is ever changed.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from tahdhib.conduct.conduct import Conduct, Rule
from tahdhib.conduct.rules.change import Change
from tahdhib.conduct.rules.table import MATCHERS
from tahdhib.records import Edit, Rewrite, Span
from tahdhib.text.edits import apply, compose, settle
from tahdhib.text.placeholders import without_placeholders

_QURAN = re.compile("[﴾﴿][^﴾﴿]{1,4000}[﴾﴿]")
_MAX_ROUNDS = 8
_NOT_EDITING = ("drop", "recontextualise")
_WORDY = re.compile(r"[^\W_]")


def rewrite(text: str, conduct: Conduct) -> Rewrite:
    """Return the text as the conduct's rules make it, with each edit owned by its rule.

    `drop_reason` is the rule behind it when a rule with the action `drop` finds something, or when
    the rules leave no word. A text that does not come to rest in a few rounds (hostile nesting)
    is left as it is, which keeps the promise that rewriting twice is rewriting once.

    Two conducts whose `acting` rules for a text do the same (`in_force.deeds`) rewrite it equally,
    and `removable` is equal too: a rule that never finds anything has no say.
    """
    dropper = next((rule for rule in conduct.rules if _drops(rule, text)), None)
    if dropper is not None:
        removers = {rule.id for rule in _in_order(conduct) if rule.removes and _edits(text, rule)}
        acting = {dropper.id, *removers, *recontextualising(text, conduct)}
        return Rewrite(text, (), dropper.id, _by_conduct(acting, conduct))
    rules = _in_order(conduct)
    edits: tuple[Edit, ...] = ()
    acting = set(recontextualising(text, conduct))
    current = text
    for round_number in range(_MAX_ROUNDS):
        changed = False
        for rule in rules:
            found = _edits(current, rule)
            if found:
                current = apply(current, found)
                edits = compose(edits, found)
                changed = True
                acting.add(rule.id)
            elif not round_number and rule.removes and edits and _edits(text, rule):
                acting.add(rule.id)  # nothing is left for it here, but `removable` goes by it
        if not changed:
            break
    else:
        return Rewrite(text, (), None, _by_conduct(acting, conduct))
    edits = tuple(edit for edit in edits if text[edit.start : edit.end] != edit.new)
    reason = _emptied_by(text, current, edits)
    return Rewrite(current, edits, reason, _by_conduct(acting, conduct))


def removable(text: str, conduct: Conduct) -> tuple[Span, ...]:
    """Return the stretches of `text` that rules with `removes` would take away, by rule id.

    They are what the rules find in the text itself and what they take in the course of a whole
    rewrite; where the two overlap they are one span.
    """
    removing = [rule for rule in _in_order(conduct) if rule.removes]
    found = [edit for rule in removing for edit in _edits(text, rule)]
    ids = {rule.id for rule in removing}
    if found:
        found += [edit for edit in rewrite(text, conduct).edits if edit.by in ids]
    return _merged(found)


def recontextualising(text: str, conduct: Conduct) -> tuple[str, ...]:
    """Ids of the rules with the action `recontextualise` that find something in `text`. What they
    find is harmful and informative: no deterministic rule can say it otherwise, so none tries."""
    return tuple(
        rule.id
        for rule in conduct.rules
        if rule.action == "recontextualise" and rule.matcher and _edits(text, rule)
    )


def _drops(rule: Rule, text: str) -> bool:
    if rule.action != "drop" or not rule.matcher:
        return False
    return any(True for _ in MATCHERS[rule.matcher](text))


def _by_conduct(ids: set[str], conduct: Conduct) -> tuple[str, ...]:
    return tuple(rule.id for rule in conduct.rules if rule.id in ids)


def _in_order(conduct: Conduct) -> list[Rule]:
    by_matcher = {rule.matcher: rule for rule in conduct.rules if rule.action not in _NOT_EDITING}
    return [by_matcher[name] for name in MATCHERS if name in by_matcher]


def _edits(text: str, rule: Rule) -> tuple[Edit, ...]:
    changes = list(MATCHERS[rule.matcher or ""](text))
    if not changes:
        return ()
    if "﴿" in text or "﴾" in text:
        changes = _outside(changes, _quotes(text))
    changes.sort()
    edits = [Edit(start, end, new, rule.id) for start, end, new in changes]
    if all(one.end < two.start for one, two in pairwise(changes)):  # nothing to settle
        return tuple(edit for edit in edits if text[edit.start : edit.end] != edit.new)
    return settle(text, edits)


class _Quotes(NamedTuple):
    starts: list[int]
    ends: list[int]


def _quotes(text: str) -> _Quotes:
    spans = [match.span() for match in _QURAN.finditer(text)]
    return _Quotes([start for start, _ in spans], [end for _, end in spans])


def _outside(changes: Iterable[Change], quotes: _Quotes) -> list[Change]:
    kept = []
    for change in changes:
        before = bisect_right(quotes.starts, max(change.start, change.end - 1)) - 1
        if before < 0 or quotes.ends[before] <= change.start:
            kept.append(change)
    return kept


def _emptied_by(source: str, result: str, edits: Sequence[Edit]) -> str | None:
    """The rule that took most of a text of which no word is left, else None."""
    if not edits or not _WORDY.search(source) or _WORDY.search(without_placeholders(result)):
        return None
    taken: Counter[str] = Counter()
    for edit in edits:
        taken[edit.by] += edit.end - edit.start
    return max(taken, key=lambda rule_id: (taken[rule_id], rule_id))


def _merged(edits: Iterable[Edit]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end, edit.by)):
        if edit.start == edit.end:
            continue
        if spans and edit.start <= spans[-1].end:
            last = spans[-1]
            spans[-1] = Span(last.start, max(last.end, edit.end), last.kind)
        else:
            spans.append(Span(edit.start, edit.end, edit.by))
    return tuple(spans)
