"""What the workers' benchmark reads: pairs of people in folds, labelled texts, clean tweets."""

import csv
import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tahdhib.score.training.near import near_groups
from tahdhib.score.training.sets import DIVISION, SETS, read_sets
from tahdhib.stats.draw import rank, share
from tahdhib.text.edits import diff
from tahdhib.text.segment import sentences

SEED = 17
"""Of folds and draws; the seeds of training are others."""
FOLDS = 5
HELD_OUT = 0.1
CLEAN = 1000
WITNESS, OTHER = "a", "b"
"""Of `tahdhib score train`, kinds that share no set: the first measures, the other and its sets
are there to choose by and to learn from."""
CLEAN_SETS = {"en": "davidson_1", "ar": "osact5"}
"""Of the witness's sets, which no rewriter learns from."""


class Source(NamedTuple):
    """A text with what people made of it. `group`: near copies share one."""

    text: str
    references: tuple[str, ...]
    group: int = 0


class Fold(NamedTuple):
    train: list[Source]
    test: list[Source]


class Task(NamedTuple):
    """A set with its folds; `detox` says what is asked for, insults gone or mistakes mended."""

    name: str
    language: str
    detox: bool
    folds: list[Fold]


class Labelled(NamedTuple):
    """Texts of labelled sets that no weights of the witness and no test has seen."""

    toxic: list[str]
    other: list[str]


def read_task(name: str, data: Path) -> Task:
    match name:
        case "paradetox":
            sources = [
                Source(row["toxic"], tuple(row["neutral"]))
                for row in lines(data / "paradetox_en/paradetox.jsonl.gz")
            ]
            return Task("ParaDetox en", "en", True, folds(sources)[:1])
        case "textdetox":
            with (data / "textdetox2024/pairs_ar.csv").open(encoding="utf-8", newline="") as stream:
                sources = [
                    Source(row["toxic_sentence"], (row["neutral_sentence"],))
                    for row in csv.DictReader(stream)
                ]
            return Task("TextDetox ar", "ar", True, folds(sources, 1 / FOLDS))
        case "zaebuc":
            essays = [
                Source(_spaced(row["raw"]), (_spaced(row["corrected"]),))
                for part in ("train", "dev", "test")
                for row in lines(data / f"zaebuc_gec_ar/{part}.jsonl.gz")
            ]
            parts = [Fold(*map(cut, fold)) for fold in folds(essays, 1 / FOLDS)]
            return Task("ZAEBUC ar", "ar", False, parts)
        case "jfleg":
            train, test = (
                [
                    Source(row["src"].strip(), tuple(ref.strip() for ref in row["refs"]), place)
                    for place, row in enumerate(lines(data / f"jfleg/{part}.jsonl"))
                ]
                for part in ("dev", "test")
            )
            return Task("JFLEG en", "en", False, [Fold(train, test)])
    raise ValueError(name)


def folds(sources: Sequence[Source], size: float = HELD_OUT) -> list[Fold]:
    """Folds that hold each source out once, near copies together."""
    groups = near_groups([one.text for one in sources]).tolist()
    first: dict[int, str] = {}
    for one, group in zip(sources, groups, strict=True):
        first.setdefault(group, one.text)
    grouped = [
        one._replace(group=group)
        for one, group in zip(sources, groups, strict=True)
        if one.text.strip() and all(reference.strip() for reference in one.references)
    ]
    place = {group: int(share("workers fold", SEED, text) / size) for group, text in first.items()}
    return [
        Fold(
            [one for one in grouped if place[one.group] != fold],
            [one for one in grouped if place[one.group] == fold],
        )
        for fold in range(round(1 / size))
    ]


def cut(essays: Iterable[Source]) -> list[Source]:
    """Sentences of essays, each with what was made of it: an essay is cut behind a sentence where
    no edit goes across. Near copies of essays keep their group."""
    return [
        Source(source, (mended,), essay.group)
        for essay in essays
        for source, mended in _aligned(essay.text, essay.references[0])
        if source and mended
    ]


def _aligned(source: str, mended: str) -> Iterator[tuple[str, str]]:
    edits = diff(source, mended, "people")
    start = at = 0
    for sentence in sentences(source):
        end = sentence.end
        if any(edit.start < end < edit.end for edit in edits):
            continue
        longer = sum(len(edit.new) - (edit.end - edit.start) for edit in edits if edit.end <= end)
        yield source[start:end].strip(), mended[at : end + longer].strip()
        start, at = end, end + longer


def _spaced(text: str) -> str:
    """With one space between words: the corrections are full of those of words that went."""
    return " ".join(text.split())


def labelled(language: str, data: Path) -> tuple[Labelled, list[str], list[str]]:
    """Texts to learn from; clean tweets to choose by; as many clean tweets as `CLEAN` to measure
    with, of a set that nothing learns from. None of the three is near one of another, or near a
    pair of people."""
    keys = [key for key in DIVISION[OTHER] if SETS[key].language == language]
    rows = read_sets(data, keys)
    tweets = read_sets(data, [CLEAN_SETS[language]])
    harmless = [
        text
        for text, label in zip(tweets.texts, tweets.labels[:, 0].tolist(), strict=True)
        if label == 0 and len(text.split()) > 2
    ]
    drawn = sorted(set(harmless), key=lambda text: rank("clean tweets", SEED, text))[: 2 * CLEAN]
    name = "paradetox" if language == "en" else "textdetox"
    fold = read_task(name, data).folds[0]
    paired = [text for one in (*fold.train, *fold.test) for text in (one.text, *one.references)]
    groups = near_groups([*rows.texts, *drawn, *paired]).tolist()
    ours = groups[: len(rows)]
    of_drawn = groups[len(rows) : len(rows) + len(drawn)]
    of_paired = set(groups[len(rows) + len(drawn) :])
    apart = of_paired | set(ours)
    clean = _apart(drawn, of_drawn, apart)[:CLEAN]
    measured = set(clean)
    of_clean = {group for text, group in zip(drawn, of_drawn, strict=True) if text in measured}
    quiet = _apart(drawn, of_drawn, apart | of_clean)
    banned = of_paired | set(of_drawn)
    found = Labelled([], [])
    for text, group, label in zip(rows.texts, ours, rows.labels[:, 0].tolist(), strict=True):
        if group not in banned and label >= 0:
            (found.toxic if label else found.other).append(text)
    return found, quiet, clean


def _apart(texts: Sequence[str], groups: Sequence[int], banned: set[int]) -> list[str]:
    return [text for text, group in zip(texts, groups, strict=True) if group not in banned]


def lines(path: Path) -> Iterator[dict]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)
