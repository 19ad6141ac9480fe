"""What stays of an earlier result when the conduct changed: the rows whose rules did not.

A row under another conduct stays where the rules in force for its document say the same now, so
that to make it anew would make it equal. It gets the new conduct's hash, and nothing else of it
changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.in_force import Telling
from tahdhib.conduct.restamp import Restamp
from tahdhib.config import Recipe
from tahdhib.protect.shelter import open_shelter
from tahdhib.protect.shield import shield
from tahdhib.stages.contract import Stay, noted_conduct
from tahdhib.store.run_folder import StageFolder
from tahdhib.store.shards import read_rows

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of a bucket that stay, by document and table; `in_force` has all of them."""

    in_force: Mapping[str, Row] = field(default_factory=dict)
    pairs: Mapping[str, Row] = field(default_factory=dict)
    drops: Mapping[str, Row] = field(default_factory=dict)
    calls: Mapping[str, Row] = field(default_factory=dict)
    candidates: Sequence[Row] = ()


def telling_of(conduct: Conduct, recipe: Recipe) -> Telling | None:
    """What the teacher is told; None where no model is asked. It is told by what it sees of a
    text, protected spans hidden."""
    teachers = recipe.annotate.teachers or (recipe.annotate.teacher,)
    if all(name == "rules" for name in teachers):
        return None
    shelter = open_shelter(recipe.protect)
    return Telling(
        conduct, recipe.annotate.guidelines, lambda text: shield(text, shelter.spans(text)).text
    )


def stays(recipe: Recipe, conduct: Conduct, earlier: StageFolder) -> Stay | None:
    """How many documents of an earlier result stay under `conduct`."""
    restamp = _restamp(recipe, conduct, earlier)
    if restamp is None:
        return None
    found = [
        restamp.stays(stamp, text)
        for bucket in range(recipe.ingest.buckets)
        for stamp, text in _stamped(earlier, bucket)
    ]
    return Stay(sum(found), len(found))


def kept_rows(earlier: StageFolder, bucket: int, recipe: Recipe, conduct: Conduct) -> Kept:
    """The rows of a bucket that stay; none where there is no earlier result."""
    restamp = _restamp(recipe, conduct, earlier)
    if restamp is None:
        return Kept()
    stamps = {
        stamp["id"]: stamp
        for stamp, text in _stamped(earlier, bucket)
        if restamp.stays(stamp, text)
    }
    pairs, drops, calls = (
        {row["id"]: row for row in _rows(earlier, table, bucket) if row["id"] in stamps}
        for table in ("pairs", "drops", "calls")
    )
    return Kept(
        stamps,
        {identity: {**row, "conduct_hash": conduct.hash} for identity, row in pairs.items()},
        drops,
        {identity: {**row, "is_cached": True} for identity, row in calls.items()},
        [row for row in _rows(earlier, "candidates", bucket) if row["id"] in stamps],
    )


def _restamp(recipe: Recipe, conduct: Conduct, earlier: StageFolder) -> Restamp | None:
    before = noted_conduct(earlier)
    if before is None:
        return None
    return Restamp(before, conduct, telling_of(conduct, recipe))


def _stamped(earlier: StageFolder, bucket: int) -> Iterator[tuple[Row, str]]:
    """The stamps of a bucket that was finished, each with its document's text."""
    if not earlier.shard("pairs", bucket).exists():
        return
    texts = {row["id"]: row["source"] for row in _rows(earlier, "pairs", bucket, "source")}
    texts |= {row["id"]: row["text"] for row in _rows(earlier, "drops", bucket, "text")}
    for stamp in _rows(earlier, "in_force", bucket):
        yield stamp, texts[stamp["id"]]


def _rows(earlier: StageFolder, table: str, bucket: int, column: str | None = None) -> list[Row]:
    path = earlier.shard(table, bucket)
    if not path.exists():
        return []
    return read_rows(path, None if column is None else ["id", column])
