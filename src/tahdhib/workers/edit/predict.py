"""From documents to labels.

Axes: B windows in a batch, T sub-tokens, U units of a document, L labels.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.utils.rnn import pad_sequence

from tahdhib.workers.edit.labels import DELETE, KEEP
from tahdhib.workers.edit.model import Tagger
from tahdhib.workers.edit.tokenizer import LONGEST_UNIT, UnitCoder
from tahdhib.workers.edit.units import Unit, units
from tahdhib.workers.edit.windows import PAD_ID, Window, windows

Floats = npt.NDArray[np.float32]

_KEEP_INDEX, _DELETE_INDEX = 0, 1


class Tags(NamedTuple):
    """What the model thinks of each unit of a document, as far as any keep bias needs it."""

    cut: list[Unit]
    keep_U: Floats  # logit of KEEP
    other_U: Floats  # logit of the best other label
    best_U: npt.NDArray[np.int64]  # that label's index
    delete_U: Floats  # logit of DELETE
    rest_U: Floats  # log of the summed weight of all labels but KEEP


class _Placed(NamedTuple):
    document: int
    window: Window


def tag(tagger: Tagger, coder: UnitCoder, texts: Sequence[str], batch: int) -> list[Tags]:
    """Run the encoder over `texts`. Windows of like length share a batch, so in the last bits a
    document's logits depend on the whole list, and on nothing else."""
    cuts = [units(text) for text in texts]
    tags = [_blank(cut) for cut in cuts]
    placed = [
        _Placed(index, window)
        for index, cut in enumerate(cuts)
        for window in windows(cut, coder.encode([unit.text for unit in cut]), tagger.max_tokens)
    ]
    placed.sort(key=lambda item: (len(item.window.ids), item.document, item.window.first_unit))
    with torch.inference_mode():
        for start in range(0, len(placed), batch):
            group = placed[start : start + batch]
            for (document, window), logits_UL in zip(group, _logits(tagger, group), strict=True):
                _fill(tags[document], window, logits_UL)
    return tags


def decide(tags: Tags, labels: Sequence[str], keep_bias: float) -> list[str]:
    """One label per unit: the best, KEEP helped by its bias; then each line votes."""
    keep_U = tags.keep_U + np.float32(keep_bias)
    chosen = [
        labels[best] if edits else KEEP
        for best, edits in zip(tags.best_U.tolist(), (tags.other_U > keep_U).tolist(), strict=True)
    ]
    if DELETE in chosen:
        _vote(tags, chosen, np.exp(tags.delete_U - np.logaddexp(tags.rest_U, keep_U)))
    for index, unit in enumerate(tags.cut):
        if len(unit.body) > LONGEST_UNIT:
            chosen[index] = KEEP
    return chosen


def _vote(tags: Tags, chosen: list[str], deletion_U: Floats) -> None:
    """Delete a line whole where its units on average are to be deleted: a line of advertising is
    one thing, and leaving two of its words is worse than either. A text of one line has no vote."""
    lines = list(_lines(tags.cut))
    for first, end in lines if len(lines) > 1 else ():
        is_ended = tags.cut[end - 1].body == "\n"
        content = slice(first, end - 1 if is_ended else end)
        if content.stop > content.start and deletion_U[content].mean() > 1 / 2:
            chosen[first:end] = [DELETE] * (end - first)


def _lines(cut: Sequence[Unit]) -> Iterator[tuple[int, int]]:
    """Index ranges of the units of each line, its newline included."""
    first = 1
    for index in range(1, len(cut)):
        if cut[index].body == "\n" or index == len(cut) - 1:
            yield first, index + 1
            first = index + 1


def _blank(cut: list[Unit]) -> Tags:
    size = len(cut)
    low = np.full(size, -math.inf, np.float32)
    return Tags(
        cut, np.zeros(size, np.float32), low, np.zeros(size, np.int64), low.copy(), low.copy()
    )


def _logits(tagger: Tagger, group: Sequence[_Placed]) -> list[torch.Tensor]:
    """Logits of each window's units; the classifier reads only sub-tokens that carry a label."""
    ids_BT = pad_sequence(
        [torch.tensor(item.window.ids) for item in group], batch_first=True, padding_value=PAD_ID
    )
    logits_BTL = tagger.model(input_ids=ids_BT, attention_mask=ids_BT != PAD_ID).logits
    return [
        logits_TL[item.window.heads] for item, logits_TL in zip(group, logits_BTL, strict=True)
    ]


def _fill(tags: Tags, window: Window, logits_UL: torch.Tensor) -> None:
    here = slice(window.first_unit, window.first_unit + len(window.heads))
    other_U, best_U = logits_UL[:, 1:].max(dim=1)
    tags.keep_U[here] = logits_UL[:, _KEEP_INDEX].numpy()
    tags.other_U[here] = other_U.numpy()
    tags.best_U[here] = best_U.numpy() + 1
    tags.delete_U[here] = logits_UL[:, _DELETE_INDEX].numpy()
    tags.rest_U[here] = logits_UL[:, 1:].logsumexp(dim=1).numpy()
