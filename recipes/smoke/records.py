"""Make what a smoke training tunes on, and is asked to go on with, out of a run.

    python recipes/smoke/records.py runs/smoke

    RUN/answers.jsonl      short Arabic documents: polish this, go on with that
    RUN/preferences.jsonl  one beginning; better goes on as the polished text, worse as its source
    RUN/prompts.jsonl      beginnings of documents that no training reads

The run's rules are the only teacher here, so that tuning shows that its parts work together and
not what good answers are. Each record has its document's id: what pre-training holds out, by the
same share, tuning holds out too.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import read_rows, write_text
from tahdhib.train.split import Split

HELD_OUT = Split(0.05)
"""As in the recipes beside this file."""
MOST_WORDS = 36
LEAST_WORDS = 3
"""Of a beginning that is gone on with."""
POLISH = "هذّب النص التالي من غير أن تغيّر معناه:"
GO_ON = "أكمل النص التالي:"
_ARABIC = re.compile(r"[\u0621-\u064a]{2}")

Row = Mapping[str, Any]


def main() -> None:
    run = RunFolder(Path(sys.argv[1]))
    run.check_is_run()
    shards = run.stage("rewrite").shards("documents")
    rows = [
        row
        for shard in shards
        for row in read_rows(shard, ["id", "source", "text", "state", "edits"])
        if _ARABIC.search(row["text"])
    ]
    short = [row for row in rows if len(row["source"].split()) <= MOST_WORDS]
    write(run.root / "answers.jsonl", answers(short))
    write(run.root / "preferences.jsonl", preferences(short))
    write(run.root / "prompts.jsonl", prompts(rows))


def answers(rows: Iterable[Row]) -> Iterator[dict[str, str]]:
    """What was polished and how; and beginnings of all texts with what follows."""
    for row in rows:
        if row["state"] == "rewritten":
            question = f"{POLISH}\n{row['source']}"
            yield {"id": row["id"], "prompt": question, "response": row["text"]}
        words = row["text"].split()
        if len(words) >= 2 * LEAST_WORDS:
            half = len(words) // 2
            question = f"{GO_ON} {' '.join(words[:half])}"
            yield {"id": row["id"], "prompt": question, "response": " ".join(words[half:])}


def preferences(rows: Iterable[Row]) -> Iterator[dict[str, str]]:
    """What comes after the words that a text shares with its source: the better and the worse."""
    for row in rows:
        begin = beginning(row)
        better, worse = (row[name][len(begin) :].strip() for name in ("text", "source"))
        if len(begin.split()) >= LEAST_WORDS and better and worse and better != worse:
            question = f"{GO_ON} {begin.strip()}"
            yield {"id": row["id"], "prompt": question, "chosen": better, "rejected": worse}


def prompts(rows: Iterable[Row]) -> Iterator[dict[str, str]]:
    """Up to six words, before any edit, of documents that are held out."""
    for row in rows:
        words = beginning(row).split()[: 2 * LEAST_WORDS]
        if HELD_OUT.holds_out(HELD_OUT.hash_of(row, row["source"])) and len(words) >= LEAST_WORDS:
            yield {"id": row["id"], "prompt": " ".join(words)}


def beginning(row: Row) -> str:
    """Whole words at the start that a source and its rewrite have in common."""
    edits = row["edits"]
    if not edits:
        return str(row["source"])
    before = row["source"][: edits[0]["start"]]
    return before[: before.rfind(" ") + 1]


def write(file: Path, records: Iterable[Row]) -> None:
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
    write_text(file, "".join(lines))
    print(f"{len(lines):,} records {file}")


if __name__ == "__main__":
    main()
