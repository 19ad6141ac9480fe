"""What stays of an earlier result when the conduct changed and the rules are the worker.

A learned worker depends on its pairs, so its documents are redone as a whole. Documents of the
rules stay where the rules that acted on them do the same now. Where a rule may now find something
that none found before, only a pass over every text could tell: then all are redone, which is that
pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.restamp import Restamp
from tahdhib.config import Recipe
from tahdhib.stages.contract import Stay, noted_conduct
from tahdhib.store.run_folder import StageFolder
from tahdhib.store.shards import read_rows, row_count

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of a bucket that stay, by document and table; `in_force` has all of them."""

    in_force: Mapping[str, Row] = field(default_factory=dict)
    documents: Mapping[str, Row] = field(default_factory=dict)
    drops: Mapping[str, Row] = field(default_factory=dict)
    refusals: Mapping[str, Row] = field(default_factory=dict)


def may_differ(recipe: Recipe) -> tuple[str, ...]:
    """Parts of the fingerprint that do not decide about all documents: the rules hang on no pair,
    so whatever the stage `worker` did is nothing to them."""
    return ("conduct", "stage worker") if recipe.rungs == ("rules",) else ()


def stays(recipe: Recipe, conduct: Conduct, earlier: StageFolder) -> Stay | None:
    """How many documents of an earlier result stay under `conduct`."""
    restamp = _restamp(recipe, conduct, earlier)
    if restamp is None:
        return None
    shards = [
        earlier.shard("in_force", bucket)
        for bucket in range(recipe.ingest.buckets)
        if earlier.shard("documents", bucket).exists()
    ]
    if restamp.needs_texts:
        total = sum(map(row_count, shards))
        return Stay(0, total, " (a rule may act where none did, so every text is read again)")
    found = [restamp.stays(stamp, "") for shard in shards for stamp in read_rows(shard)]
    return Stay(sum(found), len(found))


def kept_rows(earlier: StageFolder, bucket: int, recipe: Recipe, conduct: Conduct) -> Kept:
    """The rows of a bucket that stay; none where there is no earlier result."""
    restamp = _restamp(recipe, conduct, earlier)
    if restamp is None or restamp.needs_texts or not earlier.shard("documents", bucket).exists():
        return Kept()
    stamps = {
        stamp["id"]: stamp
        for stamp in read_rows(earlier.shard("in_force", bucket))
        if restamp.stays(stamp, "")
    }
    documents, drops, refusals = (
        {row["id"]: row for row in read_rows(earlier.shard(table, bucket)) if row["id"] in stamps}
        for table in ("documents", "drops", "refusals")
    )
    return Kept(stamps, documents, drops, refusals)


def _restamp(recipe: Recipe, conduct: Conduct, earlier: StageFolder) -> Restamp | None:
    """None where no result by the rules lies there."""
    before = noted_conduct(earlier)
    is_by_rules = recipe.rungs == ("rules",) and earlier.shards("in_force")
    return Restamp(before, conduct, None) if before is not None and is_by_rules else None
