"""How good are workers? People's rewrites are learnt; deletion and people pass the same checks.

    tahdhib score train --data ../shared/data --out runs/weights --set a
    tahdhib score train --data ../shared/data --out runs/weights --set b
    python benchmarks/workers.py tables --weights runs/weights --work runs/workers --seeds 1 2 3
    python benchmarks/workers.py people --weights runs/weights --work runs/workers
    python benchmarks/workers.py tables --weights runs/weights --work runs/workers --causal 1
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

*Drafts*: of what the worker makes of a text at several leans that one which the gate, `b` and a
fluency of other text than the judge's find good; the mined lexicon has the same choice between its
sizes.

A worker's marks are means over seeds, which change weights, order and tuning pairs; intervals are
over groups of near-copied sources (`tahdhib.stats`). Prints Markdown; toxic text is never printed.

`--work` keeps pairs and trained workers: what is stopped goes on, and a gate that has changed since
judges workers that learned from what the one before it accepted. In an empty folder all is new.
"""

import argparse
import hashlib
import pickle
import shutil
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

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.load import load_conduct
from tahdhib.config.recipe import CausalBase, CausalRewriting, Drafts, Protect
from tahdhib.config.recipe import CausalWorker as CausalSettings
from tahdhib.config.recipe import EditWorker as Settings
from tahdhib.config.recipe import Gate as GateSettings
from tahdhib.gate.gate import Gate
from tahdhib.progress import Silence
from tahdhib.records import Document, Interval, Rewrite
from tahdhib.score.fluency.builtin import Fluency
from tahdhib.score.fluency.model import LanguageModel, load, save
from tahdhib.score.fluency.model import train as train_fluency
from tahdhib.score.toxicity.ngram import NgramToxicity
from tahdhib.stages.rewrite.choosing import Accepts, ScoredChooser, open_choice
from tahdhib.stats.draw import rank
from tahdhib.stats.intervals import bootstrap_mean, paired_difference
from tahdhib.stats.seeds import seeds_difference
from tahdhib.teachers.deletion import Deletion
from tahdhib.text.edits import diff
from tahdhib.text.segment import words
from tahdhib.workers.causal.train import train as train_causal
from tahdhib.workers.causal.worker import CausalWorker
from tahdhib.workers.copy import CopyWorker
from tahdhib.workers.edit.batches import Batch
from tahdhib.workers.edit.drafts import Choice
from tahdhib.workers.edit.examples import PEOPLE, TrainingPair, pairs_hash, part_of
from tahdhib.workers.edit.examples import SILVER as SILVER_TEACHER
from tahdhib.workers.edit.model import Encoder, open_tagger, save_tagger
from tahdhib.workers.edit.tagger import Tagger
from tahdhib.workers.edit.train import train
from tahdhib.workers.edit.worker import EditWorker
from tahdhib.workers.random import RandomWorker
from tahdhib.workers.worker import Worker

sys.path.insert(0, str(Path(__file__).parent / "workers"))
from checks import TOLERANCE, Checks, Marked
from copying import copying_base
from fluency import references
from human_eval import clusters, interval, kendall
from human_eval import read as read_judged
from rewriters import (
    MOST_DELETED,
    Lexicon,
    ScorerDeletion,
    Several,
    marked,
    mined,
    published,
    silver,
)
from texts import OTHER, WITNESS, Fold, Labelled, Source, Task, labelled, read_task

