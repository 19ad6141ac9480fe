"""What the answers to a variant's items come to: right or wrong by item, scores with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tahdhib.evaluate.item import Answer, Checked, Items, Variant
from tahdhib.records import Interval
from tahdhib.stats.intervals import bootstrap_mean, macro_f1, wilson

SEED = 17
REPETITIONS = 2000


@dataclass(frozen=True, slots=True)
class Result:
    """A model's answers to the items of a variant, in the order of the file.

    `choices` are the places that the model chose, None where no rule found one; `score` is the
    variant's metric, `accuracy` the share of right answers, `subjects` the same by subject.
    `checked` is by item what a variant with checks says of its answer, `more` the mean of each of
    its metrics, over prompts where it has several things to each.
    `in_corpus` says of each item, where a corpus was looked through, whether it stands in it; None
    where it is too short to be looked for.
    """

    variant: Variant
    items: Items
    answers: tuple[Answer, ...]
    choices: tuple[int | None, ...]
    score: Interval
    accuracy: Interval
    subjects: dict[str, Interval]
    checked: tuple[Checked, ...] = ()
    more: dict[str, Interval] = field(default_factory=dict)
    in_corpus: tuple[bool | None, ...] = ()

    @property
    def used(self) -> int:
        """Items that were scored."""
        return len(self.items.found)

    @property
    def is_whole(self) -> bool:
        """Whether these are all the items that the benchmark's authors score."""
        return self.used == self.variant.published

    @property
    def name(self) -> str:
        """Name for files and results: that of the variant, and `part` where it is not whole."""
        if self.is_whole:
            return self.variant.name
        benchmark, _, rest = self.variant.name.partition("_")
        return f"{benchmark}_part_{rest}"

    @property
    def title(self) -> str:
        """What was measured, in words; a part never has the benchmark's name alone."""
        of = f"{self.used:,} of {self.variant.published:,} items published"
        whole = self.variant.benchmark if self.is_whole else f"a part of {self.variant.benchmark}"
        return f"{whole} ({of}): {self.variant.says}"

    @property
    def right(self) -> list[bool]:
        """By item, whether the answer is right."""
        pairs = zip(self.items.found, self.choices, strict=True)
        return [choice == item.right for item, choice in pairs]

    @property
    def by_subject(self) -> float:
        """Mean of the subjects' accuracies, each counting the same."""
        return float(np.mean([one.estimate for one in self.subjects.values()]))

    @property
    def by_category(self) -> float | None:
        """Mean over categories of the mean over fields of the mean over subjects; None where the
        benchmark has no categories, or a subject lacks items."""
        categories = self.variant.categories
        named = {one for fields in categories.values() for many in fields.values() for one in many}
        if not named or not named <= self.subjects.keys():
            return None
        means = [
            np.mean([np.mean([self.subjects[one].estimate for one in many]) for many in fields])
            for fields in (each.values() for each in categories.values())
        ]
        return float(np.mean(means))

    def among(self, is_there: bool) -> Interval:
        """Accuracy on the items that stand in the corpus, or on those that do not."""
        pairs = zip(self.right, self.in_corpus, strict=True)
        chosen = [right for right, there in pairs if there is is_there]
        return wilson(sum(chosen), len(chosen))

    @property
    def unread(self) -> int:
        """Answers in which the rule found no choice."""
        return sum(choice is None for choice in self.choices)

    @property
    def cut(self) -> int:
        """Items whose prompt was longer than the model reads."""
        return sum(answer.cut > 0 for answer in self.answers)


def result_of(variant: Variant, items: Items, answers: Sequence[Answer]) -> Result:
    """Score `answers`, one per item."""
    pairs = list(zip(items.found, answers, strict=True))
    checked: tuple[Checked, ...] = ()
    choices: tuple[int | None, ...]
    if variant.checks is None:
        choices = tuple(variant.choice(item, answer) for item, answer in pairs)
    else:
        checked = tuple(variant.checks(item, answer.text) for item, answer in pairs)
        choices = tuple(int(not next(iter(one.values()))) for one in checked)
    right = [choice == item.right for item, choice in zip(items.found, choices, strict=True)]
    by: dict[str, list[bool]] = {}
    for item, is_right in zip(items.found, right, strict=True):
        by.setdefault(item.subject, []).append(is_right)
    accuracy = wilson(sum(right), len(right))
    return Result(
        variant=variant,
        items=items,
        answers=tuple(answers),
        choices=choices,
        score=accuracy if variant.metric == "acc" else _f1(items, choices),
        accuracy=accuracy,
        subjects={name: wilson(sum(by[name]), len(by[name])) for name in sorted(by)},
        checked=checked,
        more={name: _mean([one[name] for one in checked]) for name in next(iter(checked), {})},
    )


def _mean(values: Sequence[bool | tuple[bool, ...]]) -> Interval:
    """The share of truths; where an item has several, over items, whose truths depend on each
    other."""
    each = [(one,) if isinstance(one, bool) else one for one in values]
    flat = [truth for one in each for truth in one]
    if len(flat) == len(each):
        return wilson(sum(flat), len(flat))
    owners = [at for at, one in enumerate(each) for _ in one]
    return bootstrap_mean(flat, seed=SEED, repetitions=REPETITIONS, clusters=owners)


def _f1(items: Items, choices: Sequence[int | None]) -> Interval:
    """Mean F1 over the choices; an answer without one is a class of its own that nothing is."""
    count = max(len(item.choices) for item in items.found)
    table = np.zeros((count + 1, count + 1), dtype=np.int64)
    for item, choice in zip(items.found, choices, strict=True):
        table[item.right, count if choice is None else choice] += 1
    return macro_f1(table, seed=SEED, repetitions=REPETITIONS, classes=range(count))
