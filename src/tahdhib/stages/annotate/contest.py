"""Who teaches: one teacher, or several and several samples of each, of whom the best is taken.

With one teacher nothing is compared, and what it says is what counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import add
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.protocol import Unusable
from tahdhib.config.recipe import Annotate
from tahdhib.gate.gate import Gate
from tahdhib.llm.chat import Usage
from tahdhib.protect.shelter import Shelter
from tahdhib.protect.shield import restore, shield, spare
from tahdhib.records import Rewrite
from tahdhib.stages.annotate.best import Candidate, standings
from tahdhib.teachers.table import TEACHERS, name_of
from tahdhib.teachers.teacher import Classroom, Lesson, Teacher

CANDIDATES = pa.schema(
    [
        ("id", pa.string()),
        ("number", pa.int64()),
        ("teacher", pa.string()),
        ("sample", pa.int64()),
        ("verdict", pa.string()),
        ("detail", pa.string()),
        ("agreement", pa.float64()),
        ("edit_rate", pa.float64()),
        ("won", pa.bool_()),
        ("rewrite", pa.string()),
    ]
)
"""What each candidate made of a document; `verdict` is `passed`, `drop`, `unusable` or the gate's
reason. Only where there are several."""

Row = dict[str, Any]
Refusal = tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Contestant:
    """A teacher, and the classroom in which it is asked."""

    name: str
    teacher: Teacher
    room: Classroom


class Taught(NamedTuple):
    """The lesson that counts, whose it is, why it makes no pair, and the rows of all candidates.
    Its usage is that of all."""

    lesson: Lesson
    teacher: str
    refusal: Refusal
    candidates: list[Row]


def contestants(
    settings: Annotate, conduct: Conduct, replies: Path, people: Path = Path("people")
) -> tuple[Contestant, ...]:
    """All that each document is put to, in the recipe's order; rules have one answer only, and
    people as many as the recipe waits for."""
    found = []
    for name in settings.teachers or (settings.teacher,):
        kind, _, model = name.partition(":")
        section = "local" if kind == "local" else "openai"
        named = getattr(settings, section).model_copy(update={"model": model} if model else {})
        own = settings.model_copy(update={"teacher": kind, section: named})
        teacher = TEACHERS[kind]
        answers = {"rules": 1, "people": settings.people.per_task}.get(kind, settings.samples)
        for sample in range(answers):
            room = Classroom(conduct, own, replies, sample, people)
            found.append(Contestant(name_of(own), teacher, room))
    return tuple(found)


def ask(
    some: Sequence[Contestant],
    texts: Sequence[str],
    shelter: Shelter,
    on_lesson: Callable[[], None],
) -> list[list[Lesson]]:
    """The lessons of all for each text; `on_lesson` hears of each. What is protected no lesson
    changes: models see placeholders for it, and an edit of a rule that touches it is left out."""
    each = [_lessons(one, texts, shelter, on_lesson) for one in some]
    return [list(lessons) for lessons in zip(*each, strict=True)]


def _lessons(
    one: Contestant, texts: Sequence[str], shelter: Shelter, on_lesson: Callable[[], None]
) -> list[Lesson]:
    if not one.teacher.is_model:
        lessons = one.teacher.teach(texts, one.room, on_lesson)
        return [
            _lesson(lesson, partial(spare, text, shelter=shelter))
            for text, lesson in zip(texts, lessons, strict=True)
        ]
    shielded = [shield(text, shelter.spans(text)) for text in texts]
    lessons = one.teacher.teach([it.text for it in shielded], one.room, on_lesson)
    return [
        _lesson(lesson, partial(restore, it)) for it, lesson in zip(shielded, lessons, strict=True)
    ]


def _lesson(lesson: Lesson, keep: Callable[[Rewrite], Rewrite | Unusable]) -> Lesson:
    taught = lesson.taught
    return replace(lesson, taught=keep(taught)) if isinstance(taught, Rewrite) else lesson


def settled(row: Row, lessons: Sequence[Lesson], some: Sequence[Contestant], gate: Gate) -> Taught:
    """What comes of a document."""
    source = row["text"]
    tried = [Candidate(one.taught, refusal(gate, source, one.taught)) for one in lessons]
    if len(some) == 1:
        return Taught(lessons[0], some[0].name, tried[0].refusal, [])
    found = standings(source, tried)
    winner = next(at for at, one in enumerate(found) if one.won)
    usage = reduce(add, (lesson.usage for lesson in lessons), Usage())
    lesson = Lesson(lessons[winner].taught, usage, all(one.is_cached for one in lessons))
    rows = [
        {
            "id": row["id"],
            "number": number,
            "teacher": contestant.name,
            "sample": contestant.room.sample,
            "detail": None if one.refusal is None else one.refusal[1],
            "rewrite": one.taught.text if isinstance(one.taught, Rewrite) else None,
            **standing._asdict(),
        }
        for number, (contestant, one, standing) in enumerate(zip(some, tried, found, strict=True))
    ]
    return Taught(lesson, some[winner].name, tried[winner].refusal, rows)


def refusal(gate: Gate, source: str, taught: Rewrite | Unusable) -> Refusal:
    """Why the document makes no pair, as reason and detail; None where it makes one."""
    if isinstance(taught, Unusable):
        return "teacher_failed", f"{taught.reason}: {taught.detail}"
    if taught.drop_reason is not None:
        return f"conduct:{taught.drop_reason}", "the conduct says that the document must go"
    if taught.text == source:
        return None  # nothing to weigh
    reasons = gate.verdict(source, taught).reasons
    if not reasons:
        return None
    return f"gate:{reasons[0].code}", "; ".join(f"{r.code}: {r.detail}" for r in reasons)
