"""Daft behind guards: the only way to it.

What is guarded against, each seen with version 0.7.26:

- Dropping the aggregate after `groupby().agg()` (by a selection, or by `count_rows()`) loses
  groups now and then, without a word: of 154,208 in 8 files 38,552 came back. `groups` keeps its
  one aggregate, and holds what comes back against the files' footers in any case.
- `read_parquet` takes every path for a glob, so that a folder `run[1]` is not found.
- A plain `import daft` tells two servers in the net that it happened; bars go to stderr.

`tahdhib.match.minhash` closes the traps of the MinHash kernel.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tahdhib import cluster
from tahdhib.config.environment import tell_libraries
from tahdhib.store.ledger import count_rows

_QUIET = {"DAFT_ANALYTICS_ENABLED": "0", "DAFT_PROGRESS_BAR": "0"}
_TRIES = 3

_SORTED_HERE = 1 << 24
"""So many keys are sorted in this process, at a third of the time and memory of the engine."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Numbers that share a key: group `i` is `members[starts[i]:starts[i + 1]]`.

    Only groups of two and more are here. Their order, and that of members in a group, is left to
    chance.
    """

    members: NDArray[np.uint64]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __iter__(self) -> Iterator[NDArray[np.uint64]]:
        for start, end in zip(self.starts[:-1], self.starts[1:], strict=True):
            yield self.members[start:end]


def groups(shards: Sequence[Path], keys: Sequence[str], value: str) -> Groups:
    """Group the numbers in column `value` by each of the columns `keys`, in one pass.

    The columns are one key space: equal keys in different columns share a group. None is null.

    Raises:
        RuntimeError: the engine lost rows, again and again.
    """
    expected = count_rows(shards) * len(keys)
    if not expected:
        return Groups(np.empty(0, np.uint64), np.zeros(1, np.int64))
    if expected <= _SORTED_HERE:
        return _by_sorting(shards, keys, value)
    returned = 0
    for _ in range(_TRIES):
        lists = _grouped(shards, keys, value)
        starts = lists.offsets.to_numpy().astype(np.int64)
        members = lists.flatten().to_numpy()
        returned = len(members)
        if returned == expected:
            return _without_singles(members, starts - starts[0])
    raise RuntimeError(
        f"{shards[0].parent}: grouping by {', '.join(keys)} returned {returned} of {expected} "
        f"rows at the last of {_TRIES} tries: the engine loses rows"
    )


def daft_quietly() -> Any:
    """Daft itself, imported only when it is needed, and told to keep quiet before it can speak."""
    runner = "ray" if cluster.is_connected() else "native"
    tell_libraries(_QUIET | {"DAFT_RUNNER": runner})
    import daft

    return daft


def _grouped(shards: Sequence[Path], keys: Sequence[str], value: str) -> pa.LargeListArray:
    daft = _started()
    frame = daft.read_parquet([_literal(shard) for shard in shards])
    columns = daft.functions.to_list(*(daft.col(name) for name in keys)).alias("key")
    frame = frame.select(daft.col(value).alias("value"), columns).explode("key")
    # The aggregate is carried to the end: see the first guard.
    return (
        frame.groupby("key").agg(daft.col("value").list_agg()).to_arrow()["value"].combine_chunks()
    )


def _by_sorting(shards: Sequence[Path], keys: Sequence[str], value: str) -> Groups:
    table = pa.concat_tables(pq.read_table(shard, columns=[value, *keys]) for shard in shards)
    column = pa.chunked_array([chunk for name in keys for chunk in table[name].chunks])
    if not pa.types.is_integer(column.type):  # a number for each distinct key
        column = column.combine_chunks().dictionary_encode().indices
    numbers = column.to_numpy()
    order = np.argsort(numbers)
    ascending = numbers[order]
    edges = np.concatenate(([True], ascending[1:] != ascending[:-1], [True]))
    is_shared = ~(edges[:-1] & edges[1:])
    members = table[value].to_numpy()[order[is_shared] % len(table)]
    return Groups(members, np.append(np.flatnonzero(edges[:-1][is_shared]), len(members)))


def _without_singles(members: NDArray[np.uint64], starts: NDArray[np.int64]) -> Groups:
    sizes = np.diff(starts)
    is_shared = sizes > 1
    ends = np.cumsum(sizes[is_shared])
    return Groups(
        members[np.repeat(is_shared, sizes)], np.concatenate((np.zeros(1, np.int64), ends))
    )


def _literal(path: Path) -> str:
    return re.sub(r"([*?\[{}])", r"[\1]", str(path))


@cache
def _started() -> Any:
    """Daft on the Ray cluster that this process has joined, else on its native runner.

    A process can choose once only. Whoever uses us as a library and has chosen before us, or goes
    on without the cluster, keeps the first choice: the rows are the same.
    """
    daft = daft_quietly()
    with suppress(daft.exceptions.DaftCoreException):
        if cluster.is_connected():
            daft.set_runner_ray(noop_if_initialized=True)
        else:
            daft.set_runner_native()
    return daft