TASKS = ("paradetox", "textdetox", "zaebuc", "jfleg")
SEED = 17
REPETITIONS = 2000
STEPS = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20)
"""Standard errors from which a word belongs to the mined lexicon; the training pairs choose."""
CHOOSING = 1000
"""Training pairs by which lexica are chosen; leans are chosen by all that training set aside."""
SILVER = 2000
SILVER_TRIED = 12_000
SETTLED = 2000
"""Labelled texts without abuse that a worker sees as texts to leave alone."""
SIZES = {
    "edit 1M": Settings(),
    "edit 5M": Settings(features=76_000),
    "edit 5M wide": Settings(layers=5, hidden=128, embedding=96, features=40_960),
}
"""What a word costs is decided by the layers, so five million parameters are as fast as one where
they lie in the table of features; `wide` has most of them there too, but four times the sums."""
ABUSE = {"unchanged_share": 0.33}
MOST_CHANGED = 0.08
"""Of the tweets to choose by: below the aim of .10, for what was chosen looks too good."""
LEANS = tuple(step / 2 for step in range(-8, 13))
MISTAKES = {
    "JFLEG en": {"epochs": 40.0, "batch": 256},
    "ZAEBUC ar": {"epochs": 20.0, "batch": 128},
}
"""A hundred steps or so; the sentences of ZAEBUC are twice as long."""
CAUSAL = "causal 1M"
CAUSAL_BASE = CausalBase(vocabulary=2048, hidden=192, layers=2, heads=6)
CAUSAL_SETTINGS = CausalSettings(
    method="full",
    instruction="brief",
    learning_rate=2e-3,
    batch=32,
    epochs=2,
    max_length=512,
    measured=0,
)
WRITING = CausalRewriting(batch=64)
CAUSAL_TIMED = 1000
"""Sentences by which the edit worker and one that writes are timed side by side."""
PROCESSES = 2
PASSES = 3
RATES = (
    "sentences/s, first pass",
    "best of later ones",
    "per CPU second, first",
    "best",
)
DRAFTS = "drafts"
HARMLESS = 20_000
"""Texts without abuse from which, beside people's rewrites, the fluency learns that chooses between
drafts."""
WORDS_OF_PEOPLE = "people's rewrites and harmless texts"
FIXED = ("copy", "random", "published", "mined", f"mined, {DRAFTS}", "scorer", "human")


class Room(NamedTuple):
    """What all tasks of one language share."""

    data: Path
    conduct: Conduct
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
    parser.add_argument("--work", type=Path, required=True, help="folder for what is trained")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS)
    parser.add_argument("--sizes", nargs="+", choices=tuple(SIZES), default=("edit 1M", "edit 5M"))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--without-silver", action="store_true")
    parser.add_argument("--causal", nargs="+", type=int, default=[], help="seeds of this worker")
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
    conduct = load_conduct("default")
    gate = Gate(GateSettings(), conduct)
    fluency = Fluency.of(load(path))
    texts = (found, documents(quiet), documents(clean))
    return Room(told.data, conduct, gate, witness, other, fluency, *texts, told.work)


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
    pairs = taught_pairs(task, fold, here, other_at, told)
    workers: dict[str, list[Worker]] = defaultdict(list)
    if task.detox:
        marks = marked(
            [*here.labelled.toxic, *(one.text for one in fold.train)],
            [*here.labelled.other, *(text for one in fold.train for text in one.references)],
        )
        success = partial(succeeding, choosing.success, fold.train[:CHOOSING])
        workers["published"] = [Lexicon(published(task.language, here.data))]
        lexica = mined(marks, success, STEPS)
        chooser = draft_chooser(pairs, here, other_at)
        workers["mined"] = [lexica[0]]
        workers[f"mined, {DRAFTS}"] = [Several(lexica, chooser)]
        workers["scorer"] = [ScorerDeletion(here.other, other_at)]
    workers["copy"] = [CopyWorker()]
    test = documents(one.text for one in fold.test)
    for size in told.sizes:
        for seed in told.seeds:
            tagger = tuned_worker(task, pairs, size, seed, here, choosing)
            workers[size].append(EditWorker(tagger, model_hash="", batch=8192))
            if task.detox:
                choice = Choice(Drafts().leans, chooser, hash="")
                chosen = EditWorker(tagger, model_hash="", batch=8192, choice=choice)
                workers[f"{size}, {DRAFTS}"].append(chosen)
            say(f"{task.name} {size} seed {seed}: lean {tagger.lean}, {len(pairs)} pairs")
    for seed in told.causal:
        settings = CAUSAL_SETTINGS.model_copy(update=ABUSE if task.detox else {"epochs": 20.0})
        folder = trained_causal(pairs, settings, seed, here)
        workers[CAUSAL].append(CausalWorker.open(folder, conduct=here.conduct, settings=WRITING))
        say(f"{task.name} {CAUSAL} seed {seed}")
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


