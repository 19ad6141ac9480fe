"""Every document climbs the ladder its own way and ends in exactly one state, with its reasons."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from tahdhib.config.recipe import Gate, Protect
from tahdhib.config.recipe import Rewrite as Settings
from tahdhib.processes.apart import Fault
from tahdhib.protect.shelter import open_shelter
from tahdhib.records import Document, Edit, Rewrite
from tahdhib.stages.rewrite.judging import Judging
from tahdhib.stages.rewrite.ladder import Ladder, Rung
from tahdhib.stages.rewrite.outcome import Outcome, outcome_of
from tahdhib.text.edits import apply, diff
from tahdhib.workers.attribute import attribute
from tests.stages.workplaces import EMPTY_CONDUCT

SOURCE = "زار الوفد المدينة يوم الأحد وسلّم 25 كتابًا إلى المكتبة العامة ثم عاد إلى العاصمة"
SOUND = SOURCE.replace("ثم عاد", "وعاد")
OTHER_NUMBER = SOURCE.replace("25", "52")
HALF_SOUND = SOUND.replace("25", "52")
LINES = SOURCE.replace(" ثم", "\n\nثم")
HALF_SOUND_LINES = LINES.replace("ثم عاد", "وعاد").replace("25", "52").replace("العامة", "الكبرى")
ROW = {"id": "a", "text": SOURCE, "metadata": '{"a":1}'}

Making = Callable[[str], str | Fault | None]
"""What a worker makes of a text; None: the conduct drops it."""


def rung(name: str, made: str | Fault | None, *, is_generating: bool = False) -> Rung:
    def answers(documents: Sequence[Document]) -> list[Rewrite | Fault]:
        return [_answer(document.text, made, name) for document in documents]

    return Rung(name, f"hash of {name}", is_generating, answers)


def _answer(text: str, made: str | Fault | None, name: str) -> Rewrite | Fault:
    if isinstance(made, Fault):
        return made
    if made is None:
        return Rewrite(text, (), drop_reason="rule")
    edits = diff(text, made, name)
    return Rewrite(apply(text, edits), edits)


def ended(
    *rungs: Rung, row: Mapping[str, Any] = ROW, judge: Judging | None = None, **settings: Any
) -> Outcome:
    recipe = Settings(**settings)
    own = judge or Judging(Gate(), EMPTY_CONDUCT, open_shelter(Protect()))
    ladder = Ladder(rungs, own, recipe)
    (climber,) = ladder.climb([row])
    return outcome_of(climber, ladder, recipe)


class Demanding(Judging):
    """A judge for whom every text is a generating worker's."""

    def generating_rules(self, text: str) -> tuple[str, ...]:
        return ("a-rule",)


DEMANDING = Demanding(Gate(), EMPTY_CONDUCT, open_shelter(Protect()))
HUNG = Fault("hung", "no answer after 60 s")
LADDER = ("rules", "edit")


def test_no_edits_leave_it_untouched_and_nobody_else_is_asked() -> None:
    outcome = ended(rung("rules", SOURCE), rung("edit", SOUND), ladder=LADDER)
    assert outcome.document is not None
    assert outcome.document["state"] == "untouched"
    assert outcome.document["way"] == ["rules:nothing"]
    assert outcome.document["rung"] == "rules"


def test_an_accepted_rewrite_replaces_the_source_and_keeps_it_beside() -> None:
    document = ended(rung("edit", SOUND)).document
    assert document is not None
    assert (document["state"], document["text"], document["source"]) == ("rewritten", SOUND, SOURCE)
    assert (document["worker"], document["worker_hash"]) == ("edit", "hash of edit")
    assert document["metadata"] == '{"a":1}'


def test_a_refused_rewrite_keeps_the_source_and_can_be_read() -> None:
    outcome = ended(rung("edit", OTHER_NUMBER))
    assert outcome.document is not None and outcome.refusal is not None and outcome.drop is None
    assert (outcome.document["state"], outcome.document["text"]) == ("kept", SOURCE)
    assert outcome.document["reasons"] == ["numbers"] == outcome.refusal["reasons"]
    assert outcome.document["rung"] == "source"


def test_a_refused_rewrite_drops_where_the_recipe_says_so() -> None:
    outcome = ended(rung("edit", OTHER_NUMBER), refused="drop")
    assert outcome.document is None and outcome.drop is not None
    assert outcome.drop["reason"] == "gate:numbers"


@pytest.mark.parametrize("refused", ["keep", "drop"])
def test_what_the_conduct_drops_is_dropped(refused: str) -> None:
    outcome = ended(rung("edit", None), refused=refused)
    assert outcome.document is None and outcome.drop is not None
    assert outcome.drop["reason"] == "conduct:rule"
    assert outcome.drop["text"] == SOURCE


def test_a_worker_alone_has_one_try() -> None:
    outcome = ended(rung("edit", HALF_SOUND))
    assert outcome.document is not None and outcome.document["way"] == ["edit:refused"]


def test_in_a_ladder_the_edits_at_fault_go_and_the_others_stay() -> None:
    row, half = {**ROW, "text": LINES}, LINES.replace("ثم عاد", "وعاد").replace("25", "52")
    sound = LINES.replace("ثم عاد", "وعاد")
    outcome = ended(rung("rules", half), rung("edit", sound), row=row, ladder=LADDER)
    assert outcome.document is not None and outcome.refusal is not None
    assert (outcome.document["state"], outcome.document["text"]) == ("rewritten", sound)
    assert outcome.document["way"] == ["rules:refused", "rules_stricter:accepted"]
    assert outcome.document["rung"] == "rules_stricter"
    assert apply(LINES, [Edit(**edit) for edit in outcome.document["edits"]]) == sound
    assert not outcome.is_refused


