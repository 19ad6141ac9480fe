"""Draw rewritten documents of a run and print what changed in them, to be read line by line.

    python benchmarks/samples.py runs/wikipedia -n 50 > read.md

A draw is a function of the seed and the ids alone. Struck out is what went, bold what came; who
made a change stands behind it. `--calm` leaves out documents that a rule against abuse or the
lexicon speaks of, for pages that everybody opens; `--words` those in which only blanks changed.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from tahdhib.conduct.terms import is_suspect
from tahdhib.report.diff import Excerpt, Piece, excerpt
from tahdhib.report.sample import Draw, rows_with
from tahdhib.report.view import is_sensitive, to_edits
from tahdhib.report.visible import direction
from tahdhib.store.run_folder import RunFolder

COLUMNS = ["id", "source", "edits", "text", "rung"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("-n", type=int, default=50)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--calm", action="store_true")
    parser.add_argument("--words", action="store_true")
    args = parser.parse_args()
    shards = RunFolder(args.run).stage("rewrite").shards("documents")
    for row in drawn(shards, args.n, args.seed, calm=args.calm, words=args.words):
        print(page(row))


def drawn(shards: list[Path], size: int, seed: int, *, calm: bool, words: bool) -> Iterator[dict]:
    """The rewritten documents with the smallest hashes, in that order."""
    draw = Draw(size, seed)
    for shard in shards:
        for row in pq.read_table(shard, columns=["state", *COLUMNS]).to_pylist():
            if row["state"] == "rewritten" and _wanted(row, calm, words):
                draw.offer(row["id"])
    rows = {row["id"]: row for row in rows_with(shards, draw.ids, COLUMNS)}
    yield from (rows[name] for name in draw.ids)


def _wanted(row: dict, calm: bool, words: bool) -> bool:
    owners = tuple(edit.by for edit in to_edits(row["edits"]))
    if calm and (is_sensitive(owners) or is_suspect(row["source"])):
        return False
    return not words or row["source"].split() != row["text"].split()


def page(row: dict) -> str:
    """One document as Markdown, in the direction of its script."""
    shown = marked(excerpt(row["source"], to_edits(row["edits"]), limit=900))
    heading = f"### {row['id']} · {row['rung']}"
    return f'{heading}\n\n<div dir="{direction(row["source"])}">\n\n{shown}\n\n</div>\n'


def marked(pieces: Excerpt) -> str:
    text = "".join(map(_marked, pieces.pieces))
    more = f" *({pieces.left_out} more)*" if pieces.left_out else ""
    return "  \n".join(line for line in text.split("\n") if line.strip()) + more


def _marked(piece: Piece) -> str:
    if piece.kind == "gap":
        return " […] "
    if piece.kind == "same":
        return _plain(piece.text)
    before, after = _plain(piece.text).strip("\n"), _plain(piece.after).strip("\n")
    struck = f"<del>{before}</del>" if before else ""
    came = f"<ins>**{after}**</ins>" if after.strip() else ""
    return f"{struck}{came} <sub>{', '.join(piece.by)}</sub>"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{letter}" if letter in r"\`*_[]<>#|~" else letter for letter in text)


if __name__ == "__main__":
    main()
