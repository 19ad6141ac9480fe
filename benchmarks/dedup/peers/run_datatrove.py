"""datatrove: its four MinHash stages on a LocalPipelineExecutor, JSONL in and JSONL out.

    run_datatrove.py work|collect CORPUS OUT THRESHOLD BANDS ROWS WORDS PROCESSES [TOKENIZER]

Its signatures have no threshold: bands and rows are what it is told. Nothing is verified. Words
are cut at spaces after its own simplification of the text; `TOKENIZER` is a language whose
word tokenizer does it instead, as its examples have it, and slower. As many tasks as input files,
as many workers as processes; input and output are compressed by zstd, which is faster than its
default of gzip. Hashes are its defaults, xxhash with 64 bits.
"""

import struct
import sys
from collections import defaultdict
from pathlib import Path

_SPACES = "spaces"


class Spaces:
    """A word tokenizer that cuts at spaces: all else has been simplified away."""

    def word_tokenize(self, text: str) -> list[str]:
        return text.split()


def work(corpus: Path, out: Path, settings: list[str]) -> None:
    """Run the four stages, one after another."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup.minhash import (
        MinhashConfig,
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    _, bands, rows, words, processes, *variant = settings
    config = MinhashConfig(n_grams=int(words), num_buckets=int(bands), hashes_per_bucket=int(rows))
    folder = str(corpus / "documents")
    files = len(list((corpus / "documents").iterdir()))

    def executor(pipeline: list, tasks: int, name: str) -> LocalPipelineExecutor:
        workers = min(int(processes), tasks)
        logs = str(out / "logs" / name)
        return LocalPipelineExecutor(pipeline, tasks, workers, logging_dir=logs)

    sign = MinhashDedupSignature(str(out / "signatures"), config, variant[0] if variant else "en")
    if not variant:
        sign.word_tokenizer = Spaces()
    match = MinhashDedupBuckets(
        str(out / "signatures"), str(out / "buckets"), config=config, lines_to_buffer=1000
    )
    cluster = MinhashDedupCluster(
        str(out / "buckets"), str(out / "remove"), config=config, lines_to_buffer=1000
    )
    sieve = MinhashDedupFilter(str(out / "remove"), lines_to_buffer=1000)
    write = JsonlWriter(str(out / "documents"), "${rank}.jsonl.zst", compression="zstd")
    reader = JsonlReader(folder)
    executor([reader, sign], files, "1").run()
    executor([match], int(bands), "2").run()
    executor([cluster], 1, "3").run()
    executor([reader, sieve, write], files, "4").run()


def collect(corpus: Path, out: Path) -> None:
    """Clusters from the pairs that stage 2 left, kept documents from what stage 3 removed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids = [_ids(file) for file in sorted((corpus / "documents").iterdir())]
    edges: set[tuple[str, str]] = set()
    for file in (out / "buckets").glob("*.dups"):
        for one, left, other, right in struct.iter_unpack("<4I", file.read_bytes()):
            edges.add((ids[one][left], ids[other][right]))
    removed = set()
    for file in (out / "remove").glob("*.remove"):
        here = ids[int(file.stem)]
        removed |= {here[place] for (place,) in struct.iter_unpack("<I", file.read_bytes())}
    roots = _components(edges)
    clusters = {
        "id": list(roots),
        "cluster": list(roots.values()),
        "is_kept": [name not in removed for name in roots],
    }
    pq.write_table(pa.table(clusters), out / "clusters.parquet")
    pairs = sorted(edges)
    table = {"left": [left for left, _ in pairs], "right": [right for _, right in pairs]}
    pq.write_table(pa.table(table), out / "edges.parquet")


def _ids(file: Path) -> list[str]:
    import orjson
    import zstandard

    with zstandard.open(file, "rt", encoding="utf-8") as lines:
        return [orjson.loads(line)["id"] for line in lines]


def _components(edges: set[tuple[str, str]]) -> dict[str, str]:
    neighbours = defaultdict(list)
    for left, right in edges:
        neighbours[left].append(right)
        neighbours[right].append(left)
    roots: dict[str, str] = {}
    for start in sorted(neighbours):
        waiting = [start] if start not in roots else []
        while waiting:
            name = waiting.pop()
            if name not in roots:
                roots[name] = start
                waiting += neighbours[name]
    return roots


if __name__ == "__main__":
    verb, corpus_, out_, *settings_ = sys.argv[1:]
    if verb == "work":
        work(Path(corpus_), Path(out_), settings_)
    else:
        collect(Path(corpus_), Path(out_))
