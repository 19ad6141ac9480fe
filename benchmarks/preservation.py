"""How well each measure of preservation tells real rewrites from the same with one planted fault.

    python benchmarks/preservation.py --data ../shared/data [--half tuning] [--scorer preservation]
    python benchmarks/preservation.py --card src/tahdhib/score/preservation/measured.json

A kept pair is a source and what people made of it (ParaDetox, TextDetox, ZAEBUC, JFLEG), or a
passage and what the rules and harmless noise make of it; a faulty pair is the same source and the
same rewrite with one fault of `corruptions/table.py` in it. AUROC over pairs, 1 where every kept
pair scores above every faulty one, both of a text in one cluster. Faults written by hand come as
they are: the source with its `kept` rewrite, and with its `faulty` one. Prints Markdown; `--card`
also writes what the scorer's own card shows.
"""

import argparse
import csv
import gzip
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.rewrite import rewrite
from tahdhib.config.recipe import Gate as Settings
from tahdhib.gate.gate import Gate
from tahdhib.records import Interval, Rewrite
from tahdhib.score.card import Measured
from tahdhib.score.table import PairScorer, open_pair_scorer
from tahdhib.stats.draw import rank
from tahdhib.stats.intervals import auroc, wilson
from tahdhib.text.edits import diff

CORRUPTIONS = Path(__file__).with_name("corruptions")
sys.path.insert(0, str(CORRUPTIONS))
from table import FAULTS, is_tuning, plant  # noqa: E402

SEED = 17
REPETITIONS = 500
MOST = {"ParaDetox en": 900, "news ar": 500, "passages en": 500}
MEASURE_OF = {
    "number": "numbers",
    "number word": "numbers",
    "dual": "numbers",
    "date": "dates",
    "unit": "units",
    "link changed": "links",
    "link added": "links",
    "name": "names",
    "negation dropped": "negation",
    "negation added": "negation",
    "modality": "modality",
    "sentence dropped": "uncut",
    "truncation": "uncut",
    "sentence added": "unpadded",
    "claim added": "unpadded",
    "negation": "negation",
    "names": "names",
    "claims": "unpadded",
}
"""Kind of fault -> the measure that is made for it."""
LEAST = 10
"""Pairs below which a row is left out."""


class Pair(NamedTuple):
    language: str
    source: str
    kept: str


class Trial(NamedTuple):
    """One row of the tables: on which texts which fault was planted, by code or by hand."""

    dataset: str
    language: str
    fault: str
    is_natural: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--half", choices=("tuning", "reported"), default="reported")
    parser.add_argument("--scorer", default="preservation")
    parser.add_argument("--card", type=Path, help="file for the figures of the scorer's card")
    arguments = parser.parse_args()
    scorer = open_pair_scorer(arguments.scorer)
    print(f"{scorer.name} {scorer.version}, {arguments.half} half, seed {SEED}\n")
    sets = {name: half(name, pairs, arguments.half) for name, pairs in read(arguments.data).items()}
    measured = code_made(scorer, sets)
    if arguments.half == "reported":
        measured += by_hand(scorer)
    if arguments.card:
        write_card(arguments.card, measured)
    refusals(sets)


def read(data: Path) -> dict[str, list[Pair]]:
    """Every set of real rewrites, whole."""
    return {
        "ParaDetox en": [
            Pair("en", row["toxic"], row["neutral"][0])
            for row in lines(data / "paradetox_en/paradetox.jsonl.gz")
        ],
        "TextDetox en": textdetox(data, "en"),
        "TextDetox ar": textdetox(data, "ar"),
        "ZAEBUC ar": [
            Pair("ar", row["raw"], row["corrected"])
            for part in ("train", "dev", "test")
            for row in lines(data / f"zaebuc_gec_ar/{part}.jsonl.gz")
        ],
        "JFLEG en": [
            Pair("en", row["src"], row["refs"][0])
            for part in ("dev", "test")
            for row in lines(data / f"jfleg/{part}.jsonl")
        ],
        "news ar": passages(
            "ar",
            (row["content"] for row in lines(data / "raw_saudinewsnet/saudinewsnet_2.jsonl.gz")),
        ),
        "passages en": passages(
            "en", (row["output"] for row in json.load(gzip.open(data / "lima/lima_train.json.gz")))
        ),
    }


def lines(path: Path) -> Iterator[dict]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def textdetox(data: Path, language: str) -> list[Pair]:
    path = data / f"textdetox2024/pairs_{language}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [Pair(language, row["toxic_sentence"], row["neutral_sentence"]) for row in rows]


def passages(language: str, texts: Iterator[str]) -> list[Pair]:
    """Passages of 100 to 600 words, as the rules and then harmless noise leave them."""
    conduct = load_conduct("default")
    found = []
    for text in texts:
        if not 100 <= len(text.split()) <= 600:
            continue
        done = rewrite(text, conduct)
        if done.drop_reason is None:
            kept = plant("control", done.text, language, [], SEED) or done.text
            found.append(Pair(language, text, kept))
        if len(found) == 2 * MOST["news ar"] + 200:
            break
    return found


