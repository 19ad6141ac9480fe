"""rensa and Polars: a short script, as somebody would write it who puts the two together.

    run_rensa.py work|collect CORPUS OUT THRESHOLD BANDS ROWS WORDS PROCESSES

Polars reads the files, cuts words and hashes shingles; rensa makes R-MinHash signatures of whole
batches of hashes; Polars groups the bands. A candidate pair, each document of a group with its
first, counts when the signatures agree in as many places as the threshold says, which is what
rensa's own deduplicator does. Of each component the first document is kept.
"""

import os
import sys
from pathlib import Path

verb, corpus_, out_, *settings_ = sys.argv[1:]
threshold, bands, rows, words, processes = [float(settings_[0]), *map(int, settings_[1:])]
os.environ |= {"POLARS_MAX_THREADS": str(processes), "RAYON_NUM_THREADS": str(processes)}

import numpy as np  # noqa: E402
import polars as pl  # noqa: E402
from rensa import RMinHash  # noqa: E402

_BATCH = 10_000
_SEED = 17


def signatures(texts: pl.Series) -> np.ndarray:
    """One row of hashes per text."""
    said = texts.str.to_lowercase().str.extract_all(r"[\pL\pN\pM]+")
    lengths = said.list.len().to_numpy().astype(np.int64)
    hashes = said.explode(empty_as_null=False).hash(_SEED).to_numpy()
    starts = np.concatenate(([0], np.cumsum(lengths)))
    runs = np.zeros(len(hashes) - words + 1, np.uint64)
    for offset in range(words):
        runs = runs * np.uint64(0x9E3779B97F4A7C15) + hashes[offset : offset + len(runs)]
        runs ^= runs >> np.uint64(29)
    counts = np.maximum(lengths - words + 1, 0)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    inside = np.arange(offsets[-1]) - np.repeat(offsets[:-1], counts)
    runs = runs[np.repeat(starts[:-1], counts) + inside]
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(
        runs, offsets.astype(np.uint64), bands * rows, _SEED
    )
    return np.array(matrix.to_rows(), np.uint32)


def pairs(signed: np.ndarray) -> np.ndarray:
    """Candidates of every band that the signatures bear out, two columns."""
    found = [np.empty((0, 2), np.int64)]
    for band in range(bands):
        columns = {f"c{row}": signed[:, band * rows + row] for row in range(rows)}
        keyed = pl.DataFrame(columns).with_row_index("at")
        # Documents too short for a shingle have no signature of their own.
        first = pl.col("at").min().over(list(columns))
        linked = keyed.select("at", first=first).filter(pl.col("at") != pl.col("first"))
        found.append(linked.select("first", "at").to_numpy().astype(np.int64))
    candidates = np.unique(np.concatenate(found), axis=0)
    agree = np.empty(len(candidates))
    for begin in range(0, len(candidates), _BATCH):
        left, right = candidates[begin : begin + _BATCH].T
        agree[begin : begin + _BATCH] = (signed[left] == signed[right]).mean(axis=1)
    return candidates[agree >= threshold]


def components(edges: np.ndarray, count: int) -> np.ndarray:
    """Lowest row that each row hangs together with."""
    parents = list(range(count))

    def root(row: int) -> int:
        while parents[row] != row:
            parents[row] = row = parents[parents[row]]
        return row

    for left, right in edges.tolist():
        one, other = root(left), root(right)
        parents[max(one, other)] = min(one, other)
    return np.array([root(row) for row in range(count)])


def work(corpus: Path, out: Path) -> None:
    """Read, sign, group, write."""
    files = sorted((corpus / "documents").glob("*.jsonl.zst"))
    documents = pl.concat([pl.read_ndjson(file) for file in files])
    signed = np.concatenate(
        [
            signatures(documents["text"].slice(first, _BATCH))
            for first in range(0, len(documents), _BATCH)
        ]
    )
    edges = pairs(signed)
    roots = components(edges, len(documents))
    is_kept = roots == np.arange(len(documents))
    documents.filter(pl.Series(is_kept)).write_parquet(
        out / "documents.parquet", compression="zstd"
    )
    np.savez(out / "found.npz", edges=edges, roots=roots)


def collect(corpus: Path, out: Path) -> None:
    """Say in the tables of all runners what was found."""
    files = sorted((corpus / "documents").glob("*.jsonl.zst"))
    ids = pl.concat([pl.read_ndjson(file).select("id") for file in files])["id"].to_numpy()
    found = np.load(out / "found.npz")
    edges, roots = found["edges"], found["roots"]
    sizes = np.bincount(roots, minlength=len(roots))
    inside = np.flatnonzero(sizes[roots] > 1)
    clusters = {
        "id": ids[inside],
        "cluster": ids[roots[inside]],
        "is_kept": roots[inside] == inside,
    }
    pl.DataFrame(clusters).write_parquet(out / "clusters.parquet")
    table = {"left": ids[edges[:, 0]], "right": ids[edges[:, 1]]}
    pl.DataFrame(table).write_parquet(out / "edges.parquet")


if __name__ == "__main__":
    (work if verb == "work" else collect)(Path(corpus_), Path(out_))
