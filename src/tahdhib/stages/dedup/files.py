"""Where everything of the stage lies, and how its tables are read in parts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tahdhib.stages.dedup.known import KnownShard
from tahdhib.stages.dedup.tables import FIRST_KNOWN, FORMS, positions_in
from tahdhib.store.ledger import count_rows
from tahdhib.store.run_folder import StageFolder
from tahdhib.store.shards import write_whole

_BATCH_ROWS = 2048


class Part(NamedTuple):
    """Rows of a shard, and the number of the first."""

    first_row: int
    rows: pa.Table


@dataclass(frozen=True, slots=True)
class Files:
    """The stage's input and its own folder; goes to other processes, so it holds paths only."""

    source: StageFolder
    here: StageFolder
    known: tuple[KnownShard, ...] = ()

    @property
    def own(self) -> list[int]:
        """Numbers of the corpus's shards: its buckets."""
        shards = self.source.shards("documents")
        return [int(shard.stem.removeprefix("bucket-")) for shard in shards]

    @property
    def numbers(self) -> list[int]:
        """Numbers of all shards, ascending."""
        return [*self.own, *range(FIRST_KNOWN, FIRST_KNOWN + len(self.known))]

    def documents(self, shard: int) -> Path:
        """The documents of a shard."""
        if shard < FIRST_KNOWN:
            return self.source.shard("documents", shard)
        return self.known[shard - FIRST_KNOWN].path

    def shown_ids(self, shard: int, ids: pa.ChunkedArray) -> pa.ChunkedArray:
        """How documents of a shard are called: known ones by their corpus, too."""
        if shard < FIRST_KNOWN:
            return ids
        return pc.binary_join_element_wise(self.known[shard - FIRST_KNOWN].name, ids, ":")

    def made(self, table: str) -> list[Path]:
        """The shards of a table of ours that exist, in the order of their numbers."""
        shards = [self.here.shard(table, number) for number in self.numbers]
        return [shard for shard in shards if shard.exists()]

    def missing(self, table: str, *, own: bool = False) -> list[int]:
        """Shards of which `table` is still to be made."""
        numbers = self.own if own else self.numbers
        return [number for number in numbers if not self.here.shard(table, number).exists()]

    def forms(self, shard: int) -> Path:
        """The forms of a shard's documents."""
        return self.here.shard("forms", shard).with_suffix(".arrow")

    def without_forms(self) -> list[int]:
        """Shards of which the forms are still to be made."""
        return [number for number in self.numbers if not self.forms(number).exists()]

    def rows(self, shards: list[int]) -> int:
        """Documents in some shards."""
        return count_rows(self.documents(shard) for shard in shards)

    @property
    def known_documents(self) -> int:
        """Documents that the corpus is held against."""
        return self.rows(self.numbers[len(self.own) :])

    @property
    def repeated(self) -> Path:
        return self.here.file("repeated.parquet")

    @property
    def found(self) -> Path:
        return self.here.file("found.parquet")

    @property
    def boilerplate(self) -> Path:
        return self.here.file("boilerplate.parquet")

    @property
    def members(self) -> Path:
        return self.here.file("members.parquet")

    @property
    def candidates(self) -> Path:
        return self.here.file("candidates.parquet")

    @property
    def sizes(self) -> Path:
        return self.here.file("sizes.parquet")

    @property
    def decisions(self) -> Path:
        return self.here.file("decisions.parquet")

    @property
    def figures(self) -> Path:
        return self.here.file("figures.json")

    def shingles(self, shard: int) -> Path:
        """The shingles of a shard's candidates, end to end; the table says which is whose."""
        return self.here.shard("shingles", shard).with_suffix(".u64")


def parts(path: Path, columns: list[str], rows: int | None = None) -> Iterator[Part]:
    """The rows of a table in order, so many at once."""
    first_row = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(rows or _BATCH_ROWS, columns=columns):
            yield Part(first_row, pa.Table.from_batches([batch]))
            first_row += len(batch)


def read_shard_rows(path: Path, shard: int, column: str = "position") -> pa.Table:
    """The rows of a table in order of `column`, a position, that belong to one shard."""
    low, high = positions_in(shard)
    return pq.read_table(path, filters=[(column, ">=", low), (column, "<", high)])


def write_forms(path: Path, tables: Iterable[pa.Table]) -> None:
    """Write forms in the order of their documents, each table as a part.

    No Parquet: what is read twice and then removed had better be fast than small.
    """
    options = pa.ipc.IpcWriteOptions(compression="lz4")

    def write(place: Path) -> None:
        with pa.ipc.new_file(str(place), FORMS, options=options) as writer:
            for table in tables:
                writer.write_table(table)

    write_whole(path, write)


def read_forms(path: Path, columns: list[str]) -> Iterator[Part]:
    """The parts that `write_forms` wrote; never mapped, since a memory map counts as memory."""
    options = pa.ipc.IpcReadOptions(included_fields=sorted(map(FORMS.get_field_index, columns)))
    first_row = 0
    with pa.OSFile(str(path)) as file, pa.ipc.open_file(file, options=options) as reader:
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number)
            yield Part(first_row, pa.Table.from_batches([batch]))
            first_row += len(batch)
