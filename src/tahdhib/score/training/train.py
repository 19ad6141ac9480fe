"""Better weights for the toxicity scorer, from labelled sets: what `tahdhib score train` does.

Rows are parted by near-duplicate group: eight in ten train, one calibrates, one is what the card
reports on; the published development rows of OSACT are always among the last. Weights that are
trained on set `a` are measured on the sets of `b` too, of which they saw nothing, and the other
way round.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import DataError
from tahdhib.progress import Progress, Silence
from tahdhib.score.card import Card, Measured, Score, evidence, to_json
from tahdhib.score.domain import make_profile
from tahdhib.score.toxicity import ngram
from tahdhib.score.toxicity.model import pack, unpack, write
from tahdhib.score.toxicity.ngram import probabilities
from tahdhib.score.training.fitting import PRIOR, Example, fit_table, scripts_of
from tahdhib.score.training.measure import COLUMNS, measured
from tahdhib.score.training.near import near_groups
from tahdhib.score.training.sets import (
    DIVISION,
    SEED,
    SETS,
    Row,
    Rows,
    add_rows,
    read_labels,
    read_sets,
    unlearnable,
)
from tahdhib.score.training.solver import matrix, scipy_or_error
from tahdhib.stats.draw import share

KINDS = ("a", "b", "all")
_TELLS = {
    "toxicity": "offends: insults, obscenity, hatred, threats",
    "hateful": "attacks people for the group that they belong to",
    "vulgar": "is obscene",
    "violent": "threatens or calls for violence",
}
_LEARN, _CALIBRATE = 0.8, 0.9


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training left: its folder and the card of its weights."""

    folder: Path
    card: Card


