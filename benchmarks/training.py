"""How fast `tahdhib pretrain` trains beside a bare loop, and packs beside the bare `tokenizers`.

    python benchmarks/training.py --data ../shared/data [--sizes 4m 15m] [--steps 10] [--rounds 5]

Training: the same model, batch, optimizer and clipping on the same tokens of SaudiNewsNet, in one
process at one thread. The bare loop reads rows of one array. Ours is the trainer with its order of
samples, log and progress; time runs from its third step on, checkpoints are not in it. Both take
turns, and each round's ratio is of its two neighbours. Packing: read, cut up and written from
zipped JSON lines, beside `encode_batch_fast` on the same texts in memory by the thousand, both with
all cores. Ratios of CPU seconds hold on a busy machine too; those by the clock want a quiet one.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers.utils.logging import disable_progress_bar

from tahdhib.config.pretrain import Optimizing
from tahdhib.readers import find_sources
from tahdhib.train.fit import Samples, fit
from tahdhib.train.model import new_model, wrapped
from tahdhib.train.order import Order, Part, Phase
from tahdhib.train.sizes import SHAPES
from tahdhib.train.tokens import END, Names, Texts, TokenCorpus, pack, texts_of, train_tokenizer
from tahdhib.train.watch import Watch

SEED = 17
WARM = 2
"""Steps before the clock runs."""
TEXTS = 2000
"""Articles that a vocabulary is trained on, and a model."""
SETTINGS = Optimizing(context=256, batch=8, micro_batch=8, warmup=0, save_every=10_000)
Seconds = tuple[float, float]
"""By the clock, and of the processor."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sizes", nargs="*", default=["4m", "15m"])
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    disable_progress_bar()
    news = arguments.data / "raw_saudinewsnet" / "saudinewsnet_0.jsonl.gz"
    corpus = Texts(find_sources([str(news)]), Names("content", "source"))
    texts = list(itertools.islice(texts_of(corpus), TEXTS))
    with tempfile.TemporaryDirectory() as place:
        for size in arguments.sizes:
            training(size, texts, arguments.steps, arguments.rounds, Path(place))
        packing(corpus, arguments.rounds, Path(place))


def training(size: str, texts: Sequence[str], steps: int, rounds: int, place: Path) -> None:
    """Tokens per second of the trainer and of the bare loop."""
    shape = SHAPES[size]  # type: ignore[index]
    tokenizer = wrapped(train_tokenizer(texts, shape.vocabulary), END)
    source = place / f"{size}.txt"
    source.write_text("\n".join(" ".join(text.split()) for text in texts), encoding="utf-8")
    packed = pack(Texts(find_sources([str(source)])), tokenizer.backend_tokenizer, place / size)
    corpus = TokenCorpus(packed.folder, SETTINGS.context)
    steps += WARM
    order = Order((Phase("news", (Part("news", len(corpus)),), steps),), SETTINGS.batch, SEED)
    samples = Samples({"news": corpus}, order, documents_apart=False)
    rows = torch.stack([samples[number]["input_ids"] for number in range(len(samples))])
    tokens = (steps - WARM) * SETTINGS.batch * SETTINGS.context
    pairs = []
    for turn in range(rounds):
        model = new_model(shape, tokenizer, SETTINGS, seed=SEED)
        ours = of_trainer(model, samples, place / f"{size}-{turn}")
        model = new_model(shape, tokenizer, SETTINGS, seed=SEED)
        pairs.append((ours, of_loop(model, rows)))
    parameters = sum(each.numel() for each in model.parameters())
    told(f"training {size} ({parameters / 1e6:.1f}M parameters), {steps - WARM} steps", pairs)
    best = min(ours[0] for ours, _ in pairs)
    print(f"  {tokens / best:,.0f} tokens/s by the clock in the best round of the trainer")


def of_trainer(model: torch.nn.Module, samples: Samples, folder: Path) -> Seconds:
    """What the steps after the first ones take in `fit`."""
    ends: list[Seconds] = []
    watch = Watch(lambda _model: {}, frozenset(), lambda _step, _loss: ends.append(now()))
    fit(model, samples, SETTINGS, folder, watch, seed=SEED)
    return since(ends[WARM - 1], ends[-1])


def of_loop(model: torch.nn.Module, rows: torch.Tensor) -> Seconds:
    """The same in a loop that does nothing else."""
    torch.set_num_threads(SETTINGS.threads)
    model.train()
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=SETTINGS.learning_rate,
        betas=SETTINGS.betas,
        weight_decay=SETTINGS.weight_decay,
        fused=True,
    )
    ends = []
    for batch in rows.split(SETTINGS.batch):
        logits = model(input_ids=batch, use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(
            logits[:, :-1].flatten(0, 1), batch[:, 1:].flatten()
        )
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), SETTINGS.clip)
        optimizer.step()
        optimizer.zero_grad()
        loss.item()
        ends.append(now())
    return since(ends[WARM - 1], ends[-1])


def packing(corpus: Texts, rounds: int, place: Path) -> None:
    """Seconds of packing beside those of the tokenizer alone."""
    texts = list(texts_of(corpus))
    tokenizer = train_tokenizer(texts[:TEXTS], 8000)
    pairs = []
    for turn in range(rounds):
        start = now()
        pack(corpus, tokenizer, place / f"packed-{turn}")
        middle = now()
        for first in range(0, len(texts), 1000):
            tokenizer.encode_batch_fast(texts[first : first + 1000], add_special_tokens=False)
        pairs.append((since(start, middle), since(middle, now())))
    size = sum(len(text.encode()) for text in texts)
    told(f"packing {len(texts):,} documents, {size / 1e6:.0f} MB of text", pairs)


def told(what: str, pairs: Sequence[tuple[Seconds, Seconds]]) -> None:
    """The rate of the first of each pair as a share of the second's."""
    print(what)
    for number, name in enumerate(("by the clock", "by CPU seconds")):
        ratios = sorted(bare[number] / ours[number] for ours, bare in pairs)
        print(
            f"  {name}: {statistics.median(ratios):.3f} of the bare rate, median of {len(ratios)} "
            f"rounds, {ratios[0]:.3f} to {ratios[-1]:.3f}"
        )


def now() -> Seconds:
    return time.perf_counter(), time.process_time()


def since(start: Seconds, end: Seconds) -> Seconds:
    return end[0] - start[0], end[1] - start[1]


if __name__ == "__main__":
    main()
