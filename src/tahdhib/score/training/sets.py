"""The labelled sets that toxicity is learned from and measured on, in one form.

Each set of `DATA.md` section 3 has a reader of its own, since each says in its own words what it
labels. A label is 1, 0, or `UNKNOWN`: a set that nobody asked about vulgarity says nothing of it.
"""

import csv
import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import DataError
from tahdhib.stats.draw import share

LABELS = ("offensive", "hateful", "vulgar", "violent")
"""Columns of the labels, the one that stands for toxicity first."""
UNKNOWN = -1
SEED = 17
Label = dict[str, int]


class Row(NamedTuple):
    """One labelled text. `cluster`: rows of one template hang together."""

    text: str
    labels: Mapping[str, int]
    part: str = ""
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """One set: `licence` is the class of DATA.md; `family`: sets that hold the same texts, or
    texts that were gathered together, share one, and are left out together."""

    key: str
    title: str
    language: str
    licence: str
    family: str
    read: Callable[[Path], Iterator[Row]]

    @property
    def collected(self) -> bool:
        """Whether it is one of the thirteen sets of `ar_offensive_14`."""
        return self.licence == "B"


@dataclass(frozen=True)
class Rows:
    """N labelled texts of several sets: `labels` (N, len(LABELS)) int8, `sets` (N,) indexes
    `names`, `parts` and `clusters` as their sets give them."""

    texts: Sequence[str]
    labels: NDArray[np.int8]
    sets: NDArray[np.int64]
    names: tuple[str, ...]
    parts: Sequence[str]
    clusters: Sequence[str]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, keep: NDArray[np.bool_] | NDArray[np.int64]) -> "Rows":
        """The rows of a mask or of places."""
        places = np.flatnonzero(keep) if keep.dtype == np.bool_ else keep
        return Rows(
            [self.texts[place] for place in places],
            self.labels[places],
            self.sets[places],
            self.names,
            [self.parts[place] for place in places],
            [self.clusters[place] for place in places],
        )

    def of(self, *names: str) -> NDArray[np.bool_]:
        """Which rows come from the sets named (N,)."""
        return np.isin(self.sets, [self.names.index(name) for name in names])


