"""The first step: every document is read and folded once, and its lines are counted."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tahdhib.config.recipe import Dedup
from tahdhib.match.boilerplate import site_of
from tahdhib.stages.contract import tick
from tahdhib.stages.dedup.files import Files, parts, write_forms
from tahdhib.stages.dedup.forms import Forms, make_forms, no_lines, text_keys
from tahdhib.stages.dedup.lines import LineCount
from tahdhib.stages.dedup.tables import FIRST_KNOWN, FORMS
from tahdhib.store.shards import write_table
from tahdhib.text.fold import Folding


@dataclass(frozen=True, slots=True)
class Reading:
    """What of the recipe decides how documents are read."""

    settings: Dedup
    folding: Folding

    @classmethod
    def of(cls, settings: Dedup) -> "Reading":
        return cls(settings, Folding(**settings.folding.model_dump()))

    @property
    def site(self) -> str | None:
        """Metadata field with the site."""
        return self.settings.boilerplate.site if self.settings.boilerplate else None

    @property
    def columns(self) -> list[str]:
        """Columns that are looked at."""
        is_told = self.site is not None or self.settings.keep == "best"
        return ["text", "metadata"] if is_told else ["text"]

    def forms(self, texts: Sequence[str], sites: Sequence[str]) -> Forms:
        """The forms of documents; where nothing is compared but whole texts, empty ones."""
        rules = self.settings.boilerplate
        if not self.settings.near and rules is None:
            return Forms(pa.array([""] * len(texts), pa.large_string()), no_lines(len(texts)))
        least = rules.min_characters if rules else None
        return make_forms(texts, sites, self.folding, least)

    def weight(self, text: str, metadata: Mapping[str, Any]) -> float:
        """What the document is worth when one of several is kept."""
        match self.settings.keep:
            case "first":
                return 0.0
            case "longest":
                return float(len(text))
            case "best":
                return _number(metadata.get(self.settings.score or ""))


def _number(value: Any) -> float:
    """A number, also one that a file of text holds; the lowest where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return -math.inf
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return -math.inf
    return -math.inf if math.isnan(number) else number


def read_shard(files: Files, reading: Reading, shard: int) -> int:
    """Write the forms of a shard, and of the corpus itself first the tables `sites` and `lines`."""

    def tables() -> Iterator[pa.Table]:
        count = LineCount()
        for _, rows in parts(files.documents(shard), reading.columns):
            yield _read(reading, rows, count)
            tick(len(rows))
        if shard < FIRST_KNOWN and reading.settings.boilerplate is not None:
            write_table(files.here.shard("sites", shard), count.sites)
            write_table(files.here.shard("lines", shard), count.lines)

    write_forms(files.forms(shard), tables())
    return 0


def _read(reading: Reading, rows: pa.Table, count: LineCount) -> pa.Table:
    texts = rows["text"].to_pylist()
    told = _metadata(rows)
    sites = [site_of(metadata, reading.site) for metadata in told]
    forms, lines = reading.forms(texts, sites)
    count.add(sites, lines)
    starts = pa.array(lines.starts, pa.int32())
    columns = [
        text_keys(rows["text"].combine_chunks()),
        pa.array(map(reading.weight, texts, told), pa.float64()),
        forms,
        pa.ListArray.from_arrays(starts, pa.array(lines.keys)),
        pa.ListArray.from_arrays(starts, pa.array(lines.sizes.astype(np.uint32))),
    ]
    return pa.table(columns, schema=FORMS)


def _metadata(rows: pa.Table) -> list[Mapping[str, Any]]:
    if "metadata" not in rows.column_names:
        return [{}] * len(rows)
    return [json.loads(said) for said in rows["metadata"].to_pylist()]
