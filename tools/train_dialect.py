"""Make dialect weights: the shipped ones, or better ones that may not be shipped.

    python tools/train_dialect.py --data ../shared/data
    python tools/train_dialect.py --data ../shared/data --better dialect.npz

The first learns from licence class A alone: the labels of ArSarcasm-v2, unlabelled tweets found by
the words of `dialect_markers.txt`, pieces of standard Arabic with such words put in, and standard
Arabic. The second also learns from Egyptian Wikipedia, Saudi news and comments of known countries
(class B and C); read the licences before you pass it on. Rows nearly the same as one that is
measured on are left out. One core, five to ten minutes; run it on one thread, and the same data
give the same bytes on one kind of machine.
"""

import argparse
import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from dialect_sets import (
    Measured,
    Row,
    arsarcasm,
    calibration_error,
    class_a_rows,
    marked,
    measure,
    measured_sets,
    place,
    read_markers,
    restricted_rows,
)
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from train_witness import Near

from tahdhib.score.dialect import (
    CODES,
    WEIGHTS,
    DialectCard,
    Figure,
    Model,
    decisions,
    dialect_probabilities,
    prepare,
    rounded,
    save,
    softmax,
    write_card,
)
from tahdhib.score.grams import BUCKET_BITS, grams

PRIOR = (0.35, 0.2, 0.15, 0.15, 0.15)
"""Shares of the groups that the weights take for granted; there is no census of web text. On a
held-out quarter of ArSarcasm-v2 this did better than more standard Arabic."""
INVERSE_REGULARISATION = 10.0
SCALE = 10_000
"""Total weight of the rows, so that the regularisation does not depend on their number."""
ITERATIONS = 80
QUARTER = 0.25
TEMPERATURES = np.geomspace(0.5, 4.0, 61)
TEXTS_AT_ONCE = 4000
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent / "src" / "tahdhib" / "score" / "weights"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=ROOT / WEIGHTS, help="for class A weights")
    parser.add_argument("--better", type=Path, metavar="OUT.npz", help="learn from more, to here")
    arguments = parser.parse_args()
    with threadpool_limits(1):
        is_better = arguments.better is not None
        train(arguments.data, arguments.better if is_better else arguments.out, is_better)


def train(data: Path, path: Path, is_better: bool) -> None:
    measured_on = measured_sets(data)
    labelled, others, gone = training_rows(data, is_better, measured_on)
    print(f"{len(labelled):,} labelled rows, {len(others):,} others, {gone} left out as copies")
    kept = [row for row in labelled if place(row.text) >= QUARTER]
    held = [row for row in labelled if place(row.text) < QUARTER]
    first = fit(kept + others)
    temperature = best_temperature(first, held)
    print(f"temperature {temperature:.2f} on {len(held):,} held-out rows")
    found = fit(labelled + others)
    model = Model((found.weights / temperature).astype(np.float32), found.offsets / temperature)
    save(path, model)
    exact = rounded(model)
    version = hashlib.sha256(exact.weights.tobytes() + exact.offsets.tobytes()).hexdigest()[:12]
    figures = [one for name, rows in measured_on.items() for one in measure(name, rows, path)]
    tweets = measured_on["ArSarcasm-v2 testing"]
    notes = (calibration(tweets, path), *limits(figures, tweets))
    sources = sources_of(labelled, others, is_better)
    card = DialectCard(version, PRIOR, sources, tuple(figures), notes)
    write_card(path, card)
    print(card)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")


def training_rows(
    data: Path, is_better: bool, measured_on: dict[str, Measured]
) -> tuple[list[Row], list[Row], int]:
    """Labelled rows, the others, and how many were left out as copies of what is measured."""
    markers = read_markers(HERE / "dialect_markers.txt")
    labelled = [
        row
        for row in arsarcasm(data, "training")
        # Labels are noisy: a tweet full of Gulf words often counts as standard.
        if row.code != "msa" or not marked(row.text, markers)
    ]
    others = class_a_rows(data, markers)
    if is_better:
        others += restricted_rows(data)
    banned = Near(text[:2000] for rows in measured_on.values() for text in rows.texts)
    clean = [[row for row in rows if not banned.has(row.text)] for rows in (labelled, others)]
    gone = len(labelled) + len(others) - len(clean[0]) - len(clean[1])
    return clean[0], clean[1], gone


def fit(rows: Sequence[Row]) -> Model:
    """Weights (5, buckets) and offsets (5,) with the groups at their `PRIOR`."""
    truth = np.array([CODES.index(row.code) for row in rows])
    weights = np.array([row.weight for row in rows])
    totals = np.bincount(truth, weights=weights, minlength=len(CODES))
    weights *= (np.array(PRIOR) * SCALE / totals)[truth]
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=ITERATIONS, tol=1e-3)
    model.fit(features([row.text for row in rows]), truth, weights)
    return Model(model.coef_.astype(np.float32), model.intercept_.astype(np.float64))