def read_sets(data: Path, keys: Sequence[str]) -> Rows:
    """Read sets by key, in the order given; rows without text or any known label are left out.

    Raises:
        DataError: a set's file is missing, or a row has a label that is none of the set's.
    """
    texts: list[str] = []
    labels: list[list[int]] = []
    sets: list[int] = []
    parts: list[str] = []
    clusters: list[str] = []
    for index, key in enumerate(keys):
        one = SETS[key]
        try:
            for row in one.read(data):
                known = [row.labels.get(label, UNKNOWN) for label in LABELS]
                if row.text and row.text.strip() and max(known) > UNKNOWN:
                    texts.append(row.text)
                    labels.append(known)
                    sets.append(index)
                    parts.append(row.part)
                    clusters.append(row.cluster)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise DataError(
                f"{error.filename}: the set {one.title!r} is not there; give --data the folder "
                "that DATA.md describes."
            ) from None
    return Rows(
        texts,
        np.array(labels, dtype=np.int8).reshape(-1, len(LABELS)),
        np.array(sets, dtype=np.int64),
        tuple(keys),
        parts,
        clusters,
    )


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def _table(path: Path) -> Iterator[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _offensive_14(number: str) -> Callable[[Path], Iterator[Row]]:
    def read(data: Path) -> Iterator[Row]:
        for row in _lines(data / f"ar_offensive_14/ID{number}.jsonl.gz"):
            try:
                is_offensive = int(float(row["offensive"]))
            except (KeyError, TypeError, ValueError):
                continue  # not annotated
            yield Row(row["text"], {"offensive": is_offensive, **_finer(number, row, is_offensive)})

    return read


def _finer(number: str, row: Mapping[str, str], is_offensive: int) -> Label:
    """What a set of the collection says beside `offensive`; a key that is missing says nothing,
    except where the text offends nobody."""
    strength = str(row.get("offense strength") or row.get("offencse strength") or "").lower()
    if number == "03":
        kind = row.get("abusive")
        return {"hateful": int(kind == "hate")} if kind in ("normal", "abusive", "hate") else {}
    if number == "09":
        found = {"hateful": int("hate" in strength)}
        return found | ({"vulgar": int(row["vulgar"])} if row.get("vulgar") is not None else {})
    if number in ("02", "05"):
        if not is_offensive:
            return {"hateful": 0}
        return {"hateful": 1} if strength else {}
    return {}


def _osact5(data: Path) -> Iterator[Row]:
    for part in ("train", "dev"):
        for row in _table(data / f"osact5_hate_2022/{part}.csv.gz"):
            labels = {
                "offensive": int(row["Offensive"] == "OFF"),
                "hateful": int(row["Hate"] != "NOT_HS"),
                "vulgar": int(row["Vulgar"] == "VLG"),
                "violent": int(row["Violence"] == "VIO"),
            }
            yield Row(row["Tweet"].replace("<LF>", "\n"), labels, part)


def _osact4(data: Path) -> Iterator[Row]:
    for part in ("train", "dev"):
        for row in _lines(data / f"osact4_offensive_2020/{part}.jsonl.gz"):
            labels = {
                "offensive": int(row["offensive"] == "OFF"),
                "hateful": int(row["hate"] == "HS"),
            }
            yield Row(row["text"], labels, part)


def _armi(data: Path) -> Iterator[Row]:
    for row in _lines(data / "armi2021_misogyny/ArMI2021_training.jsonl.gz"):
        labels = {
            "offensive": int(row["misogyny"] == "misogyny"),
            "hateful": int(row["misogyny"] == "misogyny"),
            "violent": int(row["category"] == "threat of violence"),
        }
        yield Row(row["text"], labels)


def _egyptian(data: Path) -> Iterator[Row]:
    for row in _lines(data / "egyptian_hate_5way/egyptian_5way.jsonl.gz"):
        labels = {
            "offensive": int(row["label"] != "Neutral"),
            "hateful": int(row["label"] not in ("Neutral", "Offensive")),
        }
        yield Row(row["text"], labels, row["split"])


def _sohateful(data: Path) -> Iterator[Row]:
    for row in _lines(data / "sohateful/sohateful.jsonl.gz"):
        answers = {key.split(":")[0].strip(): str(value).lower() for key, value in row.items()}
        if answers.get("Q4.1") not in ("yes", "no"):
            continue
        labels = {"offensive": int(answers["Q4.1"] == "yes")}
        if labels["offensive"]:
            kind = answers.get("Q4.4", "none")
            labels["hateful"] = int(kind not in ("none", "no"))
            for name, question in (("vulgar", "Q4.5"), ("violent", "Q4.6")):
                if answers.get(question) in ("yes", "no"):
                    labels[name] = int(answers[question] == "yes")
        else:
            labels |= {"hateful": 0, "vulgar": 0, "violent": 0}
        yield Row(row["info_text"], labels)


def _dziri(data: Path) -> Iterator[Row]:
    for row in _lines(data / "dziri_ofn/dziriofn.jsonl.gz"):
        yield Row(row["comment"], {"offensive": int(row["label"] != "normal")})


def _davidson(half: int) -> Callable[[Path], Iterator[Row]]:
    def read(data: Path) -> Iterator[Row]:
        for row in _table(data / "davidson_hate_en/labeled_data.csv.gz"):
            if (share("davidson half", SEED, " ".join(row["tweet"].lower().split())) < 0.5) == half:
                continue
            labels = {"offensive": int(row["class"] != "2"), "hateful": int(row["class"] == "0")}
            yield Row(row["tweet"], labels)

    return read


def _surge(data: Path) -> Iterator[Row]:
    for row in _table(data / "surge_toxicity_en/toxicity_en.csv"):
        yield Row(row["text"], {"offensive": int(row["is_toxic"] == "Toxic")})


def _toxigen(data: Path) -> Iterator[Row]:
    for row in _lines(data / "toxigen_demos/toxigen_demonstrations.jsonl.gz"):
        label = int(row["label"] == "hate")
        yield Row(row["text"], {"offensive": label, "hateful": label})


def _textdetox(language: str) -> Callable[[Path], Iterator[Row]]:
    def read(data: Path) -> Iterator[Row]:
        for row in _lines(data / "textdetox_inputs/toxic_inputs.jsonl.gz"):
            if row["lang"] == language and row["origin"].startswith("clef25"):
                yield Row(row["toxic_sentence"], {"offensive": 1})

    return read


def _hatecheck(name: str) -> Callable[[Path], Iterator[Row]]:
    def read(data: Path) -> Iterator[Row]:
        for row in _table(data / f"hatecheck/{name}.csv.gz"):
            label = int(row["label_gold"] == "hateful")
            labels = {"offensive": label, "hateful": label}
            yield Row(row["test_case"], labels, row["functionality"], row["templ_id"])

    return read


SETS: dict[str, LabelledSet] = {
    one.key: one
    for one in (
        LabelledSet("mlma", "MLMA 2019", "ar", "B", "mlma", _offensive_14("02")),
        LabelledSet("lhsab", "L-HSAB 2019 Levantine", "ar", "B", "lhsab", _offensive_14("03")),
        LabelledSet("alakrot", "Alakrot 2018 YouTube", "ar", "B", "alakrot", _offensive_14("04")),
        LabelledSet("offenseval", "OffensEval 2020", "ar", "B", "osact", _offensive_14("05")),
        LabelledSet("mubarak", "Mubarak 2017", "ar", "B", "mubarak", _offensive_14("07")),
        LabelledSet("thsab", "T-HSAB 2019 Tunisian", "ar", "B", "thsab", _offensive_14("08")),
        LabelledSet("mpold", "MPOLD 2020", "ar", "B", "mpold", _offensive_14("09")),
        LabelledSet("arpufi", "Ar-PuFi 2023", "ar", "B", "arpufi", _offensive_14("10")),
        LabelledSet("omcd", "OMCD 2023 Moroccan", "ar", "B", "omcd", _offensive_14("11")),
        LabelledSet("aref", "Aref 2020 religious", "ar", "B", "aref", _offensive_14("12")),
        LabelledSet("letmi", "Let-Mi 2021", "ar", "B", "misogyny", _offensive_14("14")),
        LabelledSet("litvak", "Litvak 2021", "ar", "B", "osact", _offensive_14("15")),
        LabelledSet("alhazmi", "Alhazmi 2023 Saudi", "ar", "B", "alhazmi", _offensive_14("16")),
        LabelledSet("osact4", "OSACT4 2020", "ar", "C", "osact", _osact4),
        LabelledSet("osact5", "OSACT5 2022", "ar", "C", "osact5", _osact5),
        LabelledSet("armi", "ArMI 2021", "ar", "C", "misogyny", _armi),
        LabelledSet("egyptian", "Egyptian hate 5-way", "ar", "C", "egyptian", _egyptian),
        LabelledSet("sohateful", "SO-Hateful", "ar", "C", "sohateful", _sohateful),
        LabelledSet("dziri", "DziriOFN", "ar", "C", "dziri", _dziri),
        LabelledSet(
            "hatecheck_ar",
            "Multilingual HateCheck Arabic",
            "ar",
            "A",
            "hatecheck",
            _hatecheck("mhc_arabic"),
        ),
        LabelledSet("davidson_1", "Davidson 2017, first half", "en", "A", "davidson", _davidson(0)),
        LabelledSet(
            "davidson_2", "Davidson 2017, second half", "en", "A", "davidson", _davidson(1)
        ),
        LabelledSet("surge", "Surge AI toxicity", "en", "A", "surge", _surge),
        LabelledSet("toxigen", "ToxiGen demonstrations", "en", "A", "toxigen", _toxigen),
        LabelledSet(
            "textdetox_en",
            "TextDetox 2025 English inputs",
            "en",
            "A",
            "textdetox_en",
            _textdetox("en"),
        ),
        LabelledSet(
            "textdetox_ar",
            "TextDetox 2025 Arabic inputs",
            "ar",
            "A",
            "textdetox_ar",
            _textdetox("ar"),
        ),
        LabelledSet(
            "hatecheck_en", "HateCheck English", "en", "A", "hatecheck", _hatecheck("hatecheck_en")
        ),
    )
}

DIVISION: dict[str, tuple[str, ...]] = {
    "a": (
        "osact4",
        "osact5",
        "offenseval",
        "litvak",
        "lhsab",
        "alakrot",
        "omcd",
        "mubarak",
        "egyptian",
        "davidson_1",
        "toxigen",
    ),
    "b": (
        "alhazmi",
        "sohateful",
        "arpufi",
        "letmi",
        "armi",
        "thsab",
        "dziri",
        "mpold",
        "mlma",
        "aref",
        "davidson_2",
        "surge",
        "textdetox_en",
        "textdetox_ar",
    ),
}
"""Which sets the two kinds of weights learn from: each has every score and the dialects of the
Gulf, Egypt, the Levant and the Maghreb; sets that overlap stand on one side."""
DIVISION["all"] = DIVISION["a"] + DIVISION["b"]


def read_labels(path: Path) -> list[tuple[Row, str]]:
    """Rows of a user's own file, with the name of their source: JSON lines with `text`, `label`
    (one of `LABELS`, or `neutral`) and where wanted `source`.

    Raises:
        DataError: the file cannot be read, or a line is none such.
    """
    found: list[tuple[Row, str]] = []
    try:
        content = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error}); expected JSON lines.") from None
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text, label = row["text"], row["label"]
        except (ValueError, KeyError, TypeError):
            raise DataError(
                f"{path}, line {number}: expected a JSON object with `text` and `label`. "
                "Mend the line or take it out."
            ) from None
        if label not in (*LABELS, "neutral") or not isinstance(text, str):
            raise DataError(
                f"{path}, line {number}: label {label!r} is unknown; "
                f"expected one of {', '.join(LABELS)}, neutral. Mend the line or take it out."
            )
        labels = {"offensive": int(label != "neutral")}
        if label != "offensive":
            labels[label if label != "neutral" else "hateful"] = int(label != "neutral")
        found.append((Row(text, labels), str(row.get("source") or path.stem)))
    return found


