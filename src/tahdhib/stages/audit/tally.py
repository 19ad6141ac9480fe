"""What the buckets leave beside their rows: the words of their documents, counted."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tahdhib.score.topics import Topics
from tahdhib.score.vocabulary import Vocabulary
from tahdhib.store.shards import read_json, write_json, write_table, write_whole

_BATCH = 1 << 16


def write_vocabulary(places: Path, named: Path, found: Vocabulary) -> None:
    """Write the filled places, and the words that edits took or brought."""
    filled = np.flatnonzero(found.before + found.after)
    counts = {"before": found.before[filled], "after": found.after[filled]}
    write_table(places, pa.table({"place": filled, **counts}))
    words = sorted(found.lost.keys() | found.gained.keys())
    columns = {
        "word": pa.array([word.encode("utf-8", "surrogatepass") for word in words], pa.binary()),
        "lost": pa.array([found.lost[word] for word in words], pa.int64()),
        "gained": pa.array([found.gained[word] for word in words], pa.int64()),
    }
    write_table(named, pa.table(columns))


def read_vocabulary(places: Iterable[Path], named: Iterable[Path]) -> Vocabulary:
    """Add up what the buckets counted."""
    found = Vocabulary()
    for path in places:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=_BATCH):
            at, before, after = (batch[name].to_numpy() for name in ("place", "before", "after"))
            found.before[at] += before
            found.after[at] += after
    for path in named:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=_BATCH):
            words, lost, gained = (batch[name].to_pylist() for name in ("word", "lost", "gained"))
            read = [word.decode("utf-8", "surrogatepass") for word in words]
            found.name(dict(zip(read, lost, strict=True)), dict(zip(read, gained, strict=True)))
    return found


def write_topics(numbers: Path, names: Path, topics: Topics) -> None:
    """Write topics; the names last."""

    def save(path: Path) -> None:
        with path.open("wb") as stream:
            np.savez(stream, centres=topics.centres, weights=topics.weights)

    write_whole(numbers, save)
    write_json(names, list(topics.names))


def read_topics(numbers: Path, names: Path) -> Topics:
    """Read topics back."""
    with np.load(numbers, allow_pickle=False) as arrays:
        return Topics(arrays["centres"], arrays["weights"], tuple(read_json(names)))
