"""Draw pairs for people to judge blind: some of each kind, in an order that tells nothing.

Kinds (strata) are made of the state in which the gate left the document, the rule behind its first
edit, and its language. Rare kinds are drawn more often than their share, and weighted back later.
"""

import hashlib
import heapq
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tahdhib.errors import DataError
from tahdhib.progress import Progress
from tahdhib.review.questions import INSTRUCTIONS, QUESTIONS
from tahdhib.score.language import language
from tahdhib.stats.draw import rank, share
from tahdhib.store.ledger import count_rows
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import read_json, write_json, write_text

_BATCH_ROWS = 128
_TABLES = {"rewritten": ("documents", "text"), "refused": ("refusals", "rewrite")}
"""What is judged: rewrites that went on, and those that the gate refused."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was written: the tasks, the key that stays here, and how many of each kind."""

    tasks: Path
    key: Path
    strata: Mapping[str, tuple[int, int]]
    """Kind -> documents in the run, tasks drawn."""


class _Stratum:
    """Counts documents of a kind and keeps those that come first in the draw."""

    def __init__(self, size: int) -> None:
        self.count = 0
        self._size = size
        self._heap: list[tuple[int, str]] = []

    def offer(self, place: int, name: str) -> None:
        self.count += 1
        entry = (-place, name)
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, entry)
        elif entry > self._heap[0]:
            heapq.heapreplace(self._heap, entry)

    def first(self, number: int) -> list[str]:
        """The first `number` of the draw."""
        return [name for _, name in sorted(self._heap, reverse=True)[:number]]


def sample(run: RunFolder, out: Path, *, number: int, seed: int, progress: Progress) -> Sampled:
    """Write `number` blind tasks to `out`, and their key into the run folder.

    Raises:
        DataError: nothing was rewritten, or `out` lies where the key would.
    """
    run.check_is_run()
    here = run.stage("rewrite")
    if not here.is_finished():
        raise DataError(f"{run.root}: rewrite has not finished, so there is nothing to judge yet.")
    if out.resolve().is_relative_to(run.review.resolve()):
        raise DataError(
            f"{out}: lies in {run.review}, where the keys are kept. Write the tasks to another "
            "place, so that the key is not handed out with them."
        )
    strata: dict[str, _Stratum] = {}
    total = sum(count_rows(here.shards(table)) for table, _ in _TABLES.values())
    with progress.task("review: kinds", total, "documents") as task:
        for state, row in _rows(run, ["id", "source", "edits"]):
            task.advance()
            place = rank("review", seed, f"{state}:{row['id']}")
            kind = _kind(state, row)
            strata.setdefault(kind, _Stratum(number)).offer(place, f"{state}:{row['id']}")
    if not strata:
        raise DataError(f"{run.root}: no document was rewritten, so there is nothing to judge.")
    shares = _allotted({kind: one.count for kind, one in strata.items()}, number)
    chosen = {name: kind for kind in sorted(strata) for name in strata[kind].first(shares[kind])}
    made = _tasks(run, chosen, seed)
    digest = hashlib.blake2b("\n".join(sorted(made)).encode(), digest_size=6).hexdigest()
    key = run.review / f"key-{digest}.json"
    write_json(
        key,
        {
            "seed": seed,
            "rewrite": here.fingerprint(),
            "strata": {kind: one.count for kind, one in sorted(strata.items())},
            "tasks": {name: entry for name, (_, entry) in made.items()},
        },
    )
    lines = [_json(_head())] + [_json(made[name][0]) for name in sorted(made)]
    write_text(out, "".join(line + "\n" for line in lines))
    drawn = {kind: (one.count, shares[kind]) for kind, one in sorted(strata.items())}
    return Sampled(out, key, drawn)


def _rows(run: RunFolder, columns: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows whose text was to change, with `rewritten` or `refused`."""
    here = run.stage("rewrite")
    for state, (table, text) in _TABLES.items():
        own = [*columns, text] + (["state"] if table == "documents" else [])
        for shard in here.shards(table):
            with pq.ParquetFile(shard) as file:
                for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=own):
                    for row in batch.to_pylist():
                        if row.get("state", "rewritten") == "rewritten":
                            yield state, {**row, "rewrite": row[text]}


def _kind(state: str, row: Mapping[str, Any]) -> str:
    first = row["edits"][0]["by"] if row["edits"] else "none"
    return f"{state} | {first} | {language(row['source']).code}"


def _allotted(counts: Mapping[str, int], number: int) -> dict[str, int]:
    """How many of each kind: by the square root of its size, none more than there are."""
    found = dict.fromkeys(counts, 0)
    left = min(number, sum(counts.values()))
    order = sorted(counts, key=lambda kind: (-counts[kind], kind))
    while left:
        # One at a time to whoever is furthest behind, so that the sum is exact.
        kind = max(
            (one for one in order if found[one] < counts[one]),
            key=lambda one: math.sqrt(counts[one]) / (found[one] + 1),
        )
        found[kind] += 1
        left -= 1
    return found


def _tasks(
    run: RunFolder, chosen: Mapping[str, str], seed: int
) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """The task and its entry in the key, by the task's name: a hash that tells nothing."""
    secret = str(run.stage("rewrite").fingerprint())
    made = {}
    for state, row in _rows(run, ["id", "source", "edits"]):
        own = f"{state}:{row['id']}"
        if own not in chosen:
            continue
        name = f"{rank(f'review task {secret}', seed, own):016x}"
        is_rewrite_first = share(f"review order {secret}", seed, own) < 0.5
        texts = [row["source"], row["rewrite"]]
        a, b = reversed(texts) if is_rewrite_first else texts
        task = {
            "task": name,
            "a": a,
            "b": b,
            "answers": {question.name: None for question in QUESTIONS},
            "annotator": "",
            "comment": "",
        }
        entry = {
            "id": row["id"],
            "stratum": chosen[own],
            "rewrite": "a" if is_rewrite_first else "b",
        }
        made[name] = (task, entry)
    return made


def _head() -> dict[str, Any]:
    """The first line: what is asked, in both languages."""
    return {
        "instructions": INSTRUCTIONS,
        "questions": {
            question.name: {**question.wording, "labels": question.labels} for question in QUESTIONS
        },
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def find_key(run: RunFolder, tasks: set[str]) -> Mapping[str, Any]:
    """The key that knows most of these tasks.

    Raises:
        DataError: the run has no key.
    """
    keys = [read_json(path) for path in sorted(run.review.glob("key-*.json"))]
    if not keys:
        raise DataError(
            f"{run.root}: holds no key of tasks. Draw tasks with 'tahdhib review sample' first, or "
            "give the run folder that they were drawn from."
        )
    found: Mapping[str, Any] = max(keys, key=lambda key: len(tasks & key["tasks"].keys()))
    return found
