"""The embedded teacher: the conduct's matchers, deterministic, free, every edit owned by a rule."""

from collections.abc import Callable, Sequence

from tahdhib.conduct.rewrite import rewrite
from tahdhib.teachers.teacher import Classroom, Lesson


def by_rules(texts: Sequence[str], room: Classroom, on_lesson: Callable[[], None]) -> list[Lesson]:
    """Lessons by the rules of `room.conduct` that have a matcher."""
    lessons = []
    for text in texts:
        lessons.append(Lesson(rewrite(text, room.conduct)))
        on_lesson()
    return lessons
