"""Fit the encoder to examples: cross-entropy, AdamW, a learning rate that falls along a cosine.

Same examples in the same order, settings, random state and threads give the same weights, bit for
bit, on one kind of machine and torch build.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.progress import Progress
from tahdhib.workers.edit.batches import Batch, Piece, filled, lay, pieces
from tahdhib.workers.edit.examples import IGNORED, Example
from tahdhib.workers.edit.model import Encoder
from tahdhib.workers.edit.tagger import Form

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


def fit(
    model: Encoder, examples: Sequence[Example], settings: EditSettings, progress: Progress
) -> None:
    """Train `model` in place; the order of examples comes from torch's random state."""
    form = model.form
    parts = [
        _Part(piece, example)
        for example in examples
        for piece in pieces(len(example.texts), settings.batch, form.reach)
    ]
    steps = math.ceil(sum(part.size for part in parts) / settings.batch * settings.epochs)
    optimiser = torch.optim.AdamW(
        _by_decay(model), lr=settings.learning_rate, betas=_BETAS, fused=True
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _share(step, steps))
    model.train()
    with progress.task("train the edit worker", steps, "steps") as task:
        for group in islice(_groups(parts, settings.batch), steps):
            batch, targets_N = _laid(group, form)
            optimiser.zero_grad()
            _loss(model(batch), targets_N).backward()
            nn.utils.clip_grad_norm_(model.parameters(), _GREATEST_GRADIENT)
            optimiser.step()
            schedule.step()
            task.advance()
    model.eval()


def _by_decay(model: Encoder) -> list[dict[str, object]]:
    """Matrices decay, biases and norms do not."""
    return [
        {
            "params": [weights for weights in model.parameters() if (weights.ndim > 1) == decays],
            "weight_decay": _WEIGHT_DECAY if decays else 0.0,
        }
        for decays in (True, False)
    ]


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


def _laid(group: Sequence[_Part], form: Form) -> tuple[Batch, torch.Tensor]:
    batch = lay(((part.piece, part.example.texts) for part in group), buckets=form.features)
    targets_N = torch.full((len(batch.kinds_N),), IGNORED)
    for part, span in zip(group, batch.spans, strict=True):
        targets_N[span] = torch.tensor(part.example.targets[part.piece.first : part.piece.end])
    return batch, targets_N


def _loss(logits_NL: torch.Tensor, targets_N: torch.Tensor) -> torch.Tensor:
    """Mean over the units that have a target, of which there may be none."""
    summed = functional.cross_entropy(logits_NL, targets_N, ignore_index=IGNORED, reduction="sum")
    return summed / (targets_N != IGNORED).sum().clamp(min=1)
