"""The second step: which lines are boilerplate, found in parts that fit into memory."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tahdhib.config.recipe import Boilerplate
from tahdhib.match.boilerplate import BoilerplateLines, boilerplate_table, line_keys
from tahdhib.progress import Task
from tahdhib.stages.dedup.files import Files, read_forms
from tahdhib.stages.dedup.forms import lines_of
from tahdhib.stages.dedup.lines import VOTER_LEFT, add_up_sites, repeated_lines, votes
from tahdhib.stages.dedup.reading import Reading
from tahdhib.stages.dedup.tables import EXAMPLES, FOUND, REPEATED, positions, rows_of
from tahdhib.store.ledger import count_rows
from tahdhib.store.shards import write_table

_LINES_PER_PASS = 8_000_000
_KEYS = 1 << 64
_LINE_CHARACTERS = 200


def find_boilerplate(files: Files, reading: Reading, task: Task) -> None:
    """Write the tables `repeated` and `found`."""
    rules = reading.settings.boilerplate
    if rules is None:
        write_table(files.found, FOUND.empty_table())
        return
    if not files.repeated.exists():
        write_table(files.repeated, _repeated(files, rules))
    write_table(files.found, _found(files, reading, task))


def known_lines(files: Files, reading: Reading) -> BoilerplateLines:
    """What was found, to look lines up in."""
    keys = pq.read_table(files.found, columns=["key"])["key"].to_numpy()
    return BoilerplateLines(keys, reading.site, reading.folding)


def _repeated(files: Files, rules: Boilerplate) -> pa.Table:
    sites = add_up_sites(map(pq.read_table, files.made("sites")))
    counted = files.made("lines")
    passes = -(-count_rows(counted) // _LINES_PER_PASS)
    bounds = [number * _KEYS // max(1, passes) for number in range(passes + 1)]
    made = [REPEATED.empty_table()]
    for low, high in pairwise(bounds):
        tables = [_between(shard, low, high, passes) for shard in counted]
        made.append(repeated_lines(tables, sites, rules.min_documents, rules.min_share))
    return pa.concat_tables(table.cast(REPEATED) for table in made)


def _between(shard: Path, low: int, high: int, passes: int) -> pa.Table:
    if passes == 1:
        return pq.read_table(shard)
    key = pc.field("key")
    at_least = pa.scalar(low, pa.uint64())
    at_most = pa.scalar(high - 1, pa.uint64())
    return pq.read_table(shard, filters=(key >= at_least) & (key <= at_most))


def _found(files: Files, reading: Reading, task: Task) -> pa.Table:
    repeated = pq.read_table(files.repeated)
    known = BoilerplateLines(repeated["key"].to_numpy(), reading.site, reading.folding, VOTER_LEFT)
    cast = pa.concat_tables(_votes(files, known, task)).sort_by(
        [("key", "ascending"), ("id", "ascending")]
    )
    keys = cast["key"].to_numpy()
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))[: len(keys)])
    counts = cast["documents"].to_numpy()
    totals = np.add.reduceat(counts, starts) if len(starts) else counts
    rows = np.searchsorted(known.keys, keys[starts])
    is_found = totals >= repeated["least"].to_numpy()[rows]
    first = cast.take(pa.array(starts[is_found]))
    columns = {
        "key": first["key"],
        "site": repeated["site"].take(pa.array(rows[is_found])),
        "documents": totals[is_found],
        "position": first["position"],
        "id": first["id"],
    }
    return pa.table(columns, schema=FOUND)


_VOTES = pa.schema(
    [
        ("key", pa.uint64()),
        ("documents", pa.int64()),
        ("position", pa.uint64()),
        ("id", pa.string()),
    ]
)


def _votes(files: Files, repeated: BoilerplateLines, task: Task) -> Iterator[pa.Table]:
    yield _VOTES.empty_table()
    if not len(repeated.keys):
        return
    for shard in files.own:
        parts = [part.rows for part in read_forms(files.forms(shard), ["keys", "sizes"])]
        if not parts:
            continue
        forms = pa.concat_tables(parts)
        cast = votes(lines_of(forms), repeated)
        ids = pq.read_table(files.documents(shard), columns=["id"])["id"]
        first = pa.array(cast.first)
        at = positions(shard, 0, len(forms))[cast.first]
        yield pa.table([cast.keys, cast.documents, at, ids.take(first)], schema=_VOTES)
        task.advance(len(forms))


def examples(texts: pa.Table, first_row: int, found: pa.Table, reading: Reading) -> pa.Table:
    """The lines of `found` whose example is in `texts`, rows of its bucket from `first_row` on."""
    places = rows_of(found["position"].to_numpy()) - first_row
    is_here = pa.array((places >= 0) & (places < len(texts)))
    here = found.filter(is_here)
    lines: list[str] = []
    said: dict[int, dict[int, str]] = {}
    rows = places[is_here.to_numpy(zero_copy_only=False)].tolist()
    for row, site, key in zip(rows, *_columns(here, "site", "key"), strict=True):
        if row not in said:
            text = texts["text"][row].as_py()
            keys = line_keys(text, site, reading.folding).tolist()
            said[row] = dict(zip(keys, text.split("\n"), strict=True))
        lines.append(said[row][key].strip()[:_LINE_CHARACTERS])
    return pa.table({"key": here["key"], "line": lines}, schema=EXAMPLES)


def _columns(table: pa.Table, *names: str) -> list[list[Any]]:
    return [table[name].to_pylist() for name in names]


def write_boilerplate(files: Files, known: BoilerplateLines) -> None:
    """Write what people and the stages behind this one read: `boilerplate.parquet`."""
    found = pq.read_table(files.found)
    shown = pa.concat_tables([EXAMPLES.empty_table(), *map(pq.read_table, files.made("examples"))])
    lines = shown.sort_by("key")["line"] if len(shown) else pa.array([], pa.string())
    table = found.select(["key", "site", "documents", "id"]).append_column("line", lines)
    write_table(files.boilerplate, boilerplate_table(table, known))