def half(name: str, pairs: Sequence[Pair], which: str) -> list[Pair]:
    chosen = [
        pair
        for pair in pairs
        if is_tuning(pair.source) == (which == "tuning") and pair.kept.strip()
    ]
    chosen.sort(key=lambda pair: rank("preservation benchmark", SEED, pair.source))
    return chosen[: MOST.get(name, len(chosen))]


def code_made(scorer: PairScorer, sets: dict[str, list[Pair]]) -> list[Measured]:
    measured = []
    columns = [score.name for score in scorer.card.scores]
    print("AUROC of kept against faulty pairs; 95 % interval by bootstrap of texts\n")
    header("set", "fault", "texts", "made for it", "", *shown(columns), "best")
    for name, pairs in sets.items():
        others = [pair.kept for pair in pairs]
        base = scorer.compare([pair.source for pair in pairs], others)
        for fault in FAULTS:
            faulty = [plant(fault, pair.kept, pair.language, others, SEED) for pair in pairs]
            has = [place for place, text in enumerate(faulty) if text is not None]
            if len(has) < LEAST:
                continue
            worse = scorer.compare(
                [pairs[at].source for at in has], [faulty[at] or "" for at in has]
            )
            trial = Trial(name, pairs[0].language, fault, is_natural=True)
            measured.append(row(trial, columns, base[has], worse))
    return measured


def by_hand(scorer: PairScorer) -> list[Measured]:
    measured = []
    columns = [score.name for score in scorer.card.scores]
    print("\nFaults written by hand: no measure was made or changed by looking at them\n")
    header("set", "fault", "texts", "made for it", "", *shown(columns), "best")
    for path in (CORRUPTIONS / f"{name}.tsv" for name in ("claims", "names", "negation")):
        rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
        for language in ("ar", "en"):
            here = [line for line in rows if line[0] == language]
            sources = [line[1] for line in here]
            base = scorer.compare(sources, [line[2] for line in here])
            worse = scorer.compare(sources, [line[3] for line in here])
            trial = Trial(f"by hand {language}", language, path.stem, is_natural=False)
            measured.append(row(trial, columns, base, worse))
    return measured


def refusals(sets: dict[str, list[Pair]]) -> None:
    """How often the gate says no to real rewrites, by reason."""
    gate = Gate(Settings(), load_conduct("default"))
    print("\nReal rewrites that the gate refuses, all of them kept pairs\n")
    header("set", "n", "refused", "by reason")
    for name, pairs in sets.items():
        reasons: dict[str, int] = {}
        refused = 0
        for pair in pairs:
            done = Rewrite(pair.kept, diff(pair.source, pair.kept, "people"))
            codes = {reason.code for reason in gate.verdict(pair.source, done).reasons}
            refused += bool(codes)
            for code in codes:
                reasons[code] = reasons.get(code, 0) + 1
        told = ", ".join(f"{code} {count}" for code, count in sorted(reasons.items()))
        print(f"| {name} | {len(pairs)} | {words(wilson(refused, len(pairs)))} | {told} |")


def row(
    trial: Trial,
    columns: Sequence[str],
    base: NDArray[np.float64],
    worse: NDArray[np.float64],
) -> Measured:
    """Print a line of the table and return the figure of the measure that the fault is for."""
    labels = np.r_[np.ones(len(base)), np.zeros(len(worse))]
    clusters = [*range(len(base)), *range(len(worse))]
    areas = {name: area(base[:, at], worse[:, at]) for at, name in enumerate(columns)}
    own = MEASURE_OF[trial.fault] if MEASURE_OF[trial.fault] in columns else columns[0]
    column = np.r_[base[:, columns.index(own)], worse[:, columns.index(own)]]
    found = auroc(column, labels, seed=SEED, repetitions=REPETITIONS, clusters=clusters)
    best = max(areas, key=lambda name: areas[name])
    beside = " | ".join(f"{areas[name]:.2f}" for name in shown(columns))
    told = f"{trial.dataset} | {trial.fault} | {len(worse)}"
    print(f"| {told} | {own} | {words(found)} | {beside} | {best} {areas[best]:.2f} |", flush=True)
    dataset = f"{trial.dataset.removesuffix(f' {trial.language}')}: {trial.fault}"
    return Measured(own, trial.language, dataset, trial.is_natural, found, len(base))


def write_card(path: Path, measured: Sequence[Measured]) -> None:
    rows = [asdict(one) for one in measured]
    for one in rows:
        one["auroc"] |= {name: round(one["auroc"][name], 4) for name in ("estimate", "low", "high")}
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def shown(columns: Sequence[str]) -> list[str]:
    return [name for name in ("preservation", "chrf", "length") if name in columns]


def area(base: NDArray[np.float64], worse: NDArray[np.float64]) -> float:
    """Share of (kept, faulty) pairs of pairs in the right order; ties one half."""
    ordered = np.sort(worse)
    below = np.searchsorted(ordered, base, side="left")
    through = np.searchsorted(ordered, base, side="right")
    return float((below + through).sum() / (2 * len(base) * len(worse)))


def words(found: Interval) -> str:
    return f"{found.estimate:.3f} ({found.low:.3f}–{found.high:.3f})"


def header(*columns: str) -> None:
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")


if __name__ == "__main__":
    main()
