"""The way of the data, as one ordered tuple: whoever has read it has seen the project."""

from tahdhib.stages.annotate import stage as annotate
from tahdhib.stages.audit import stage as audit
from tahdhib.stages.contract import Stage
from tahdhib.stages.dedup import stage as dedup
from tahdhib.stages.ingest import stage as ingest
from tahdhib.stages.publish import stage as publish
from tahdhib.stages.rewrite import stage as rewrite
from tahdhib.stages.worker import stage as worker

STAGES = (
    Stage("ingest", 1, (), ("ingest", "limit"), False, ingest.work, ingest.reads),
    Stage("dedup", 1, ("ingest",), ("dedup",), False, dedup.work),
    Stage(
        "annotate", 1, ("dedup",), ("annotate", "gate", "seed"), True, annotate.work, annotate.reads
    ),
    Stage("worker", 1, ("annotate",), ("worker", "seed"), True, worker.work),
    Stage("rewrite", 1, ("dedup", "worker"), ("rewrite", "gate", "seed"), True, rewrite.work),
    Stage("audit", 1, ("rewrite",), ("audit", "seed"), True, audit.work),
    Stage("publish", 1, ("rewrite",), ("publish", "name"), False, publish.work),
)
"""Stage(name, version, what it needs, which sections of the recipe it depends on, whether the
conduct decides its result, what it does, which files from outside it reads)."""

NAMES = tuple(stage.name for stage in STAGES)
