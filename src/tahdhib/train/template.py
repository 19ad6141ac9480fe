"""The one template by which conversations become tokens: for training, for asking and for judging.

A tokenizer's own chat template writes the text, as any server does. What is asked becomes tokens as
a whole; in training each answer with its end becomes tokens by itself, because a model that is
asked writes them one by one after what it was asked.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError

from tahdhib.errors import RecipeError
from tahdhib.train.conversations import Message, Unfit
from tahdhib.train.preflight import IGNORED, Sample

PLAIN = (
    "{% if bos_token and bos_token != eos_token %}{{ bos_token }}{% endif %}"
    "{% for message in messages %}### {{ message['role'] }}\n{{ message['content'] }}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}\n\n{% endfor %}"
    "{% if add_generation_prompt %}### assistant\n{% endif %}"
)
"""For a model that comes without a chat template, in words that any tokenizer has."""


def check_syntax(tokenizer: Any, file: str) -> None:
    """Refuse a chat template, which `file` holds, that cannot be read as one.

    Raises:
        RecipeError: it cannot.
    """
    try:
        tokenizer.apply_chat_template([{"role": "user", "content": "?"}], tokenize=False)
    except TemplateSyntaxError as error:
        raise RecipeError(
            f"template: {file}, line {error.lineno}: is no chat template ({error.message}). Mend "
            "it, or leave it out for the model's own."
        ) from error
    except (TemplateError, ValueError):
        pass  # it is one, and takes no such conversation


class Template:
    """A tokenizer (of transformers) with its chat template, and the tokens that end an answer."""

    def __init__(self, tokenizer: Any, ends: frozenset[int]) -> None:
        self.tokenizer, self.ends = tokenizer, ends
        self._marks = [token for token in tokenizer.all_special_tokens if token]
        self._end_marks = sorted(tokenizer.convert_ids_to_tokens(sorted(ends)), key=len)[::-1]

    def asked(self, messages: Sequence[Message]) -> list[int]:
        """The tokens after which the model is to answer the last message.

        Raises:
            Unfit: the template takes no such conversation.
        """
        return self._tokens(self._text(messages, asking=True))

    def sample(self, messages: Sequence[Message], *, every_answer: bool = False) -> Sample:
        """A conversation that ends with an answer; the last answer with its end is in the loss, or
        each of them.

        Raises:
            Unfit: the template takes no such conversation or changes an answer, or a message
                spells a token that only the template may write.
        """
        if any(mark in message["content"] for message in messages for mark in self._marks):
            raise Unfit("spells_a_mark")
        text = self._text(messages, asking=False)
        answers = [at for at, message in enumerate(messages) if message["role"] == "assistant"]
        ids: list[int] = []
        labels: list[int] = []
        done = 0
        for at in answers if every_answer else answers[-1:]:
            start, stop = self._answer(text, messages, at)
            before, said = self._tokens(text[done:start]), self._tokens(text[start:stop])
            ids += [*before, *said]
            labels += [*[IGNORED] * len(before), *said]
            done = stop
        return Sample(ids, labels)

    def answer(self, tokens: Sequence[int]) -> str:
        """What a model wrote, up to the token that ends it."""
        stop = next((at for at, token in enumerate(tokens) if token in self.ends), len(tokens))
        return str(self.tokenizer.decode(list(tokens[:stop]), skip_special_tokens=True)).strip()

    def show(self, tokens: Sequence[int]) -> str:
        """Tokens as text, special ones too."""
        return str(self.tokenizer.decode(list(tokens)))

    def _answer(self, text: str, messages: Sequence[Message], at: int) -> tuple[int, int]:
        """Where answer `at` begins in the text, and where it stops with its end, if it has one."""
        content = messages[at]["content"]
        prompt = self._text(messages[:at], asking=True)
        shared = next(
            (at for at, (one, other) in enumerate(zip(text, prompt, strict=False)) if one != other),
            min(len(text), len(prompt)),
        )
        begins = text.find(content, shared)
        if begins < 0:
            raise Unfit("changed_by_the_template")
        follows = shared == len(prompt) and not text[shared:begins].strip()
        stop = begins + len(content)
        tail = text[stop:]
        gap = len(tail) - len(tail.lstrip())
        for mark in self._end_marks:
            if tail.startswith(mark, gap):
                stop += gap + len(mark)
                break
        return shared if follows else begins, stop

    def _text(self, messages: Sequence[Message], *, asking: bool) -> str:
        try:
            return str(
                self.tokenizer.apply_chat_template(
                    list(messages), tokenize=False, add_generation_prompt=asking
                )
            )
        except (TemplateError, ValueError) as error:
            raise Unfit("refused_by_the_template") from error

    def _tokens(self, text: str) -> list[int]:
        found: list[int] = self.tokenizer(text, add_special_tokens=False, verbose=False)[
            "input_ids"
        ]
        return found


def prompts(
    template: Template, conversations: Sequence[Sequence[Message]], samples: Sequence[Sample]
) -> Iterator[tuple[Sequence[int], list[int]]]:
    """What stands before the last answer in a sample, beside what the model would be asked."""
    for messages, sample in zip(conversations, samples, strict=True):
        learned = next(
            (back for back, label in enumerate(reversed(sample.labels)) if label == IGNORED),
            len(sample.labels),
        )
        yield sample.input_ids[: len(sample.labels) - learned], template.asked(messages[:-1])
