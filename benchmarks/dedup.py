"""How fast the dedup stage is, how much memory it takes, and what it finds in a corpus.

    python benchmarks/dedup.py CORPUS [--field content] [--brute-force]

CORPUS is a file or a folder of .jsonl or .jsonl.gz. Documents/s are those of the stage alone, from
ingest's shards to its own. Nothing in it is random but the MinHash permutations, whose seed is
fixed in `tahdhib.match.minhash`. `--brute-force` holds the verified pairs against all true ones.
"""

import argparse
import gzip
import json
import os
import platform
import resource
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from importlib.metadata import version
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tahdhib.conduct.conduct import Conduct
from tahdhib.config.recipe import Dedup, Ingest, Recipe
from tahdhib.match.components import components
from tahdhib.match.shingles import shingles
from tahdhib.progress import Silence
from tahdhib.stages.contract import Workplace
from tahdhib.stages.dedup.stage import work
from tahdhib.store.ledger import Ledger
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.schemas import DOCUMENTS
from tahdhib.store.shards import bucket_of, write_rows
from tahdhib.text.fold import match_form

_MIB = 1 << 20
_KIB_PER_MIB = 1024


class Clock(Silence):
    """Progress that notes when each step began."""

    def __init__(self) -> None:
        self.began = [("start", time.perf_counter())]

    def task(self, label: str, total: int | None, unit: str):  # type: ignore[no-untyped-def]
        self.began.append((f"{label} ({total} {unit})", time.perf_counter()))
        return super().task(label, total, unit)

    def steps(self) -> Iterator[tuple[str, float]]:
        times = [*self.began, ("end", time.perf_counter())]
        for (label, start), (_, end) in pairwise(times[1:]):
            yield label, end - start


def read(corpus: Path, field: str, id_field: str | None) -> Iterator[tuple[str, str]]:
    paths = sorted(corpus.glob("*.jsonl*")) if corpus.is_dir() else [corpus]
    for path in paths:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                record = json.loads(line)
                text = record.get(field)
                if isinstance(text, str) and text.strip():
                    key = str(record[id_field]) if id_field else f"{path.name}:{number:07d}"
                    yield key, text


def prepare(options: argparse.Namespace, folder: Path) -> tuple[int, int]:
    """Lay the corpus down as the ingest stage would; its documents and bytes."""
    documents = dict(read(options.corpus, options.field, options.id_field))
    ingest = RunFolder(folder).stage("ingest")
    rows: list[list[dict[str, str]]] = [[] for _ in range(options.buckets)]
    for key in sorted(documents):
        row = {"id": key, "text": documents[key], "metadata": "{}"}
        rows[bucket_of(key, options.buckets)].append(row)
    for bucket, content in enumerate(rows):
        write_rows(ingest.shard("documents", bucket), content, DOCUMENTS)
    return len(documents), sum(len(text.encode()) for text in documents.values())


def workplace(folder: Path, settings: Dedup, processes: int, clock: Clock) -> Workplace:
    run = RunFolder(folder)
    return Workplace(
        recipe=Recipe(ingest=Ingest(paths=("-",)), dedup=settings, processes=processes),
        conduct=Conduct("none", "0", (), {}, (), "0"),
        run=run,
        here=run.stage("dedup"),
        progress=clock,
    )


def true_pairs(sets: list[NDArray[np.uint64]], threshold: float) -> set[tuple[int, int]]:
    """All pairs of at least this similarity, by counting shared shingles over an inverted index."""
    sizes = np.array([len(numbers) for numbers in sets])
    owners = np.repeat(np.arange(len(sets)), sizes)
    numbers = np.concatenate(sets)
    order = np.argsort(numbers, kind="stable")
    numbers, owners = numbers[order], owners[order]
    pairs: set[tuple[int, int]] = set()
    for right, wanted in enumerate(sets):
        starts = np.searchsorted(numbers, wanted, "left")
        ends = np.searchsorted(numbers, wanted, "right")
        shared_with = [owners[s:e] for s, e in zip(starts, ends, strict=True) if e - s > 1]
        if not shared_with:
            continue
        shared = np.bincount(np.concatenate(shared_with), minlength=len(sets))[:right]
        jaccard = shared / (sizes[:right] + sizes[right] - shared)
        pairs.update((int(left), right) for left in np.flatnonzero(jaccard >= threshold))
    return pairs


