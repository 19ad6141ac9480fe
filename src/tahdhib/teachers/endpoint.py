"""A language model behind an OpenAI-compatible endpoint as the teacher."""

from collections.abc import Callable, Sequence

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.prompt import system_prompt
from tahdhib.conduct.told import language_of, user_prompt
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
    outcomes = complete_all(
        requests(texts, room.conduct, settings),
        settings=settings,
        cache_folder=room.replies,
        api_key=None if settings.api_key_env is None else secret(settings.api_key_env),
        on_reply=lambda _: on_lesson(),
    )
    return [_lesson(text, outcome, room) for text, outcome in zip(texts, outcomes, strict=True)]


def requests(texts: Sequence[str], conduct: Conduct, settings: OpenAITeacher) -> list[Request]:
    """What is asked for each text."""
    systems = {language: system_prompt(conduct, language) for language in ("ar", "en")}
    languages = [language_of(text) for text in texts]
    return [
        Request(
            systems[language],
            user_prompt(text, conduct, language),
            settings.model,
            settings.temperature,
            settings.max_tokens,
        )
        for text, language in zip(texts, languages, strict=True)
    ]


def _lesson(text: str, outcome: Reply | Failure, room: Classroom) -> Lesson:
    if isinstance(outcome, Failure):
        return Lesson(Unusable(outcome.reason, outcome.detail), outcome.usage)
    taught = parse_answer(
        outcome.text,
        finish_reason=outcome.finish_reason,
        source=text,
        conduct=room.conduct,
        by=f"teacher:{room.settings.openai.model}",
    )
    return Lesson(taught, outcome.usage, outcome.is_cached)
