"""Which Arabic a text is in: logistic regression over hashed character n-grams, numpy alone.

Five groups, which general language identifiers do not tell apart. A text is read in windows of
280 characters and answers with the mean over them, weighted by their length, so that an article
of which a third is dialect says so. Only the Arabic letters count: names of accounts, links,
Latin letters, digits and signs are left out. The text must be Arabic (`language` says so): of
Persian or Urdu the answer means nothing.

`tools/train_dialect.py` makes the weights in the package, from class A data, and better ones for
those who may use more. What the answers are good for, and what not, stands in the card.
"""

import json
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import DataError
from tahdhib.records import Interval
from tahdhib.score.grams import BUCKET_BITS, NOISE, grams, window_batches
from tahdhib.score.length import count_letters

CODES = ("msa", "egy", "glf", "lev", "mgr")
"""Standard Arabic, then Egyptian, Gulf (Iraqi with it), Levantine and Maghrebi (from Libya west):
the columns of every table of probabilities. Sudan and Yemen have no rows of their own."""
UNDETERMINED = "und"
LEAST_LETTERS = 8
"""A text with fewer Arabic letters is not judged."""
READ_CHARACTERS = 20_000
"""So much of a text is read, from its start."""
WEIGHTS = "dialect.npz"
CARD = "dialect.card.json"

_LATIN = re.compile("[A-Za-z\u00aa-\u024f]+")


class Dialect(NamedTuple):
    """A code of `CODES`, or `und` with 0.0, and its probability, 0..1."""

    code: str
    probability: float


class Model(NamedTuple):
    """Weights (5, buckets) and offsets (5,), rows as `CODES`; the temperature is inside."""

    weights: NDArray[np.float32]
    offsets: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement on rows that the weights were not trained on."""

    dataset: str
    measure: str
    value: Interval


@dataclass(frozen=True, slots=True)
class DialectCard:
    """What weights were made of and how well they do.

    `prior`: the shares of `CODES` that the probabilities take for granted. `limits`: sentences
    that belong beside every figure made with the weights.
    """

    version: str
    prior: tuple[float, ...]
    training: tuple[str, ...]
    figures: tuple[Figure, ...]
    limits: tuple[str, ...]

    def __str__(self) -> str:
        prior = ", ".join(f"{code} {p:.3g}" for code, p in zip(CODES, self.prior, strict=True))
        lines = [f"dialect, version {self.version}; probabilities take for granted: {prior}"]
        lines += [f"trained on {one}" for one in self.training]
        lines += [
            f"{one.dataset}: {one.measure} {one.value.estimate:.3f} "
            f"({one.value.low:.3f} to {one.value.high:.3f}, n={one.value.n:,})"
            for one in self.figures
        ]
        return "\n".join([*lines, *self.limits])


def dialects(texts: Sequence[str], weights: Path | None = None) -> list[Dialect]:
    """The most probable group of each text; `und` for one without enough Arabic letters.

    Args:
        texts: Arabic texts, each judged alone.
        weights: a file that `tools/train_dialect.py` wrote; None: the one in the package.

    Raises:
        DataError: `weights` is missing or no such file.
    """
    table = dialect_probabilities(texts, weights)
    best = table.argmax(axis=1)
    found = zip(best.tolist(), table.max(axis=1, initial=0.0).tolist(), strict=True)
    return [
        Dialect(CODES[column], probability) if probability > 0 else Dialect(UNDETERMINED, 0.0)
        for column, probability in found
    ]


def dialect_probabilities(texts: Sequence[str], weights: Path | None = None) -> NDArray[np.float64]:
    """Probabilities (N, 5), columns as `CODES`; a row sums to 1, or is 0 for an `und` text.

    Raises:
        DataError: `weights` is missing or no such file.
    """
    model = shipped() if weights is None else load(weights)
    table = np.zeros((len(texts), len(CODES)))
    sizes = np.zeros(len(texts))
    prepared = [prepare(text) for text in texts]
    for owners, batch in window_batches(prepared):
        logits, length = decisions(batch, model)
        np.add.at(table, owners, softmax(logits) * length[:, None])
        np.add.at(sizes, owners, length)
    is_read = np.fromiter(
        (count_letters(text).arabic >= LEAST_LETTERS for text in prepared), bool, len(texts)
    ) & (sizes > 0)
    table[~is_read] = 0.0
    table[is_read] /= sizes[is_read, None]
    return table


def prepare(text: str) -> str:
    """The start of a text, compatibility forms resolved, without Latin letters and mentions."""
    plain = unicodedata.normalize("NFKC", text[:READ_CHARACTERS])[:READ_CHARACTERS]
    return _LATIN.sub(" ", NOISE.sub(" ", plain))


def decisions(
    windows: Sequence[str], model: Model
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logits (N, 5) of prepared windows, and their n-gram counts (N,)."""
    found = grams(windows)
    totals = np.stack(
        [
            np.bincount(found.window, weights=row[found.bucket], minlength=len(windows))
            for row in model.weights
        ],
        axis=1,
    )
    return (
        totals / np.sqrt(np.maximum(found.sizes, 1))[:, None] + model.offsets,
        found.sizes.astype(np.float64),
    )


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities (N, K) of logits (N, K)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return cast(NDArray[np.float64], powers / powers.sum(axis=1, keepdims=True))


