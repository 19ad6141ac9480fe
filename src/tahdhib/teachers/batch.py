"""The model of an OpenAI-compatible endpoint as the teacher, asked by files instead of calls.

What is asked, how answers are read and where they are kept is the endpoint teacher's: what one of
the two has bought the other need not buy again.
"""

from collections.abc import Callable, Sequence

from tahdhib.config.environment import secret
from tahdhib.llm.batches import complete_in_batches
from tahdhib.teachers.assignment import assignments, judge, lessons
from tahdhib.teachers.endpoint import evenly, form_of
from tahdhib.teachers.teacher import Classroom, Lesson


def by_batch(texts: Sequence[str], room: Classroom, on_lesson: Callable[[], None]) -> list[Lesson]:
    """Lessons by the model that `room.settings.openai` names, once its batches have ended.

    Raises:
        EndpointError: the endpoint cannot be used, or takes no batches.
    """
    if not texts:
        return []
    settings = room.settings.openai
    api_key = None if settings.api_key_env is None else secret(settings.api_key_env)
    assigned = assignments(texts, room, form_of(settings, room.replies, api_key))
    requests = [request for one in assigned for request in one.requests]
    outcomes = complete_in_batches(
        requests,
        settings=(settings, room.settings.batch),
        cache_folder=room.replies,
        api_key=api_key,
        on_reply=evenly(on_lesson, len(requests), len(assigned)),
        judge=judge(assigned),
    )
    return lessons(assigned, outcomes, room)