def train_weights(
    data: Path,
    out: Path,
    *,
    kind: str = "all",
    labels: Sequence[Path] = (),
    meaning: str | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Train weights of one kind and write them, with their card, to `out`/`kind`.

    `meaning`: a set, or a source of `labels`, whose meaning of toxicity is wanted where sets
    differ in what they call so; these go to `out`/`kind`-`meaning`.

    Raises:
        MissingExtraError: scipy is not installed.
        DataError: `kind` or `meaning` is unknown, a set is missing, or a file of labels is broken.
    """
    scipy_or_error()
    if kind not in KINDS:
        raise DataError(f"--set {kind!r} is unknown; expected one of {', '.join(KINDS)}.")
    listener = progress or Silence()
    added = [row for path in labels for row in read_labels(path)]
    rows, is_other = _rows(data, kind, added)
    known = [name for name in rows.names if not is_other[rows.of(name)].any()]
    if meaning is not None and meaning not in known:
        raise DataError(
            f"--meaning {meaning!r} is unknown; expected one of the sets that these weights learn "
            f"from: {', '.join(known)}."
        )
    listener.say(f"{len(rows):,} labelled rows; looking for near copies among them")
    place = _places(rows, is_other, unlearnable(data))
    listener.say("reading features")
    own = None if meaning is None else rows.of(meaning)
    example = Example(matrix(rows.texts), scripts_of(list(rows.texts)), rows.labels, own)
    listener.say("fitting, one score after another")
    table = fit_table(example, place == "learn", place == "calibrate")
    learned = rows.take(place == "learn")
    profile = make_profile([rows.texts[at] for at in np.flatnonzero(place != "none").tolist()])
    arrays = pack(table.weights, table.offsets, profile)
    weights = unpack(arrays)
    figures: tuple[Measured, ...] = ()
    for name, suffix in (("test", ", unseen tenth"), ("other", ", all rows, set unseen")):
        some = rows.take(place == name)
        figures += measured(some, probabilities(some.texts, weights), suffix)
    folder = out / (kind if meaning is None else f"{kind}-{meaning}")
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / ngram.WEIGHTS, arrays)
    version = hashlib.sha256(arrays["weights"].tobytes() + table.offsets.tobytes()).hexdigest()[:12]
    card = _card(version, learned, figures, table.thresholds)
    if meaning is not None:
        title = SETS[meaning].title if meaning in SETS else meaning
        note = f"toxic is what those who labelled {title} call so, and it was calibrated on them"
        card = replace(card, notes=(*card.notes, note))
    (folder / ngram.CARD).write_text(to_json(card), "utf-8")
    return Trained(folder, card)


def _rows(
    data: Path, kind: str, added: Sequence[tuple[Row, str]]
) -> tuple[Rows, NDArray[np.bool_]]:
    """The rows of the kind's sets and of those that it must not see, and which are the latter."""
    others = [key for key in DIVISION["all"] if key not in DIVISION[kind]]
    rows = read_sets(data, [*DIVISION[kind], *others])
    is_other = rows.of(*others) if others else np.zeros(len(rows), dtype=bool)
    return add_rows(rows, added), np.concatenate((is_other, np.zeros(len(added), dtype=bool)))


def _places(rows: Rows, is_other: NDArray[np.bool_], banned: Sequence[str]) -> NDArray[np.str_]:
    """What each row is for: learn, calibrate, test, other (a set that is not learned from) or
    none. Near copies share a place; what is near a banned text, or near a row of the other sets,
    is for nothing."""
    group = near_groups([*rows.texts, *banned])
    ours, theirs = group[: len(rows)], group[len(rows) :]
    first: dict[int, str] = {}
    for text, one in zip(rows.texts, ours.tolist(), strict=True):
        first.setdefault(one, text)
    share_of = {one: share("score train", SEED, text) for one, text in first.items()}
    drawn = np.array([share_of[one] for one in ours.tolist()])
    place = np.where(drawn < _LEARN, "learn", np.where(drawn < _CALIBRATE, "calibrate", "test"))
    dev = np.array([part == "dev" for part in rows.parts], dtype=bool)
    place[np.isin(ours, ours[dev]) & ~dev] = "none"
    place[dev] = "test"
    place[is_other] = "other"
    both = np.intersect1d(ours[is_other], ours[~is_other])
    place[np.isin(ours, both)] = "none"
    place[np.isin(ours, theirs)] = "none"
    return place


def _card(
    version: str,
    learned: Rows,
    figures: tuple[Measured, ...],
    thresholds: NDArray[np.float64],
) -> Card:
    titles, lines = [], []
    for index, key in enumerate(learned.names):
        mine = learned.labels[learned.sets == index, 0]
        if len(mine):
            titles.append(SETS[key].title if key in SETS else key)
            licence = f"class {SETS[key].licence}" if key in SETS else "of your own"
            toxic = int((mine == 1).sum())
            lines.append(f"{titles[-1]}: {len(mine):,} rows, {toxic:,} toxic ({licence})")
    edges = ", ".join(
        f"{name} {1 / (1 + np.exp(-edge)):.3f}"
        for name, edge in zip(COLUMNS, thresholds[0], strict=True)
    )
    return Card(
        name="ngram",
        version=version,
        measures="toxicity: offensive, hateful, vulgar or violent language",
        scores=tuple(
            Score(
                name,
                "probability, 0 to 1",
                f"how probable it is that the worst window of 280 characters {_TELLS[name]}, where "
                f"{PRIOR:.0%} of windows do",
            )
            for name in COLUMNS
        ),
        languages=("ar", "en"),
        training=tuple(lines),
        measured=figures,
        is_evidence=evidence(figures),
        notes=(
            "trained on text that may not be passed on: the weights are for your own machine",
            "vulgar and violent were learned from Arabic alone: of other scripts they say nothing",
            "a text without letters scores 0",
            "trained on tweets and comments, and the highest of many windows is no probability of "
            "the whole: of long texts only differences mean something",
            "scores from which on an Arabic window counts as positive, for the best macro-F1 on "
            f"the rows that calibrated: {edges}",
            "left out with near-duplicates: TextDetox 2024 inputs, HateCheck, ParaDetox, the "
            "unseen rows that are measured on, and the sets of the other kind of weights",
        ),
        training_sets=tuple(titles),
    )
