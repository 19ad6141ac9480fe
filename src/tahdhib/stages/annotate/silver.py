"""Silver pairs: documents outside the sample, without the words that a scorer minds most.

They stand in shards of their own behind those of people, one for each bucket. Documents are spread
over buckets by a hash, so each bucket gives the same number, the first ones in an order that a
hash of their ids decides.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from tahdhib.conduct.conduct import Conduct
from tahdhib.config import Recipe
from tahdhib.gate.gate import Gate
from tahdhib.protect.shelter import open_shelter
from tahdhib.records import Rewrite
from tahdhib.score.table import open_scorer
from tahdhib.stages.annotate.chosen import Sample
from tahdhib.stages.contract import Workplace, documents_of, over_buckets
from tahdhib.stats.draw import rank
from tahdhib.store.ledger import count_rows
from tahdhib.store.run_folder import StageFolder
from tahdhib.store.schemas import PAIRS
from tahdhib.store.shards import read_rows, row_count, write_rows
from tahdhib.teachers.deletion import Deletion
from tahdhib.workers.edit.examples import SILVER

_LONGEST = 2000
"""Characters of a document: each of its words is tried, which takes the square of its length."""
_CHUNK_ROWS = 256


@dataclass(frozen=True, slots=True)
class SilverDesk:
    """What any process needs to make a bucket's silver pairs."""

    recipe: Recipe
    conduct: Conduct
    documents: StageFolder
    here: StageFolder
    sample: Sample
    wanted: int

    def shard_of(self, bucket: int) -> int:
        """The number of the shard for a bucket's silver pairs: people have the one before all."""
        return self.recipe.ingest.buckets + 1 + bucket

    def quota(self, bucket: int) -> int:
        """How many of the wanted pairs a bucket is to give."""
        each, left = divmod(self.wanted, self.recipe.ingest.buckets)
        return each + (bucket < left)


def write_silver(place: Workplace, sample: Sample, changed_pairs: int) -> int:
    """Write the silver pairs that a recipe asks for beside so many pairs that change something,
    unless that was done; return how many there are."""
    recipe = place.recipe
    share = recipe.annotate.silver.share
    if recipe.annotate.silver.scorer is None:
        return 0
    wanted = round(changed_pairs * share / (1 - share))
    documents = documents_of(place.run, recipe)
    desk = SilverDesk(recipe, place.conduct, documents, place.here, sample, wanted)
    buckets = range(recipe.ingest.buckets)
    waiting = [
        bucket
        for bucket in buckets
        if documents.shard("documents", bucket).exists()
        and not place.here.shard("pairs", desk.shard_of(bucket)).exists()
    ]
    total = sum(row_count(documents.shard("documents", bucket)) for bucket in waiting)
    over_buckets(place, partial(_write_bucket, desk), waiting, label="silver", total=total)
    shards = [place.here.shard("pairs", desk.shard_of(bucket)) for bucket in buckets]
    return count_rows([shard for shard in shards if shard.exists()])


def _write_bucket(desk: SilverDesk, bucket: int) -> int:
    shard = desk.documents.shard("documents", bucket)
    pairs = sorted(_made(desk, bucket), key=lambda row: row["id"])
    write_rows(desk.here.shard("pairs", desk.shard_of(bucket)), pairs, PAIRS)
    return row_count(shard)


def _made(desk: SilverDesk, bucket: int) -> Iterator[dict[str, Any]]:
    quota = desk.quota(bucket)
    settings = desk.recipe.annotate.silver
    deletion = Deletion(open_scorer(settings.scorer or ""), settings.threshold, settings.most_words)
    gate = Gate(desk.recipe.gate, desk.conduct, open_shelter(desk.recipe.protect).spans)
    rows = _minded(desk, bucket, deletion) if quota else []
    made = 0
    for row in rows:
        rewrite = deletion.rewrite(row["text"])
        if rewrite is None or not gate.verdict(row["text"], rewrite).accepted:
            continue
        yield _pair_row(row, rewrite, desk.conduct)
        made += 1
        if made == quota:
            return


def _minded(desk: SilverDesk, bucket: int, deletion: Deletion) -> list[dict[str, Any]]:
    """The documents of `bucket` outside the sample that the scorer minds, in a drawn order."""
    rows = [
        row
        for row in read_rows(desk.documents.shard("documents", bucket))
        if len(row["text"]) <= _LONGEST and not desk.sample.holds(row["id"])
    ]
    kept: list[dict[str, Any]] = []
    for start in range(0, len(rows), _CHUNK_ROWS):
        chunk = rows[start : start + _CHUNK_ROWS]
        minds = deletion.minds([row["text"] for row in chunk])
        kept += [row for row, is_minded in zip(chunk, minds, strict=True) if is_minded]
    return sorted(kept, key=lambda row: rank(SILVER, desk.recipe.seed, row["id"]))


def _pair_row(row: dict[str, Any], rewrite: Rewrite, conduct: Conduct) -> dict[str, Any]:
    return {
        "id": row["id"],
        "source": row["text"],
        "rewrites": [rewrite.text],
        "edits": [asdict(edit) for edit in rewrite.edits],
        "teacher": SILVER,
        "conduct_hash": conduct.hash,
        "rules_hash": "",
    }
