"""The way of the data, as one ordered tuple: whoever has read it has seen the project."""

from tahdhib.config import Recipe
from tahdhib.stages.annotate import kept as annotate_kept
from tahdhib.stages.annotate import stage as annotate
from tahdhib.stages.audit import stage as audit
from tahdhib.stages.clean import stage as clean
from tahdhib.stages.contract import Stage
from tahdhib.stages.dedup import stage as dedup
from tahdhib.stages.ingest import stage as ingest
from tahdhib.stages.publish import stage as publish
from tahdhib.stages.rewrite import kept as rewrite_kept
from tahdhib.stages.rewrite import stage as rewrite
from tahdhib.stages.signals import stage as signals
from tahdhib.stages.worker import stage as worker


def _conduct_alone(_recipe: Recipe) -> tuple[str, ...]:
    """Rows may outlive a changed conduct, and nothing else that changed."""
    return ("conduct",)


def _has_clean(recipe: Recipe) -> bool:
    return recipe.clean is not None


STAGES = (
    Stage("ingest", 2, (), ("ingest", "limit"), False, ingest.work, ingest.reads),
    Stage("dedup", 2, ("ingest",), ("dedup",), False, dedup.work, dedup.reads),
    Stage(
        "signals",
        1,
        ("dedup",),
        ("clean.boilerplate",),
        False,
        signals.work,
        is_on=_has_clean,
    ),
    Stage("clean", 2, ("dedup", "signals"), ("clean",), False, clean.work, clean.reads, _has_clean),
    Stage(
        "annotate",
        13,
        ("clean",),
        ("annotate", "protect", "gate", "seed"),
        True,
        annotate.work,
        annotate.reads,
        may_differ=_conduct_alone,
        stays=annotate_kept.stays,
    ),
    Stage(
        "worker",
        10,
        ("annotate",),
        ("worker", "rewrite.ladder", "gate", "seed"),
        True,
        worker.work,
        worker.reads,
    ),
    Stage(
        "rewrite",
        15,
        ("clean", "worker"),
        ("rewrite", "protect", "gate", "seed"),
        True,
        rewrite.work,
        rewrite.reads,
        may_differ=rewrite_kept.may_differ,
        stays=rewrite_kept.stays,
    ),
    Stage("audit", 9, ("rewrite",), ("audit", "seed"), True, audit.work, audit.reads),
    Stage("publish", 2, ("rewrite",), ("publish", "name"), False, publish.work),
)
"""Stage(name, version, what it needs, which sections of the recipe it depends on, whether the
conduct decides its result, what it does, which files from outside it reads, whether a recipe has
it, and of an earlier result that differs by which parts how many rows stay)."""

NAMES = tuple(stage.name for stage in STAGES)


def standing(name: str, recipe: Recipe) -> str:
    """The stage that does duty for stage `name`: itself, or where the recipe goes on without it
    the one that it would have started from."""
    stage = STAGES[NAMES.index(name)]
    return name if stage.is_on(recipe) else standing(stage.needs[0], recipe)
