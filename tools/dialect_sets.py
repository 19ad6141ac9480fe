"""The rows that dialect weights are trained on and measured on, and how they are kept apart.

Splits are by a hash of the words or of the title, so that copies stay together. Licence classes
are those of the data's own list: A may make weights that are shipped, B and C may not.
"""

import csv
import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.records import Interval
from tahdhib.score.dialect import CODES, Figure, dialect_probabilities, prepare
from tahdhib.score.grams import windows
from tahdhib.stats.intervals import macro_f1, wilson

SEED = 17
REPETITIONS = 2000
ARSARCASM = {"msa": "msa", "egypt": "egy", "gulf": "glf", "levant": "lev", "magreb": "mgr"}
CITIES = {"BEI": "lev", "CAI": "egy", "DOH": "glf", "RAB": "mgr", "TUN": "mgr"}
ARTICLES = 3000
FOUND_PER_GROUP = 5000
PLANTED_PER_GROUP = 2500
FORMAL_ROWS = 5000
OTHER_ROWS = 3000
WORDS = re.compile(r"[^\W\d_]+")


class Row(NamedTuple):
    """A text with its group; `weight` is what it counts for beside rows of its own group."""

    text: str
    code: str
    weight: float


class Measured(NamedTuple):
    """Texts that no weights are trained on, with one true code for each."""

    texts: list[str]
    codes: list[str]


def arsarcasm(data: Path, part: str) -> list[Row]:
    """ArSarcasm-v2 (A), `training` or `testing`."""
    rows = table(data / f"arsarcasm_v2/{part}.csv.gz")
    return [Row(row["tweet"], ARSARCASM[row["dialect"]], 1.0) for row in rows]


def class_a_rows(data: Path, markers: dict[str, list[str]]) -> list[Row]:
    """Rows beside ArSarcasm-v2, all of class A or made from class A by the lists of words."""
    return [
        *found_rows(data, markers),
        *planted_rows(data, markers),
        *[Row(text, "msa", 0.3) for text in sample(formal_texts(data), FORMAL_ROWS)],
        *[Row(text, "msa", 0.3) for text in sample(story_windows(data), FORMAL_ROWS)],
    ]


def found_rows(data: Path, markers: dict[str, list[str]]) -> list[Row]:
    """Unlabelled tweets that hold words of one group and of no other, once as they are and once
    without these words, so that the rest of the tweet has to tell."""
    groups: dict[str, list[str]] = {code: [] for code in markers}
    for text in unlabelled_tweets(data):
        here = marked(text, markers)
        if len(here) == 1:
            groups[here[0]].append(text)
    rows: list[Row] = []
    for code, texts in groups.items():
        known = set(markers[code])
        for text in sample(texts, FOUND_PER_GROUP):
            rest = " ".join(word for word in folded(text).split() if word not in known)
            rows += [Row(text, code, 0.3), Row(rest, code, 0.3)]
    return rows


def planted_rows(data: Path, markers: dict[str, list[str]]) -> list[Row]:
    """Pieces of standard Arabic with one to three words of a group put in. Maghrebi has 37
    labelled rows and few tweets that hold its words; this is most of what it learns from."""
    hosts = [row.text for row in arsarcasm(data, "training") if row.code == "msa"]
    hosts = [text for text in hosts if not marked(text, markers)]
    hosts += formal_texts(data) + story_windows(data)
    pick = random.Random(SEED)
    rows: list[Row] = []
    for code, words in markers.items():
        for _ in range(PLANTED_PER_GROUP):
            host = pick.choice(hosts).split()
            start = pick.randrange(len(host)) if host else 0
            piece = host[start : start + pick.randint(2, 12)]
            for word in pick.sample(words, pick.randint(1, 3)):
                piece.insert(pick.randint(0, len(piece)), word)
            rows.append(Row(" ".join(piece), code, 0.2))
    return rows


