"""Make the shipped weights of the witness, and measure them for its card.

    python tools/train_witness.py --data ../shared/data

Training text is of licence class A only. Hardly any Arabic of that class is labelled, so harm is
looked for in tweets that nobody labelled by `witness_words.tsv`, a list written for this alone;
letters and neighbours of its words then carry the sign further. Left out, with everything that is
nearly the same: the rows that the demo shows (TextDetox 2024 inputs, HateCheck), what workers learn
from (ParaDetox), and every set that the card reports on. One core, some minutes; the same data give
the same weights on one kind of machine. Nothing here was chosen by the figures on the card.
"""

import argparse
import csv
import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tahdhib.records import Interval
from tahdhib.score.card import Card, Measured, Score, evidence, to_json
from tahdhib.score.domain import make_profile
from tahdhib.score.grams import letters
from tahdhib.score.toxicity import ngram
from tahdhib.score.toxicity.model import LAYOUTS, pack, unpack, write
from tahdhib.score.toxicity.ngram import NgramToxicity, probabilities
from tahdhib.score.training.fitting import PRIOR, Example, fit_table, scripts_of
from tahdhib.score.training.measure import COLUMNS, measured
from tahdhib.score.training.near import near_groups
from tahdhib.score.training.sets import DIVISION, LABELS, Rows, read_sets, unlearnable
from tahdhib.score.training.solver import matrix
from tahdhib.stats.draw import share
from tahdhib.stats.intervals import wilson

