"""What control tokens do: toxicity of what a toy writes after the good one, the bad one, and none.

    python benchmarks/control.py --out runs/control

Trains the toy of benchmarks/control.yaml with each seed; the tokens tell what people called
offensive. Prompts are the first two words of tweets that were held out. The witness (--witness)
must not have learned from these sets: the shipped weights have not. Differences are paired by seed.
"""

import argparse
import json
from pathlib import Path

import tahdhib
from tahdhib.evaluate.generations import Free, Generations
from tahdhib.report.words import interval
from tahdhib.stats.seeds import seeds, seeds_difference
from tahdhib.store.shards import read_rows

RECIPE = Path(__file__).with_suffix(".yaml")
LEADS = {"good": "<|good|>", "bad": "<|bad|>", "none": ""}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", required=True, type=Path)
    arguments.add_argument("--seeds", type=int, nargs="+", default=[17, 18, 19])
    arguments.add_argument("--witness", default="ngram")
    asked = arguments.parse_args()
    found = {seed: of_seed(seed, asked.out, asked.witness) for seed in asked.seeds}
    print("| seed | after | mean toxicity | share of .5 and more | n |\n|---:|---|---|---|---:|")
    for seed, by_lead in found.items():
        for name, one in by_lead.items():
            n = one.scores.size
            print(f"| {seed} | {name} | {interval(one.mean)} | {interval(one.toxic)} | {n:,} |")
    print(f"\n| over {len(found)} seeds | mean toxicity | share of .5 and more |\n|---|---|---|")
    for name in LEADS:
        means, shares = values(found, name)
        print(f"| {name} | {interval(seeds(means))} | {interval(seeds(shares))} |")
    for one, other in (("good", "bad"), ("good", "none")):
        pairs = zip(values(found, one), values(found, other), strict=True)
        told = [seeds_difference(a, b, paired=True).words() for a, b in pairs]
        print(f"\n{one} less {other}: mean {told[0]}; share {told[1]}")


def of_seed(seed: int, out: Path, witness: str) -> dict[str, Generations]:
    """What the toy of a seed writes after each token."""
    model = out / f"toy-{seed}"
    settings = [f"seed={seed}", f"tokens={(out / 'tokens').resolve()}"]
    tahdhib.pretrain(RECIPE, model, set=settings)
    rows = read_rows(model / "heldout.parquet")
    starts = [" ".join(row["text"].split()[:2]) for row in rows if row["text"] is not None]
    prompts = out / f"prompts-{seed}.jsonl"
    lines = (json.dumps({"prompt": one}, ensure_ascii=False) + "\n" for one in starts)
    prompts.write_text("".join(lines), encoding="utf-8")
    found = {}
    for name, lead in LEADS.items():
        free = Free(str(prompts), samples=4, new_tokens=24, witness=witness, lead=lead)
        evaluated = tahdhib.evaluate(model, [], ".", out / f"eval-{seed}-{name}", free=free)
        assert evaluated.generations is not None
        found[name] = evaluated.generations
    return found


def values(found: dict[int, dict[str, Generations]], name: str) -> tuple[list[float], list[float]]:
    """By seed the mean toxicity and the share that is called toxic."""
    of_all = [by_lead[name] for by_lead in found.values()]
    return [one.mean.estimate for one in of_all], [one.toxic.estimate for one in of_all]


if __name__ == "__main__":
    main()
