"""A random look into input files that are too many to read: for estimates and previews."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from tahdhib.config.recipe import Ingest
from tahdhib.readers import Fault, SourceFile
from tahdhib.records import Document
from tahdhib.stages.ingest.read import read_file


@dataclass(frozen=True, slots=True)
class Peek:
    """A sample of documents, and what was seen on the way to it.

    `read_bytes` of `total_bytes` (as they lie on disk) were read, so that
    `records * total_bytes / read_bytes` estimates the records in all.
    """

    documents: tuple[Document, ...]
    records: int
    faults: int
    read_bytes: int
    total_bytes: int

    @property
    def whole_records(self) -> int:
        """Records in the whole input: counted where all of it was read, else estimated."""
        return round(self.records * self.total_bytes / max(1, self.read_bytes))


class _Meter:
    def __init__(self, budget: int, on_bytes: Callable[[int], None]) -> None:
        self.count, self._budget, self._on_bytes = 0, budget, on_bytes

    def add(self, count: int) -> None:
        self.count += count
        self._on_bytes(count)

    @property
    def is_spent(self) -> bool:
        return self.count >= self._budget


def peek(
    sources: Sequence[SourceFile],
    settings: Ingest,
    *,
    count: int,
    seed: int,
    budget_bytes: int,
    on_bytes: Callable[[int], None],
) -> Peek:
    """Draw `count` documents at random (reservoir sampling, seeded) from `sources`.

    Of a larger input only the first `budget_bytes`, shared evenly among the files, are read.
    """
    random = Random(seed)
    reservoir: list[Document] = []
    records = faults = documents = read_bytes = 0
    for source in sources:
        meter = _Meter(budget_bytes // max(1, len(sources)), on_bytes)
        for read in read_file(source, settings, meter.add):
            records += 1
            if isinstance(read.outcome, Fault):
                faults += 1
            else:
                documents += 1
                place = documents - 1 if documents <= count else random.randrange(documents)
                if place < count:
                    reservoir[place : place + 1] = [read.outcome]
            if meter.is_spent:
                break
        read_bytes += min(meter.count, source.size)
    total = sum(source.size for source in sources)
    return Peek(tuple(reservoir), records, faults, read_bytes, total)
