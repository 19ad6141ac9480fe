"""A literal table from a recipe's name to a teacher."""

from tahdhib.config.recipe import Annotate
from tahdhib.teachers.batch import by_batch
from tahdhib.teachers.endpoint import by_endpoint
from tahdhib.teachers.local import by_local, model_name
from tahdhib.teachers.people import by_people
from tahdhib.teachers.rules import by_rules
from tahdhib.teachers.teacher import Teacher

TEACHERS = {
    "rules": Teacher(by_rules, is_local=True),
    "openai": Teacher(by_endpoint, is_local=False, is_paid=True, is_model=True),
    "batch": Teacher(by_batch, is_local=False, is_paid=True, is_model=True),
    "local": Teacher(by_local, is_local=False, is_model=True),
    "people": Teacher(by_people, is_local=False),
}


def name_of(settings: Annotate) -> str:
    """The name that pairs carry: the teacher and, where there is one, the model."""
    match settings.teacher:
        case "openai" | "batch":
            return f"{settings.teacher}:{settings.openai.model}"
        case "local":
            return f"local:{model_name(settings.local)}"
        case "people":
            return "people:tasks"  # not `people`, who wrote pairs that are no documents of the run
    return settings.teacher


def price_factor(settings: Annotate) -> float:
    """What the teacher's tokens cost, as a share of the prices in `annotate.openai`."""
    return settings.batch.price_factor if settings.teacher == "batch" else 1.0
