"""Who writes the reference rewrites: a literal table from a recipe's name to a function."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.rewrite import rewrite
from tahdhib.conduct.told import language_of, user_prompt
from tahdhib.config.environment import secret
from tahdhib.config.recipe import Annotate, OpenAITeacher
from tahdhib.llm.chat import Failure, Reply, Request, Usage
from tahdhib.llm.client import complete_all
from tahdhib.records import Rewrite
from tahdhib.stages.annotate.parse import Unusable, parse_answer
from tahdhib.stages.annotate.prompt import system_prompt

FREE = Usage()


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a teacher made of one document, and what that cost."""

    taught: Rewrite | Unusable
    usage: Usage = FREE
    is_cached: bool = False


@dataclass(frozen=True, slots=True)
class Classroom:
    """All that a teacher may use."""

    conduct: Conduct
    settings: Annotate
    replies: Path


class Teach(Protocol):
    """Lessons for texts, in their order; `on_lesson` hears of each as it is done."""

    def __call__(
        self, texts: Sequence[str], room: Classroom, on_lesson: Callable[[], None]
    ) -> list[Lesson]: ...


@dataclass(frozen=True, slots=True)
class Teacher:
    """A way to teach. `is_local`: any process can teach its own bucket; else all documents go
    out together from one process, which alone knows how many calls are under way."""

    teach: Teach
    is_local: bool


def by_rules(texts: Sequence[str], room: Classroom, on_lesson: Callable[[], None]) -> list[Lesson]:
    """The conduct's matchers: deterministic, free, every edit owned by a rule."""
    lessons = []
    for text in texts:
        lessons.append(Lesson(rewrite(text, room.conduct)))
        on_lesson()
    return lessons


def by_endpoint(
    texts: Sequence[str], room: Classroom, on_lesson: Callable[[], None]
) -> list[Lesson]:
    """A language model behind an OpenAI-compatible endpoint."""
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


def name_of(settings: Annotate) -> str:
    """The name that pairs carry: the teacher and, where there is one, the model."""
    return f"openai:{settings.openai.model}" if settings.teacher == "openai" else settings.teacher


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


TEACHERS = {
    "rules": Teacher(by_rules, is_local=True),
    "openai": Teacher(by_endpoint, is_local=False),
}