def draft_chooser(pairs: Sequence[TrainingPair], here: Room, other_at: float) -> ScoredChooser:
    """What chooses between drafts: the gate, weights `b`, and a fluency that does not judge."""
    surprise = Fluency.of(draft_fluency(pairs, here))
    settings = Drafts(threshold=other_at, tolerance=TOLERANCE)
    accepts: Accepts = lambda text, rewrite: here.gate.verdict(text, rewrite).accepted  # noqa: E731
    return ScoredChooser(settings, accepts, here.other, surprise)


def draft_fluency(pairs: Sequence[TrainingPair], here: Room) -> LanguageModel:
    """Fluency learned from people's rewrites among the training pairs, and from harmless texts."""
    texts = [text for pair in pairs if pair.id.startswith(PEOPLE) for text in pair.rewrites]
    return train_fluency([*texts, *here.labelled.other[:HARMLESS]], reference=(WORDS_OF_PEOPLE,))


def taught_pairs(
    task: Task, fold: Fold, here: Room, other_at: float, told: argparse.Namespace
) -> list[TrainingPair]:
    """What workers learn from: people's pairs, and where insults go settled and silver ones. They
    are kept with the workers, so that another gate may judge these without training them anew."""
    asked = repr((fold.train, SETTLED, SILVER, told.without_silver))
    kept = here.work / "pairs" / hashlib.sha256(asked.encode()).hexdigest()[:16]
    if not kept.exists():
        pairs = people_pairs(fold.train, here.gate)
        if task.detox:
            pairs += settled_pairs(here.labelled, here.other, other_at)
            pairs += [] if told.without_silver else silver_pairs(here, other_at)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(pairs))
    found: list[TrainingPair] = pickle.loads(kept.read_bytes())
    return found


def tuned_worker(
    task: Task,
    pairs: Sequence[TrainingPair],
    size: str,
    seed: int,
    here: Room,
    choosing: Checks,
) -> Tagger:
    """A trained worker that leans as the choosing checks say."""
    settings = SIZES[size].model_copy(update=ABUSE if task.detox else MISTAKES[task.name])
    tagger = trained(pairs, settings, seed, here.work)
    aside = [
        Source(one.source, one.rewrites)
        for one in unseen(pairs, seed, settings.held_out)
        if one.id.startswith(PEOPLE)
    ]
    success = choosing.success if task.detox else choosing.mended
    return leant(tagger, aside, here.quiet if task.detox else [], success)


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

    def fill(folder: Path) -> None:
        save_tagger(folder, train(pairs, settings, seed=seed, threads=1, progress=Silence()).tagger)

    return open_tagger(once(work, fill, pairs_hash(pairs), settings.model_dump_json(), seed))


def trained_causal(
    pairs: Sequence[TrainingPair], settings: CausalSettings, seed: int, here: Room
) -> Path:
    """The folder of a worker that writes, trained once, from a base that copies."""
    taught = pairs_hash(pairs)
    texts = [text for pair in pairs for text in (pair.source, *pair.rewrites)]

    def practised(folder: Path) -> None:
        copying_base(texts, folder, CAUSAL_BASE, seed)

    base = once(here.work, practised, taught, CAUSAL_BASE.model_dump_json(), seed)
    known = settings.model_copy(update={"model": str(base)})

    def fill(folder: Path) -> None:
        train_causal(pairs, known, folder, conduct=here.conduct, seed=seed, threads=1)

    marks = (taught, base.name, settings.model_dump_json(), seed, here.conduct.hash)
    return once(here.work, fill, *marks)


def once(work: Path, fill: Callable[[Path], object], *marks: object) -> Path:
    """The folder of what these marks stand for, filled unless it is there."""
    told = " ".join(map(str, marks))
    folder = work / "trained" / hashlib.sha256(told.encode()).hexdigest()[:16]
    if not folder.exists():
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        fill(unfinished)
        unfinished.rename(folder)
    return folder


def leant(
    tagger: Tagger,
    taught: Sequence[Source],
    quiet: Sequence[Document],
    success: Callable[[Sequence[Source], Sequence[Rewrite]], float],
) -> Tagger:
    """The lean of most success, as the mined lexicon is chosen, among those that leave enough
    tweets that are to stay. A lean counts with its neighbours, since what decides between them are
    a few texts."""
    trials, found = [], []
    for lean in LEANS:
        trial = tagger._replace(lean=lean)
        worker = EditWorker(trial, model_hash="", batch=8192)
        if trials and quiet and unchanged(quiet, worker) < 1 - MOST_CHANGED:
            break
        trials.append(trial)
        found.append(succeeding(success, taught, worker))
    near = [np.mean(found[max(0, place - 1) : place + 2]) for place in range(len(found))]
    return trials[int(np.argmax(near))]


