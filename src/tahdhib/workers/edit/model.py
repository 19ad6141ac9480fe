"""The encoder behind the edit worker, and its folder on disk.

Gated convolutions over units (Dauphin et al. 2017), dilated from layer to layer: nearly all edits
depend on what stands next to them, and at so few pairs attention spends most of its training on
learning what "next to" means. A unit is one place, the sum of its features' vectors: a sequence
half as long as one of sub-tokens.

Axes: see `batches`; H hidden, L labels, M places that have another one so far before them.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.workers.edit.batches import Batch, Piece, groups, lay, pieces
from tahdhib.workers.edit.opened import write_opened
from tahdhib.workers.edit.tagger import (
    WEIGHTS,
    Extras,
    Form,
    Seen,
    Sums,
    Tagger,
    read_extras,
    write_extras,
)
from tahdhib.workers.edit.weighed import weighed

if TYPE_CHECKING:
    from tahdhib.workers.edit.pretrained import PretrainedEncoder

_DROPOUT = 0.2  # a few thousand pairs are soon known by heart
_EMBEDDING_SPREAD = 0.3


class Layer(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """Adds to each unit what it, the unit before and the unit after say, `dilation` apart."""

    def __init__(self, hidden: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.norm = nn.LayerNorm(hidden)
        self.read = nn.Linear(3 * hidden, 2 * hidden)
        self.write = nn.Linear(hidden, hidden)
        self.dropout = nn.Dropout(_DROPOUT)

    def forward(self, x_NH: torch.Tensor, piece_N: torch.Tensor) -> torch.Tensor:
        """What lies outside a unit's piece is read as zeros."""
        size = len(x_NH)
        far = min(self.dilation, size)
        is_near_M1 = (piece_N[far:] == piece_N[: size - far]).unsqueeze(1)
        here_NH = self.norm(x_NH)
        before_NH = functional.pad(here_NH[: size - far] * is_near_M1, (0, 0, far, 0))
        after_NH = functional.pad(here_NH[far:] * is_near_M1, (0, 0, 0, far))
        three_NH3 = torch.cat([before_NH, here_NH, after_NH], dim=1)
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
        """Logits_NL of all places."""
        features_F, starts_K, kinds_N, piece_N = map(torch.from_numpy, batch.arrays)
        kinds_KH = self.widen(self.embed_norm(self.embed(features_F, starts_K)))
        x_NH = self.dropout(kinds_KH).index_select(0, kinds_N)
        for layer in self.layers:
            x_NH = layer(x_NH, piece_N)
        return self.head(self.norm(x_NH))

    def see(self, documents: Sequence[Sequence[str]], batch: int) -> Iterator[Seen]:
        """See `tagger.Network`."""
        for group in groups(documents, self.form, batch):
            yield from group.seen(self._sums(group.batch))

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def _sums(self, batch: Batch) -> Sums:
        return weighed(self(batch))

    def pieces(self, texts: Sequence[str], size: int) -> Iterator[Piece]:
        """Cut a document into pieces of at most `size` units."""
        return pieces(len(texts), size, self.form.reach)

    def lay(self, texts: Iterable[tuple[Piece, Sequence[str]]]) -> Batch:
        """Lay pieces end to end; each comes with the units' texts of its whole document."""
        return lay(texts, buckets=self.form.features)

    def is_base(self, _name: str) -> bool:
        """Whether a parameter was trained before: none was."""
        return False

    def save(self, folder: Path, extras: Extras) -> None:
        """Write the weights, and what transformers needs to open them."""
        save_file(self.state_dict(), folder / WEIGHTS, metadata={"format": "pt"})
        write_opened(folder, extras)


def build_model(settings: EditSettings, labels: int) -> "Encoder | PretrainedEncoder":
    """A fresh encoder with one output per label, or the settings' base with a fresh head; fresh
    weights come from torch's random state.

    Raises:
        DataError: the base cannot be opened.
    """
    if settings.base is not None:
        from tahdhib.workers.edit.pretrained import from_base

        return from_base(settings.base, settings.base_revision, labels)
    form = Form(settings.features, settings.embedding, settings.hidden, settings.layers)
    return Encoder(form, labels)


def save_tagger(folder: Path, tagger: Tagger) -> None:
    """Write the weights, as JSON what else there is to know, and what transformers needs."""
    folder.mkdir(parents=True, exist_ok=True)
    extras = Extras(tagger.model.form, tagger.labels, tagger.keep_bias, tagger.lean)
    write_extras(folder, extras)
    tagger.model.save(folder, extras)


def open_tagger(folder: Path) -> Tagger:
    """Read the folder back, ready to predict.

    Raises:
        DataError: the folder does not hold a whole worker.
    """
    extras = read_extras(folder)
    if extras.form is None:
        from tahdhib.workers.edit.pretrained import open_pretrained

        return open_pretrained(folder, extras)
    model = Encoder(extras.form, len(extras.labels))
    model.load_state_dict(load_file(folder / WEIGHTS))
    return Tagger(model.eval(), extras.labels, extras.keep_bias, extras.lean)
