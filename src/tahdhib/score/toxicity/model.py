"""Weights over hashed n-grams and words: how they are held, kept and applied, with numpy alone.

Axes: N windows, K scores, S scripts (`grams.SCRIPTS`), B = BUCKETS.
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
from tahdhib.score.grams import BUCKET_BITS, ORDERS, SCRIPTS, buckets, letters, scripts, words

LARGEST_LOGIT = 30.0


WORD_BITS = 18
"""Words and pairs of words are hashed into 2**WORD_BITS buckets behind those of the n-grams."""
WORD_SCALE = 2.0
"""How much more the mean of the words counts than that of the n-grams."""
BUCKETS = (1 << BUCKET_BITS) + (1 << WORD_BITS)


class Features(NamedTuple):
    """Features of N windows, grouped by nothing: `bucket` in 0..BUCKETS, `window` and `value` are
    parallel; `script` (N,) as in `Grams`."""

    bucket: NDArray[np.int64]
    window: NDArray[np.int64]
    value: NDArray[np.float64]
    script: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weights:
    """One logistic regression per script and score.

    `table` (S * BUCKETS, K) float32; `offsets` (S, K). A window's logit is the sum of its features'
    values times their weights, plus the offset.
    """

    table: NDArray[np.float32]
    offsets: NDArray[np.float64]
    profile: Profile

    @property
    def scores(self) -> int:
        return int(self.offsets.shape[1])


def features(texts: Sequence[str]) -> Features:
    """Hash the n-grams and words of windows; each kind sums to the root of its number."""
    codes, owner = letters(texts)
    grams = [buckets(codes, owner, order, BUCKET_BITS) for order in ORDERS]
    word, word_window = words(codes, owner, WORD_BITS)
    gram = np.concatenate([bucket for bucket, _ in grams])
    gram_window = np.concatenate([window for _, window in grams])
    total = len(texts)
    of_gram = 1 / np.sqrt(np.maximum(np.bincount(gram_window, minlength=total), 1))
    of_word = WORD_SCALE / np.sqrt(np.maximum(np.bincount(word_window, minlength=total), 1))
    return Features(
        np.concatenate((gram, word + (1 << BUCKET_BITS))),
        np.concatenate((gram_window, word_window)),
        np.concatenate((of_gram[gram_window], of_word[word_window])),
        scripts(codes, owner, total),
    )


def decisions(
    texts: Sequence[str], weights: Weights
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Logits (N, K) of windows, and which of them had a letter to read (N,)."""
    found = features(texts)
    script = np.maximum(found.script, 0)
    each = weights.table[(script * BUCKETS)[found.window] + found.bucket]
    logits = np.empty((len(texts), weights.scores))
    for column in range(weights.scores):
        totals = np.bincount(
            found.window, weights=each[:, column] * found.value, minlength=len(texts)
        )
        logits[:, column] = totals + weights.offsets[script, column]
    return np.clip(logits, -LARGEST_LOGIT, LARGEST_LOGIT), found.script >= 0


def pack(
    table: NDArray[np.float32], offsets: NDArray[np.float64], profile: Profile
) -> dict[str, NDArray[np.generic]]:
    """The arrays of a file of weights: a weight (S, K, B) in eight bits, with the scale (S, K) of
    its row."""
    scale = np.maximum(np.abs(table).max(axis=2), 1e-12) / 127
    return {
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
        KeyError, ValueError: the arrays are not those that `pack` makes.
    """
    packed, scale = arrays["weights"], arrays["scale"].astype(np.float32)
    offsets = arrays["offsets"].astype(np.float64)
    shape = (len(SCRIPTS), offsets.shape[1], BUCKETS)
    if packed.shape != shape or scale.shape != shape[:2] or packed.dtype != np.int8:
        raise ValueError(f"weights of shape {packed.shape}, expected {shape} in eight bits")
    full = packed.astype(np.float32) * scale[:, :, None]
    table = np.ascontiguousarray(full.transpose(0, 2, 1)).reshape(-1, shape[1])
    if not (np.isfinite(table).all() and np.isfinite(offsets).all()):
        raise ValueError("a weight is not finite")
    low, high = (int(length) for length in arrays["lengths"].astype(np.int64))
    known = arrays["known"].astype(np.uint8)
    return Weights(table, offsets, Profile(known, arrays["familiar"].astype(float), (low, high)))


def read(stream: IO[bytes]) -> Weights:
    """Weights of an open file; nothing in it is ever run.

    Raises:
        DataError: the file is none of weights.
    """
    try:
        with np.load(stream, allow_pickle=False) as arrays:
            return unpack({name: arrays[name] for name in arrays.files})
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(
            f"this is no file of toxicity weights ({error}); expected one that "
            "`tahdhib score train` wrote. Train the weights again."
        ) from None


def write(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write the arrays of `pack`; the same arrays give the same bytes."""
    with path.open("wb") as stream:
        named: dict[str, Any] = dict(arrays)
        np.savez_compressed(stream, **named)
