"""The encoder of `model` in numpy: the same sums without torch, for one text at a time.

To import torch takes longer than to rewrite a page. Over a corpus torch is the faster one.

Axes: see `batches` and `model`; E embedding.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from tahdhib.workers.edit.batches import Batch, groups
from tahdhib.workers.edit.tagger import (
    DELETE_INDEX,
    KEEP_INDEX,
    WEIGHTS,
    Floats,
    Form,
    Indices,
    Seen,
    Sums,
    Tagger,
    read_extras,
)

_NORM_EPSILON = np.float32(1e-5)  # torch's


@dataclass(frozen=True, slots=True)
class LightEncoder:
    """Weights under the names that `model.Encoder` saves them by."""

    form: Form
    weights: Mapping[str, Floats]

    def see(self, documents: Sequence[Sequence[str]], batch: int) -> Iterator[Seen]:
        """See `tagger.Network`."""
        for group in groups(documents, self.form, batch):
            yield from group.seen(_sums(self.logits(group.batch)))

    def logits(self, batch: Batch) -> Floats:
        """Logits_NL of all places."""
        embedded_FE = self.weights["embed.weight"][batch.features_F]
        summed_KE = np.add.reduceat(embedded_FE, batch.starts_K, axis=0)
        x_NH = self._linear("widen", self._norm("embed_norm", summed_KE))[batch.kinds_N]
        for number, far in enumerate(self.form.dilations):
            x_NH = self._layer(f"layers.{number}", x_NH, batch.piece_N, far)
        return self._linear("head", self._norm("norm", x_NH))

    def _layer(self, name: str, x_NH: Floats, piece_N: Indices, far: int) -> Floats:
        size = len(x_NH)
        far = min(far, size)
        is_near_M1 = (piece_N[far:] == piece_N[: size - far])[:, None]
        here_NH = self._norm(f"{name}.norm", x_NH)
        before_NH = np.pad(here_NH[: size - far] * is_near_M1, ((far, 0), (0, 0)))
        after_NH = np.pad(here_NH[far:] * is_near_M1, ((0, far), (0, 0)))
        three_NH3 = np.concatenate([before_NH, here_NH, after_NH], axis=1)
        gate_NH, value_NH = np.split(self._linear(f"{name}.read", three_NH3), 2, axis=1)
        swish_NH = gate_NH / (1 + np.exp(-gate_NH))
        return x_NH + self._linear(f"{name}.write", swish_NH * value_NH)

    def _linear(self, name: str, x_NI: Floats) -> Floats:
        out_NO: Floats = x_NI @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return out_NO

    def _norm(self, name: str, x_NH: Floats) -> Floats:
        off_NH = x_NH - x_NH.mean(axis=1, keepdims=True)
        spread_N1 = np.sqrt(np.square(off_NH).mean(axis=1, keepdims=True) + _NORM_EPSILON)
        scale_H, shift_H = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        normed_NH: Floats = off_NH / spread_N1 * scale_H + shift_H
        return normed_NH


def open_light(folder: Path) -> Tagger:
    """Read what `model.save_tagger` wrote.

    Raises:
        DataError: the folder does not hold a whole worker.
    """
    extras = read_extras(folder)
    assert extras.form is not None  # who opens it has looked
    encoder = LightEncoder(extras.form, load_file(folder / WEIGHTS))
    return Tagger(encoder, extras.labels, extras.keep_bias, extras.lean)


def _sums(logits_NL: Floats) -> Sums:
    rest_NL = logits_NL[:, 1:]
    other_N = rest_NL.max(axis=1)
    return Sums(
        keep_N=logits_NL[:, KEEP_INDEX],
        other_N=other_N,
        best_N=rest_NL.argmax(axis=1) + 1,
        delete_N=logits_NL[:, DELETE_INDEX],
        rest_N=other_N + np.log(np.exp(rest_NL - other_N[:, None]).sum(axis=1)),
    )
