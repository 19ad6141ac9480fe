"""Weights over hashed n-grams and words: how they are held, kept and applied, with numpy alone.

Axes: N windows, K scores, S scripts (`grams.SCRIPTS`), B buckets of a `Layout`.
"""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tahdhib.errors import DataError
from tahdhib.score.domain import Profile
from tahdhib.score.grams import ORDERS, SCRIPTS, buckets, inner, letters, scripts, words

LARGEST_LOGIT = 30.0


class Layout(NamedTuple):
    """What a window's features are; a file of weights says by which of `LAYOUTS` it was trained.

    `spans`: n-grams reach over spaces, into the next word. `gram_bits`, `word_bits`: n-grams are
    hashed into 2**gram_bits buckets, words and pairs of words into 2**word_bits behind them.
    `word_scale`: how much more the mean of the words counts than that of the n-grams. `rarity`:
    training scales each feature by the logarithm of one over the share of rows that hold it.
    """

    spans: bool
    gram_bits: int
    word_bits: int
    word_scale: float
    rarity: bool

    @property
    def buckets(self) -> int:
        return (1 << self.gram_bits) + (1 << self.word_bits)


LAYOUTS = (Layout(True, 18, 18, 2.0, False), Layout(False, 20, 18, 0.5, True))
"""The first is that of the weights in the package."""
NEWEST = LAYOUTS[-1]


class Features(NamedTuple):
    """Features of N windows, grouped by nothing: `bucket` in 0..B, `window` and `value` are
    parallel; `script` (N,) as in `Grams`."""

    bucket: NDArray[np.int64]
    window: NDArray[np.int64]
    value: NDArray[np.float64]
    script: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weights:
    """One logistic regression per script and score.

    `table` (S * B, K) float32; `offsets` (S, K). A window's logit is the sum of its features'
    values times their weights, plus the offset.
    """

    table: NDArray[np.float32]
    offsets: NDArray[np.float64]
    profile: Profile
    layout: Layout

    @property
    def scores(self) -> int:
        return int(self.offsets.shape[1])


def features(texts: Sequence[str], layout: Layout = NEWEST) -> Features:
    """Hash the n-grams and words of windows; each kind sums to the root of its number."""
    codes, owner = letters(texts)
    gram, gram_window = _grams(codes, owner, layout)
    word, word_window = words(codes, owner, layout.word_bits)
    total = len(texts)
    of_gram = 1 / np.sqrt(np.maximum(np.bincount(gram_window, minlength=total), 1))
    of_word = layout.word_scale / np.sqrt(np.maximum(np.bincount(word_window, minlength=total), 1))
    return Features(
        np.concatenate((gram, word + (1 << layout.gram_bits))),
        np.concatenate((gram_window, word_window)),
        np.concatenate((of_gram[gram_window], of_word[word_window])),
        scripts(codes, owner, total),
    )


def _grams(
    codes: NDArray[np.uint32], owner: NDArray[np.int64], layout: Layout
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if not layout.spans:
        return inner(codes, owner, layout.gram_bits)
    each = [buckets(codes, owner, order, layout.gram_bits) for order in ORDERS]
    return np.concatenate([one for one, _ in each]), np.concatenate([one for _, one in each])


def decisions(
    texts: Sequence[str], weights: Weights
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Logits (N, K) of windows, and which of them had a letter to read (N,)."""
    found = features(texts, weights.layout)
    script = np.maximum(found.script, 0)
    each = weights.table[(script * weights.layout.buckets)[found.window] + found.bucket]
    logits = np.empty((len(texts), weights.scores))
    for column in range(weights.scores):
        totals = np.bincount(
            found.window, weights=each[:, column] * found.value, minlength=len(texts)
        )
        logits[:, column] = totals + weights.offsets[script, column]
    return np.clip(logits, -LARGEST_LOGIT, LARGEST_LOGIT), found.script >= 0


def pack(
    table: NDArray[np.float32],
    offsets: NDArray[np.float64],
    profile: Profile,
    layout: Layout = NEWEST,
) -> dict[str, NDArray[np.generic]]:
    """The arrays of a file of weights: a weight (S, K, B) in eight bits, with the scale (S, K) of
    its row. Only a layout other than the first is named: older files know of no other."""
    scale = np.maximum(np.abs(table).max(axis=2), 1e-12) / 127
    place = LAYOUTS.index(layout)
    named: dict[str, NDArray[np.generic]] = {"layout": np.array(place)} if place else {}
    return named | {
        "weights": np.round(table / scale[:, :, None]).astype(np.int8),
        "scale": scale.astype(np.float32),
        "offsets": offsets.astype(np.float64),
        "known": profile.known,
        "familiar": profile.familiar,
        "lengths": np.array(profile.lengths, dtype=np.int64),
    }


def unpack(arrays: Mapping[str, NDArray[np.generic]]) -> Weights:
    """Weights of the arrays of a file.

    Raises:
        KeyError, IndexError, TypeError, ValueError: the arrays are not those that `pack` makes.
    """
    packed, scale = arrays["weights"], arrays["scale"].astype(np.float32)
    offsets = arrays["offsets"].astype(np.float64)
    layout = LAYOUTS[int(arrays["layout"].astype(np.int64))] if "layout" in arrays else LAYOUTS[0]
    shape = (len(SCRIPTS), offsets.shape[1], layout.buckets)
    if packed.shape != shape or scale.shape != shape[:2] or packed.dtype != np.int8:
        raise ValueError(f"weights of shape {packed.shape}, expected {shape} in eight bits")
    full = packed.astype(np.float32) * scale[:, :, None]
    table = np.ascontiguousarray(full.transpose(0, 2, 1)).reshape(-1, shape[1])
    if not (np.isfinite(table).all() and np.isfinite(offsets).all()):
        raise ValueError("a weight is not finite")
    low, high = (int(length) for length in arrays["lengths"].astype(np.int64))
    known = arrays["known"].astype(np.uint8)
    profile = Profile(known, arrays["familiar"].astype(float), (low, high))
    return Weights(table, offsets, profile, layout)


def read(stream: IO[bytes]) -> Weights:
    """Weights of an open file; nothing in it is ever run.

    Raises:
        DataError: the file is none of weights.
    """
    try:
        with np.load(stream, allow_pickle=False) as arrays:
            return unpack({name: arrays[name] for name in arrays.files})
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        EOFError,
        zipfile.BadZipFile,
    ) as error:
        raise DataError(
            f"this is no file of toxicity weights ({error}); expected one that "
            "`tahdhib score train` wrote. Train the weights again."
        ) from None


def write(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write the arrays of `pack`; the same arrays give the same bytes."""
    with path.open("wb") as stream:
        named: dict[str, Any] = dict(arrays)
        np.savez_compressed(stream, **named)
