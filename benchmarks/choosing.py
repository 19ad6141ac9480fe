"""What each way of choosing documents brings: words covered, lengths, sources, rules that act.

    python benchmarks/choosing.py --out /tmp/choosing

500 documents of SaudiNewsNet, five seeds each. Nothing is tuned on these figures.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np

from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.rewrite import rewrite
from tahdhib.config.environment import shared_data
from tahdhib.config.load import parse_recipe
from tahdhib.progress import Silence
from tahdhib.readers import find_sources
from tahdhib.run.pipeline import run_recipe
from tahdhib.score.fluency.model import save, train
from tahdhib.score.fluency.reference import reference_texts
from tahdhib.stages.annotate.chosen import choose_documents
from tahdhib.stages.contract import Workplace, documents_of, end_processes
from tahdhib.stats.intervals import paired_difference
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import read_rows

SAMPLE = 500
SEEDS = (1, 2, 3, 4, 5)
CHARACTERS = 500_000
"""Words are counted in so many characters of each choice, so that long documents are no merit."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("/tmp/choosing"))
    out = parser.parse_args().out
    news = shared_data() / "raw_saudinewsnet"
    ingest = {"paths": [str(news / "*.jsonl.gz")], "text": "content", "metadata": ["source"]}
    run = RunFolder(out / "run")
    run_recipe(parse_recipe({"ingest": ingest}), run.root, until="dedup")
    model = out / "fluency.npz"
    if not model.exists():
        sources = find_sources([str(news / "*.jsonl.gz")])
        texts = reference_texts(sources, "content", lambda _count: None)
        save(train(texts, reference=("SaudiNewsNet",), order=2), model)
    ways = {
        "random": {},
        "stratified by source, equal": {
            "by": "stratified",
            "field": "source",
            "allocation": "equal",
        },
        "perplexity, high tenth": {"by": "perplexity", "score": f"fluency:{model}"},
        "perplexity, low tenth": {"by": "perplexity", "score": f"fluency:{model}", "end": "low"},
        "diversity": {"by": "diversity"},
    }
    found: dict[str, list[tuple[float, ...]]] = {}
    for seed in SEEDS:
        for name, choose in ways.items():
            recipe = parse_recipe(
                {
                    "ingest": ingest,
                    "annotate": {"sample": SAMPLE, "choose": choose},
                    "seed": seed,
                    "processes": 1,
                }
            )
            here = RunFolder(out / f"{name}-{seed}").stage("annotate")
            here.begin("choosing", {})
            conduct = load_conduct("default")
            sample, _ = choose_documents(Workplace(recipe, conduct, run, here, Silence()))
            rows = [
                row
                for shard in documents_of(run, recipe).shards("documents")
                for row in read_rows(shard)
                if sample.holds(row["id"])
            ]
            found.setdefault(name, []).append(measure(rows, seed))
    end_processes()
    print(f"{SAMPLE} documents, {len(SEEDS)} seeds; means, and differences to random over seeds")
    print("| choice | different words | characters, median | newspapers | changed by the rules |")
    print("|---|---:|---:|---:|---:|")
    for name, values in found.items():
        table = np.array(values)
        cells = []
        for at, form in enumerate(("{:,.0f}", "{:,.0f}", "{:.1f}", "{:.1%}")):
            cell = form.format(table[:, at].mean())
            if name != "random":
                base = np.array(found["random"])[:, at]
                apart = paired_difference(table[:, at], base, seed=1, repetitions=2000).interval
                low, high = form.format(apart.low), form.format(apart.high)
                cell += f" ({low} to {high})"
            cells.append(cell)
        print(f"| {name} | {' | '.join(cells)} |")


def measure(rows: list[dict], seed: int) -> tuple[float, ...]:
    """Different words, median length, newspapers with five documents, share the rules change."""
    rng = np.random.default_rng(seed)
    texts = [rows[at]["text"] for at in rng.permutation(len(rows))]
    words = set(" ".join(texts)[:CHARACTERS].split())
    sources = Counter(row["metadata"] for row in rows)
    conduct = load_conduct("default")
    changed = np.mean([bool(rewrite(text, conduct).edits) for text in texts])
    median = float(np.median([len(text) for text in texts]))
    return len(words), median, sum(n >= 5 for n in sources.values()), float(changed)


if __name__ == "__main__":
    main()
