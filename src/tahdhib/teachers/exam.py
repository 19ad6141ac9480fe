"""Every example of a conduct put to a teacher: does it do what each rule shows?

An example passes where the teacher's text is the example's own, letter for letter. Of rules that
have no one right wording (no matcher, and something is to be changed) less can be asked: the text
has to be nearer to the example's `after` than its `before` is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from tahdhib.conduct.conduct import Conduct, Example, Rule
from tahdhib.conduct.protocol import Unusable
from tahdhib.records import Interval, Rewrite
from tahdhib.stats.intervals import wilson


@dataclass(frozen=True, slots=True)
class Question:
    """An example of a rule that a teacher is shown the `before` of."""

    rule: Rule
    example: Example

    @property
    def is_exact(self) -> bool:
        """Whether only the example's own text will do."""
        return (
            _edits(self.rule)
            or self.rule.action == "keep"
            or self.example.before == self.example.after
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """How a teacher did on one example; `got` is its text, or why there is none."""

    question: Question
    has_passed: bool
    got: str


@dataclass(frozen=True, slots=True)
class RuleMarks:
    """A rule's marks. `is_claimed`: the teacher says that it keeps this rule."""

    rule: Rule
    is_claimed: bool
    marks: tuple[Mark, ...]

    @property
    def passed(self) -> Interval:
        """Share of the examples that passed, with Wilson's interval."""
        return wilson(sum(mark.has_passed for mark in self.marks), len(self.marks))

    @property
    def failures(self) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.marks if not mark.has_passed)


@dataclass(frozen=True, slots=True)
class Exam:
    """All marks of one teacher on one conduct, rule by rule."""

    conduct: Conduct
    teacher: str
    rules: tuple[RuleMarks, ...]

    @property
    def has_failed(self) -> bool:
        """Whether an example of a claimed rule did not pass."""
        return any(one.failures for one in self.rules if one.is_claimed)


def questions(conduct: Conduct, *, by_matchers: bool) -> list[Question]:
    """The examples to put; with `by_matchers` only those of rules that have a matcher."""
    return [
        Question(rule, example)
        for rule in conduct.rules
        if claims(rule, by_matchers=by_matchers)
        for example in rule.examples
    ]


def claims(rule: Rule, *, by_matchers: bool) -> bool:
    """Whether a teacher says that it keeps `rule`: one of matchers only where there is one, and
    any other every rule that shows by an example what is meant."""
    return _edits(rule) if by_matchers else bool(rule.examples)


def _edits(rule: Rule) -> bool:
    """Whether a matcher does all that the rule asks for: what one that recontextualises finds, a
    model has to say otherwise."""
    return rule.matcher is not None and rule.action != "recontextualise"


def marked(question: Question, taught: Rewrite | Unusable) -> Mark:
    """The mark for what the teacher made of the example."""
    if isinstance(taught, Unusable):
        return Mark(question, False, f"{taught.reason}: {taught.detail}")
    if taught.drop_reason is not None:
        owner = taught.drop_reason
        drops = question.rule.action == "drop" and not question.example.after
        return Mark(question, drops and owner == question.rule.id, f"dropped by {owner}")
    return Mark(question, _passes(question, taught), taught.text)


def marks_by_rule(
    conduct: Conduct, marks: Iterable[Mark], *, by_matchers: bool
) -> tuple[RuleMarks, ...]:
    """The marks of every rule of the conduct, in its order; unclaimed ones have none."""
    given: dict[str, list[Mark]] = {}
    for mark in marks:
        given.setdefault(mark.question.rule.id, []).append(mark)
    return tuple(
        RuleMarks(rule, claims(rule, by_matchers=by_matchers), tuple(given.get(rule.id, ())))
        for rule in conduct.rules
    )


def without_examples(rules: Sequence[RuleMarks]) -> list[str]:
    """Claimed rules that no example tests."""
    return [one.rule.id for one in rules if one.is_claimed and not one.marks]


def _passes(question: Question, taught: Rewrite) -> bool:
    before, after = question.example.before, question.example.after
    if question.is_exact:
        return taught.text == after and _is_its_own(question.rule, taught)
    return Indel.normalized_similarity(taught.text, after) > Indel.normalized_similarity(
        before, after
    )


def _is_its_own(rule: Rule, taught: Rewrite) -> bool:
    """Whether the edits are this rule's, where the teacher can say whose they are."""
    owners = {edit.by for edit in taught.edits if not edit.by.startswith("teacher:")}
    return owners <= {rule.id}
