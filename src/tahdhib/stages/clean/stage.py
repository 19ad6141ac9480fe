"""Clean: filters and repairs between dedup and annotate, each decision with its reason.

A document goes through, in this order:

    its language, and the rules of quality by their thresholds, from what `signals` measured
    its site's lines are taken out of the text
    items of evaluation sets are looked for
    personal data becomes placeholders

Who goes has one reason (`other_language`, `gopher:words`, `contaminated` …) and a detail with
numbers. What is changed in a document that stays lies in `edits`, as edits of the text that dedup
left, which also stays where it is. Of a bucket's shards `documents` is written last.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tahdhib.config import Recipe
from tahdhib.config.recipe import Clean
from tahdhib.errors import RecipeError
from tahdhib.match.boilerplate import BoilerplateLines, read_boilerplate, site_of
from tahdhib.match.contamination import Hit, Item, ItemIndex, find_in_all, index_items, summarise
from tahdhib.readers import SourceFile, find_sources
from tahdhib.records import Reason
from tahdhib.score.language import SAME
from tahdhib.stages.clean.decide import verdict
from tahdhib.stages.clean.items import read_items
from tahdhib.stages.clean.thresholds import Thresholds, load_thresholds, threshold_files
from tahdhib.stages.clean.tidy import (
    Tidied,
    place_in_source,
    without_boilerplate,
    without_personal_data,
)
from tahdhib.stages.contract import Workplace, over_buckets, tick
from tahdhib.store.ledger import Ledger, count_rows, count_values
from tahdhib.store.run_folder import RunFolder, StageFolder
from tahdhib.store.schemas import DOCUMENTS, DROPS, EDITS, HITS
from tahdhib.store.shards import read_rows, row_count, write_json, write_rows

ITEMS = pa.schema([(name, pa.string()) for name in Item._fields])
"""What was looked for; every process makes its index from it."""

_CONTAMINATED = "contaminated"
_CONTAMINATED_SHORT = "contaminated_short"
"""By a short item, which is weaker evidence; see match/contamination.py."""
_EMPTY = Reason("empty", "nothing was left without the lines that belong to the site")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Job:
    """What any process needs to clean a bucket; the index of items it makes for itself."""

    run: RunFolder
    here: StageFolder
    settings: Clean
    thresholds: Thresholds

    @property
    def source(self) -> StageFolder:
        return self.run.stage("dedup")


@dataclass(frozen=True, slots=True)
class _Passed:
    """A document that passed the rules, before it is looked through for items."""

    row: Row
    tidied: Tidied


def reads(recipe: Recipe) -> list[str]:
    """The files of thresholds, those in the package included, and the evaluation sets."""
    settings = recipe.clean or Clean()
    _check_languages(settings.languages)
    load_thresholds(settings.thresholds, settings.rules)  # what is wrong there is said now
    files = [str(path) for path in threshold_files(settings.thresholds)]
    return [*files, *(source.path for source in _sources(settings))]


def _check_languages(codes: Sequence[str]) -> None:
    """Refuse codes that no document is ever found in: all of them would go."""
    for code in codes:
        if code in SAME:
            raise RecipeError(
                f"clean.languages: {code!r} is part of {SAME[code]!r} here, so no document would "
                f"be kept for it. Name {SAME[code]!r}."
            )


def work(place: Workplace) -> Ledger:
    """Write `documents`, `drops`, `edits` and `hits`; see the module."""
    settings = place.recipe.clean or Clean()
    thresholds = load_thresholds(settings.thresholds, settings.rules)
    job = _Job(place.run, place.here, settings, thresholds)
    write_json(place.here.file("thresholds.json"), _in_words(thresholds))
    _write_items(job)
    waiting = [
        bucket
        for bucket in range(place.recipe.ingest.buckets)
        if job.source.shard("documents", bucket).exists()
        and not place.here.shard("documents", bucket).exists()
    ]
    over_buckets(
        place,
        partial(_clean_bucket, job),
        waiting,
        label="clean",
        total=sum(row_count(job.source.shard("documents", bucket)) for bucket in waiting),
    )
    return Ledger(
        stage="clean",
        unit="documents",
        came_in=count_rows(job.source.shards("documents")),
        went_out=count_rows(place.here.shards("documents")),
        drops=count_values(place.here.shards("drops")),
        notes=_notes(job),
    )


def _clean_bucket(job: _Job, bucket: int) -> int:
    rows = read_rows(job.source.shard("documents", bucket))
    drops: list[Row] = []
    passed = _passed(job, rows, bucket, drops)
    tick(len(rows) - len(passed))
    documents: list[Row] = []
    edits: list[Row] = []
    hits: list[Row] = []
    for one, found in zip(passed, _hits(job, passed), strict=True):
        hits += [_hit_row(one, hit) for hit in found]
        if found and job.settings.decontaminate.action == "drop":
            drops.append(_drop_row(one.row, _contamination(found)))
        else:
            text, made = without_personal_data(one.tidied, job.settings.personal_data)
            documents.append({**one.row, "text": text})
            if made:
                edits.append({"id": one.row["id"], "edits": [asdict(edit) for edit in made]})
        tick(1)
    drops.sort(key=lambda row: str(row["id"]))
    write_rows(job.here.shard("edits", bucket), edits, EDITS)
    write_rows(job.here.shard("hits", bucket), hits, HITS)
    write_rows(job.here.shard("drops", bucket), drops, DROPS)
    write_rows(job.here.shard("documents", bucket), documents, DOCUMENTS)
    return 0


def _passed(job: _Job, rows: list[Row], bucket: int, drops: list[Row]) -> list[_Passed]:
    """The documents that pass the rules, without their site's lines; the others go to `drops`."""
    measured = read_rows(job.run.stage("signals").shard("signals", bucket))
    known = _boilerplate(job)
    passed = []
    for row, signals in zip(rows, measured, strict=True):
        if row["id"] != signals["id"]:
            raise RuntimeError(
                f"signals: bucket {bucket} has {signals['id']!r} where {row['id']!r} was expected"
            )
        tidied = without_boilerplate(row["text"], _site(row, known), known)
        reason = verdict(
            signals,
            job.settings.languages,
            job.settings.language_probability,
            job.thresholds,
        )
        reason = reason if tidied.text.strip() else _EMPTY
        if reason is None:
            passed.append(_Passed(row, tidied))
        else:
            drops.append(_drop_row(row, reason))
    return passed


