"""How good are workers? People's rewrites are learnt; deletion and people pass the same checks.

    tahdhib score train --data ../shared/data --out runs/weights --set a
    tahdhib score train --data ../shared/data --out runs/weights --set b
    python benchmarks/workers.py tables --weights runs/weights --work runs/workers --seeds 1 2 3
    python benchmarks/workers.py people --weights runs/weights --work runs/workers
    python benchmarks/workers.py speed --weights runs/weights --work runs/workers

Sets: ParaDetox (a tenth held out, near copies together), TextDetox Arabic and ZAEBUC (5 folds),
JFLEG (dev teaches, test is measured). Every figure is of sources that the worker did not see;
`workers/checks.py` says what *joint success* is. Weights `a` are the witness; weights `b`, which
share no set with them, and the sets of `b` are there to choose and to learn from: the mined lexicon
comes from them and from the training pairs, and the edit worker learns beside people's pairs from
*silver* ones, labelled texts from which `b` deleted what it minds. What "toxic" means to either is
where it best tells sources from people's rewrites in the training pairs. Clean tweets: of a set
that no rewriter learns from, none near a text that one did; the witness did learn from that set,
but says nothing about these tweets.

A worker's marks are means over seeds, which change weights, order and tuning pairs; intervals are
over groups of near-copied sources (`tahdhib.stats`). Prints Markdown; toxic text is never printed.
"""

import argparse
import hashlib
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from tahdhib.conduct.load import load_conduct
from tahdhib.config.recipe import EditWorker as Settings
from tahdhib.config.recipe import Gate as GateSettings
from tahdhib.gate.gate import Gate
from tahdhib.progress import Silence
from tahdhib.records import Document, Interval, Rewrite
from tahdhib.score.fluency.builtin import Fluency
from tahdhib.score.fluency.model import load, save
from tahdhib.score.fluency.model import train as train_fluency
from tahdhib.score.toxicity.ngram import NgramToxicity
from tahdhib.stats.draw import rank
from tahdhib.stats.intervals import bootstrap_mean, paired_difference
from tahdhib.stats.seeds import seeds_difference
from tahdhib.teachers.deletion import Deletion
from tahdhib.text.edits import diff
from tahdhib.text.segment import words
from tahdhib.workers.copy import CopyWorker
from tahdhib.workers.edit.batches import Batch
from tahdhib.workers.edit.examples import PEOPLE, TrainingPair, pairs_hash, part_of
from tahdhib.workers.edit.examples import SILVER as SILVER_TEACHER
from tahdhib.workers.edit.model import Encoder, open_tagger, save_tagger
from tahdhib.workers.edit.tagger import Tagger
from tahdhib.workers.edit.train import train
from tahdhib.workers.edit.worker import EditWorker
from tahdhib.workers.random import RandomWorker
from tahdhib.workers.worker import Worker

sys.path.insert(0, str(Path(__file__).parent / "workers"))
from checks import Checks, Marked
from fluency import references
from human_eval import clusters, interval, kendall
from human_eval import read as read_judged
from rewriters import MOST_DELETED, Lexicon, ScorerDeletion, marked, mined, published, silver
from texts import OTHER, WITNESS, Fold, Labelled, Source, Task, labelled, read_task

TASKS = ("paradetox", "textdetox", "zaebuc", "jfleg")
SEED = 17
REPETITIONS = 2000
STEPS = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20)
"""Standard errors from which a word belongs to the mined lexicon; the training pairs choose."""
CHOOSING = 1000
"""Training pairs by which lexica and leans are chosen."""
SILVER = 2000
SILVER_TRIED = 12_000
SETTLED = 1000
"""Labelled texts without abuse that a worker sees as texts to leave alone."""
SIZES = {
    "edit 1M": Settings(),
    "edit 5M": Settings(features=76_000),
    "edit 5M wide": Settings(layers=5, hidden=128, embedding=96, features=40_960),
}
"""What a word costs is decided by the layers, so five million parameters are as fast as one where
they lie in the table of features; `wide` has most of them there too, but four times the sums."""
ABUSE = {"unchanged_share": 0.25}
MOST_CHANGED = 0.08
"""Of the tweets to choose by: below the aim of .10, for what was chosen looks too good."""
LEANS = tuple(step / 2 for step in range(-8, 5))
MISTAKES = {"min_precision": 0.7, "epochs": 40.0, "batch": 256}
PROCESSES = 2
PASSES = 4
FIXED = ("copy", "random", "published", "mined", "scorer", "human")