def save(path: Path, model: Model) -> None:
    """Write weights as whole numbers of -127..127 with a scale per row."""
    scale = scales(model)
    packed = np.round(model.weights / scale).astype(np.int8)
    with path.open("wb") as stream:
        np.savez_compressed(stream, weights=packed, scale=scale, offsets=model.offsets)


def write_card(weights: Path, card: DialectCard) -> None:
    """Write the card beside its weights."""
    text = json.dumps(asdict(card), ensure_ascii=False, indent=1) + "\n"
    card_path(weights).write_text(text, "utf-8")


def rounded(model: Model) -> Model:
    """The model as it is after `save` and `load`: what must be measured."""
    scale = scales(model)
    return Model(np.round(model.weights / scale).astype(np.int8) * scale, model.offsets)


def scales(model: Model) -> NDArray[np.float32]:
    """Steps (5, 1) between weights that can be told apart in the file."""
    largest = np.abs(model.weights).max(axis=1, keepdims=True)
    return np.asarray(np.maximum(largest, 1e-9) / 127, dtype=np.float32)


def load(path: Path) -> Model:
    """Read weights from a file.

    Raises:
        DataError: the file is missing or holds something else.
    """
    try:
        stamp = path.stat().st_mtime_ns
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}); expected weights that "
            "tools/train_dialect.py wrote. Name such a file, or leave it out for the shipped ones."
        ) from error
    return _loaded(path, stamp)


def card_path(weights: Path) -> Path:
    """Where the card of a weights file lies."""
    return weights.with_suffix("").with_suffix(".card.json")


def read_card(weights: Path | None = None) -> DialectCard:
    """The card of weights; None: of those in the package.

    Raises:
        DataError: no card lies beside `weights`, or it is none.
    """
    if weights is None:
        return _card((files("tahdhib.score") / "weights" / CARD).read_text("utf-8"))
    path = card_path(weights)
    try:
        return _card(path.read_text("utf-8"))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"{path}: no card of dialect weights ({type(error).__name__}); expected the JSON that "
            "tools/train_dialect.py writes beside the weights. Train again."
        ) from error


@cache
def shipped() -> Model:
    """The weights in the package."""
    with (files("tahdhib.score") / "weights" / WEIGHTS).open("rb") as stream:
        return _arrays(cast(BinaryIO, stream))


@cache
def _loaded(path: Path, _stamp: int) -> Model:
    try:
        with path.open("rb") as stream:
            return _arrays(stream)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path}: not dialect weights ({error}); expected the .npz that "
            "tools/train_dialect.py writes. Name such a file, or leave it out for the shipped ones."
        ) from error


def _arrays(stream: BinaryIO) -> Model:
    with np.load(stream, allow_pickle=False) as arrays:
        packed, scale, offsets = arrays["weights"], arrays["scale"], arrays["offsets"]
    seen = (packed.shape, packed.dtype.name, scale.shape, offsets.shape)
    count = len(CODES)
    if seen != ((count, 1 << BUCKET_BITS), "int8", (count, 1), (count,)):
        raise ValueError(f"its arrays have shapes and kinds {seen}")
    if not (np.isfinite(scale).all() and np.isfinite(offsets).all()):
        raise ValueError("its scale or offsets are not finite")
    return Model(packed * scale.astype(np.float32), offsets.astype(np.float64))


def _card(text: str) -> DialectCard:
    raw: dict[str, Any] = json.loads(text)
    figures = tuple(
        Figure(one["dataset"], one["measure"], Interval(**one["value"])) for one in raw["figures"]
    )
    listed = {name: tuple(raw[name]) for name in ("prior", "training", "limits")}
    return DialectCard(**{**raw, **listed, "figures": figures})
