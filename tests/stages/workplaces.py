"""A workplace for a stage under test, without the rest of a run."""

from pathlib import Path
from typing import Any

from tahdhib.conduct.conduct import Conduct
from tahdhib.config import parse_recipe
from tahdhib.progress import Silence
from tahdhib.stages.contract import Workplace
from tahdhib.store.run_folder import RunFolder

EMPTY_CONDUCT = Conduct("empty", "1", ("ar", "en"), {}, (), "0" * 64)


def workplace(
    root: Path, stage: str, recipe: dict[str, Any], conduct: Conduct = EMPTY_CONDUCT
) -> Workplace:
    """The workplace of `stage` in the run folder `root`, begun and ready."""
    run = RunFolder(root)
    here = run.stage(stage)
    here.begin("a fingerprint", {})
    return Workplace(parse_recipe(recipe), conduct, run, here, Silence())
