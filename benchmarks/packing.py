"""What packing samples into rows would save a causal worker's training, and whether it is right.

    python benchmarks/packing.py runs/demo

The lessons of a run's pairs in the order in which they are learned from: the share of a batch's
places that hold no token, as it is and with a random order. And a model of two layers, whose loss
of each sample is taken alone and in one row with others, its positions beginning anew with each.
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from tahdhib.conduct.load import load_conduct
from tahdhib.config.recipe import CausalBase, CausalWorker
from tahdhib.stages.worker.stage import _pair
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import read_rows
from tahdhib.train.preflight import IGNORED, Sample
from tahdhib.workers.causal.lessons import lessons, parted
from tahdhib.workers.causal.order import order
from tahdhib.workers.causal.samples import Writer
from tahdhib.workers.causal.start import from_nothing

SEED = 17
BATCHES = (8, 16, 32)
_ROW = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    shards = RunFolder(parser.parse_args().run).stage("annotate").shards("pairs")
    pairs = [_pair(row) for shard in shards for row in read_rows(shard)]
    settings = CausalWorker()
    taught = lessons(parted(pairs, SEED, settings.held_out).train, None, SEED)
    texts = (text for one in taught for text in (one.source, one.rewrite))
    torch.manual_seed(SEED)
    base = from_nothing(texts, CausalBase(layers=2, hidden=64, heads=2), settings.max_length)
    conduct = load_conduct("default")
    for instruction in ("brief", "conduct"):
        writer = Writer(base.tokenizer, conduct, instruction, "full")
        samples = [writer.sample(lesson) for lesson in taught]
        lengths = [len(sample.input_ids) for sample in samples]
        print(
            f"{instruction}: {len(samples)} samples, {sum(lengths) / len(lengths):.0f} tokens each"
        )
        for batch in BATCHES:
            chosen = order(lengths, batch, 1, SEED)
            drawn = random.Random(SEED).sample(range(len(lengths)), len(lengths))
            print(
                f"  batch {batch}: empty {empty(lengths, chosen, batch):.3f}, "
                f"in a random order {empty(lengths, drawn, batch):.3f}"
            )
        some = [one for one in samples if len(one.input_ids) < 400][:_ROW]
        if some:
            for cached in (False, True):
                most = apart(base.model, some, use_cache=cached)
                print(f"  a sample's loss differs by {most:.1e} at most, use_cache={cached}")


def empty(lengths: Sequence[int], numbers: Sequence[int], batch: int) -> float:
    """Share of the places in batches that are padded."""
    places = tokens = 0
    for start in range(0, len(numbers), batch):
        own = [lengths[number] for number in numbers[start : start + batch]]
        places, tokens = places + max(own) * len(own), tokens + sum(own)
    return 1 - tokens / places


def apart(model: Any, samples: Sequence[Sample], *, use_cache: bool) -> float:
    """How far a sample's loss in a row with others is from its loss alone, at most."""
    alone = [loss(model, [sample], use_cache=use_cache)[0] for sample in samples]
    together = loss(model, samples, use_cache=use_cache)
    return max(abs(one - two) for one, two in zip(alone, together, strict=True))


@torch.inference_mode()
def loss(model: Any, samples: Sequence[Sample], *, use_cache: bool) -> list[float]:
    """The loss of each of the samples, laid end to end in one row without a mask."""
    tokens_T = torch.tensor([token for sample in samples for token in sample.input_ids])
    places_T = torch.cat([torch.arange(len(sample.input_ids)) for sample in samples])
    row = {"input_ids": tokens_T[None], "position_ids": places_T[None]}
    logits_TV = model(**row, use_cache=use_cache).logits[0]
    found, start = [], 0
    for sample in samples:
        labels_S = torch.tensor(sample.labels[1:])
        own_SV = logits_TV[start : start + len(labels_S)]
        found.append(
            torch.nn.functional.cross_entropy(own_SV, labels_S, ignore_index=IGNORED).item()
        )
        start += len(sample.labels)
    return found


if __name__ == "__main__":
    main()
