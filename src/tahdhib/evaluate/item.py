"""What a benchmark asks, what a model answers, and what a variant of a benchmark is."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Ask = Literal["letters", "likelihood", "generation", "lm-eval"]
"""How a model is asked.

    letters     one forward pass; the logits of the last position at the token of each choice
    likelihood  the sum of the log-probabilities of each choice's tokens behind the prompt
    generation  text behind the prompt, greedy or drawn; a rule or a scorer reads it
    lm-eval     by lm-eval's own task: its log-likelihoods of the choices
"""

Row = Mapping[str, Any]
Checked = Mapping[str, bool | tuple[bool, ...]]
"""Of one answer, by metric whether it does what is asked, or that for each of several things."""


@dataclass(frozen=True, slots=True)
class Item:
    """One question as a model gets it.

    `id` and `subject` are the benchmark's own, `row` is what its file holds, `right` the place of
    the right answer among `choices`, `examples` the rows of worked ones that the prompt shows,
    where lm-eval needs them.
    """

    id: str
    subject: str
    prompt: str
    choices: tuple[str, ...]
    right: int
    row: Row
    examples: tuple[Row, ...] = ()


@dataclass(slots=True)
class Items:
    """What a variant makes of a benchmark's files.

    `skipped` counts rows that are no item, by reason, `mended` items of which known dirt was
    cleaned, `shots` the worked examples of each subject, where there are any.
    """

    found: list[Item] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    mended: Counter[str] = field(default_factory=Counter)
    shots: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered: a score per choice, or a text. `cut` tokens of the prompt were left
    out at its start, since the model reads no more."""

    scores: tuple[float, ...] = ()
    text: str = ""
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Variant:
    """A benchmark as one group of people runs it. Scores of different variants are not comparable.

    Args:
        name: of the variant, with that of its benchmark; names files, options and results.
        benchmark: the benchmark's own name.
        says: what tells this variant from others, in words.
        published: items that the benchmark's authors score.
        version: raised when the same files give other prompts or scores.
        files: patterns of the files of items below the data folder; the first that matches counts.
        shots: the same for the file of worked examples; none for a variant without.
        items: makes items of the rows of `files` and of `shots`.
        ask: how the model is asked.
        read: of a generation, the choice that its text names, or None.
        checks: of a generation, what its text does of what is asked; the first metric says whether
            it counts as right.
        new_tokens: how many tokens are generated.
        temperature: at which tokens are drawn; 0 takes the likeliest.
        chat: whether a prompt is put into the model's chat template, where it has one.
        lead: what stands between a prompt and a choice whose likelihood is asked for.
        metric: `acc`, the share of right answers, or `f1`, the mean of the F1 of all choices.
        categories: of fields of subjects, where means of means are reported.
        template: of lm-eval's own task, its file in lm-eval's package, by subject.
        home: where the hub has these files, at a fixed commit; empty where no such place is known.
    """

    name: str
    benchmark: str
    says: str
    published: int
    version: int
    files: tuple[str, ...]
    items: Callable[[Sequence[Row], Sequence[Row]], Items]
    ask: Ask
    shots: tuple[str, ...] = ()
    read: Callable[[str], str | None] | None = None
    checks: Callable[[Item, str], Checked] | None = None
    new_tokens: int = 0
    temperature: float = 0.0
    chat: bool = False
    lead: str = ""
    metric: Literal["acc", "f1"] = "acc"
    categories: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    template: str = ""
    home: str = ""

    def choice(self, item: Item, answer: Answer) -> int | None:
        """The place of the choice that the model took; None where a rule finds none. Of equal
        scores the first counts, as in numpy's argmax, which the authors' code uses."""
        if self.read is None:
            return max(range(len(item.choices)), key=lambda at: (answer.scores[at], -at))
        named = self.read(answer.text)
        return item.choices.index(named) if named in item.choices else None
