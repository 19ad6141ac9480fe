"""Recall and false merges on Arabic: what each rung of the ladder does, and the peers beside it.

    python benchmarks/arabic_duplicates.py --out /tmp/arabic
    python benchmarks/arabic_duplicates.py --out /tmp/arabic --peers datatrove,rensa-polars \\
        --venvs /tmp/dedup/venvs
    python benchmarks/arabic_duplicates.py --out /tmp/arabic --half tuning

Real newspaper articles, each with one variant that a real page could be, and Egyptian Wikipedia
with its templates: `arabic/corpus.py` says how they are drawn. Each setting of the ladder runs the
real stages, ingest and dedup, on the same files; the peers run as in `dedup.py`, with the same
threshold, bands and shingles. Prints Markdown tables with Wilson intervals at 95 %.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import zstandard
from arabic.corpus import HALVES, Corpus, make
from arabic.judge import Part, Verdict, judge
from arabic.perturb import EDITS, SPELLINGS, VARIANTS
from arabic.plain import quantiles
from dedup.tools import ROOT, TOOLS, versions

import tahdhib
from tahdhib.match.bands import choose_bands
from tahdhib.stats.intervals import wilson

_FILES = 16
_LADDER: tuple[Mapping[str, Any], ...] = (
    {"rung": "none", "punctuation": False},
    {"rung": "none"},
    {"rung": "none", "digits": True},
    {"rung": "orthographic", "hamza": False},
    {"rung": "orthographic", "punctuation": False},
    {"rung": "orthographic"},
    {"rung": "orthographic", "digits": True},
    {"rung": "aggressive", "hamza": False},
    {"rung": "aggressive"},
    {"rung": "aggressive", "digits": True},
)
_WITH_BOILERPLATE: tuple[Mapping[str, Any], ...] = (
    {"rung": "orthographic"},
    {"rung": "aggressive"},
)


class Row(NamedTuple):
    """A line of the tables."""

    name: str
    verdict: Verdict


def lay_down(corpus: Corpus, folder: Path) -> None:
    """Write the texts as `dedup.py` does, in the order of their ids, which are hashes."""
    (folder / "documents").mkdir(parents=True)
    names = sorted(corpus.texts)
    for part in range(_FILES):
        path = folder / "documents" / f"{part:03d}.jsonl.zst"
        with zstandard.open(path, "wb") as lines:
            for name in names[part::_FILES]:
                record = {"id": name, "url": "", "text": corpus.texts[name]}
                lines.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")


def ours(corpus: Corpus, folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """Every setting of the ladder without boilerplate removal; two rungs with it too."""
    for folding in _LADDER:
        yield Row(_named(folding), judge(corpus, _run(folder, folding, None, options)))
    for folding in _WITH_BOILERPLATE:
        kept = _run(folder, folding, {}, options)
        yield Row(f"{_named(folding)}, boilerplate left out", judge(corpus, kept))


def _named(folding: Mapping[str, Any]) -> str:
    switches = (
        f"{key} {'folded' if value else 'apart'}" for key, value in folding.items() if key != "rung"
    )
    return ", ".join((str(folding["rung"]), *switches))


def _run(
    corpus: Path,
    folding: Mapping[str, Any],
    boilerplate: Mapping[str, Any] | None,
    options: argparse.Namespace,
) -> dict[str, str]:
    """Who stays for each dropped document; the folder of the run keeps what ingest made."""
    recipe = {
        "processes": options.processes,
        "ingest": {"paths": [str(corpus / "documents")], "id": "id"},
        "dedup": {
            "threshold": options.threshold,
            "hashes": options.hashes,
            "shingle_words": options.words,
            "folding": dict(folding),
            "boilerplate": boilerplate,
        },
    }
    file = corpus / "recipe.yaml"
    file.write_text(json.dumps(recipe))  # JSON is YAML
    tahdhib.dedup(file, corpus / "run")
    dropped = [
        row
        for shard in (corpus / "run" / "dedup" / "drops").glob("*.parquet")
        for row in pq.read_table(shard, columns=["id", "other"]).to_pylist()
    ]
    return {row["id"]: row["other"] for row in dropped}


def peer(tool: str, corpus: Corpus, folder: Path, options: argparse.Namespace) -> Row | None:
    """What a peer makes of it, in its own environment; None where it fails."""
    out = folder / tool
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    bands = choose_bands(options.hashes, options.threshold)
    numbers = (options.threshold, bands.number, bands.rows, options.words, options.processes)
    for verb in ("work", "collect"):
        command = TOOLS[tool].command(
            verb, options.venvs, [str(folder), str(out), *map(str, numbers)]
        )
        with (out / "log").open("ab") as log:
            done = subprocess.run(command, stdout=log, stderr=log, check=False)
        if done.returncode:
            print(f"{tool}: failed, see {out / 'log'}")
            return None
    rows = pq.read_table(out / "clusters.parquet").to_pylist()
    stays = {row["cluster"]: row["id"] for row in rows if row["is_kept"]}
    kept = {row["id"]: stays[row["cluster"]] for row in rows if not row["is_kept"]}
    return Row(tool, judge(corpus, kept))


def _environment(tool: str, options: argparse.Namespace) -> Path:
    return options.venvs / TOOLS[tool].environment


def _share(part: Part, digits: int = 1) -> str:
    found = wilson(part.count, part.of)
    shares = (100 * number for number in (found.estimate, found.low, found.high))
    return "{} [{}, {}]".format(*(f"{number:.{digits}f}" for number in shares))


def _total(verdict: Verdict, kinds: Mapping[str, Any]) -> Part:
    parts = [verdict.found[kind] for kind in kinds]
    return Part(sum(part.count for part in parts), sum(part.of for part in parts))


def tables(rows: list[Row]) -> str:
    """Totals with intervals, then recall by kind of change, all in per cent."""
    families = {"spellings": SPELLINGS, "one sentence": EDITS, "letters, elongation": VARIANTS}
    lines = [
        "| setting | " + " | ".join(f"recall: {name}" for name in families) + " | "
        "false merges: stubs | Wikipedia | news |",
        "|---" * 7 + "|",
    ]
    for name, verdict in rows:
        cells = [_share(_total(verdict, kinds)) for kinds in families.values()]
        cells += [_share(part, 2) for part in verdict.lost.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    kinds = [*SPELLINGS, *EDITS, *VARIANTS]
    lines += ["", "| recall, % | " + " | ".join(kinds) + " |", "|---" * (len(kinds) + 1) + "|"]
    for name, verdict in rows:
        parts = [verdict.found[kind] for kind in kinds]
        cells = [f"{100 * part.count / part.of:.1f}" for part in parts]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def about(corpus: Corpus, options: argparse.Namespace) -> str:
    """What was measured, on what."""
    bands = choose_bands(options.hashes, options.threshold)
    counts = Counter(corpus.kinds.values())
    lines = [
        f"half: {options.half}, seed {options.seed}; {len(corpus.texts)} texts, {len(counts)} kinds"
        f" of change, {len(corpus.originals)} variants, {len(corpus.stubs)} stubs",
        f"threshold {options.threshold}, word {options.words}-grams, {bands.number} bands of"
        f" {bands.rows} rows",
        f"versions: {versions(options.venvs, [*options.peers]) if options.peers else {}}",
        "",
    ]
    table = ["| change | n | similarity as it stands: least | 25 % | median | 75 % | most |"]
    table.append("|---" * 7 + "|")
    for kind, count in counts.items():
        cells = " | ".join(f"{number:.2f}" for number in quantiles(corpus.similarities(kind)))
        table.append(f"| {kind} | {count} | {cells} |")
    return "\n".join((*lines, *table)) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--half", choices=HALVES, default="held-out")
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--per-kind", type=int, default=400)
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument("--hashes", type=int, default=128)
    parser.add_argument("--words", type=int, default=5)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--peers", type=lambda names: names.split(","), default=[])
    parser.add_argument("--venvs", type=Path, default=Path("venvs"), help="as `dedup.py` has it")
    options = parser.parse_args()
    if unknown := [name for name in options.peers if name not in TOOLS]:
        sys.exit(f"--peers: {', '.join(unknown)} unknown; known: {', '.join(TOOLS)}")
    for name in [name for name in options.peers if not _environment(name, options).exists()]:
        print(f"{name}: skipped, no {_environment(name, options)}: `dedup.py venvs` makes it")
        options.peers.remove(name)
    corpus = make(options.data, options.half, options.seed, options.per_kind)
    folder = options.out / f"{options.half}-{options.seed}"
    shutil.rmtree(folder, ignore_errors=True)
    lay_down(corpus, folder)
    text = about(corpus, options)
    print(text, flush=True)
    rows = list(ours(corpus, folder, options))
    rows += [row for name in options.peers if (row := peer(name, corpus, folder, options))]
    text += "\n" + tables(rows)
    (folder / "tables.md").write_text(text)
    print(tables(rows))


if __name__ == "__main__":
    main()
