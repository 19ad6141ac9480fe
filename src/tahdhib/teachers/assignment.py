"""What a model is asked about documents, and the lessons that its answers make.

However the questions travel, they are these, and the answers are read like this. A long document
is several questions, each about a passage; all are told what the document as a whole is told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import add

from tahdhib.conduct.in_force import Telling, Told
from tahdhib.conduct.prompt import Form, system_prompt
from tahdhib.conduct.protocol import Unusable, parse_answer
from tahdhib.conduct.told import user_prompt
from tahdhib.llm.chat import Failure, Judge, Reply, Request, Usage
from tahdhib.records import Rewrite
from tahdhib.teachers.passages import Passage, cut, stitch
from tahdhib.teachers.structured import parse_json, response_format
from tahdhib.teachers.teacher import Classroom, Lesson


@dataclass(frozen=True, slots=True)
class Assignment:
    """A document as a model is given it: what it is told, a request for each passage, and the form
    in which these ask for an answer."""

    text: str
    told: Told
    passages: tuple[Passage, ...]
    requests: tuple[Request, ...]
    form: Form = "tags"


def assignments(texts: Iterable[str], room: Classroom, form: Form = "tags") -> list[Assignment]:
    """What is asked for each text: the payloads depend on the text and on what is told for it, and
    on nothing else of the conduct; another `room.sample` is another answer to the same questions.
    """
    telling = Telling(room.conduct, room.settings.guidelines)
    systems: dict[str, str] = {}
    found = []
    for text in texts:
        told = telling.of(text)
        if told.conduct.hash not in systems:
            systems[told.conduct.hash] = system_prompt(told.conduct, told.language, form)
        system = systems[told.conduct.hash]
        passages = cut(text, room.settings.passage_characters)
        requests = tuple(_request(one, told, system, form, room) for one in passages)
        found.append(Assignment(text, told, passages, requests, form))
    return found


def lessons(
    assigned: Sequence[Assignment], outcomes: Iterable[Reply | Failure], room: Classroom
) -> list[Lesson]:
    """The lesson of each document, from the outcomes of all requests in their order."""
    left = iter(outcomes)
    return [_lesson(one, list(islice(left, len(one.requests))), room) for one in assigned]


def judge(assigned: Sequence[Assignment]) -> Judge:
    """Who says of an answer to the requests of all documents whether it is of any use, without
    comparing it to its source."""
    asked = [(one, passage) for one in assigned for passage in one.passages]

    def fault_of(at: int, reply: Reply) -> str | None:
        one, passage = asked[at]
        taught = _taught(passage, reply, one, by=None)
        return taught.reason if isinstance(taught, Unusable) else None

    return fault_of


def _request(passage: Passage, told: Told, system: str, form: Form, room: Classroom) -> Request:
    settings = room.settings.openai
    return Request(
        system,
        user_prompt(
            passage.text,
            told.conduct,
            told.language,
            before=passage.before,
            after=passage.after,
        ),
        settings.model,
        settings.temperature,
        settings.max_tokens,
        room.sample,
        response_format(told.conduct) if form == "json" else None,
    )


def _lesson(assigned: Assignment, outcomes: Sequence[Reply | Failure], room: Classroom) -> Lesson:
    by = f"teacher:{room.settings.openai.model}"
    taught = [
        _taught(passage, outcome, assigned, by)
        for passage, outcome in zip(assigned.passages, outcomes, strict=True)
    ]
    return Lesson(
        stitch(assigned.text, assigned.passages, taught),
        reduce(add, (outcome.usage for outcome in outcomes), Usage()),
        all(isinstance(outcome, Reply) and outcome.is_cached for outcome in outcomes),
    )


def _taught(
    passage: Passage, outcome: Reply | Failure, assigned: Assignment, by: str | None
) -> Rewrite | Unusable:
    if isinstance(outcome, Failure):
        return Unusable(outcome.reason, outcome.detail)
    parse = parse_json if assigned.form == "json" else parse_answer
    return parse(
        outcome.text,
        finish_reason=outcome.finish_reason,
        source=passage.text,
        conduct=assigned.told.conduct,
        by=by,
    )