def add_rows(rows: Rows, added: Sequence[tuple[Row, str]]) -> Rows:
    """`rows` with further ones behind them, their sources as sets of their own."""
    names = list(rows.names)
    for _, source in added:
        if source not in names:
            names.append(source)
    labels = [[row.labels.get(label, UNKNOWN) for label in LABELS] for row, _ in added]
    return Rows(
        [*rows.texts, *(row.text for row, _ in added)],
        np.concatenate((rows.labels, np.array(labels, dtype=np.int8).reshape(-1, len(LABELS)))),
        np.concatenate((rows.sets, np.array([names.index(name) for _, name in added], np.int64))),
        tuple(names),
        [*rows.parts, *(row.part for row, _ in added)],
        [*rows.clusters, *(row.cluster for row, _ in added)],
    )


def unlearnable(data: Path) -> list[str]:
    """Texts that no weights learn from, nor what is nearly the same: those that the demo shows
    (TextDetox 2024 inputs), that workers learn from (ParaDetox), and HateCheck."""
    found = [
        row["toxic_sentence"]
        for row in _lines(data / "textdetox_inputs/toxic_inputs.jsonl.gz")
        if row["origin"].startswith("clef24") and row["lang"] in ("ar", "en")
    ]
    for pair in _lines(data / "paradetox_en/paradetox.jsonl.gz"):
        found += [pair["toxic"], *pair["neutral"]]
    for key in ("hatecheck_ar", "hatecheck_en"):
        found += [row.text for row in SETS[key].read(data)]
    return found
