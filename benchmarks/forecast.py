"""Does the forecast of a teacher's cost cover the truth?

    python benchmarks/forecast.py                        # 500 corpora, the reporting seed
    python benchmarks/forecast.py --corpora 5000
    python benchmarks/forecast.py --seed 1   # what the rule was tuned on

Each corpus has 1,000 to 20,000 documents whose lengths are lognormal or Pareto; what a document
costs follows from its length by a law of the corpus, with noise, answers cut at `max_tokens`, and
calls that fail and are tried again. A pilot of 200 documents is drawn and reckoned exactly as
`tahdhib forecast` does; its 90 % interval is held against what all documents cost.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tahdhib.forecast import LEVEL, PILOT
from tahdhib.stats.intervals import wilson
from tahdhib.stats.totals import draw_by_size, inclusion, total

REPORTED = 20261125
"""Seed of the figures in docs/log/forecast.md; the rule was tuned on seeds 1 and 2."""
LENGTHS = ("lognormal 1", "lognormal 1.5", "lognormal 2", "pareto 1.3", "pareto 1.5", "pareto 2.5")
ANSWERS = ("copy", "often unchanged", "noisy", "thinking")
PRICES = (2.5, 10.0)
TOLD = 1500
"""Characters of the system prompt."""
RETRIES = 3


@dataclass(frozen=True)
class Corpus:
    """`kinds` names its laws; `known` (N,) the size that the forecast goes by, `prompt` and
    `answer` (N,) tokens of one call, `calls` (N,) how many are paid for."""

    kinds: dict[str, str]
    known: NDArray[np.float64]
    prompt: NDArray[np.float64]
    answer: NDArray[np.float64]
    calls: NDArray[np.float64]

    @property
    def cost(self) -> NDArray[np.float64]:
        return self.calls * (self.prompt * PRICES[0] + self.answer * PRICES[1]) / 1e6


def corpus(rng: np.random.Generator) -> Corpus:
    """A corpus with laws drawn at random."""
    number = int(rng.choice([1000, 2000, 5000, 10000, 20000]))
    lengths, answers = str(rng.choice(LENGTHS)), str(rng.choice(ANSWERS))
    law, parameter = lengths.split()
    if law == "lognormal":
        length = np.exp(rng.normal(7, float(parameter), number))
    else:
        length = 500 * (rng.pareto(float(parameter), number) + 1)
    length = np.clip(length, 1, 1e6)
    is_arabic = rng.random(number) < rng.random()
    per_token = np.where(is_arabic, 2.2, 4.0) * np.exp(rng.normal(0, 0.1, number))
    whole, analysis = length / per_token, np.exp(rng.normal(4, 0.5, number))
    if answers == "copy":
        answer = whole * np.exp(rng.normal(-0.05, 0.1, number)) + analysis
    elif answers == "often unchanged":
        answer = np.where(rng.random(number) < rng.uniform(0.3, 0.9), 8, whole) + analysis
    elif answers == "noisy":
        answer = whole * np.exp(rng.normal(-0.3, 0.6, number)) + analysis
    else:
        answer = whole + np.exp(rng.normal(6.5, 1.2, number))
    most = float(rng.choice([4096, 16384, 1e9]))
    failing = float(rng.choice([0, 0.02, 0.1, 0.3]))
    is_cut = answer > most
    tries = np.minimum(rng.geometric(1 - failing, number), RETRIES + 1)
    is_free = rng.random() < 0.3  # failed calls of some servers cost nothing
    calls = np.where(is_cut, RETRIES + 1, 1 if is_free else tries).astype(float)
    kinds = {
        "lengths": lengths,
        "answers": answers,
        "max_tokens": f"{most:g}",
        "failing": f"{failing:g}",
    }
    known = PRICES[0] * (TOLD + length) + PRICES[1] * (length + 200)
    return Corpus(kinds, known, (TOLD + length) / per_token, np.minimum(answer, most), calls)


@dataclass(frozen=True)
class Outcome:
    """What a forecast was worth; `width` is the interval's, by the truth."""

    kinds: dict[str, str]
    is_covered: bool
    is_above: bool
    width: float
    error: float


def reckon(one: Corpus, rng: np.random.Generator) -> Outcome:
    """A pilot, its interval and the truth."""
    chances = inclusion(one.known, PILOT)
    seen = draw_by_size(chances, rng.random(len(one.known)))
    found = total(one.known, chances, seen, one.cost[seen], level=LEVEL)
    truth = float(one.cost.sum())
    return Outcome(
        one.kinds,
        found.low <= truth <= found.high,
        truth > found.high,
        (found.high - found.low) / truth,
        abs(found.estimate / truth - 1),
    )


def plain(one: Corpus, rng: np.random.Generator) -> Outcome:
    """The same from a plain random pilot: its mean, with a t interval."""
    picked = one.cost[rng.choice(len(one.known), PILOT, replace=False)]
    number, truth = len(one.known), float(one.cost.sum())
    error = picked.std(ddof=1) / PILOT**0.5 * (1 - PILOT / number) ** 0.5 * number
    middle = picked.mean() * number
    low, high = middle - 1.6525 * error, middle + 1.6525 * error
    is_covered = bool(low <= truth <= high)
    return Outcome(
        one.kinds, is_covered, bool(truth > high), (high - low) / truth, abs(middle / truth - 1)
    )


def table(outcomes: list[Outcome], title: str) -> None:
    """Coverage and width, over all and by law."""
    print(f"\n{title}")
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        groups["all"].append(one)
        for name, value in one.kinds.items():
            groups[f"{name}: {value}"].append(one)
    print("| corpora | n | covered (95 %) | truth above | mean width | median | mean error |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name in sorted(groups, key=lambda name: (name != "all", name)):
        rows = groups[name]
        share = wilson(sum(one.is_covered for one in rows), len(rows))
        widths = [one.width for one in rows]
        print(
            f"| {name} | {len(rows):,} | {share.estimate:.3f} ({share.low:.3f}-{share.high:.3f}) "
            f"| {np.mean([one.is_above for one in rows]):.3f} | {np.mean(widths):.3f} "
            f"| {np.median(widths):.3f} | {np.mean([one.error for one in rows]):.3f} |"
        )


def corpora(seed: int, number: int) -> Iterator[tuple[Corpus, np.random.Generator]]:
    """Each with a generator of its own, so that one can be made again alone."""
    for at in range(number):
        rng = np.random.default_rng([seed, at])
        yield corpus(rng), rng


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=int, default=500)
    parser.add_argument("--seed", type=int, default=REPORTED)
    asked = parser.parse_args()
    print(f"seed {asked.seed}, {asked.corpora:,} corpora, pilots of {PILOT}, level {LEVEL:g}")
    pairs = [(reckon(one, rng), plain(one, rng)) for one, rng in corpora(asked.seed, asked.corpora)]
    table([one for one, _ in pairs], "The forecast")
    table([one for _, one in pairs], "A plain random pilot and its mean")


if __name__ == "__main__":
    main()