def restricted_rows(data: Path) -> list[Row]:
    """Rows of class B and C: for weights that are not shipped. Of the comments only those that
    nobody called offensive, so that anger is no sign of a dialect; all of a set are taken for the
    dialect of its country, some of them are standard Arabic."""
    articles = [text for text, is_held in articles_of(data) if not is_held]
    news = [text for text, is_held in news_of(data) if not is_held]
    comments = {"03": "lev", "11": "mgr", "08": "mgr", "16": "glf"}
    rows = [Row(text, "egy", 0.5) for text in sample(cut(articles), 2 * OTHER_ROWS)]
    rows += [Row(text, "msa", 0.5) for text in sample(cut(news), 2 * OTHER_ROWS)]
    for number, code in comments.items():
        found = lines(data / f"ar_offensive_14/ID{number}.jsonl.gz")
        texts = [row["text"] for row in found if row.get("offensive") == 0]
        rows += [Row(text, code, 0.5) for text in sample(texts, OTHER_ROWS)]
    found = lines(data / "dziri_ofn/dziriofn.jsonl.gz")
    texts = [row["comment"] for row in found if row["label"] == "normal" and row["arabic"] == 1]
    return rows + [Row(text, "mgr", 0.5) for text in sample(texts, OTHER_ROWS)]


def measured_sets(data: Path) -> dict[str, Measured]:
    """Every set that figures are reported on."""
    test = arsarcasm(data, "testing")
    found = {"ArSarcasm-v2 testing": Measured([r.text for r in test], [r.code for r in test])}
    for column in ("raw", "CODA"):
        rows = [
            row
            for part in ("train", "dev", "test")
            for row in lines(data / f"madar_coda/{part}.jsonl.gz")
        ]
        found[f"MADAR CODA, {column} spelling"] = Measured(
            [row[column] for row in rows], [CITIES[row["dialect"]] for row in rows]
        )
    articles = [text for text, is_held in articles_of(data) if is_held]
    found["Egyptian Wikipedia, held-out"] = alike(sample(articles, ARTICLES), "egy")
    found["Egyptian Wikipedia, held-out, 500 characters and more"] = alike(
        sample([text for text in articles if len(text) >= 500], ARTICLES), "egy"
    )
    news = [text for text, is_held in news_of(data) if is_held]
    found["Saudi news, held-out"] = alike(sample(news, ARTICLES), "msa")
    return found


def by_city(data: Path, column: str) -> dict[str, Measured]:
    """MADAR CODA by city."""
    found: dict[str, Measured] = {city: Measured([], []) for city in CITIES}
    for part in ("train", "dev", "test"):
        for row in lines(data / f"madar_coda/{part}.jsonl.gz"):
            found[row["dialect"]].texts.append(row[column])
            found[row["dialect"]].codes.append(CITIES[row["dialect"]])
    return found


def articles_of(data: Path) -> Iterator[tuple[str, bool]]:
    """Articles of Egyptian Wikipedia (B), and whether they are held out: one half."""
    for row in lines(data / "raw_arz_wikipedia/arzwiki_20181020.jsonl.gz"):
        yield row["text"], digest(row["title"]) >= 0.5


def news_of(data: Path) -> Iterator[tuple[str, bool]]:
    """Saudi news (B), and whether they are held out: the last of three files."""
    for number in range(3):
        for row in lines(data / f"raw_saudinewsnet/saudinewsnet_{number}.jsonl.gz"):
            yield row["content"], number == 2


def formal_texts(data: Path) -> list[str]:
    """Statements and exam questions in standard Arabic (A), many with names of places."""
    with (data / "acva/acva_tf_test.jsonl").open(encoding="utf-8") as stream:
        found = [json.loads(line)["question"] for line in stream]
    return found + [row["question"] for row in table(data / "mmlu_ar_acegpt/mmlu_ar_test.csv.gz")]


def story_windows(data: Path) -> list[str]:
    """Windows of the text of the HTML pages (A)."""
    pages = lines(data / "raw_arabic_html/stories_html.jsonl.gz")
    return cut([page["text"] for page in pages if page["text"]])


def unlabelled_tweets(data: Path) -> list[str]:
    """Raw Arabic tweets (A), each text once."""
    found: dict[str, None] = {}
    for name in ("tweets_sentiment_2019", "tweets_unlabelled_2018"):
        found.update(
            dict.fromkeys(row["text"] for row in lines(data / f"raw_arabic_tweets/{name}.jsonl.gz"))
        )
    return list(found)


