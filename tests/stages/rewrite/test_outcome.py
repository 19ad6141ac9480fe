"""Every document ends in exactly one state, with its reasons."""

from typing import Any, Literal

import pytest

from tahdhib.records import Edit, Reason, Rewrite, Verdict
from tahdhib.stages.rewrite.outcome import outcome_of
from tahdhib.workers.attribute import attribute

ROW = {"id": "a", "text": "نص قديم", "metadata": "{}"}
CHANGED = Rewrite("نص", (Edit(2, 7, "", "edit"),))
REFUSED = Verdict((Reason("length", "too short"), Reason("numbers", "one is gone")))


def test_no_edits_leave_it_untouched() -> None:
    outcome = outcome_of(ROW, Rewrite("نص قديم", ()), Verdict(), "keep")
    assert outcome.document is not None and outcome.document["state"] == "untouched"


def test_an_accepted_rewrite_replaces_the_source_and_keeps_it_beside() -> None:
    document = outcome_of(ROW, CHANGED, Verdict(), "keep").document
    assert document is not None
    assert (document["state"], document["text"], document["source"]) == (
        "rewritten",
        "نص",
        "نص قديم",
    )


def test_a_refused_rewrite_keeps_the_source_and_can_be_read() -> None:
    outcome = outcome_of(ROW, CHANGED, REFUSED, "keep")
    assert outcome.document is not None and outcome.refusal is not None and outcome.drop is None
    assert (outcome.document["state"], outcome.document["text"]) == ("kept", "نص قديم")
    assert outcome.document["reasons"] == ["length", "numbers"] == outcome.refusal["reasons"]


def test_a_refused_rewrite_drops_where_the_recipe_says_so() -> None:
    outcome = outcome_of(ROW, CHANGED, REFUSED, "drop")
    assert outcome.document is None and outcome.drop is not None
    assert outcome.drop["reason"] == "gate:length"


@pytest.mark.parametrize("refused", ["keep", "drop"])
def test_what_the_conduct_drops_is_dropped(refused: Literal["keep", "drop"]) -> None:
    rewrite = Rewrite("", (Edit(0, 7, "", "rule"),), drop_reason="rule")
    outcome = outcome_of(ROW, rewrite, Verdict(), refused)
    assert outcome.document is None and outcome.drop is not None
    assert outcome.drop["reason"] == "conduct:rule"
    assert outcome.drop["text"] == "نص قديم"


@pytest.mark.parametrize(
    ("edit", "rule", "owner"),
    [
        ((2, 5), (3, 4), "rule"),
        ((2, 5), (5, 8), "edit"),
        ((2, 5), (8, 9), "edit"),
        ((3, 3), (3, 3), "rule"),
        ((5, 5), (2, 5), "rule"),
    ],
)
def test_an_edit_is_credited_to_the_rule_that_acts_there(
    edit: tuple[int, int], rule: tuple[int, int], owner: str
) -> None:
    credited = attribute([Edit(*edit, "x", "edit")], [Edit(*rule, "y", "rule")])
    assert [item.by for item in credited] == [owner]


def test_outcomes_carry_the_documents_metadata() -> None:
    outcome: Any = outcome_of({**ROW, "metadata": '{"a":1}'}, CHANGED, Verdict(), "keep")
    assert outcome.document["metadata"] == '{"a":1}'
