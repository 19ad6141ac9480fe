"""A language model behind an OpenAI-compatible endpoint as the teacher."""

from collections.abc import Callable, Sequence

from tahdhib.conduct.in_force import Telling, Told
from tahdhib.conduct.prompt import system_prompt
from tahdhib.conduct.told import user_prompt
from tahdhib.config.environment import secret
from tahdhib.config.recipe import OpenAITeacher
from tahdhib.llm.chat import Failure, Reply, Request
from tahdhib.llm.client import complete_all
from tahdhib.teachers.protocol import Unusable, parse_answer
from tahdhib.teachers.teacher import Classroom, Lesson


def by_endpoint(
    texts: Sequence[str], room: Classroom, on_lesson: Callable[[], None]
) -> list[Lesson]:
    """Lessons by the model that `room.settings.openai` names."""
    settings = room.settings.openai
    telling = Telling(room.conduct, room.settings.guidelines)
    told = [telling.of(text) for text in texts]
    outcomes = complete_all(
        requests(texts, told, settings, room.sample),
        settings=settings,
        cache_folder=room.replies,
        api_key=None if settings.api_key_env is None else secret(settings.api_key_env),
        on_reply=lambda _: on_lesson(),
    )
    return [
        _lesson(text, one, outcome, room)
        for text, one, outcome in zip(texts, told, outcomes, strict=True)
    ]


def requests(
    texts: Sequence[str], told: Sequence[Told], settings: OpenAITeacher, sample: int = 0
) -> list[Request]:
    """What is asked for each text: the payload depends on what is told for it, and on nothing
    else of the conduct; another `sample` is another answer to the same question."""
    systems = {
        one.conduct.hash: system_prompt(one.conduct, one.language)
        for one in {id(one): one for one in told}.values()
    }
    return [
        Request(
            systems[one.conduct.hash],
            user_prompt(text, one.conduct, one.language),
            settings.model,
            settings.temperature,
            settings.max_tokens,
            sample,
        )
        for text, one in zip(texts, told, strict=True)
    ]


def _lesson(text: str, told: Told, outcome: Reply | Failure, room: Classroom) -> Lesson:
    if isinstance(outcome, Failure):
        return Lesson(Unusable(outcome.reason, outcome.detail), outcome.usage)
    taught = parse_answer(
        outcome.text,
        finish_reason=outcome.finish_reason,
        source=text,
        conduct=told.conduct,
        by=f"teacher:{room.settings.openai.model}",
    )
    return Lesson(taught, outcome.usage, outcome.is_cached)
