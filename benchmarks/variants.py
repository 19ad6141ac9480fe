"""How far the variants of a benchmark lie apart on one model: scores, and how often two of them
choose the same option of the same question.

    tahdhib pretrain -c benchmarks/variants.yaml --out runs/variants/toy
    python benchmarks/variants.py runs/variants/toy --out runs/variants/scores

Data: --data-dir (default ../shared/data). lm-eval's own variant is measured where it is installed.
"""

import argparse
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

import tahdhib
from tahdhib.evaluate.result import Result
from tahdhib.evaluate.tasks import VARIANTS
from tahdhib.report.words import interval
from tahdhib.stats.intervals import wilson

BENCHMARKS = ("arabicmmlu", "exams", "acva", "aratrust")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("model")
    arguments.add_argument("--data-dir", default="../shared/data")
    arguments.add_argument("--out", required=True, type=Path)
    arguments.add_argument("--limit", type=int, help="at most N items of each benchmark")
    asked = arguments.parse_args()
    has_harness = find_spec("lm_eval") is not None
    tasks = [
        one.name
        for one in VARIANTS
        if one.name.partition("_")[0] in BENCHMARKS and (one.ask != "lm-eval" or has_harness)
    ]
    found = tahdhib.evaluate(asked.model, tasks, asked.data_dir, asked.out, limit=asked.limit)
    print("| task | items | accuracy, 95 % | mean F1 | without a choice |")
    print("|---|---:|---|---:|---:|")
    for one in found.results:
        f1 = f"{one.score.estimate:.3f}" if one.variant.metric == "f1" else ""
        print(f"| {one.name} | {one.used:,} | {interval(one.accuracy)} | {f1} | {one.unread:,} |")
    print("\n| two variants | gap in accuracy | same option |\n|---|---:|---|")
    for a, b in combinations(found.results, 2):
        if a.variant.benchmark == b.variant.benchmark:
            gap = a.accuracy.estimate - b.accuracy.estimate
            print(f"| {a.variant.name}, {b.variant.name} | {gap:+.3f} | {interval(alike(a, b))} |")


def alike(a: Result, b: Result):
    """Share of items, of those where both choose, for which they choose the same option."""
    pairs = [
        (one, two)
        for one, two in zip(a.choices, b.choices, strict=True)
        if one is not None and two is not None
    ]
    return wilson(sum(one == two for one, two in pairs), len(pairs))


if __name__ == "__main__":
    main()
