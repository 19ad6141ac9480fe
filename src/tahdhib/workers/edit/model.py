"""The encoder behind the edit worker, and its folder on disk.

Gated convolutions over units (Dauphin et al. 2017), dilated from layer to layer: nearly all edits
depend on what stands next to them, and at so few pairs attention spends most of its training on
learning what "next to" means. A unit is one place, the sum of its features' vectors: a sequence
half as long as one of sub-tokens.

Axes: see `batches`; H hidden, L labels.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.store.shards import read_json, write_json
from tahdhib.workers.edit.batches import Batch

_EXTRAS = "edit_worker.json"
_WEIGHTS = "model.safetensors"
OUTPUT_FILES = (_EXTRAS, _WEIGHTS)
"""What the worker's output depends on."""

_DROPOUT = 0.2  # a few thousand pairs are soon known by heart
_EMBEDDING_SPREAD = 0.3
_WIDEST_DILATION = 8


@dataclass(frozen=True, slots=True)
class Form:
    """What decides the shapes of an encoder's weights, but for the labels."""

    features: int
    embedding: int
    hidden: int
    layers: int

    @property
    def dilations(self) -> list[int]:
        """How far apart the three units lie that a layer reads: 1, 2, 4, 8, then 8 again."""
        return [min(2**layer, _WIDEST_DILATION) for layer in range(self.layers)]

    @property
    def reach(self) -> int:
        """How many units to either side bear on what becomes of one."""
        return sum(self.dilations)

    @property
    def gap(self) -> int:
        """Empty places that keep neighbours in a batch apart."""
        return max(self.dilations)


class Layer(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """Adds to each unit what it, the unit before and the unit after say, `dilation` apart."""

    def __init__(self, hidden: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.norm = nn.LayerNorm(hidden)
        self.read = nn.Linear(3 * hidden, 2 * hidden)
        self.write = nn.Linear(hidden, hidden)
        self.dropout = nn.Dropout(_DROPOUT)

    def forward(self, x_NH: torch.Tensor, is_unit_N1: torch.Tensor) -> torch.Tensor:
        """Places that hold no unit are read as zeros."""
        far = self.dilation
        size = len(x_NH)
        around_NH = functional.pad(self.norm(x_NH) * is_unit_N1, (0, 0, far, far))
        three_NH3 = torch.cat(
            [around_NH[start : start + size] for start in (0, far, 2 * far)], dim=1
        )
        gate_NH, value_NH = self.read(three_NH3).chunk(2, dim=1)
        return x_NH + self.dropout(self.write(functional.silu(gate_NH) * value_NH))


class Encoder(nn.Module):  # type: ignore[misc]
    """From a batch of units to the logits of their labels."""

    def __init__(self, form: Form, labels: int) -> None:
        super().__init__()
        self.form = form
        self.embed = nn.EmbeddingBag(form.features, form.embedding, mode="sum")
        nn.init.normal_(self.embed.weight, std=_EMBEDDING_SPREAD)
        self.embed_norm = nn.LayerNorm(form.embedding)
        self.widen = nn.Linear(form.embedding, form.hidden)
        self.dropout = nn.Dropout(_DROPOUT)
        self.layers = nn.ModuleList(Layer(form.hidden, far) for far in form.dilations)
        self.norm = nn.LayerNorm(form.hidden)
        self.head = nn.Linear(form.hidden, labels)

    def forward(self, batch: Batch) -> torch.Tensor:
        """Logits_NL of all places; those of gaps mean nothing."""
        kinds_KH = self.widen(self.embed_norm(self.embed(batch.features_F, batch.starts_K)))
        x_NH = self.dropout(kinds_KH).index_select(0, batch.kinds_N)
        is_unit_N1 = batch.is_unit_N.unsqueeze(1)
        for layer in self.layers:
            x_NH = layer(x_NH, is_unit_N1)
        return self.head(self.norm(x_NH))


class Tagger(NamedTuple):
    """A trained worker's parts: all that its output depends on."""

    model: Encoder
    labels: tuple[str, ...]
    keep_bias: Mapping[str, float]  # by family: log-odds that an edit's weakest label must reach


def build_model(settings: EditSettings, labels: int) -> Encoder:
    """A fresh encoder with one output per label; weights come from torch's random state."""
    form = Form(settings.features, settings.embedding, settings.hidden, settings.layers)
    return Encoder(form, labels)


def save_tagger(folder: Path, tagger: Tagger) -> None:
    """Write the weights, and beside them as JSON what else there is to know."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tagger.model.state_dict(), folder / _WEIGHTS)
    write_json(
        folder / _EXTRAS,
        {
            "form": asdict(tagger.model.form),
            "labels": list(tagger.labels),
            "keep_bias": dict(tagger.keep_bias),
        },
    )


def open_tagger(folder: Path) -> Tagger:
    """Read the folder back, ready to predict."""
    extras = read_json(folder / _EXTRAS)
    model = Encoder(Form(**extras["form"]), len(extras["labels"]))
    model.load_state_dict(load_file(folder / _WEIGHTS))
    return Tagger(model.eval(), tuple(extras["labels"]), extras["keep_bias"])