def test_edits_of_a_learned_worker_that_stand_close_stay_or_go_together() -> None:
    row = {**ROW, "text": LINES}
    outcome = ended(rung("edit", HALF_SOUND_LINES), row=row, ladder=["edit"])
    assert outcome.document is not None
    assert outcome.document["text"] == LINES.replace("ثم عاد", "وعاد")


def test_where_no_edit_passes_the_next_worker_is_given_the_source() -> None:
    outcome = ended(rung("rules", OTHER_NUMBER), rung("edit", SOUND), ladder=LADDER)
    assert outcome.document is not None
    assert outcome.document["way"] == ["rules:refused", "rules_stricter:nothing", "edit:accepted"]
    assert (outcome.document["worker"], outcome.document["text"]) == ("edit", SOUND)


def test_stricter_can_be_left_out() -> None:
    rungs = rung("rules", HALF_SOUND), rung("edit", SOUND)
    outcome = ended(*rungs, ladder=LADDER, stricter="none")
    assert outcome.document is not None
    assert outcome.document["way"] == ["rules:refused", "edit:accepted"]


def test_a_worker_that_would_change_nothing_ends_the_climb_with_the_reasons_of_the_one_before() -> (
    None
):
    outcome = ended(rung("rules", OTHER_NUMBER), rung("edit", SOURCE), ladder=LADDER)
    assert outcome.document is not None
    assert (outcome.document["state"], outcome.document["reasons"]) == ("kept", ["numbers"])


def test_a_worker_without_an_answer_costs_its_try_only() -> None:
    outcome = ended(rung("rules", HUNG), rung("edit", SOUND), ladder=LADDER)
    assert outcome.document is not None
    assert (outcome.document["state"], outcome.document["text"]) == ("rewritten", SOUND)
    assert outcome.document["way"] == ["rules:hung", "edit:accepted"]
    assert outcome.faults == (
        {"id": "a", "worker": "rules", "kind": "hung", "detail": "no answer after 60 s"},
    )


@pytest.mark.parametrize(("refused", "state"), [("keep", "kept"), ("drop", None)])
def test_without_any_answer_the_source_stays_or_goes(refused: str, state: str | None) -> None:
    outcome = ended(rung("edit", HUNG), refused=refused)
    if state is None:
        assert outcome.drop is not None
        assert (outcome.drop["reason"], outcome.drop["detail"]) == ("worker:hung", HUNG.detail)
    else:
        assert outcome.document is not None
        assert (outcome.document["state"], outcome.document["reasons"]) == (state, ["worker:hung"])


@pytest.mark.parametrize(("most", "is_kept"), [(0.5, False), (50.0, True), (None, True)])
def test_a_source_stays_only_if_its_own_score_allows(
    most: float | None, is_kept: bool, insult: str
) -> None:
    row = {**ROW, "text": f"{SOURCE} يا {insult}"}
    worker = rung("edit", row["text"].replace("25", "52"))
    outcome = ended(worker, row=row, max_source_toxicity=most)
    assert (outcome.document is not None) == is_kept
    if outcome.drop is not None:
        assert outcome.drop["reason"] == "source:toxicity"


def test_what_only_a_generating_worker_may_rewrite_is_handed_up() -> None:
    rungs = rung("rules", SOUND), rung("causal", SOUND, is_generating=True)
    outcome = ended(*rungs, judge=DEMANDING)
    assert outcome.document is not None
    assert outcome.document["way"] == ["rules:accepted", "causal:accepted"]
    assert outcome.document["worker"] == "causal"


def test_once_it_is_handed_up_no_other_worker_that_edits_is_asked() -> None:
    rungs = rung("rules", SOUND), rung("edit", SOUND), rung("causal", SOUND, is_generating=True)
    outcome = ended(*rungs, judge=DEMANDING)
    assert outcome.document is not None
    assert outcome.document["way"] == ["rules:accepted", "edit:handed_up", "causal:accepted"]


@pytest.mark.parametrize("ends", ["keep", "drop"])
def test_without_a_generating_worker_it_ends_as_the_recipe_says(ends: str) -> None:
    outcome = ended(rung("rules", SOUND), judge=DEMANDING, recontextualise=ends)
    if ends == "keep":
        assert outcome.document is not None
        assert (outcome.document["state"], outcome.document["text"]) == ("rewritten", SOUND)
        assert outcome.document["reasons"] == ["recontextualise:a-rule"]
    else:
        assert outcome.drop is not None
        assert outcome.drop["reason"] == "recontextualise:a-rule"


def test_what_stays_too_toxic_is_handed_up_and_the_edits_are_kept_where_nobody_does_better(
    insult: str,
) -> None:
    row = {**ROW, "text": f"{SOURCE} يا {insult}"}
    sound = row["text"].replace("ثم عاد", "وعاد")
    rungs = rung("edit", sound), rung("causal", HUNG, is_generating=True)
    outcome = ended(*rungs, row=row, hand_up_from=1.0)
    assert outcome.document is not None
    assert (outcome.document["state"], outcome.document["text"]) == ("rewritten", sound)
    assert outcome.document["way"] == ["edit:accepted", "causal:hung"]
    assert outcome.document["reasons"] == ["recontextualise:toxicity", "worker:hung"]


@pytest.fixture(scope="module")
def insult() -> str:
    """A term that the lexicon in the package knows in this place, read from it."""
    from tahdhib.conduct.terms import by_first_word
    from tahdhib.score.toxicity.lexicon import count_terms

    for term in by_first_word():
        if term.isalpha() and not term.isascii() and count_terms(f"{SOURCE} يا {term}"):
            return term
    raise AssertionError("the lexicon knows no Arabic term of one word")


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
