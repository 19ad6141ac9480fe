"""A literal table from a recipe's name to a teacher."""

from tahdhib.config.recipe import Annotate
from tahdhib.teachers.endpoint import by_endpoint
from tahdhib.teachers.rules import by_rules
from tahdhib.teachers.teacher import Teacher

TEACHERS = {
    "rules": Teacher(by_rules, is_local=True),
    "openai": Teacher(by_endpoint, is_local=False),
}


def name_of(settings: Annotate) -> str:
    """The name that pairs carry: the teacher and, where there is one, the model."""
    return f"openai:{settings.openai.model}" if settings.teacher == "openai" else settings.teacher