def brute_force(place: Workplace, documents: dict[str, str]) -> None:
    """Hold the verified pairs against all true ones, copies left out: their originals stand in."""
    settings = place.recipe.dedup
    members = pq.read_table(place.here.file("members.parquet")).to_pylist()
    ids = {row["position"]: row["id"] for row in members}
    copies = {row["id"] for row in members if row["original"] != row["position"]}
    keys = sorted(set(documents) - copies)
    sets = [shingles(match_form(documents[key]), settings.shingle_words) for key in keys]
    true = {
        frozenset((keys[left], keys[right])) for left, right in true_pairs(sets, settings.threshold)
    }
    found = {
        frozenset((ids[row["left"]], ids[row["right"]]))
        for shard in place.here.shards("matches")
        for row in pq.read_table(shard).to_pylist()
    }
    clusters = components((keys.index(a), keys.index(b)) for a, b in map(sorted, true))
    drops = {
        row["id"]
        for shard in place.here.shards("drops")
        for row in pq.read_table(shard).to_pylist()
    }
    expected = {keys[number] for number, root in clusters.items() if number != root}
    print(f"brute force over {len(keys)} documents that are no copies: {len(true)} true pairs,")
    print(f"  {len(true & found)} of them verified (recall {len(true & found) / len(true):.4f}),")
    print(f"  {len(found - true)} verified that are not true;")
    print(f"  {len(expected)} documents ought to go, {len(expected - drops)} of them stayed,")
    print(f"  {len(drops - copies - expected)} went that ought to stay")


class Memory(threading.Thread):
    """Watches the memory of this process and of its children together (Linux only)."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_mib = 0.0
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.wait(0.05):
            self.peak_mib = max(self.peak_mib, sum(map(_resident_mib, _family(os.getpid()))))


def _family(process: int) -> list[int]:
    try:
        lists = Path(f"/proc/{process}/task").glob("*/children")
        children = [int(child) for path in lists for child in path.read_text().split()]
    except OSError:  # gone meanwhile
        return []
    return [process, *(member for child in children for member in _family(child))]


def _resident_mib(process: int) -> float:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB


def measured(place: Workplace, clock: Clock) -> tuple[Ledger, float]:
    """Do the stage's work and print what it took; the ledger and the seconds."""
    memory, cpu = Memory(), os.times()
    memory.start()
    began = time.perf_counter()
    ledger = work(place)
    seconds = time.perf_counter() - began
    memory.is_over.set()
    used = [now - before for now, before in zip(os.times()[:4], cpu[:4], strict=True)]
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_PER_MIB
    print(f"{seconds:.1f} s, {sum(used):.1f} s of CPU; peak memory {memory.peak_mib:.0f} MiB")
    print(f"over all processes, {largest:.0f} MiB in the main one; steps:")
    for label, taken in clock.steps():
        print(f"  {taken:6.1f} s  {label}")
    return ledger, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--field", default="text")
    parser.add_argument("--id-field")
    parser.add_argument("--threshold", type=float, default=Dedup().threshold)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--buckets", type=int, default=16)
    parser.add_argument("--brute-force", action="store_true", help="slow: count all true pairs")
    parser.add_argument("--keep", type=Path, help="folder for the run, kept afterwards")
    options = parser.parse_args()

    folder = options.keep or Path(tempfile.mkdtemp(prefix="dedup-"))
    clock = Clock()
    place = workplace(folder, Dedup(threshold=options.threshold), options.processes, clock)
    with get_context("spawn").Pool(1) as pool:  # its memory is not the stage's
        size, text_bytes = pool.apply(prepare, (options, folder))

    print(f"machine: {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, ")
    print(f"Python {platform.python_version()}, Daft {version('daft')}")
    print(f"{options.corpus.name}: {size} documents, {text_bytes / _MIB:.1f} MiB of text,")
    print(f"{options.processes} processes, {options.buckets} buckets")
    ledger, seconds = measured(place, clock)
    print(f"{size / seconds:.0f} documents/s, {text_bytes / _MIB / seconds:.1f} MiB/s")
    print(json.dumps({"drops": dict(ledger.drops), **ledger.notes}, indent=2))
    if options.brute_force:
        brute_force(place, dict(read(options.corpus, options.field, options.id_field)))
    if not options.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
