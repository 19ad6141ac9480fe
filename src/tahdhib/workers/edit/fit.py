"""Fit the encoder to examples: cross-entropy, AdamW, a learning rate that falls along a cosine.

Same examples in the same order, settings, random state and threads give the same weights, bit for
bit, on one kind of machine and torch build.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, Protocol

import torch
from torch import nn
from torch.nn import functional

from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.progress import Progress
from tahdhib.workers.edit.batches import Piece, filled
from tahdhib.workers.edit.examples import IGNORED, Example

_WARMUP_SHARE = 0.06
_WEIGHT_DECAY = 0.01
_BETAS = (0.9, 0.98)
_GREATEST_GRADIENT = 1.0


class _Part(NamedTuple):
    piece: Piece
    example: Example

    @property
    def size(self) -> int:
        return self.piece.end - self.piece.first


class Laid(Protocol):
    """A batch as an encoder reads it."""

    @property
    def spans(self) -> Sequence[slice]:
        """Where the units of each piece lie among its logits."""


class Trainable(Protocol):
    """An encoder: a torch module from laid pieces to logits_NL."""

    def pieces(self, texts: Sequence[str], size: int) -> Iterator[Piece]:
        """Cut a document into pieces of at most `size` units."""

    def lay(self, texts: Iterable[tuple[Piece, Sequence[str]]]) -> Laid:
        """Pieces as it reads them; each comes with the units' texts of its whole document."""

    def is_base(self, name: str) -> bool:
        """Whether the parameter of this name was trained before."""


def fit(
    model: Any, examples: Sequence[Example], settings: EditSettings, progress: Progress
) -> None:
    """Train `model`, a `Trainable`, in place; the order of examples comes from torch's random
    state."""
    trained: Trainable = model
    parts = [
        _Part(piece, example)
        for example in examples
        for piece in trained.pieces(example.texts, settings.batch)
    ]
    steps = math.ceil(sum(part.size for part in parts) / settings.batch * settings.epochs)
    optimiser = torch.optim.AdamW(
        _by_decay(model, settings), lr=settings.learning_rate, betas=_BETAS, fused=True
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _share(step, steps))
    model.train()
    with progress.task("train the edit worker", steps, "steps") as task:
        for group in islice(_groups(parts, settings.batch), steps):
            laid = trained.lay((part.piece, part.example.texts) for part in group)
            optimiser.zero_grad()
            logits_NL = model(laid)
            _loss(logits_NL, _targets(group, laid, len(logits_NL))).backward()
            nn.utils.clip_grad_norm_(model.parameters(), _GREATEST_GRADIENT)
            optimiser.step()
            schedule.step()
            task.advance()
    model.eval()


def _by_decay(model: Any, settings: EditSettings) -> list[dict[str, object]]:
    """Matrices decay, biases and norms do not; what was trained before is changed with care."""
    named = list(model.named_parameters())
    groups = [
        {
            "params": [
                weights
                for name, weights in named
                if (weights.ndim > 1) == decays and model.is_base(name) == is_base
            ],
            "weight_decay": _WEIGHT_DECAY if decays else 0.0,
            "lr": settings.base_learning_rate if is_base else settings.learning_rate,
        }
        for is_base in (False, True)
        for decays in (True, False)
    ]
    return [group for group in groups if group["params"]]


def _share(step: int, steps: int) -> float:
    """The share of the peak learning rate at a step: a short way up, then a cosine down."""
    rise = (step + 1) / (_WARMUP_SHARE * steps)
    return min(1.0, rise) * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))


def _groups(parts: Sequence[_Part], batch: int) -> Iterator[list[_Part]]:
    """Pass after pass over all parts, each in an order of its own."""
    while True:
        shuffled = [parts[place] for place in torch.randperm(len(parts)).tolist()]
        for group in filled((part.size for part in shuffled), batch):
            yield shuffled[group]


def _targets(group: Sequence[_Part], laid: Laid, size: int) -> torch.Tensor:
    """The targets of all places; none where a unit is read as context alone."""
    targets_N = torch.full((size,), IGNORED)
    for part, span in zip(group, laid.spans, strict=True):
        targets_N[span] = torch.tensor(part.example.targets[part.piece.first : part.piece.end])
    return targets_N


def _loss(logits_NL: torch.Tensor, targets_N: torch.Tensor) -> torch.Tensor:
    """Mean over the units that have a target, of which there may be none."""
    summed = functional.cross_entropy(logits_NL, targets_N, ignore_index=IGNORED, reduction="sum")
    return summed / (targets_N != IGNORED).sum().clamp(min=1)