def features(texts: Sequence[str]) -> csr_matrix:
    """Hashed n-grams (rows, buckets), in batches because the n-grams of all do not fit."""
    parts = []
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        batch = [prepare(text) for text in texts[start : start + TEXTS_AT_ONCE]]
        found = grams(batch)
        values = (1 / np.sqrt(np.maximum(found.sizes, 1))).astype(np.float32)
        cells = (values[found.window], (found.window, found.bucket))
        parts.append(csr_matrix(cells, shape=(len(batch), 1 << BUCKET_BITS)))
    return vstack(parts).tocsr()


def best_temperature(model: Model, held: Sequence[Row]) -> float:
    """The one under which held-out labels are most probable, the groups at their `PRIOR`.
    Maghrebi has too few rows there to have a part in it."""
    rows = [row for row in held if row.code != "mgr"]
    truth = np.array([CODES.index(row.code) for row in rows])
    weights = prior_weights(truth)
    logits, _ = decisions([prepare(row.text) for row in rows], model)
    picked = np.arange(len(truth)), truth
    losses = [
        -(weights * np.log(np.maximum(softmax(logits / one)[picked], 1e-12))).sum()
        for one in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmin(losses))])


def prior_weights(truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights that bring the groups to their `PRIOR`."""
    counts = np.bincount(truth, minlength=len(CODES))
    return (np.array(PRIOR) / np.maximum(counts, 1))[truth]


def calibration(rows: Measured, path: Path) -> str:
    table = dialect_probabilities(rows.texts, path)
    truth = np.array([CODES.index(code) for code in rows.codes])
    natural = calibration_error(table, truth, np.ones(len(truth)))
    four = truth != CODES.index("mgr")
    weighted = calibration_error(table[four], truth[four], prior_weights(truth[four]))
    return (
        f"calibration error on ArSarcasm-v2 testing: {natural:.3f} as found, {weighted:.3f} with "
        f"the groups at their prior, Maghrebi left out (n={len(truth):,})"
    )


def sources_of(labelled: Sequence[Row], others: Sequence[Row], is_better: bool) -> tuple[str, ...]:
    found = (
        f"ArSarcasm-v2 training (MIT): {counted(labelled)}; its standard rows that hold words of "
        "a dialect are left out as mislabelled",
        "beside it, by lists of words that were written for this project: raw Arabic tweets "
        "(Apache-2.0) that hold words of one group, with and without these words; pieces of "
        "standard Arabic with such words put in; statements of ACVA, questions of MMLU in Arabic "
        "and pages of stories (Apache-2.0) as standard",
    )
    if is_better:
        found += (
            "not to be shipped: Egyptian Wikipedia (CC BY-SA 4.0), Saudi news (CC BY-NC-SA 4.0), "
            "comments of Levant, Morocco, Tunisia and Saudi Arabia (collection GPL-3.0), of "
            "Algeria (no licence stated), each set taken for the dialect of its country",
        )
    return (*found, f"all rows beside ArSarcasm-v2: {counted(others)}")


def counted(rows: Sequence[Row]) -> str:
    counts = Counter(row.code for row in rows)
    return ", ".join(f"{code} {counts[code]:,}" for code in CODES)


def limits(figures: Sequence[Figure], tweet_rows: Measured) -> tuple[str, ...]:
    """What the weights must not be used for, with the figures that say so."""
    value = {(one.dataset, one.measure): one.value for one in figures}
    wikipedia = value["Egyptian Wikipedia, held-out", "accuracy"]
    tweets = value["ArSarcasm-v2 testing", "macro-F1, 4 groups without Maghrebi"]
    markers = read_markers(HERE / "dialect_markers.txt")
    labelled = zip(tweet_rows.texts, tweet_rows.codes, strict=True)
    standard = [text for text, code in labelled if code == "msa"]
    odd = sum(bool(marked(text, markers)) for text in standard)
    return (
        "ArSarcasm-v2 has 37 Maghrebi rows to train on and 1 to test on: what is said of Maghrebi "
        "rests on MADAR CODA, short sentences of travellers",
        f"the labels of ArSarcasm-v2 are noisy: of its {len(standard):,} standard test rows {odd} "
        f"hold words of a dialect. Against them the macro-F1 of four groups is "
        f"{tweets.estimate:.2f}, so a single answer is no fact about its text: good for comparing "
        "shares over many documents and for weighting, not for dropping a document",
        f"of articles of Egyptian Wikipedia {wikipedia.estimate:.0%} are called Egyptian: formal "
        "prose with few words of dialect passes for standard",
        "an F1 of a group with fewer than 30 rows says nothing, whatever its interval",
        "the text must be Arabic: of Persian, Urdu and other languages in its letters, and of "
        "Arabic in Latin letters, the answer means nothing",
    )


if __name__ == "__main__":
    main()
