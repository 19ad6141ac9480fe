"""What a second try would save of the edit worker's refused rewrites.

    python benchmarks/second_try.py runs/demo runs/news

The runs had the ladder `[edit, rules]`. Three second tries: without the edits at fault (what the
ladder does), the same model with a larger keep bias, and with a larger lean towards keeping; each
alone, one after the other, and what the next worker, the rules, makes of the source. `terms left`:
of the saved texts with terms of the lexicon in their source, those that still have one.
"""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow.parquet as pq

from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.rewrite import rewrite
from tahdhib.config.recipe import Gate, Protect
from tahdhib.protect.shelter import open_shelter
from tahdhib.records import Document, Rewrite
from tahdhib.score.toxicity.lexicon import count_terms
from tahdhib.stages.rewrite.judging import Judging
from tahdhib.store.run_folder import RunFolder
from tahdhib.workers.edit.model import open_tagger
from tahdhib.workers.edit.tagger import Tagger
from tahdhib.workers.edit.worker import EditWorker

CONDUCT = load_conduct("default")
JUDGE = Judging(Gate(), CONDUCT, open_shelter(Protect()))
STEPS = (0.5, 1.0, 2.0, 4.0)
Made = Mapping[str, Rewrite]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path, nargs="+")
    for root in parser.parse_args().runs:
        report(RunFolder(root))


def report(run: RunFolder) -> None:
    """Print a line per kind of second try."""
    rows = [
        row
        for path in run.stage("rewrite").shards("refusals")
        for row in pq.read_table(path).to_pylist()
    ]
    sources = {row["id"]: row["source"] for row in rows}
    tagger = open_tagger(run.stage("worker").root / "model")
    first = made(tagger, sources)
    refused = {
        key: first[key]
        for key in sources
        if first[key].edits and not passes(sources[key], first[key])
    }
    print(f"{run.root}: {len(refused)} rewrites refused")
    fewer = {key: JUDGE.stricter(sources[key], one) for key, one in refused.items()}
    saved = line("without the edits at fault", fewer, sources, refused)
    by_rules = {
        key: JUDGE.spared(sources[key], rewrite(sources[key], CONDUCT), "rules") for key in refused
    }
    ruled = line("the rules", by_rules, sources, refused)
    for name, step, other in stricter(tagger):
        again = made(other, {key: sources[key] for key in refused})
        found = line(f"{name} {step:g} larger", again, sources, refused)
        both = [(len(fewer[key].edits), len(again[key].edits)) for key in found & saved]
        print(
            f"    saved by it alone {len(found - saved)}, of which the rules save "
            f"{len((found - saved) & ruled)}; edits where both pass {sum(a for a, _ in both)} and "
            f"{sum(b for _, b in both)}"
        )


def stricter(tagger: Tagger) -> Iterator[tuple[str, float, Tagger]]:
    """The same model, less willing to change."""
    for step in STEPS:
        bias = {name: value + step for name, value in tagger.keep_bias.items()}
        yield "keep bias", step, tagger._replace(keep_bias=bias)
    for step in STEPS:
        yield "lean", step, tagger._replace(lean=tagger.lean - step)


def made(tagger: Tagger, sources: Mapping[str, str]) -> Made:
    worker = EditWorker(tagger, model_hash="", batch=8192)
    answers = worker.rewrite([Document(key, text) for key, text in sources.items()])
    return {
        key: JUDGE.spared(sources[key], answer, "edit")
        for key, answer in zip(sources, answers, strict=True)
    }


def passes(source: str, one: Rewrite) -> bool:
    return bool(one.edits) and JUDGE.verdict(source, one).accepted


def line(name: str, again: Made, sources: Mapping[str, str], refused: Made) -> set[str]:
    """Print what a second try saves, and return the ids."""
    saved = {key for key in refused if passes(sources[key], again[key])}
    toxic = [key for key in saved if count_terms(sources[key])]
    left = sum(count_terms(again[key].text) > 0 for key in toxic)
    print(
        f"  {name}: {len(saved)} of {len(refused)} saved, "
        f"{sum(len(again[key].edits) for key in saved)} edits; terms left {left} of {len(toxic)}"
    )
    return saved


if __name__ == "__main__":
    main()