SEED = 17
QUIET_TWEETS = 20_000
FORMAL_ROWS = 4000
NEWS_ARTICLES = 2000
HERE = Path(__file__).resolve().parent
WEIGHTS = HERE.parent / "src" / "tahdhib" / "score" / "weights"
FRAMES = ("{}", "{}", "يا {}", "انت {}", "هذا {}", "انتم {}", "كلهم {}", "وال{}")
"""Short texts that say a word of the list, each of which counts as harmful."""
LAYOUT = LAYOUTS[0]
"""Figures of many runs stand on weights of this one; the newest reads better, `score train`."""
KINDS = {"hate": "hateful", "obscene": "vulgar", "threat": "violent"}
LEARNED = ("davidson_1", "davidson_2", "surge", "toxigen", "textdetox_en", "textdetox_ar")
ENGLISH_TEST = {"davidson_1": 0.2, "davidson_2": 0.2, "surge": 0.4}
"""Shares of the English sets that are measured on."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    data = parser.parse_args().data
    foreign = [key for key in DIVISION["all"] if key not in LEARNED]
    tests = read_sets(data, [*foreign, "hatecheck_ar", "hatecheck_en"])
    rows = read_sets(data, LEARNED)
    part = np.array([share("witness", SEED, " ".join(text.lower().split())) for text in rows.texts])
    limit = np.array([ENGLISH_TEST.get(key, 0.0) for key in rows.names])[rows.sets]
    held, rows = rows.take(part < limit), rows.take(part >= limit)
    rows = joined(rows, *weak_rows(data))
    banned = [*unlearnable(data), *tests.texts, *held.texts]
    group = near_groups([*rows.texts, *banned])
    rows = rows.take(~np.isin(group[: len(rows)], group[len(rows) :]))
    draws = {text: share("witness fold", SEED, text) for text in rows.texts}
    calibrate = np.array([draws[text] < 0.15 for text in rows.texts])
    example = Example(matrix(rows.texts, LAYOUT), scripts_of(list(rows.texts)), rows.labels)
    table = fit_table(example, ~calibrate, calibrate, LAYOUT)
    profile = make_profile([*tests.texts, *held.texts])
    arrays = pack(table.weights, table.offsets, profile, LAYOUT)
    weights = unpack(arrays)
    write(WEIGHTS / ngram.WEIGHTS, arrays)
    version = hashlib.sha256(arrays["weights"].tobytes() + table.offsets.tobytes()).hexdigest()[:12]
    found = measured(tests, probabilities(tests.texts, weights))
    found += measured(held, probabilities(held.texts, weights), ", held-out part")
    card = make_card(version, rows, found)
    (WEIGHTS / ngram.CARD).write_text(to_json(card), "utf-8")
    ngram._shipped.cache_clear()
    alarms = news_alarms(data)
    card = make_card(version, rows, found, alarms)
    (WEIGHTS / ngram.CARD).write_text(to_json(card), "utf-8")
    print(f"version {version}, {(WEIGHTS / ngram.WEIGHTS).stat().st_size / 1e6:.2f} MB")
    for one in found:
        area = one.auroc
        print(
            f"{one.score} {one.language} {one.dataset}: AUROC {area.estimate:.3f} "
            f"({area.low:.3f} to {area.high:.3f}), n={area.n}, {one.positives} positive, "
            f"calibration error {one.calibration_error:.3f}"
        )
    print(card.is_evidence)


def weak_rows(data: Path) -> tuple[list[str], list[list[int]]]:
    """Texts and labels that nobody gave: tweets with a word of the list and short texts that say
    one, against tweets without any, angry and sarcastic ones among them, and formal text."""
    words = read_words()
    kinds = dict(zip(folded(list(words)), words.values(), strict=True))
    longest = sorted(kinds, key=lambda word: (-len(word), word))
    pattern = re.compile(
        r"(?<!\S)(?:و|ف)?(?:ال|لل|ب|يا|ي)?(" + "|".join(map(re.escape, longest)) + r")(?!\S)"
    )
    texts: list[str] = []
    labels: list[list[int]] = []
    quiet: list[str] = []
    tweets = unlabelled_tweets(data)
    for text, form in zip(tweets, folded(tweets), strict=True):
        hits = {kinds[word] for word in pattern.findall(form)}
        if hits:
            texts.append(text)
            labels.append(harm(hits))
        else:
            quiet.append(text)
    for word, kind in words.items():
        texts += [frame.format(word) for frame in FRAMES]
        labels += [harm({kind})] * len(FRAMES)
    calm = random.Random(SEED).sample(quiet, QUIET_TWEETS) + formal_rows(data)
    return texts + calm, labels + [[0] * len(LABELS)] * len(calm)


def harm(kinds: set[str]) -> list[int]:
    found = {KINDS.get(kind) for kind in kinds}
    return [1, *(int(label in found) for label in LABELS[1:])]


def read_words() -> dict[str, str]:
    lines = (HERE / "witness_words.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line and not line.startswith("#"))


def folded(texts: list[str]) -> list[str]:
    """The letters that the scorer reads."""
    codes, owner = letters(texts)
    ends = np.searchsorted(owner, np.arange(len(texts) + 1))
    whole = codes.astype("<u4").tobytes().decode("utf-32-le", "replace")
    return [whole[start:end].strip() for start, end in pairwise(ends)]


def unlabelled_tweets(data: Path) -> list[str]:
    tweets = [row["tweet"] for row in table_of(data / "arsarcasm_v2/training.csv.gz")]
    for name in ("tweets_sentiment_2019", "tweets_unlabelled_2018"):
        tweets += [row["text"] for row in lines(data / f"raw_arabic_tweets/{name}.jsonl.gz")]
    return tweets


def formal_rows(data: Path) -> list[str]:
    """Statements and exam questions in standard Arabic, many of which name a people or a faith.
    Without them one news article in nine passed for toxic, since every other row is a tweet."""
    with (data / "acva/acva_tf_test.jsonl").open(encoding="utf-8") as stream:
        statements = [json.loads(line)["question"] for line in stream]
    exams = [row["question"] for row in table_of(data / "mmlu_ar_acegpt/mmlu_ar_test.csv.gz")]
    pick = random.Random(SEED)
    return pick.sample(statements, FORMAL_ROWS) + pick.sample(exams, FORMAL_ROWS)


def joined(rows: Rows, texts: list[str], labels: list[list[int]]) -> Rows:
    blank = [""] * len(texts)
    return Rows(
        [*rows.texts, *texts],
        np.concatenate((rows.labels, np.array(labels, dtype=np.int8))),
        np.concatenate((rows.sets, np.full(len(texts), len(rows.names)))),
        (*rows.names, "weak"),
        [*rows.parts, *blank],
        [*rows.clusters, *blank],
    )


def news_alarms(data: Path) -> Interval:
    """Share of news articles that score above one half: nearly all of them false alarms."""
    articles = [row["content"] for row in lines(data / "raw_saudinewsnet/saudinewsnet_0.jsonl.gz")]
    articles = random.Random(SEED).sample(articles, NEWS_ARTICLES)
    scores: NDArray[np.float64] = NgramToxicity().score(articles)[:, 0]
    return wilson(int((scores > 0.5).sum()), len(articles))


def lines(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def table_of(path: Path) -> Iterable[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def make_card(
    version: str, rows: Rows, found: tuple[Measured, ...], alarms: Interval | None = None
) -> Card:
    is_weak = rows.sets == len(rows.names) - 1
    is_toxic = rows.labels[:, 0] == 1
    says = {
        "toxicity": "is offensive, hateful or obscene",
        "hateful": "attacks people for the group that they belong to",
        "vulgar": "is obscene",
        "violent": "threatens or calls for violence",
    }
    notes = [
        "the Arabic weights learned from a word list and from tweets that nobody labelled: a "
        "start; train better ones with `tahdhib score train`",
        "vulgar and violent were learned from Arabic alone: of other scripts they say nothing",
        "other scripts than Arabic are read by the English weights: never measured; so is Arabic "
        "in Latin letters (Arabizi), which they cannot read",
        "a text without letters scores 0",
        "trained on tweets and comments, and the highest of many windows is no probability of the "
        "whole: of long texts only differences mean something",
        "HateCheck rows are contrasts built to be hard, their intervals are by template",
        "some labelled Arabic sets hold texts in Latin letters, which is part of their figures",
    ]
    if alarms is not None:
        notes.append(
            f"of {alarms.n:,} Saudi news articles, which nobody labelled, {alarms.estimate:.1%} "
            f"({alarms.low:.1%} to {alarms.high:.1%}) score above one half"
        )
    return Card(
        name="ngram",
        version=version,
        measures="toxicity: offensive, hateful or obscene language",
        scores=tuple(
            Score(
                name,
                "probability, 0 to 1",
                f"how probable it is that the worst window of 280 characters {says[name]}, where "
                f"{PRIOR:.0%} of windows are so",
            )
            for name in COLUMNS
        ),
        languages=("ar", "en"),
        training=(
            f"Arabic, weakly: {is_weak.sum():,} rows, {(is_weak & is_toxic).sum():,} of them toxic "
            "by a word list of the witness's own: raw Arabic tweets (Apache-2.0), ArSarcasm-v2 "
            "(MIT), short texts around the words; not toxic also statements of ACVA and questions "
            "of MMLU in Arabic (Apache-2.0)",
            f"labelled: {(~is_weak).sum():,} rows, {(~is_weak & is_toxic).sum():,} toxic: "
            "TextDetox 2025 dev inputs in Arabic and English, Davidson 2017, Surge AI toxicity, "
            "ToxiGen demonstrations (all MIT)",
            "left out with near-duplicates: TextDetox 2024 inputs, HateCheck, ParaDetox and every "
            "measured set",
        ),
        measured=found,
        is_evidence=evidence(found),
        notes=tuple(notes),
        training_sets=(
            "Davidson 2017, first half",
            "Davidson 2017, second half",
            "Surge AI toxicity",
            "ToxiGen demonstrations",
            "TextDetox 2025 English inputs",
            "TextDetox 2025 Arabic inputs",
            "raw Arabic tweets",
            "ArSarcasm-v2",
            "ACVA",
            "MMLU in Arabic",
        ),
    )


if __name__ == "__main__":
    main()