class Room(NamedTuple):
    """What all tasks of one language share."""

    data: Path
    gate: Gate
    witness: NgramToxicity
    other: NgramToxicity
    fluency: Fluency
    labelled: Labelled
    quiet: list[Document]
    clean: list[Document]
    work: Path


class Result(NamedTuple):
    """Marks of one system on all test sources (N), and the share of clean tweets that it leaves."""

    marks: Marked
    unchanged: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("tables", "people", "speed"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for fluency models")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS)
    parser.add_argument("--sizes", nargs="+", choices=tuple(SIZES), default=("edit 1M", "edit 5M"))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--without-silver", action="store_true")
    told = parser.parse_args()
    torch.set_num_threads(1)
    match told.part:
        case "tables":
            for name in told.tasks:
                table(read_task(name, told.data), told)
        case "people":
            for language in ("ar", "en"):
                people(language, told)
        case "speed":
            speed(told)


def room(language: str, told: argparse.Namespace) -> Room:
    witness, other = (NgramToxicity(str(told.weights / kind)) for kind in (WITNESS, OTHER))
    path = told.work / f"fluency-{language}.npz"
    if not path.exists():
        save(train_fluency(references(told.data, language), reference=(language,)), path)
    found, quiet, clean = labelled(language, told.data)
    gate = Gate(GateSettings(), load_conduct("default"))
    fluency = Fluency.of(load(path))
    texts = (found, documents(quiet), documents(clean))
    return Room(told.data, gate, witness, other, fluency, *texts, told.work)


def documents(texts: Iterable[str]) -> list[Document]:
    return [Document(str(place), text) for place, text in enumerate(texts)]


def table(task: Task, told: argparse.Namespace) -> None:
    here = room(task.language, told)
    results: dict[str, list[list[Result]]] = defaultdict(list)  # by system: folds of seeds
    for fold in task.folds:
        for system, runs in of_fold(task, fold, here, told).items():
            results[system].append(runs)
    test = [source for fold in task.folds for source in fold.test]
    print_table(task, test, results, told)


def of_fold(
    task: Task, fold: Fold, here: Room, told: argparse.Namespace
) -> dict[str, list[Result]]:
    """Every system on one fold's test sources: a result per seed."""
    start = time.perf_counter()
    witness_at, other_at = (best_split(one, fold.train) for one in (here.witness, here.other))
    checks = Checks(here.gate, here.witness, witness_at, here.fluency)
    choosing = Checks(here.gate, here.other, other_at, here.fluency)
    deletion = ScorerDeletion(here.other, other_at)
    pairs = people_pairs(fold.train, here.gate)
    workers: dict[str, list[Worker]] = defaultdict(list)
    if task.detox:
        marks = marked(
            [*here.labelled.toxic, *(one.text for one in fold.train)],
            [*here.labelled.other, *(text for one in fold.train for text in one.references)],
        )
        success = partial(succeeding, choosing, fold.train[:CHOOSING])
        workers["published"] = [Lexicon(published(task.language, here.data))]
        workers["mined"] = [mined(marks, success, STEPS)]
        workers["scorer"] = [deletion]
        pairs += settled_pairs(here.labelled, here.other, other_at)
        pairs += [] if told.without_silver else silver_pairs(here, other_at)
    workers["copy"] = [CopyWorker()]
    test = documents(one.text for one in fold.test)
    for size in told.sizes:
        for seed in told.seeds:
            settings = SIZES[size].model_copy(update=ABUSE if task.detox else MISTAKES)
            tagger = trained(pairs, settings, seed, here.work)
            if task.detox:
                aside = unseen(pairs, seed, settings.held_out)
                tagger = leant(tagger, aside, here.quiet, choosing)
            workers[size].append(EditWorker(tagger, model_hash="", batch=8192))
            say(f"{task.name} {size} seed {seed}: lean {tagger.lean}, {len(pairs)} pairs")
    rate = deletion_rate(test, workers[told.sizes[0]][0])
    workers["random"] = [RandomWorker(rate, seed) for seed in told.seeds]
    found = {
        system: [
            Result(judged(task, checks, fold.test, one), unchanged(here.clean, one))
            for one in opened
        ]
        for system, opened in workers.items()
    }
    human = human_marks(task, checks, fold.test)
    found["human"] = [Result(human, float("nan"))]
    say(f"{task.name}: toxic from {witness_at:.3f}, {time.perf_counter() - start:.0f} s")
    return found


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def best_split(scorer: NgramToxicity, sources: Sequence[Source]) -> float:
    """The score that best tells sources from people's rewrites (Youden's index)."""
    before = scorer.score([one.text for one in sources])[:, 0]
    after = scorer.score([text for one in sources for text in one.references])[:, 0]
    steps = np.unique(np.round(np.r_[before, after], 3))
    return float(max(steps, key=lambda step: (before >= step).mean() + (after < step).mean()))


def people_pairs(sources: Sequence[Source], gate: Gate) -> list[TrainingPair]:
    """People's rewrites that the gate accepts."""
    found = []
    for place, one in enumerate(sources):
        edits = [diff(one.text, text, PEOPLE) for text in one.references]
        kept = [
            (text, edit)
            for text, edit in zip(one.references, edits, strict=True)
            if gate.verdict(one.text, Rewrite(text, edit)).accepted
        ]
        if kept:
            texts = tuple(text for text, _ in kept)
            found.append(TrainingPair(f"people {place}", one.text, texts, kept[0][1], PEOPLE))
    return found


def settled_pairs(found: Labelled, other: NgramToxicity, at: float) -> list[TrainingPair]:
    """Texts that people and the weights `b` alike call harmless."""
    drawn = sorted(set(found.other), key=lambda text: rank("settled", SEED, text))
    scores = other.score(drawn)[:, 0]
    quiet = [text for text, score in zip(drawn, scores, strict=True) if score < at][:SETTLED]
    return [
        TrainingPair(f"settled {place}", text, (text,), (), PEOPLE)
        for place, text in enumerate(quiet)
    ]


def unseen(pairs: Sequence[TrainingPair], seed: int, share: float) -> list[TrainingPair]:
    """The pairs that training set aside."""
    return [pair for pair in pairs if part_of(pair.id, seed, share) != "train"]


def trained(pairs: Sequence[TrainingPair], settings: Settings, seed: int, work: Path) -> Tagger:
    """A worker, which is trained once: what is stopped and run again goes on where it was."""
    told = f"{pairs_hash(pairs)} {settings.model_dump_json()} {seed}"
    folder = work / "trained" / hashlib.sha256(told.encode()).hexdigest()[:16]
    if not folder.exists():
        done = train(pairs, settings, seed=seed, threads=1, progress=Silence())
        unfinished = folder.with_suffix(".unfinished")
        save_tagger(unfinished, done.tagger)
        unfinished.rename(folder)
    return open_tagger(folder)


def leant(
    tagger: Tagger,
    aside: Sequence[TrainingPair],
    quiet: Sequence[Document],
    choosing: Checks,
) -> Tagger:
    """The lean of most joint success by the choosing checks, as the mined lexicon is chosen, among
    those that leave enough tweets that are to stay."""
    taught = [Source(one.source, one.rewrites) for one in aside if one.id.startswith(PEOPLE)]
    best, most = tagger._replace(lean=LEANS[0]), -1.0
    for lean in LEANS:
        trial = tagger._replace(lean=lean)
        worker = EditWorker(trial, model_hash="", batch=8192)
        if unchanged(quiet, worker) < 1 - MOST_CHANGED:
            break
        success = succeeding(choosing, taught[:CHOOSING], worker)
        if success > most:
            best, most = trial, success
    return best


def succeeding(choosing: Checks, sources: Sequence[Source], worker: Worker) -> float:
    """The joint success of a worker by the choosing checks."""
    return choosing.success(sources, worker.rewrite(documents(one.text for one in sources)))


def silver_pairs(here: Room, threshold: float) -> list[TrainingPair]:
    deletion = Deletion(here.other, threshold, MOST_DELETED)
    toxic = sorted(set(here.labelled.toxic), key=lambda text: rank("silver", SEED, text))
    made = silver(toxic[:SILVER_TRIED], deletion, here.gate, SILVER)
    return [
        TrainingPair(f"silver {at}", text, (done.text,), done.edits, SILVER_TEACHER)
        for at, (text, done) in enumerate(made)
    ]


def judged(task: Task, checks: Checks, sources: Sequence[Source], worker: Worker) -> Marked:
    rewrites = worker.rewrite(documents(one.text for one in sources))
    return (checks.abuse if task.detox else checks.mistakes)(sources, rewrites)


def human_marks(task: Task, checks: Checks, sources: Sequence[Source]) -> Marked:
    """Each person's rewrite through the same checks, beside the other people's where there are
    any; marks are means over a source's people."""
    rows: list[Marked] = []
    for one in sources:
        marks = []
        for place, text in enumerate(one.references):
            others = one.references[:place] + one.references[place + 1 :] or one.references
            rewrite = Rewrite(text, diff(one.text, text, PEOPLE))
            how = checks.abuse if task.detox else checks.mistakes
            marks.append(how([one._replace(references=others)], [rewrite]))
        rows.append(averaged(marks))
    return joined(rows)


def averaged(marks: Sequence[Marked]) -> Marked:
    return Marked(*(np.mean(column, axis=0) for column in zip(*marks, strict=True)))


def joined(marks: Sequence[Marked]) -> Marked:
    return Marked(*(np.concatenate(column) for column in zip(*marks, strict=True)))


def unchanged(clean: Sequence[Document], worker: Worker) -> float:
    return float(np.mean([not rewrite.edits for rewrite in worker.rewrite(clean)]))


def deletion_rate(test: Sequence[Document], worker: Worker) -> float:
    """The share of words that a worker's edits touch."""
    touched = sum(
        len(words(one.text[edit.start : edit.end]))
        for one, rewrite in zip(test, worker.rewrite(test), strict=True)
        for edit in rewrite.edits
    )
    return touched / max(1, sum(len(words(one.text)) for one in test))


def print_table(
    task: Task,
    test: Sequence[Source],
    results: dict[str, list[list[Result]]],
    told: argparse.Namespace,
) -> None:
    groups = [(place, one.group) for place, fold in enumerate(task.folds) for one in fold.test]
    by_seed = {
        system: [joined([fold[at].marks for fold in runs]) for at in range(len(runs[0]))]
        for system, runs in results.items()
    }
    mean = {system: averaged(runs) for system, runs in by_seed.items()}
    order = [name for name in (*FIXED[:-1], *told.sizes, "human") if name in mean]
    print(f"\n## {task.name}: {len(test)} sources, seeds {told.seeds}\n")
    named = ("non-toxic", "as fluent") if task.detox else ("", "nearer")
    header("system", "joint success", "accepted", *named, "changed", "chrF", "exact", "clean kept")
    for system in order:
        marks = mean[system]
        joint = bootstrap_mean(marks.joint, seed=SEED, repetitions=REPETITIONS, clusters=groups)
        left = np.mean([run.unchanged for fold in results[system] for run in fold])
        shown = [f"{one.mean():.3f}" for one in (marks.accepted, marks.non_toxic, marks.fluent)]
        rest = f"{marks.changed.mean():.3f} | {marks.chrf.mean():.1f} | {marks.exact.mean():.3f}"
        print(f"| {system} | {told_of(joint)} | {' | '.join(shown)} | {rest} | {left:.3f} |")
    print()
    header("joint success", "difference over sources", "over seeds")
    for one, other in [(size, name) for size in told.sizes for name in order if name != size]:
        change = paired_difference(
            mean[one].joint, mean[other].joint, seed=SEED, repetitions=REPETITIONS, clusters=groups
        )
        of_one = [marks.joint.mean() for marks in by_seed[one]]
        of_other = [marks.joint.mean() for marks in by_seed[other]]
        others = of_other if len(of_other) == len(of_one) else of_other * len(of_one)
        seeds = seeds_difference(of_one, others, paired=True, step=1 / len(test))
        print(f"| {one} less {other} | {told_of(change.interval)} | {told_of(seeds.interval)} |")
    sys.stdout.flush()


def told_of(found: Interval) -> str:
    rough = f" (rough: {found.rough})" if found.rough else ""
    return f"{found.estimate:.3f} ({found.low:.3f} to {found.high:.3f}){rough}"


def header(*columns: str) -> None:
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")


def people(language: str, told: argparse.Namespace) -> None:
    """Does joint success rank systems as people do? TextDetox 2024 `human_eval`: a rewrite is as
    good to people as the product of what they said of content, fluency and toxicity."""
    judged_rows = [
        row for half in ("choosing", "reported") for row in read_judged(told.data, half)[language]
    ]
    here = room(language, told)
    task = read_task("paradetox" if language == "en" else "textdetox", told.data)
    shown = {row["toxic_sentence"] for row in judged_rows}
    rest = [one for one in (*task.folds[0].train, *task.folds[0].test) if one.text not in shown]
    checks = Checks(here.gate, here.witness, best_split(here.witness, rest), here.fluency)
    sources = [Source(row["toxic_sentence"], (row["neutral_sentence"],)) for row in judged_rows]
    rewrites = [
        Rewrite(one.references[0], diff(one.text, one.references[0], "system")) for one in sources
    ]
    marks = checks.abuse(sources, rewrites)
    said = np.prod(
        [
            [float(row[name]) for row in judged_rows]
            for name in ("content_score", "fluency_score", "toxic_pairwise_score")
        ],
        axis=0,
    )
    systems = sorted({row["system"] for row in judged_rows})
    place = np.array([systems.index(row["system"]) for row in judged_rows])

    def tau(picked: np.ndarray, ours: np.ndarray) -> float:
        counts = np.maximum(np.bincount(place[picked], minlength=len(systems)), 1)
        one = np.bincount(place[picked], ours[picked], len(systems)) / counts
        return kendall(one, np.bincount(place[picked], said[picked], len(systems)) / counts)

    draws = clusters([row["toxic_sentence"] for row in judged_rows])
    print(f"\n## human_eval {language}: {len(judged_rows)} rewrites, {len(systems)} systems\n")
    header("measure", "Kendall's tau with people's ranking of systems")
    every = np.arange(len(judged_rows))
    for name in ("joint", "accepted", "non_toxic", "fluent"):
        ours = getattr(marks, name)
        found = np.array([tau(one, ours) for one in draws])
        print(f"| {name} | {interval(tau(every, ours), found)} |")


def speed(told: argparse.Namespace) -> None:
    """Sentences a second, texts in and texts out, by as many processes as the machine has cores
    (a corpus is rewritten so), and what fewer bits change. The first pass has all words before it,
    later ones know them. CPU seconds say more than the clock on a machine that is not quiet."""
    task = read_task("paradetox", told.data)
    here = room("en", told)
    fold = task.folds[0]
    pairs = people_pairs(fold.train, here.gate) + settled_pairs(
        here.labelled, here.other, best_split(here.other, fold.train)
    )
    checks = Checks(here.gate, here.witness, best_split(here.witness, fold.train), here.fluency)
    many = [one.text for one in fold.train[:8000]]
    header(
        "worker",
        "parameters",
        "weights",
        "sentences/s, first pass",
        "best of later ones",
        "per CPU second, first",
        "best",
        "equal rewrites",
        "joint success",
    )
    for size in told.sizes:
        settings = SIZES[size].model_copy(update=ABUSE | {"epochs": 2.0})  # forms are compared
        done = train(pairs, settings, seed=1, threads=1, progress=Silence())
        folder = told.work / "speed" / size.replace(" ", "-")
        save_tagger(folder, done.tagger)
        count = sum(weights.numel() for weights in done.tagger.model.parameters())
        whole = _formed(folder, "fp32").rewrite(documents(many))
        for form in FORMS:
            worker = _formed(folder, form)
            rewrites = worker.rewrite(documents(many))
            equal = np.mean([a == b for a, b in zip(rewrites, whole, strict=True)])
            joint = judged(task, checks, fold.test, worker).joint.mean()
            rates, by_cpu = passes(folder, form, many)
            shown = [rates[0], max(rates[1:]), by_cpu[0], max(by_cpu[1:])]
            rate = " | ".join(f"{one:,.0f}" for one in shown)
            print(f"| {size} | {count:,} | {form} | {rate} | {equal:.4f} | {joint:.3f} |")
            sys.stdout.flush()


def passes(folder: Path, form: str, texts: Sequence[str]) -> tuple[list[float], list[float]]:
    """Texts per second and per CPU second of each pass over all of them, dealt out to processes
    that start each pass together."""
    context = get_context("spawn")
    barrier = context.Barrier(PROCESSES)
    told = [(folder, form, texts[place::PROCESSES]) for place in range(PROCESSES)]
    with context.Pool(PROCESSES, _meet, (barrier,)) as pool:
        taken = np.array(pool.map(_passed, told, chunksize=1))  # processes, passes, clock and CPU
    clock, cpu = taken[:, :, 0].max(axis=0), taken[:, :, 1].sum(axis=0)
    return (len(texts) / clock).tolist(), (len(texts) / cpu).tolist()


_START: Barrier
"""Where a process of a pool waits for the others."""


def _meet(barrier: Barrier) -> None:
    global _START
    _START = barrier


def _passed(told: tuple[Path, str, list[str]]) -> list[tuple[float, float]]:
    """Seconds and CPU seconds of each pass."""
    folder, form, texts = told
    torch.set_num_threads(1)
    worker, read = _formed(folder, form), documents(texts)
    worker.rewrite(documents([" ".join(map(str, range(1000)))]))  # what a first call sets up
    taken = []
    for _ in range(PASSES):
        _START.wait()
        start, cpu = time.perf_counter(), time.process_time()
        worker.rewrite(read)
        taken.append((time.perf_counter() - start, time.process_time() - cpu))
    return taken


def _formed(folder: Path, form: str) -> EditWorker:
    """The worker of a folder, its weights in a form of `FORMS`."""
    return EditWorker(FORMS[form](open_tagger(folder)), model_hash="", batch=8192)


class _Half(Encoder):
    """An encoder under autocast."""

    def forward(self, batch: Batch) -> torch.Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return super().forward(batch).float()


def half(tagger: Tagger) -> Tagger:
    model = _Half(tagger.model.form, len(tagger.labels))
    model.load_state_dict(tagger.model.state_dict())
    return tagger._replace(model=model.eval())


def eight_bits(tagger: Tagger) -> Tagger:
    """Linear layers in eight bits, activations quantised as they come."""
    from torch.ao.quantization import quantize_dynamic

    return tagger._replace(model=quantize_dynamic(tagger.model, {torch.nn.Linear}, torch.qint8))


FORMS: dict[str, Callable[[Tagger], Tagger]] = {
    "fp32": lambda tagger: tagger,
    "bf16": half,
    "int8": eight_bits,
}


if __name__ == "__main__":
    main()
