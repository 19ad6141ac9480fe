"""The step of the proof: shingles of the candidates, laid out on disk, and pair after pair."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tahdhib.match.boilerplate import BoilerplateLines
from tahdhib.match.shingles import Shingles, shingles_of_all
from tahdhib.stages.dedup import tables
from tahdhib.stages.dedup.files import Files, read_forms, read_shard_rows
from tahdhib.stages.dedup.forms import without_boilerplate
from tahdhib.stages.dedup.verify import verify
from tahdhib.store.shards import write_table, write_whole

_SHINGLE_BYTES = 8
_FORMS_AT_ONCE = 4096


def shingle_shard(files: Files, words: int, known: BoilerplateLines, shard: int) -> int:
    """Write the shingles of those documents of a shard that are in a candidate pair."""
    members = read_shard_rows(files.members, shard)
    wanted = members["position"].filter(members["is_compared"]).to_numpy()
    counts: list[int] = []

    def write(path: Path) -> None:
        with path.open("wb") as handle:
            for forms in _forms_at(files.forms(shard), wanted, known):
                for numbers in shingles_of_all(forms, words):
                    counts.append(len(numbers))
                    handle.write(numbers.tobytes())

    write_whole(files.shingles(shard), write)
    ends = np.cumsum(np.array(counts, np.int64))
    columns = {"position": wanted, "start": ends - counts, "count": counts}
    write_table(files.here.shard("shingles", shard), pa.table(columns, schema=tables.SHINGLES))
    return len(wanted)


def _forms_at(shard: Path, wanted: tables.Positions, known: BoilerplateLines) -> Iterator[pa.Array]:
    """The wanted forms in order, many at once: the more, the fewer words are hashed again."""
    rows = tables.rows_of(wanted)
    held: list[pa.Array] = []
    for first_row, forms in read_forms(shard, ["form", "keys", "sizes"]) if len(rows) else ():
        here = rows[(rows >= first_row) & (rows < first_row + len(forms))] - first_row
        held.append(without_boilerplate(forms.take(pa.array(here)), known).texts)
        if sum(map(len, held)) >= _FORMS_AT_ONCE:
            yield pa.concat_arrays(held)
            held = []
    if held:
        yield pa.concat_arrays(held)


def verify_shard(files: Files, threshold: float, shard: int) -> int:
    """Write the matches among the candidate pairs whose left member is of `shard`."""
    pairs = read_shard_rows(files.candidates, shard, "left")
    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    made = [tables.MATCHES.empty_table()]
    if len(pairs):
        with _ShingleFile.opened(files, shard) as lefts:
            known = {position: lefts.read(position) for position in np.unique(left).tolist()}
    homes = tables.shards_of(right)
    for home in np.unique(homes).tolist():
        there = homes == home
        with _ShingleFile.opened(files, home) as rights:
            made.append(
                verify(left[there], right[there], threshold, known.__getitem__, rights.read)
            )
    matches = pa.concat_tables(made).sort_by([("left", "ascending"), ("right", "ascending")])
    write_table(files.here.shard("matches", shard), matches)
    return len(pairs)


@dataclass(frozen=True, slots=True)
class _ShingleFile:
    """A shard's shingles, read one document at a time: a memory map would count as memory."""

    handle: IO[bytes]
    places: Mapping[int, tuple[int, int]]

    @classmethod
    @contextmanager
    def opened(cls, files: Files, shard: int) -> Iterator["_ShingleFile"]:
        table = pq.read_table(files.here.shard("shingles", shard))
        position, start, count = (column.to_pylist() for column in table.columns)
        places = dict(zip(position, zip(start, count, strict=True), strict=True))
        with files.shingles(shard).open("rb") as handle:
            yield cls(handle, places)

    def read(self, position: int) -> Shingles:
        start, count = self.places[position]
        self.handle.seek(start * _SHINGLE_BYTES)
        return np.frombuffer(self.handle.read(count * _SHINGLE_BYTES), np.uint64)
