"""Daft behind guards: the only module that names it.

What is guarded against, each seen with version 0.7.26 and held by a test:

- Dropping the aggregate after `groupby().agg()` (by a selection, or by `count_rows()`) loses
  groups now and then, without a word: 154,208 of them in 8 files came back as 38,552. `groups`
  keeps its one aggregate, and counts what came back against the files' footers in any case.
- `minhash` cuts at single spaces, so that a doubled one makes other shingles; all empty texts get
  one signature, and so would be duplicates of each other. `signatures` mends the one and refuses
  the other.
- `read_parquet` takes every path for a glob.
- A plain `import daft` tells a server in the net that it happened, and progress bars go to stderr.
"""

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tahdhib.store.ledger import count_rows

_SILENT = {"DAFT_ANALYTICS_ENABLED": "0", "DAFT_PROGRESS_BAR": "0"}
_SEED = 1
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Groups:
    """Values that share a key: group `i` is `members[starts[i]:starts[i + 1]]`.

    Only groups of two and more are here. The order of groups, and of members in a group, is left
    to chance.
    """

    members: NDArray[np.uint64]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __iter__(self) -> Iterator[NDArray[np.uint64]]:
        for start, end in zip(self.starts[:-1], self.starts[1:], strict=True):
            yield self.members[start:end]


def signatures(forms: Sequence[str], *, hashes: int, words: int) -> NDArray[np.uint32]:
    """MinHash signatures of folded texts, one row each; runs in the calling thread.

    Raises:
        ValueError: a text has no word; see `tahdhib.text.fold.match_form`.
    """
    spaced = [" ".join(form.split()) for form in forms]
    if not all(spaced):
        raise ValueError("a text without words has no signature; give its match form")
    if not spaced:
        return np.empty((0, hashes), np.uint32)
    series = _daft().Series.from_pylist(spaced)
    hashed = series.minhash(
        num_hashes=hashes, ngram_size=words, seed=_SEED, hash_function="murmurhash3"
    ).to_arrow()
    rows: NDArray[np.uint32] = hashed.flatten().to_numpy(zero_copy_only=False)
    return rows.reshape(len(spaced), hashes)


def groups(shards: Sequence[Path], keys: Sequence[str], value: str) -> Groups:
    """Group the numbers in column `value` by each of the columns `keys`, all in one pass.

    The keys are one key space: equal keys in different columns share a group.
    """
    expected = count_rows(shards) * len(keys)
    if not expected:
        return Groups(np.empty(0, np.uint64), np.zeros(1, np.int64))
    for _ in range(_TRIES):
        lists = _grouped_lists(shards, keys, value)
        starts = lists.offsets.to_numpy().astype(np.int64)
        if starts[-1] - starts[0] == expected:
            return _without_singles(lists.flatten().to_numpy(), starts - starts[0])
    raise RuntimeError(
        f"{shards[0].parent}: the engine lost rows while grouping by {', '.join(keys)}: "
        f"{starts[-1] - starts[0]} of {expected} came back, at the last of {_TRIES} tries"
    )


def _grouped_lists(shards: Sequence[Path], keys: Sequence[str], value: str) -> pa.LargeListArray:
    daft = _started()
    frame = daft.read_parquet([_literal(shard) for shard in shards])
    key, number = daft.col("key"), daft.col("value")
    columns = daft.functions.to_list(*(daft.col(name) for name in keys))
    frame = frame.select(daft.col(value).alias("value"), columns.alias("key")).explode(key)
    # The aggregate stays to the end; see the first guard above.
    lists = frame.groupby(key).agg(number.list_agg()).to_arrow()["value"]
    return lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists


def _without_singles(members: NDArray[np.uint64], starts: NDArray[np.int64]) -> Groups:
    sizes = np.diff(starts)
    shared = sizes > 1
    return Groups(
        members[np.repeat(shared, sizes)],
        np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes[shared]))),
    )


def _literal(path: Path) -> str:
    return glob.escape(str(path)).replace("{", "[{]")


@cache
def _daft() -> Any:
    """Daft, imported late (it starts threads) and told to keep quiet before it can speak."""
    os.environ.update(_SILENT)
    import daft

    return daft


@cache
def _started() -> Any:
    """Daft with the native runner, which can be set only once per process."""
    daft = _daft()
    daft.set_runner_native()
    return daft
