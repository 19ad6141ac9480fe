"""A base for the worker that writes: a small one from nothing, whose weights start as what copies
(`tahdhib.workers.causal.copier`), and which practises, on tokens in disorder and on sentences."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path
from random import Random
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from tahdhib.config.recipe import CausalBase
from tahdhib.workers.causal.start import from_nothing

LONGEST = 256
DISORDER, SENTENCES = 100, 200
"""Steps of practice."""
STEP_TOKENS = 2048
WARM, RATE = 50, 2e-3


def copying_base(texts: Sequence[str], folder: Path, settings: CausalBase, seed: int) -> None:
    """Write a base with the vocabulary of `texts` into `folder`."""
    torch.manual_seed(seed)
    base = from_nothing(texts, settings, LONGEST)
    practise(base.model, base.tokenizer, texts, Random(seed))
    base.model.save_pretrained(folder)
    base.tokenizer.save_pretrained(folder)


def practise(model: Any, tokenizer: Any, texts: Iterable[str], dice: Random) -> None:
    """Learn to write again what was given, between the marks of a question and its answer."""
    before = tokenizer.convert_tokens_to_ids(["<|user|>"])
    between = tokenizer("<|end|><|assistant|><rewrite>\n", add_special_tokens=False).input_ids
    after = tokenizer("\n</rewrite><|end|>", add_special_tokens=False).input_ids
    optimizer = torch.optim.AdamW(model.parameters(), RATE, betas=(0.9, 0.95), weight_decay=0.01)
    warming = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / WARM, total_iters=WARM)
    known = range(len(tokenizer.all_special_tokens), len(tokenizer))
    batches = _batches(tokenizer(list(texts), add_special_tokens=False).input_ids, dice)
    model.train()
    for step, ids in zip(range(DISORDER + SENTENCES), batches, strict=False):
        text_BN = torch.tensor(ids)
        if step < DISORDER:
            text_BN = torch.randint(known.start, known.stop, text_BN.shape)
        marks = [torch.tensor(one).expand(len(ids), -1) for one in (before, between, after)]
        all_BT = torch.cat([marks[0], text_BN, marks[1], text_BN, marks[2]], dim=1)
        learned = torch.arange(all_BT.shape[1] - text_BN.shape[1] - len(after), all_BT.shape[1])
        loss = _loss(model, all_BT, learned)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        warming.step()


def _loss(model: Any, all_BT: Tensor, learned: Tensor) -> Tensor:
    out = model(input_ids=all_BT, logits_to_keep=learned - 1, use_cache=False)
    return cross_entropy(out.logits.flatten(0, 1), all_BT[:, learned].flatten())


def _batches(samples: Iterable[list[int]], dice: Random) -> Iterator[list[list[int]]]:
    """Samples in batches of one length each, pass after pass without an end."""
    by_length: dict[int, list[list[int]]] = defaultdict(list)
    for sample in samples:
        if 0 < len(sample) < LONGEST // 3:
            by_length[len(sample)].append(sample)

    def one_pass() -> Iterator[list[list[int]]]:
        found = []
        for length, members in sorted(by_length.items()):
            size = max(1, STEP_TOKENS // (2 * length))
            dice.shuffle(members)
            found += [members[at : at + size] for at in range(0, len(members), size)]
        dice.shuffle(found)
        yield from found

    return chain.from_iterable(one_pass() for _ in repeat(None))
