"""Lessons as tokens: the prompt as the model will be asked it, then the answer and its end, of
which alone is learned."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from jinja2 import TemplateError

from tahdhib.conduct.conduct import Conduct
from tahdhib.errors import RecipeError
from tahdhib.llm.speaker import STAND_INS, filled, tokens_of
from tahdhib.train.preflight import (
    IGNORED,
    Sample,
    answer_cut,
    end_outside_loss,
    padding_hides_end,
    refuse,
    templates_differ,
)
from tahdhib.workers.causal.answer import Instruction, Output, answer_for, asked, whole
from tahdhib.workers.causal.lessons import Lesson

_SETTINGS = "worker.causal"
_LOOKED_AT = 64
"""Lessons of which the prompts are compared; a template that differs does so at once."""


class Writer:
    """Puts lessons into the tokens of one tokenizer (of transformers)."""

    def __init__(
        self, tokenizer: Any, conduct: Conduct, instruction: Instruction, output: Output
    ) -> None:
        self.tokenizer = tokenizer
        self._conduct, self._instruction, self._output = conduct, instruction, output
        self._template = filled(tokenizer, "worker.causal.model: the model")

    def sample(self, lesson: Lesson) -> Sample:
        """The prompt, outside the loss; the answer and its end, inside."""
        return self._sample(lesson.source, answer_for(lesson.source, lesson.rewrite, self._output))

    def copy(self, text: str) -> Sample:
        """A text that is written again as it is."""
        return self._sample(text, whole(text))

    def _sample(self, source: str, text: str) -> Sample:
        told = asked(source, self._conduct, self._instruction)
        contents = dict(zip(STAND_INS, told, strict=True))
        prompt = tokens_of(self.tokenizer, self._template, contents)
        answer = tokens_of(self.tokenizer, [text], {text: text})
        answer.append(self.tokenizer.eos_token_id)
        return Sample([*prompt, *answer], [IGNORED] * len(prompt) + answer)

    def served(self, lesson: Lesson) -> list[int]:
        """The prompt as a server makes it, which fills the template itself.

        Raises:
            RecipeError: the template takes no such question.
        """
        system, user = asked(lesson.source, self._conduct, self._instruction)
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        try:
            text = self.tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=True
            )
        except (TemplateError, ValueError) as error:
            raise RecipeError(
                f"worker.causal.model: the chat template takes no message of the system ({error}), "
                "so no server could be asked what the worker learns from. Set "
                "worker.causal.template=plain."
            ) from error
        tokens: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return tokens

    def show(self, tokens: Sequence[int]) -> str:
        """Tokens as text, special ones too."""
        return str(self.tokenizer.decode(list(tokens)))


def check_samples(
    lessons: Sequence[Lesson], samples: Sequence[Sample], writer: Writer, ends: frozenset[int]
) -> None:
    """The preflight of what is fed.

    Raises:
        RecipeError: the model would learn not to stop, or from other prompts than it is asked.
    """
    compared = list(islice(_plain(lessons, samples, writer.tokenizer), _LOOKED_AT))
    refuse(
        end_outside_loss(samples, ends, writer.show),
        templates_differ(
            (_prompt(sample) for _, sample in compared),
            (writer.served(lesson) for lesson, _ in compared),
            writer.show,
        ),
        of=_SETTINGS,
    )


def check_trainer(
    samples: Sequence[Sample],
    fed: Sequence[Sample],
    collate: Callable[[list[dict[str, Any]]], dict[str, Any]],
    writer: Writer,
    ends: frozenset[int],
) -> None:
    """The preflight of what the trainer makes of it: `fed` it holds, `collate` makes batches.

    Raises:
        RecipeError: answers are cut, or their ends go out of the loss with the padding.
    """
    some = [sample._asdict() for sample in fed[:_LOOKED_AT]]
    batch = collate(some)
    rows = map(Sample, batch["input_ids"].tolist(), batch["labels"].tolist())
    refuse(
        answer_cut(samples, fed, writer.show),
        padding_hides_end(rows, writer.tokenizer.pad_token_id, ends, writer.show),
        of=_SETTINGS,
    )


def _prompt(sample: Sample) -> Sequence[int]:
    return sample.input_ids[: len(sample.labels) - len(sample.learned)]


def _plain(
    lessons: Sequence[Lesson], samples: Sequence[Sample], tokenizer: Any
) -> Iterator[tuple[Lesson, Sample]]:
    """Those whose texts hold no special token: a server reads it as one, and we as text."""
    special = tokenizer.all_special_tokens
    for lesson, sample in zip(lessons, samples, strict=True):
        if not any(token in lesson.source for token in special):
            yield lesson, sample
