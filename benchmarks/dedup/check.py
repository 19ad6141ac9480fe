"""truth.py held against a count that has no index, no hash and no bound."""

import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow.parquet as pq
import regex
import zstandard

from dedup.planted import Plan, make

_DOCUMENTS = 3_000
_WORD = regex.compile(r"[\p{L}\p{N}\p{M}]+")


def check(data: Path, seed: int) -> None:
    """Count all pairs of a small corpus naively and say whether the truth is the same.

    Raises:
        SystemExit: it is not.
    """
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        make(Plan(_DOCUMENTS, seed, files=3), data, corpus)
        program = Path(__file__).with_name("truth.py")
        subprocess.run([sys.executable, program, corpus], check=True, stdout=subprocess.DEVNULL)
        words = _words(corpus)
        first = {text: name for name, text in sorted(words.items(), reverse=True)}
        pairs = pq.read_table(corpus / "truth" / "pairs.parquet").to_pylist()
        told = {tuple(sorted((row["left"], row["right"]))): row["jaccard"] for row in pairs}
        documents = pq.read_table(corpus / "truth" / "documents.parquet").to_pylist()
        same = {row["id"]: row["same"] for row in documents}
    counted = _counted({name: words[name] for name in first.values()}, 0.5)
    print(f"{len(words)} documents, seed {seed}: {len(counted)} pairs counted, {len(told)} told")
    if counted != told or same != {name: first[text] for name, text in words.items()}:
        raise SystemExit("truth.py is wrong")
    print("the same pairs with the same similarities")


def _words(corpus: Path) -> dict[str, tuple[str, ...]]:
    rows = _records(corpus / "boilerplate.jsonl.zst")
    boilerplate = {row["site"]: set(row["lines"]) for row in rows}
    words = {}
    for file in (corpus / "documents").iterdir():
        for record in _records(file):
            known = boilerplate.get(urlsplit(record["url"]).hostname or "", ())
            lines = [line for line in record["text"].split("\n") if line not in known]
            words[record["id"]] = tuple(_WORD.findall("\n".join(lines).lower()))
    return words


def _counted(texts: dict[str, tuple[str, ...]], least: float) -> dict[tuple[str, ...], float]:
    runs = {
        name: {words[at : at + 5] for at in range(max(1, len(words) - 4))}
        for name, words in texts.items()
    }
    owners = defaultdict(list)
    for name in sorted(runs):
        for run in runs[name]:
            owners[run].append(name)
    shared = Counter(pair for names in owners.values() for pair in combinations(names, 2))
    similar = {
        (one, other): both / (len(runs[one]) + len(runs[other]) - both)
        for (one, other), both in shared.items()
    }
    return {pair: jaccard for pair, jaccard in similar.items() if jaccard >= least}


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
