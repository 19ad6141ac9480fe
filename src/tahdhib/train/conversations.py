"""Conversations out of records: what was asked, and the answers that are learned from."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tahdhib.config.tune import Conversations, Method
from tahdhib.readers import SourceFile, read_records
from tahdhib.readers.fields import ABSENT, lookup
from tahdhib.readers.record import Fault
from tahdhib.train.split import Split

Message = dict[str, str]
"""`role` and `content`, as every chat template takes them."""

_ROLES = {
    **dict.fromkeys(("system",), "system"),
    **dict.fromkeys(("user", "human", "prompter"), "user"),
    **dict.fromkeys(("assistant", "gpt", "model"), "assistant"),
}
_TURN = re.compile(r"\s*\n\n(Human|Assistant):")
_MAX_RECORD_BYTES = 1 << 26


class Example(NamedTuple):
    """Messages that end with a question, and its answers: the one to learn, or the better and the
    worse one. `hash` decides whether it is held out."""

    hash: str
    asked: tuple[Message, ...]
    answers: tuple[str, ...]

    def conversation(self, number: int = 0) -> list[Message]:
        """The messages with one of the answers after them."""
        return [*self.asked, {"role": "assistant", "content": self.answers[number]}]


class Unfit(ValueError):
    """A record that nothing can be learned from; its only argument is the reason."""


def read_examples(
    sources: Sequence[SourceFile],
    fields: Conversations,
    method: Method,
    dropped: Counter[str],
    on_bytes: Callable[[int], None] = lambda _bytes: None,
) -> Iterator[Example]:
    """The examples in `sources`, in their order; the others are counted in `dropped` by reason."""
    split = Split(id=fields.id)
    for source in sources:
        for record in read_records(source, max_record_bytes=_MAX_RECORD_BYTES, on_bytes=on_bytes):
            if isinstance(record.content, Fault):
                dropped[record.content.reason] += 1
                continue
            try:
                asked, answers = _read(record.content, fields, method)
            except Unfit as reason:
                dropped[str(reason)] += 1
                continue
            question = "\n".join(message["content"] for message in asked)
            yield Example(split.hash_of(record.content, question), tuple(asked), answers)


def _read(
    record: Mapping[str, Any], fields: Conversations, method: Method
) -> tuple[list[Message], tuple[str, ...]]:
    if method == "dpo":
        before = _before(record, fields)
        (asked, chosen), (other, rejected) = (
            _parted(_turns(_first(record, names), before))
            for names in (fields.chosen, fields.rejected)
        )
        if asked != other:
            raise Unfit("two_questions")
        if chosen == rejected:
            raise Unfit("same_answers")
        return asked, (chosen, rejected)
    whole = _first(record, fields.messages)
    if whole is ABSENT:
        whole, before = _first(record, fields.answer), _before(record, fields)
    else:
        before = []
    asked, answer = _parted(_turns(whole, before))
    return asked, (answer,)


def _first(record: Mapping[str, Any], names: Sequence[str]) -> Any:
    found = (lookup(record, name) for name in names)
    return next((value for value in found if value is not ABSENT and value is not None), ABSENT)


def _before(record: Mapping[str, Any], fields: Conversations) -> list[Message]:
    """What was asked, where it stands in fields of its own."""
    question = _first(record, fields.question)
    if not isinstance(question, str):
        return [] if question is ABSENT else _turns(question, [])
    about = _first(record, fields.input)
    parts = [question.strip(), about.strip() if isinstance(about, str) else ""]
    return [{"role": "user", "content": "\n\n".join(part for part in parts if part)}]


def _turns(value: Any, before: list[Message]) -> list[Message]:
    """A conversation as it is written: messages, turns in a text, or an answer to `before`."""
    if isinstance(value, str):
        parts = _TURN.split("\n\n" + value.strip())
        if not parts[0].strip() and len(parts) > 1:
            pairs = zip(parts[1::2], parts[2::2], strict=True)
            return [_message(who.lower(), said) for who, said in pairs]
        return [*before, _message("assistant", value)]
    if isinstance(value, Sequence) and all(isinstance(each, Mapping) for each in value):
        return [
            *before,
            *(
                _message(each.get("role", each.get("from")), each.get("content", each.get("value")))
                for each in value
            ),
        ]
    raise Unfit("no_conversation")


def _message(role: Any, content: Any) -> Message:
    if role not in _ROLES or not isinstance(content, str):
        raise Unfit("no_conversation")
    return {"role": _ROLES[role], "content": content.strip()}


def _parted(messages: list[Message]) -> tuple[list[Message], str]:
    """What was asked and the last answer, if question and answer alternate."""
    spoken = messages[1:] if messages and messages[0]["role"] == "system" else messages
    turns = [message["role"] for message in spoken]
    if not turns or len(turns) % 2 or turns != ["user", "assistant"] * (len(turns) // 2):
        raise Unfit("no_question_and_answer")
    if not all(message["content"] for message in messages):
        raise Unfit("empty")
    return messages[:-1], messages[-1]["content"]
