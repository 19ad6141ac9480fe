"""Tokens a step that n-gram speculation would write of real rewrites.

    python benchmarks/speculation.py runs/demo

The pairs of a run (rules and people): a tokenizer is learned from those that a causal worker would
train on, and the first 200 of the others, by rank, are the pilot, as in its training; in place of
the worker's answers stand the teachers'. By output, by instruction, and by how many tokens are
guessed at once.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tahdhib.conduct.load import load_conduct
from tahdhib.config.recipe import CausalBase, CausalWorker
from tahdhib.stages.worker.stage import _pair
from tahdhib.stats.draw import rank
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import read_rows
from tahdhib.workers.causal.lessons import Lesson, lessons, parted
from tahdhib.workers.causal.lookup import pilot, steps
from tahdhib.workers.causal.samples import Writer
from tahdhib.workers.causal.start import from_nothing

SEED = 17
GUESSES = (1, 3, 5, 8, 12)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    shards = RunFolder(parser.parse_args().run).stage("annotate").shards("pairs")
    pairs = [_pair(row) for shard in shards for row in read_rows(shard)]
    settings = CausalWorker()
    parts = parted(pairs, SEED, settings.held_out)
    taught = lessons(parts.train, settings.unchanged_share, SEED)
    texts = (text for one in taught for text in (one.source, one.rewrite))
    tokenizer = from_nothing(texts, CausalBase(layers=1, hidden=64, heads=2), 4096).tokenizer
    drawn = sorted(parts.held_out, key=lambda one: rank("causal measured", SEED, one.id))[:200]
    conduct = load_conduct("default")
    for output in ("full", "diff"):
        for instruction in ("brief", "conduct"):
            writer = Writer(tokenizer, conduct, instruction, output)
            told = list(in_tokens(writer, drawn))
            report(f"{output}, {instruction}", told)
            changed = [one for one, pair in zip(told, drawn, strict=True) if pair.edits]
            report(f"{output}, {instruction}, changed", changed)


def in_tokens(writer: Writer, pairs: Iterable) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    for pair in pairs:
        sample = writer.sample(Lesson(pair.id, pair.source, pair.rewrites[0]))
        yield sample.input_ids[: -len(sample.learned)], sample.learned


def report(name: str, told: list[tuple[Sequence[int], Sequence[int]]]) -> None:
    found = pilot(told, seed=SEED)
    each = {
        guessed: found.tokens / sum(steps(prompt, answer, guessed) for prompt, answer in told)
        for guessed in GUESSES
    }
    shown = ", ".join(f"{guessed}: {value:.2f}" for guessed, value in each.items())
    one = found.per_step
    assert one is not None
    print(
        f"{name}: {len(told)} documents, {found.tokens} tokens, {one.estimate:.2f} a step "
        f"({one.low:.2f} to {one.high:.2f}{'; rough' if one.rough else ''}); by guess {shown}"
    )


if __name__ == "__main__":
    main()
