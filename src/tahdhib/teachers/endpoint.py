"""A language model behind an OpenAI-compatible endpoint as the teacher."""

from collections.abc import Callable, Sequence
from pathlib import Path

from tahdhib.conduct.prompt import Form
from tahdhib.config.environment import secret
from tahdhib.config.recipe import OpenAITeacher
from tahdhib.llm.client import complete_all
from tahdhib.llm.door import chat_door
from tahdhib.teachers.assignment import assignments, judge, lessons
from tahdhib.teachers.probe import holds_schema
from tahdhib.teachers.teacher import Classroom, Lesson


def by_endpoint(
    texts: Sequence[str], room: Classroom, on_lesson: Callable[[], None]
) -> list[Lesson]:
    """Lessons by the model that `room.settings.openai` names."""
    if not texts:
        return []
    settings = room.settings.openai
    api_key = None if settings.api_key_env is None else secret(settings.api_key_env)
    assigned = assignments(texts, room, form_of(settings, room.replies, api_key))
    requests = [request for one in assigned for request in one.requests]
    hear = evenly(on_lesson, len(requests), len(assigned))
    outcomes = complete_all(
        requests,
        settings=settings,
        cache_folder=room.replies,
        api_key=api_key,
        on_reply=lambda _: hear(),
        door=chat_door(judge(assigned)),
    )
    return lessons(assigned, outcomes, room)


def form_of(settings: OpenAITeacher, replies: Path, api_key: str | None) -> Form:
    """In which form answers are asked for."""
    match settings.structured:
        case "always":
            return "json"
        case "never":
            return "tags"
    return "json" if holds_schema(settings, replies, api_key) else "tags"


def evenly(on_lesson: Callable[[], None], questions: int, documents: int) -> Callable[[], None]:
    """To be called for each answer: calls `on_lesson` for each document, evenly on the way, since
    an answer does not say whose last one it is."""
    answered = 0

    def hear() -> None:
        nonlocal answered
        before, answered = answered, answered + 1
        for _ in range(documents * answered // questions - documents * before // questions):
            on_lesson()

    return hear