def _boilerplate(job: _Job) -> BoilerplateLines | None:
    if not job.settings.boilerplate:
        return None
    return read_boilerplate(job.source.file("boilerplate.parquet"))


def _site(row: Row, known: BoilerplateLines | None) -> str:
    if known is None or known.site is None:
        return ""
    return site_of(json.loads(row["metadata"]), known.site)


def _drop_row(row: Row, reason: Reason) -> Row:
    return {**row, "reason": reason.code, "detail": reason.detail, "other": None}


# Evaluation items


def _sources(settings: Clean) -> list[SourceFile]:
    against = settings.decontaminate.against
    return find_sources(against, "clean.decontaminate.against") if against else []


def _items_file(here: StageFolder) -> Path:
    return here.file("items.parquet")


def _write_items(job: _Job) -> None:
    """Write down what is looked for, unless that was done: processes elsewhere read it too."""
    against = job.settings.decontaminate
    if against.against and not _items_file(job.here).exists():
        rows = [item._asdict() for item in read_items(against)]
        write_rows(_items_file(job.here), rows, ITEMS)


_indexes: dict[tuple[str, str | None], ItemIndex] = {}


def _open_index(job: _Job) -> ItemIndex | None:
    """The index of what is looked for, made once per process and run; None looks for nothing."""
    settings = job.settings.decontaminate
    if not settings.against:
        return None
    key = (str(job.here.root), job.here.fingerprint())
    if key not in _indexes:
        _indexes.clear()
        items = (Item(**row) for row in pq.read_table(_items_file(job.here)).to_pylist())
        _indexes[key] = index_items(items, words=settings.words, overlap=settings.overlap)
    return _indexes[key]


def _hits(job: _Job, passed: Sequence[_Passed]) -> Iterator[tuple[Hit, ...]]:
    index = _open_index(job)
    if index is None:
        return iter([()] * len(passed))
    return find_in_all(index, (one.tidied.text for one in passed))


def _hit_row(one: _Passed, hit: Hit) -> Row:
    edits = one.tidied.edits
    return {
        **hit._asdict(),
        "id": one.row["id"],
        "start": place_in_source(hit.start, edits),
        "end": place_in_source(hit.end, edits, is_end=True),
        "passage": one.tidied.text[hit.start : hit.end],
    }


def _contamination(found: Sequence[Hit]) -> Reason:
    """The reason to drop a document with hits: the item of which most stands in it, and where."""
    hit = min(found, key=lambda hit: (hit.is_whole, -hit.overlap, hit.start))
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    seen = f"{hit.set} {hit.item} {hit.field}: {hit.overlap:.3g} of its words{more}"
    return Reason(_CONTAMINATED_SHORT if hit.is_whole else _CONTAMINATED, seen)


# The account


def _in_words(thresholds: Thresholds) -> dict[str, Any]:
    """The thresholds that this run went by, as JSON."""
    return {
        language: {
            f"{rule.set}:{rule.signal}": {"min": rule.min, "max": rule.max} for rule in rules
        }
        for language, rules in thresholds.by_language.items()
    }


def _notes(job: _Job) -> dict[str, int | float | str]:
    by: Counter[str] = Counter()
    for shard in job.here.shards("edits"):
        for row in read_rows(shard):
            by.update(edit["by"].removeprefix("clean:") for edit in row["edits"])
    notes: dict[str, int | float | str] = {
        "edited_documents": count_rows(job.here.shards("edits")),
        **{f"edits_{name}": count for name, count in sorted(by.items())},
    }
    if job.settings.decontaminate.against:
        notes |= _found(job)
    return notes


def _found(job: _Job) -> dict[str, int]:
    """By evaluation set, the items that were looked for and those that were found."""
    index = _open_index(job)
    rows = [row for shard in job.here.shards("hits") for row in read_rows(shard)]
    hits = (Hit(**{name: row[name] for name in Hit._fields}) for row in rows)
    notes = {"documents_with_hits": len({row["id"] for row in rows})}
    for found in summarise(index, hits) if index is not None else ():
        notes[f"items_of_{found.set}"] = found.aligned + found.whole
        notes[f"items_found_of_{found.set}"] = found.aligned_hit + found.whole_hit
        notes[f"items_too_short_of_{found.set}"] = found.too_short
    return notes
