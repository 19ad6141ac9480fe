"""The ledger of a run, stage by stage, as far as the run came."""

from tahdhib.report import words
from tahdhib.report.parts import Count, StageLine
from tahdhib.store.run_folder import RunFolder

STAGES = (
    "ingest",
    "dedup",
    "signals",
    "clean",
    "annotate",
    "worker",
    "rewrite",
    "audit",
    "publish",
)

OPTIONAL = ("signals", "clean")
"""Stages that a recipe may do without."""


def read_stages(run: RunFolder) -> tuple[StageLine, ...]:
    """The ledger, stage by stage; stages that a recipe may do without only where the run has
    them."""
    lines = []
    for name in STAGES:
        here = run.stage(name)
        if here.is_finished():
            account = here.account()
            drops = sorted(account.drops.items(), key=lambda drop: (-drop[1], drop[0]))
            lines.append(
                StageLine(
                    name=name,
                    words=words.stage(name),
                    unit=account.unit,
                    came_in=account.came_in,
                    went_out=account.went_out,
                    drops=tuple(Count(code, words.reason(code), count) for code, count in drops),
                    notes=account.notes,
                    is_finished=True,
                )
            )
        elif name not in OPTIONAL:
            lines.append(StageLine(name, words.stage(name)))
    return tuple(lines)
