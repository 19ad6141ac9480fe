"""Deduplication beside the peers: speed, memory, recall and precision on planted corpora.

    python benchmarks/dedup.py all --out /tmp/dedup          all of it, in one go
    python benchmarks/dedup.py make --documents 200000 --out /tmp/dedup/200000
    python benchmarks/dedup.py adopt news/*.jsonl.gz --field content --out /tmp/dedup/news
    python benchmarks/dedup.py check
    python benchmarks/dedup.py venvs --venvs /tmp/dedup/venvs
    python benchmarks/dedup.py run /tmp/dedup/200000 --venvs /tmp/dedup/venvs --out /tmp/dedup/runs

`make` writes a corpus with planted duplicates, `adopt` lays a real corpus out in the same way;
`run` has `dedup/truth.py` count what is alike by brute force, runs the tools one after another,
each in its own environment, and prints the tables. See benchmarks/README.md.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from dedup.adopt import adopt
from dedup.check import check
from dedup.measure import Cost, run
from dedup.planted import Plan, make
from dedup.table import Found, Truth, goals, markdown, quality
from dedup.tools import COMPARED, ROOT, TOOLS, make_venvs, versions

from tahdhib.match.bands import choose_bands, expected_recall

_DATA = ROOT.parent / "shared" / "data"


def run_all(options: argparse.Namespace) -> None:
    """Corpora, environments, runs and tables."""
    corpora = []
    for documents in options.sizes:
        corpus = options.out / f"planted-{documents}-{options.seed}"
        if not (corpus / "plan.json").exists():
            shutil.rmtree(corpus, ignore_errors=True)
            make(Plan(documents, options.seed), options.data, corpus)
        corpora.append(corpus)
    options.corpora, options.venvs = corpora, options.out / "venvs"
    options.out = options.out / "runs"
    run_corpora(options)


def run_corpora(options: argparse.Namespace) -> None:
    """Every tool on every corpus; tables to stdout and to the folder of the runs."""
    make_venvs(options.venvs, options.tools)
    results = []
    for corpus in options.corpora:
        if not (corpus / "truth" / "truth.json").exists():
            program = Path(__file__).with_name("dedup") / "truth.py"
            subprocess.run([sys.executable, program, corpus], check=True, stdout=subprocess.DEVNULL)
        out = options.out / corpus.name
        told = _about(corpus, options)
        print(told, flush=True)
        costs = {tool: _cheapest(tool, corpus, out / tool, options) for tool in options.tools}
        results.append(_judged(costs, corpus, out, options))
        text = told + "\n" + markdown(results[-1])
        (out / "table.md").write_text(text)
        (out / "table.json").write_text(json.dumps(results[-1], indent=2) + "\n")
        print(text, flush=True)
    print(goals(results))


def _judged(
    costs: dict[str, Cost], corpus: Path, out: Path, options: argparse.Namespace
) -> list[dict[str, Any]]:
    """A row per tool that did not fail."""
    truth = Truth.read(corpus)
    rows = []
    for tool, cost in costs.items():
        if cost.status:
            print(f"{tool} failed: see {out / tool / 'log'}")
            continue
        settings = _settings(corpus, out / tool, options)
        collect = TOOLS[tool].command("collect", options.venvs, settings)
        subprocess.run(collect, check=True, stdout=subprocess.DEVNULL)
        row: dict[str, Any] = {"tool": tool, "documents": len(truth.same), "bytes": truth.bytes}
        stages = out / tool / "stages.json"  # seconds by stage, from those that tell them
        row["stages"] = json.loads(stages.read_text()) if stages.exists() else {}
        row |= cost._asdict() | quality(truth, Found.read(out / tool, truth), options.threshold)
        rows.append(row)
    return rows


def _cheapest(tool: str, corpus: Path, out: Path, options: argparse.Namespace) -> Cost:
    """The fastest of the repetitions."""
    costs = []
    for _ in range(options.repeats):
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        command = TOOLS[tool].command("work", options.venvs, _settings(corpus, out, options))
        costs.append(run(command, out / "log", options.processes))
        print(f"{tool}: {costs[-1]}", flush=True)
    return min(costs, key=lambda cost: (cost.status != 0, cost.seconds))


def _settings(corpus: Path, out: Path, options: argparse.Namespace) -> list[str]:
    bands = choose_bands(options.hashes, options.threshold)
    numbers = (options.threshold, bands.number, bands.rows, options.words, options.processes)
    return [str(corpus), str(out), *map(str, numbers)]


def _about(corpus: Path, options: argparse.Namespace) -> str:
    bands = choose_bands(options.hashes, options.threshold)
    recall = ", ".join(f"{expected_recall(bands, j / 10):.3f} at .{j}" for j in range(5, 10))
    truth = json.loads((corpus / "truth" / "truth.json").read_text())
    plan = json.loads((corpus / "plan.json").read_text())
    lines = [
        f"corpus: {corpus.name} {plan}",
        f"truth: {truth}",
        f"threshold {options.threshold}, {bands.number} bands of {bands.rows} rows over words"
        f" {options.words}-grams, {options.processes} processes; expected recall {recall}",
        f"machine: {_processor()}, {os.cpu_count()} cores, {options.processes} of them used, load"
        f" {os.getloadavg()[0]:.1f}; fastest of {options.repeats}",
        f"versions: {versions(options.venvs, options.tools)}",
        f"source: {_commit()}",
    ]
    return "".join(f"- {line}\n" for line in lines)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(COMPARED))
    parser.add_argument("--threshold", type=float, default=0.7)
    parser.add_argument("--hashes", type=int, default=130)
    parser.add_argument("--words", type=int, default=5)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    verbs = parser.add_subparsers(required=True)

    verb = verbs.add_parser("all", help="corpora, environments, runs, tables")
    verb.add_argument("--sizes", nargs="+", type=int, default=[200_000, 1_000_000])
    verb.add_argument("--seed", type=int, default=17)
    verb.add_argument("--data", type=Path, default=_DATA)
    verb.add_argument("--out", type=Path, required=True)
    _add_run_options(verb)
    verb.set_defaults(call=run_all)

    verb = verbs.add_parser("make", help="a planted corpus")
    verb.add_argument("--documents", type=int, default=200_000)
    verb.add_argument("--seed", type=int, default=17)
    verb.add_argument("--data", type=Path, default=_DATA)
    verb.add_argument("--out", type=Path, required=True)
    verb.set_defaults(call=lambda o: make(Plan(o.documents, o.seed), o.data, o.out))

    verb = verbs.add_parser("adopt", help="a real corpus, laid out as a planted one")
    verb.add_argument("files", nargs="+", type=Path, help=".jsonl, .jsonl.gz or .jsonl.zst")
    verb.add_argument("--field", default="text")
    verb.add_argument("--site-field", help="field with the document's URL or site")
    verb.add_argument("--out", type=Path, required=True)
    verb.set_defaults(call=lambda o: adopt(o.files, o.field, o.site_field, o.out))

    verb = verbs.add_parser("check", help="hold truth.py against a naive count")
    verb.add_argument("--seed", type=int, default=5)
    verb.add_argument("--data", type=Path, default=_DATA)
    verb.set_defaults(call=lambda o: check(o.data, o.seed))

    verb = verbs.add_parser("venvs", help="an environment per tool")
    verb.add_argument("--venvs", type=Path, required=True)
    verb.add_argument("--tools", nargs="+", choices=TOOLS, default=list(COMPARED))
    verb.set_defaults(call=lambda o: make_venvs(o.venvs, o.tools))

    verb = verbs.add_parser("run", help="truth, runs, tables")
    verb.add_argument("corpora", nargs="+", type=Path)
    verb.add_argument("--venvs", type=Path, required=True)
    verb.add_argument("--out", type=Path, required=True)
    _add_run_options(verb)
    verb.set_defaults(call=run_corpora)

    options = parser.parse_args()
    options.call(options)


if __name__ == "__main__":
    main()
