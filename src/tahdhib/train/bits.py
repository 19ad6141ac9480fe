"""Loss on held-out text in bits per byte of UTF-8, which models of any vocabulary share.

A document is read after an end token, and a control token that calls it good where there are such,
as in training, and in stretches of the model's context where
it is longer; each token is predicted once, from what stands before it in its stretch and the token
before that. The end token that would follow is not predicted: it spells nothing.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from tahdhib.train.preflight import IGNORED

_LOGITS_AT_ONCE = 1 << 24
"""Stretches are read together until they have so many logits: 64 MB of them."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A held-out document as tokens: what it is counted under, and how many bytes it spells."""

    corpus: str
    group: str
    tokens: tuple[int, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class Bits:
    """What a model needs for the held-out text of a group."""

    corpus: str
    group: str
    documents: int
    bytes: int
    bits: float

    @property
    def per_byte(self) -> float:
        """Bits per byte of UTF-8."""
        return self.bits / max(1, self.bytes)


def bits_of(
    model: Any, documents: Sequence[Measured], *, before: Sequence[int], context: int
) -> list[Bits]:
    """What `model` needs for `documents`, by corpus and group, each read after the tokens `before`;
    it stays in the mode it was in."""
    stretches = sorted(
        (
            (len(inputs), number, inputs, outputs)
            for number, document in enumerate(documents)
            for inputs, outputs in _stretches(document.tokens, before, context)
        ),
        key=lambda stretch: stretch[:2],
    )
    lost = [0.0] * len(documents)
    at_once = max(1, _LOGITS_AT_ONCE // (context * model.config.vocab_size))
    was_training = model.training
    model.eval()
    with torch.no_grad():
        for start in range(0, len(stretches), at_once):
            some = stretches[start : start + at_once]
            sums = _losses(
                model, [inputs for *_, inputs, _ in some], [s[3] for s in some], before[0]
            )
            for (_, number, *_), loss in zip(some, sums, strict=True):
                lost[number] += loss
    model.train(was_training)
    totals: dict[tuple[str, str], Counter[str]] = {}
    bits: dict[tuple[str, str], list[float]] = {}
    for document, loss in zip(documents, lost, strict=True):
        key = (document.corpus, document.group)
        totals.setdefault(key, Counter()).update(documents=1, bytes=document.bytes)
        bits.setdefault(key, []).append(loss / math.log(2))
    return [
        Bits(*key, found["documents"], found["bytes"], math.fsum(bits[key]))
        for key, found in sorted(totals.items())
    ]


def _stretches(
    tokens: Sequence[int], before: Sequence[int], context: int
) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    """What is read, and what is to be predicted after each token of it."""
    inputs = (*before, *tokens[:-1])
    outputs = (*[IGNORED] * (len(before) - 1), *tokens)
    for start in range(0, len(inputs) if tokens else 0, context):
        yield inputs[start : start + context], outputs[start : start + context]


def _losses(
    model: Any, inputs: Sequence[Sequence[int]], outputs: Sequence[Sequence[int]], end: int
) -> list[float]:
    """The sum of the losses of each row, in nats. Rows are filled up at their ends, which no token
    before them sees."""
    width = max(map(len, inputs))
    read = torch.tensor([[*row, *[end] * (width - len(row))] for row in inputs])
    expected = torch.tensor([[*row, *[IGNORED] * (width - len(row))] for row in outputs])
    device = next(model.parameters()).device
    logits = model(input_ids=read.to(device), use_cache=False).logits
    each = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1).to(torch.promote_types(logits.dtype, torch.float32)),
        expected.flatten().to(device),
        ignore_index=IGNORED,
        reduction="none",
    )
    sums: list[float] = each.view(len(inputs), width).sum(1).tolist()
    return sums
