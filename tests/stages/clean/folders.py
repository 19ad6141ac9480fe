"""A run folder as dedup leaves it, for the stages after it."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from tahdhib.match.boilerplate import TABLE, BoilerplateLines, boilerplate_table, line_key
from tahdhib.stages.contract import Workplace
from tahdhib.store.ledger import Ledger
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.schemas import DOCUMENTS
from tahdhib.store.shards import bucket_of, metadata_json, read_rows, write_rows, write_table
from tahdhib.text.fold import Folding
from tests.stages.workplaces import workplace

BUCKETS = 3


def deduplicated(root: Path, texts: dict[str, str], menu: tuple[str, ...] = ()) -> RunFolder:
    """The run `root` with `texts` by id as dedup's documents; `menu` are lines of the site `s`."""
    rows: list[list[dict[str, Any]]] = [[] for _ in range(BUCKETS)]
    for key in sorted(texts):
        row = {"id": key, "text": texts[key], "metadata": metadata_json({"site": "s"})}
        rows[bucket_of(key, BUCKETS)].append(row)
    run = RunFolder(root)
    here = run.stage("dedup")
    for bucket, content in enumerate(rows):
        write_rows(here.shard("documents", bucket), content, DOCUMENTS)
    keys = sorted(line_key("s", line, Folding()) or 0 for line in menu)
    found = pa.table(
        {
            "key": pa.array(keys, pa.uint64()),
            "site": ["s"] * len(keys),
            "documents": [10] * len(keys),
            "id": ["-"] * len(keys),
            "line": ["-"] * len(keys),
        },
        schema=TABLE,
    )
    lines = BoilerplateLines(found["key"].to_numpy(), "site", Folding(), 0.1)
    write_table(here.file("boilerplate.parquet"), boilerplate_table(found, lines))
    here.finish(Ledger("dedup", "documents", len(texts), len(texts)))
    return run


def at(root: Path, stage: str, processes: int = 1, **clean: Any) -> Workplace:
    """The workplace of `stage` under a recipe with the section `clean`."""
    ingest = {"paths": ["-"], "buckets": BUCKETS}
    return workplace(root, stage, {"ingest": ingest, "processes": processes, "clean": clean})


def rows_of(place: Workplace, table: str) -> list[dict[str, Any]]:
    """All rows of a table that the stage left, by id."""
    rows = [row for shard in place.here.shards(table) for row in read_rows(shard)]
    return sorted(rows, key=lambda row: str(row["id"]))
