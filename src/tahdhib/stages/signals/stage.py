"""Signals: what a filter may go by, measured once and laid beside the documents.

Nothing is decided here. A bucket's shard `signals` holds a row for each document of dedup's
shard, in the same order: so a changed threshold redoes `clean`, and no text is measured again.
Measured is the text as it goes on: without the lines that belong to its site, where the recipe
takes them out.
"""

import json
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Any, get_type_hints

import pyarrow as pa

from tahdhib.match.boilerplate import BoilerplateLines, boilerplate_spans, read_boilerplate, site_of
from tahdhib.score.dialect import UNDETERMINED, Dialect, dialects
from tahdhib.score.language import language
from tahdhib.score.quality.signals import Signals, measure
from tahdhib.stages.contract import Workplace, over_buckets, tick
from tahdhib.store.ledger import Ledger, count_rows, count_values
from tahdhib.store.run_folder import StageFolder
from tahdhib.store.shards import read_rows, row_count, write_rows
from tahdhib.text.edits import apply, removals

_CHUNK_DOCUMENTS = 256
_LANGUAGES_NOTED = 5
_ARABIC = "ar"
_NO_DIALECT = Dialect(UNDETERMINED, 0.0)

SIGNALS = pa.schema(
    [
        ("id", pa.string()),
        ("language", pa.string()),
        ("language_probability", pa.float64()),
        ("dialect", pa.string()),
        ("dialect_probability", pa.float64()),
        *(
            (name, pa.int64() if kind in (int, int | None) else pa.float64())
            for name, kind in get_type_hints(Signals).items()
        ),
    ]
)
"""Null is a signal without meaning for the text. Only Arabic has a dialect here."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Job:
    """A stage's input and its own folder; goes to other processes, so it holds paths only."""

    source: StageFolder
    here: StageFolder
    leaves_boilerplate: bool
    """Whether lines that belong to a site stay in the text, and so are measured too."""


def work(place: Workplace) -> Ledger:
    """Write the table `signals`, a row for each document that dedup kept."""
    clean = place.recipe.clean
    source = place.run.stage("dedup")
    job = _Job(source, place.here, clean is None or not clean.boilerplate)
    waiting = [
        bucket
        for bucket in range(place.recipe.ingest.buckets)
        if source.shard("documents", bucket).exists()
        and not place.here.shard("signals", bucket).exists()
    ]
    over_buckets(
        place,
        partial(_measure_bucket, job),
        waiting,
        label="signals",
        total=sum(row_count(source.shard("documents", bucket)) for bucket in waiting),
    )
    shards = place.here.shards("signals")
    languages = Counter(count_values(shards, "language")).most_common(_LANGUAGES_NOTED)
    return Ledger(
        stage="signals",
        unit="documents",
        came_in=count_rows(source.shards("documents")),
        went_out=count_rows(shards),
        notes={
            **{f"language_{code}": count for code, count in languages},
            **{f"dialect_{code}": n for code, n in count_values(shards, "dialect").items()},
        },
    )


def _measure_bucket(job: _Job, bucket: int) -> int:
    known = None
    if not job.leaves_boilerplate:
        known = read_boilerplate(job.source.file("boilerplate.parquet"))
    documents = read_rows(job.source.shard("documents", bucket))
    rows: list[Row] = []
    for start in range(0, len(documents), _CHUNK_DOCUMENTS):
        chunk = documents[start : start + _CHUNK_DOCUMENTS]
        rows += signals_of([row["id"] for row in chunk], [_kept(row, known) for row in chunk])
        tick(len(chunk))
    write_rows(job.here.shard("signals", bucket), rows, SIGNALS)
    return 0


def _kept(row: Row, known: BoilerplateLines | None) -> str:
    """The document's text without the lines that belong to its site."""
    text: str = row["text"]
    if known is None or not len(known.keys):
        return text
    spans = boilerplate_spans(text, site_of(json.loads(row["metadata"]), known.site), known)
    return apply(text, removals(spans, "")) if spans else text


def signals_of(ids: list[str], texts: list[str]) -> list[Row]:
    """Rows of SIGNALS for documents, in their order."""
    languages = [language(text) for text in texts]
    arabic = [text for text, found in zip(texts, languages, strict=True) if found.code == _ARABIC]
    found_dialects = iter(dialects(arabic))
    rows: list[Row] = []
    for identity, text, found in zip(ids, texts, languages, strict=True):
        dialect = next(found_dialects) if found.code == _ARABIC else _NO_DIALECT
        rows.append(
            {
                "id": identity,
                "language": found.code,
                "language_probability": found.probability,
                "dialect": dialect.code,
                "dialect_probability": dialect.probability,
                **measure(text, found.code)._asdict(),
            }
        )
    return rows
