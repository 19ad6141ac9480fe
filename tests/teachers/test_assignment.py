"""What a model is asked about long and short documents, and how its answers become lessons."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.prompt import system_prompt
from tahdhib.conduct.protocol import Unusable
from tahdhib.conduct.told import user_prompt
from tahdhib.config.recipe import Annotate
from tahdhib.llm.chat import Failure, Reply, Usage
from tahdhib.records import Rewrite
from tahdhib.teachers.assignment import Assignment, assignments, lessons
from tahdhib.teachers.endpoint import by_endpoint
from tahdhib.teachers.teacher import Classroom
from tests.llm.chat_server import Answer, serving
from tests.stages.annotate.test_stage import document_in, endpoint, rewritten

SHORT = "كتاب جميل"
LONG = "بنيت المدينة على ضفة النهر.\nوفيـــها سوق كبير. " * 20
SPENT = Usage(1, 0, 100, 10)


def room_of(conduct: Conduct, **annotate: object) -> Classroom:
    settings = Annotate.model_validate({"passage_characters": 250, **annotate})
    return Classroom(conduct, settings, Path("unused"))


def answered(assigned: Sequence[Assignment]) -> list[Reply | Failure]:
    """A model that shortens stretched words."""
    return [
        Reply(rewritten(passage.text.replace("ـ", "")), "stop", SPENT)
        for one in assigned
        for passage in one.passages
    ]


def test_a_short_document_is_asked_about_as_ever(conduct: Conduct) -> None:
    room = room_of(conduct)
    [one] = assignments([SHORT], room)
    told = one.told
    assert [request.user for request in one.requests] == [
        user_prompt(SHORT, told.conduct, told.language)
    ]
    assert one.requests[0].system == system_prompt(told.conduct, told.language)


def test_a_long_document_is_asked_about_by_passages(conduct: Conduct) -> None:
    room = room_of(conduct)
    short, long = assignments([SHORT, LONG], room)
    assert len(short.requests) == 1
    assert len(long.requests) == len(long.passages) > 3
    assert {request.system for request in long.requests} == {short.requests[0].system}
    assert "<before-" not in long.requests[0].user
    assert "<after-" in long.requests[0].user and "<before-" in long.requests[1].user
    assert "<after-" not in long.requests[-1].user
    found = lessons([short, long], answered([short, long]), room)
    assert found[0].taught == Rewrite(SHORT, ())
    assert isinstance(found[1].taught, Rewrite)
    assert found[1].taught.text == LONG.replace("ـ", "")
    assert found[1].usage.prompt_tokens == 100 * len(long.passages)


def test_every_passage_is_told_what_its_document_is_told(conduct: Conduct) -> None:
    text = (
        "الناس في المدينة كثيرون وهم يعملون كل يوم. " * 20
        + "ten more words of another script. " * 9
    )
    room = room_of(conduct)
    [one] = assignments([text], room)
    assert one.told.language == "ar"
    assert {request.system for request in one.requests} == {system_prompt(conduct, "ar")}


def test_a_lesson_needs_all_of_its_passages_and_counts_them_all(conduct: Conduct) -> None:
    room = room_of(conduct)
    assigned = assignments([LONG, SHORT], room)
    outcomes = answered(assigned)
    outcomes[1] = Failure("timeout", "no answer", Usage(2, 2))
    long, short = lessons(assigned, outcomes, room)
    assert isinstance(long.taught, Unusable)
    assert long.taught.reason == "timeout"
    assert long.taught.detail.startswith("passage 2 of")
    passages = len(assigned[0].passages)
    assert long.usage == Usage(passages + 1, 2, 100 * (passages - 1), 10 * (passages - 1))
    assert isinstance(short.taught, Rewrite)


@pytest.mark.parametrize("text", ["", " ", "\n" * 1000, "x" * 1000])
def test_odd_texts_get_a_lesson(conduct: Conduct, text: str) -> None:
    room = room_of(conduct)
    assigned = assignments([text], room)
    outcomes = [Reply("<unchanged/>", "stop", SPENT) for _ in assigned[0].requests]
    [lesson] = lessons(assigned, outcomes, room)
    assert lesson.taught == Rewrite(text, ())


def test_long_documents_at_a_server(tmp_path: Path, conduct: Conduct) -> None:
    def shortening(payload: dict[str, Any], _earlier: int) -> Answer:
        return Answer(text=rewritten(document_in(payload).replace("ـ", "")))

    heard: list[None] = []
    with serving(shortening) as server:
        settings = {**endpoint(server), "passage_characters": 250}
        room = Classroom(conduct, Annotate.model_validate(settings), tmp_path)
        found = by_endpoint([LONG, SHORT, "\n" * 300], room, lambda: heard.append(None))
    assert [lesson.taught for lesson in found][1:] == [Rewrite(SHORT, ()), Rewrite("\n" * 300, ())]
    assert isinstance(found[0].taught, Rewrite)
    assert found[0].taught.text == LONG.replace("ـ", "")
    assert sum(lesson.usage.calls for lesson in found) == len(server.calls)
    assert len(heard) == 3
    assert all(len(document_in(call)) <= 250 for call in server.calls)
