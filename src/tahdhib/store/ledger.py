"""The account of a stage: what came in is what went out plus what was dropped, by reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from tahdhib.store.shards import read_json, row_count, write_json


@dataclass(frozen=True, slots=True)
class Ledger:
    """A stage's account, in its own unit; `notes` are counts beside the balance."""

    stage: str
    unit: str
    came_in: int
    went_out: int
    drops: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, int | float | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.came_in != self.went_out + sum(self.drops.values()):
            raise RuntimeError(
                f"{self.stage}: the ledger does not balance: {self.came_in} {self.unit} came in, "
                f"{self.went_out} went out and {dict(self.drops)} were dropped"
            )

    @property
    def dropped(self) -> int:
        """How many left, for whatever reason."""
        return sum(self.drops.values())


def count_rows(shards: Iterable[Path]) -> int:
    """Rows in all `shards`, from their footers: never asked of an engine, which may lose rows."""
    return sum(row_count(shard) for shard in shards)


def count_values(shards: Iterable[Path], column: str = "reason") -> dict[str, int]:
    """How often each value of `column` stands in `shards`, sorted by value."""
    totals: dict[str, int] = {}
    for shard in shards:
        for pair in pc.value_counts(pq.read_table(shard, columns=[column])[column]).to_pylist():
            totals[pair["values"]] = totals.get(pair["values"], 0) + pair["counts"]
    return dict(sorted(totals.items()))


def write_ledger(path: Path, ledger: Ledger) -> None:
    """Write a ledger; its presence is what marks a stage as finished."""
    account = {name: getattr(ledger, name) for name in ("stage", "unit", "came_in", "went_out")}
    write_json(path, {**account, "drops": dict(ledger.drops), "notes": dict(ledger.notes)})


def read_ledger(path: Path) -> Ledger:
    """Read a ledger back, checking that it balances."""
    return Ledger(**read_json(path))
