"""text-dedup: its MinHash program on JSONL, with its faster hash.

    run_text_dedup.py work|collect CORPUS OUT THRESHOLD BANDS ROWS WORDS PROCESSES

It takes bands and rows as they are told, cuts words at every character that is no letter, digit or
underscore, and verifies nothing; its output is an Arrow dataset.
"""

import os
import pickle
import subprocess
import sys
from pathlib import Path


def work(corpus: Path, out: Path, settings: list[str]) -> None:
    """Run its command line."""
    threshold, bands, rows, words, processes = settings
    options = {
        "path": "json",
        "data_files": str(corpus / "documents" / "*.jsonl.zst"),
        "split": "train",
        "cache_dir": str(out / "cache"),
        "output": str(out / "documents"),
        "column": "text",
        "ngram": words,
        "threshold": threshold,
        "num_perm": str(int(bands) * int(rows)),
        "b": bands,
        "r": rows,
        "num_proc": processes,
        "hash_func": "xxh3",
    }
    flags = [word for name, value in options.items() for word in (f"--{name}", value)]
    # --debug leaves the clusters beside the output.
    command = [sys.executable, "-m", "text_dedup.minhash", *flags, "--debug"]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(out / "home")}
    subprocess.run(command, check=True, env=environment)


def collect(corpus: Path, out: Path) -> None:
    """Clusters from its union-find, by the row that each document was read as."""
    import datasets
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = sorted(map(str, (corpus / "documents").glob("*.jsonl.zst")))
    rows = datasets.load_dataset(
        "json", data_files=files, split="train", cache_dir=str(out / "collect")
    )
    ids = rows["id"][:]
    kept = set(datasets.load_from_disk(str(out / "documents"))["id"][:])
    with (out / "documents" / "uf.pkl").open("rb") as handle:
        found = pickle.load(handle)  # our own file
    roots = {ids[number]: ids[found.find(number)] for number in list(found.parent)}
    sizes: dict[str, int] = {}
    for root in roots.values():
        sizes[root] = sizes.get(root, 0) + 1
    told = [(name, root) for name, root in roots.items() if sizes[root] > 1]
    table = {
        "id": [name for name, _ in told],
        "cluster": [root for _, root in told],
        "is_kept": [name in kept for name, _ in told],
    }
    pq.write_table(pa.table(table), out / "clusters.parquet")


if __name__ == "__main__":
    verb, corpus_, out_, *settings_ = sys.argv[1:]
    if verb == "work":
        work(Path(corpus_), Path(out_), settings_)
    else:
        collect(Path(corpus_), Path(out_))
