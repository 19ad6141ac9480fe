"""Do our scores agree with people? TextDetox 2024: ratings of some twenty systems' rewrites.

    python benchmarks/human_eval.py --data ../shared/data [--half choosing]

People said of each rewrite whether it keeps the content, 0 or 1 (what they said of its fluency:
`fluency.py`). Spearman and Kendall's tau-b between that and a score: over rewrites (sentence
level), and over the means of systems. Intervals: percentile bootstrap of sentences, with all
systems' rewrites of a sentence drawn together; the difference to chrF is of the same draws.
Halves by a hash of the sentence: the weights of `preservation` were chosen on the one (and on the
other languages, whose rows here are therefore no test), figures are given from the other. Prints
Markdown.
"""

import argparse
import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau, spearmanr

from tahdhib.score.table import open_pair_scorer

SEED = 17
REPETITIONS = 1000
SHOWN = ("ar", "en")
OTHERS = ("de", "es", "ru", "uk", "hi", "am", "zh")

Column = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--half", choices=("choosing", "reported"), default="reported")
    arguments = parser.parse_args()
    rows = read(arguments.data, arguments.half)
    scorer = open_pair_scorer("preservation")
    names = [score.name for score in scorer.card.scores]
    print(f"{scorer.name} {scorer.version}, {arguments.half} half, seed {SEED}\n")
    print("Content: people against our measures\n")
    header("language", "score", "rewrites (sentences)", "Spearman", "less that of chrF", "Kendall")
    for language in (*SHOWN, *OTHERS):
        here = rows[language]
        found = scorer.compare(
            [row["toxic_sentence"] for row in here], [row["neutral_sentence"] for row in here]
        )
        people = numbers(here, "content_score")
        table = {name: found[:, at] for at, name in enumerate(names)}
        kept = ("preservation", "chrf", "length", "kept", "backed", "uncut", "unpadded")
        told = kept if language in SHOWN else kept[:3]
        sentence_level(language, here, people, {name: table[name] for name in told})
    print("\nContent, means of systems\n")
    header("language", "score", "systems", "Spearman", "Kendall")
    for language in SHOWN:
        here = rows[language]
        found = scorer.compare(
            [row["toxic_sentence"] for row in here], [row["neutral_sentence"] for row in here]
        )
        table = {name: found[:, names.index(name)] for name in ("preservation", "chrf", "length")}
        system_level(language, here, numbers(here, "content_score"), table)


def read(data: Path, half: str) -> dict[str, list[dict]]:
    rows: dict[str, list[dict]] = defaultdict(list)
    path = data / "textdetox2024/human_eval.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            digest = hashlib.blake2b(row["toxic_sentence"].encode(), digest_size=1).digest()
            if (digest[0] % 2 == 0) == (half == "choosing"):
                rows[row["lang"]].append(row)
    return rows


def numbers(rows: list[dict], column: str) -> Column:
    return np.array([float(row[column]) for row in rows])


def sentence_level(
    language: str, rows: list[dict], people: Column, table: dict[str, Column]
) -> None:
    draws = clusters([row["toxic_sentence"] for row in rows])
    beside = drawn(table["chrf"], people, draws, spearman)
    for name, scores in table.items():
        found = drawn(scores, people, draws, spearman)
        tau = drawn(scores, people, draws[:200], kendall)
        change = (
            ""
            if name == "chrf"
            else interval(
                spearman(scores, people) - spearman(table["chrf"], people), found - beside
            )
        )
        told = f"{len(rows):,} ({len({row['toxic_sentence'] for row in rows})})"
        print(
            f"| {language} | {name} | {told} | {interval(spearman(scores, people), found)} "
            f"| {change} | {interval(kendall(scores, people), tau)} |",
            flush=True,
        )


def system_level(language: str, rows: list[dict], people: Column, table: dict[str, Column]) -> None:
    """Means per system; intervals by drawing sentences, then systems stay as they are."""
    draws = clusters([row["toxic_sentence"] for row in rows])
    systems = sorted({row["system"] for row in rows})
    place = np.array([systems.index(row["system"]) for row in rows])
    for name, scores in table.items():

        def agreement(picked: NDArray[np.int64], how: Callable, scores: Column = scores) -> float:
            counts = np.maximum(np.bincount(place[picked], minlength=len(systems)), 1)
            ours = np.bincount(place[picked], scores[picked], len(systems)) / counts
            theirs = np.bincount(place[picked], people[picked], len(systems)) / counts
            return how(ours, theirs)

        every = np.arange(len(rows))
        told = [
            interval(agreement(every, how), np.array([agreement(one, how) for one in draws[:500]]))
            for how in (spearman, kendall)
        ]
        print(f"| {language} | {name} | {len(systems)} | {told[0]} | {told[1]} |", flush=True)


def clusters(sentences: list[str]) -> list[NDArray[np.int64]]:
    """Rows of each bootstrap draw: sentences with replacement, each with all its rewrites."""
    rows: dict[str, list[int]] = defaultdict(list)
    for place, sentence in enumerate(sentences):
        rows[sentence].append(place)
    groups = [np.array(found) for found in rows.values()]
    generator = np.random.default_rng(SEED)
    return [
        np.concatenate([groups[pick] for pick in generator.integers(0, len(groups), len(groups))])
        for _ in range(REPETITIONS)
    ]


def drawn(
    scores: Column, people: Column, draws: list[NDArray[np.int64]], how: Callable
) -> NDArray[np.float64]:
    return np.array([how(scores[picked], people[picked]) for picked in draws])


def spearman(ours: Column, theirs: Column) -> float:
    if np.ptp(ours) == 0 or np.ptp(theirs) == 0:
        return 0.0
    return float(spearmanr(ours, theirs)[0])


def kendall(ours: Column, theirs: Column) -> float:
    if np.ptp(ours) == 0 or np.ptp(theirs) == 0:
        return 0.0
    return float(kendalltau(ours, theirs)[0])


def interval(estimate: float, found: NDArray[np.float64]) -> str:
    low, high = np.quantile(found, (0.025, 0.975))
    return f"{estimate:+.3f} ({low:+.3f} to {high:+.3f})"


def header(*columns: str) -> None:
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")


if __name__ == "__main__":
    main()