def read_markers(path: Path) -> dict[str, list[str]]:
    """Group -> folded words, from the file of lists."""
    found: dict[str, list[str]] = {}
    code = ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("["):
            code = line.strip("[]")
            found[code] = []
        elif line and not line.startswith("#"):
            found[code] += folded(line).split()
    return {code: list(dict.fromkeys(words)) for code, words in found.items()}


def marked(text: str, markers: dict[str, list[str]]) -> list[str]:
    """Groups of which the text holds a word."""
    words = set(folded(text).split())
    return [code for code, known in markers.items() if not words.isdisjoint(known)]


_FOLD = str.maketrans("أإآٱىیکگة", "ااااييككه")


def folded(text: str) -> str:
    """Arabic words with one spelling each, single spaces between."""
    text = re.sub(r"https?://\S+|@\w+", " ", prepare(text))
    text = re.sub(r"[\u0610-\u061a\u0640\u064b-\u065f\u0670]", "", text).translate(_FOLD)
    text = re.sub(r"(.)\1{2,}", r"\1\1", text)
    return " ".join(WORDS.findall(text))


def cut(texts: Sequence[str]) -> list[str]:
    """Windows of at least 40 characters, as long texts are read."""
    found = (window for text in texts for window in windows(prepare(text)))
    return [window for window in found if len(window) >= 40]


def measure(name: str, rows: Measured, weights: Path | None) -> list[Figure]:
    """All figures of one set. A text that is not judged counts as an error."""
    table_ = dialect_probabilities(rows.texts, weights)
    truth = np.array([CODES.index(code) for code in rows.codes])
    is_read = table_.sum(axis=1) > 0
    predicted = np.where(is_read, table_.argmax(axis=1), -1)
    right = int((predicted == truth).sum())
    figures = [Figure(name, "accuracy", wilson(right, len(truth)))]
    counts = np.bincount(truth, minlength=len(CODES))
    if (counts > 0).sum() > 1:
        present = [column for column in range(len(CODES)) if counts[column]]
        confusion = confusion_table(truth, predicted)
        groups = [(f"macro-F1, {len(present)} groups", present)]
        if counts[4] and counts[4] < 30:
            groups.append(("macro-F1, 4 groups without Maghrebi", [0, 1, 2, 3]))
        groups += [
            (f"F1 {CODES[column]} ({counts[column]:,} rows)", [column]) for column in present
        ]
        figures += [Figure(name, label, f1(confusion, chosen)) for label, chosen in groups]
    return figures


def confusion_table(truth: NDArray[np.int64], predicted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts (6, 6): true by row; the last column holds what was not judged."""
    size = len(CODES) + 1
    cells = truth * size + np.where(predicted < 0, size - 1, predicted)
    return np.bincount(cells, minlength=size * size).reshape(size, size)


def f1(confusion: NDArray[np.int64], classes: Sequence[int]) -> Interval:
    return macro_f1(confusion, seed=SEED, repetitions=REPETITIONS, classes=classes)


def calibration_error(
    table_: NDArray[np.float64], truth: NDArray[np.int64], weights: NDArray[np.float64]
) -> float:
    """Expected calibration error of the most probable group, ten bins, of weighted rows."""
    sure, right = table_.max(axis=1), table_.argmax(axis=1) == truth
    bins = np.minimum((sure * 10).astype(int), 9)
    gaps = np.bincount(bins, weights=weights * (sure - right), minlength=10)
    return round(float(np.abs(gaps).sum() / weights.sum()), 4)


def alike(texts: list[str], code: str) -> Measured:
    return Measured(texts, [code] * len(texts))


def sample(texts: Sequence[str], count: int) -> list[str]:
    """Draw `count` of the texts by their hash, so that the order of a file has no part in it."""
    return sorted(texts, key=lambda text: (place(text), text))[:count]


def place(text: str) -> float:
    """A place in [0, 1) by the words of the text, so that copies stay together."""
    return digest(" ".join(WORDS.findall(text.lower())))


def digest(text: str) -> float:
    return int(hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8], 16) / 16**8


def lines(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def table(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
