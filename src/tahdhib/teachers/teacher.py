"""What a teacher is: texts in, a lesson for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.protocol import Unusable
from tahdhib.config.recipe import Annotate
from tahdhib.llm.chat import Usage
from tahdhib.records import Rewrite

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
    sample: int = 0
    """Which of several answers a model is asked for, or is taken of what people answered."""
    people: Path = Path("people")
    """Where it is noted which tasks people were handed."""


class Teach(Protocol):
    """Lessons for texts, in their order; `on_lesson` hears of each as it is done."""

    def __call__(
        self, texts: Sequence[str], room: Classroom, on_lesson: Callable[[], None]
    ) -> list[Lesson]: ...


@dataclass(frozen=True, slots=True)
class Teacher:
    """A way to teach. `is_local`: any process can teach its own bucket; else all documents go
    out together from one process, which alone knows how many calls are under way or holds a
    model. `is_paid`: it asks somebody for money. `is_model`: it writes whatever it likes, so
    protected spans are kept from it."""

    teach: Teach
    is_local: bool
    is_paid: bool = False
    is_model: bool = False