def succeeding(
    success: Callable[[Sequence[Source], Sequence[Rewrite]], float],
    sources: Sequence[Source],
    worker: Worker,
) -> float:
    """The success of a worker by the choosing checks."""
    return success(sources, worker.rewrite(documents(one.text for one in sources)))


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
    drafted = [f"{size}, {DRAFTS}" for size in told.sizes]
    order = [name for name in (*FIXED[:-1], CAUSAL, *told.sizes, *drafted, "human") if name in mean]
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
    ours = [name for name in (*told.sizes, *drafted) if name in mean]
    for one, other in [(size, name) for size in ours for name in order if name != size]:
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
    witness_at, other_at = (best_split(one, fold.train) for one in (here.witness, here.other))
    checks = Checks(here.gate, here.witness, witness_at, here.fluency)
    choosing = Checks(here.gate, here.other, other_at, here.fluency)
    pairs = taught_pairs(task, fold, here, other_at, told)
    many = [one.text for one in fold.train[:8000]]
    header("worker", "parameters", "weights", *RATES, "equal rewrites", "joint success")
    for size in told.sizes:
        tagger = tuned_worker(task, pairs, size, told.seeds[0], here, choosing)
        folder = _saved(size, told)
        save_tagger(folder, tagger)
        count = sum(weights.numel() for weights in tagger.model.parameters())
        save(draft_fluency(pairs, here), folder / "fluency.npz")
        drafts = Drafts(
            scorer=f"ngram:{told.weights / OTHER}",
            threshold=other_at,
            fluency=f"fluency:{folder / 'fluency.npz'}",
            tolerance=TOLERANCE,
        )
        (folder / DRAFTS).write_text(drafts.model_dump_json(), encoding="utf-8")
        whole = _formed(folder, "fp32").rewrite(documents(many))
        for form in (*FORMS, DRAFTS):
            worker = _formed(folder, form)
            rewrites = worker.rewrite(documents(many))
            equal = np.mean([a == b for a, b in zip(rewrites, whole, strict=True)])
            joint = judged(task, checks, fold.test, worker).joint.mean()
            print(f"| {size} | {count:,} | {form} | {rates(folder, form, many)} | ", end="")
            print(f"{equal:.4f} | {joint:.3f} |", flush=True)
    for seed in told.causal:
        few = many[:CAUSAL_TIMED]
        print(f"\nThe first {len(few)} of them\n")
        header("worker", *RATES, "joint success")
        for size in told.sizes:
            print(f"| {size} | {rates(_saved(size, told), 'fp32', few)} | |", flush=True)
        folder = trained_causal(pairs, CAUSAL_SETTINGS.model_copy(update=ABUSE), seed, here)
        joint = judged(task, checks, fold.test, _formed(folder, CAUSAL)).joint.mean()
        print(f"| {CAUSAL} | {rates(folder, CAUSAL, few)} | {joint:.3f} |", flush=True)


def _saved(size: str, told: argparse.Namespace) -> Path:
    folder: Path = told.work / "speed" / size.replace(" ", "-")
    return folder


def rates(folder: Path, form: str, texts: Sequence[str]) -> str:
    """Texts per second and per CPU second, of the first pass and the best of later ones."""
    by_clock, by_cpu = passes(folder, form, texts)
    shown = [by_clock[0], max(by_clock[1:]), by_cpu[0], max(by_cpu[1:])]
    return " | ".join(f"{one:,.0f}" for one in shown)


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


def _formed(folder: Path, form: str) -> Worker:
    """The worker of a folder, its weights in a form of `FORMS` or, whole, choosing between
    drafts; or the one that writes."""
    if form == CAUSAL:
        return CausalWorker.open(folder, conduct=load_conduct("default"), settings=WRITING)
    if form == DRAFTS:
        settings = Drafts.model_validate_json((folder / DRAFTS).read_text(encoding="utf-8"))
        choice = open_choice(settings, GateSettings(), load_conduct("default"), Protect())
        return EditWorker(open_tagger(folder), model_hash="", batch=8192, choice=choice)
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
