"""Each verb of the command line as one typed function: what `import tahdhib` offers.

Heavy modules are imported by the function that needs them, so that importing the package costs
little and never loads torch.
"""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Protocol

from tahdhib.conduct.conduct import Conduct, Rule
from tahdhib.conduct.load import load_conduct
from tahdhib.conduct.prompt import TEMPLATES, system_prompt
from tahdhib.conduct.remarks import remarks
from tahdhib.conduct.rewrite import rewrite as rewrite_by_rules
from tahdhib.config import Recipe
from tahdhib.config.environment import cpu_count
from tahdhib.config.load import load_pretrain, load_recipe, load_tune, parse_recipe
from tahdhib.config.pretrain import Pretrain
from tahdhib.config.recipe import Fluency as FluencySettings
from tahdhib.config.recipe import Ingest, Protect
from tahdhib.doctor import Finding, examine
from tahdhib.errors import DataError, RecipeError
from tahdhib.estimate import Estimate, Prices
from tahdhib.estimate import estimate as estimate_sample
from tahdhib.match.bands import Curve, curve
from tahdhib.progress import Progress, Silence
from tahdhib.protect.shelter import open_shelter
from tahdhib.protect.shield import spare
from tahdhib.readers import find_sources
from tahdhib.records import Edit
from tahdhib.run.pipeline import RunResult, at_stage, run_recipe
from tahdhib.score.card import Card
from tahdhib.stages.ingest.peek import Peek, peek
from tahdhib.store.run_folder import RunFolder

if TYPE_CHECKING:
    from tahdhib.compare.compare import Comparison as WorkerComparison
    from tahdhib.evaluate.compare import Comparison
    from tahdhib.evaluate.duel import Judged
    from tahdhib.evaluate.evaluate import Evaluated
    from tahdhib.evaluate.generations import Free
    from tahdhib.evaluate.greedy import Written
    from tahdhib.forecast import Forecast
    from tahdhib.gate.calibration import Calibration
    from tahdhib.hub.publish import Published
    from tahdhib.pilot import Pilot
    from tahdhib.polish import Polished
    from tahdhib.protect.fingerprint import Fingerprints
    from tahdhib.report.pairs import PairsView
    from tahdhib.review.axes import Ratings
    from tahdhib.review.sample import Sampled
    from tahdhib.score.files import Counts
    from tahdhib.score.training.train import Trained
    from tahdhib.teachers.exam import Exam
    from tahdhib.train.forecast import Forecast as Reckoned
    from tahdhib.train.pretrain import Pretrained
    from tahdhib.train.tokens import Packed
    from tahdhib.train.tune import Tuned

_PEEK_BYTES = 1 << 30
"""Of a larger corpus no more than this is read for an estimate or a preview."""

_PREVIEW_SAMPLE = 2000


class StageVerb(Protocol):
    """What each stage's verb looks like."""

    def __call__(
        self,
        recipe: Path | str,
        out: Path | str,
        *,
        set: Iterable[str] = (),
        limit: int | None = None,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> RunResult: ...


@dataclass(frozen=True, slots=True)
class Previewed:
    """A document with what the rules would do to it."""

    id: str
    source: str
    edits: tuple[Edit, ...]
    drop_reason: str | None


@dataclass(frozen=True, slots=True)
class TrainingForecast:
    """The recipe of a training, and what it will take."""

    recipe: Pretrain
    found: "Reckoned"


@dataclass(frozen=True, slots=True)
class CheckedConduct:
    """A conduct that a run can use, and what its author should still add."""

    conduct: Conduct
    remarks: list[str]


def run(
    recipe: Path | str,
    out: Path | str,
    *,
    set: Iterable[str] = (),
    limit: int | None = None,
    dry_run: bool = False,
    until: str | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """Take the input of `recipe` to an aligned corpus in the run folder `out`.

    Running again with the same folder is the resume. `until` stops after that stage; the report
    is written when the last stage is done.

    Raises:
        TahdhibError: a recipe, input or endpoint cannot be used; the message says what to do.
    """
    loaded = _recipe(Path(recipe), set, limit)
    command = _command("run", recipe, out, set, limit)
    return _run(loaded, Path(out), until=until, dry_run=dry_run, command=command, progress=progress)


def _stage_verb(stage: str, what: str) -> StageVerb:
    """The verb of one stage: `run` that stops after it."""

    def verb(
        recipe: Path | str,
        out: Path | str,
        *,
        set: Iterable[str] = (),
        limit: int | None = None,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> RunResult:
        return run(
            recipe, out, set=set, limit=limit, dry_run=dry_run, until=stage, progress=progress
        )

    verb.__name__ = verb.__qualname__ = stage
    verb.__doc__ = f"{what}; arguments as for `run`."
    return verb


ingest = _stage_verb("ingest", "Read the recipe's input into documents")
dedup = _stage_verb("dedup", "Run up to dedup: exact and near-duplicates dropped")
signals = _stage_verb("signals", "Run up to signals: every document measured")
clean = _stage_verb("clean", "Run up to clean: filters, personal data, decontamination")
annotate = _stage_verb("annotate", "Run up to annotate: a sample rewritten by the teacher")
worker = _stage_verb("worker", "Run up to worker: the worker trained on the pairs")
rewrite = _stage_verb("rewrite", "Run up to rewrite: the corpus rewritten and gated")
audit = _stage_verb("audit", "Run up to audit: before and after measured")
publish = _stage_verb("publish", "Run up to publish: the corpus written")


def bands(*, threshold: float = 0.8, hashes: int = 128, documents: int = 1_000_000) -> Curve:
    """Say which bands follow from a threshold, what they find and what they cost.

    Raises:
        RecipeError: a value is out of range.
    """
    asked = {"threshold": threshold, "hashes": hashes}
    settings = parse_recipe({"ingest": {"paths": ["-"]}, "dedup": asked}, source="bands").dedup
    return curve(settings.hashes, settings.threshold, documents)


def doctor(folder: Path | str = ".") -> list[Finding]:
    """Look at this machine and the disk under `folder`: what is there, what is missing."""
    return examine(Path(folder))


def demo(
    out: Path | str = "runs/demo",
    *,
    set: Iterable[str] = (),
    progress: Progress | None = None,
) -> RunResult:
    """Run the whole way on the real texts in the package."""
    from tahdhib.demo import recipe_path

    loaded = _recipe(recipe_path(), set, None)
    command = shlex.join(["tahdhib", "demo", "--out", str(out), *_settings(set)])
    return _run(loaded, Path(out), until=None, dry_run=False, command=command, progress=progress)


def report(run_folder: Path | str) -> Path:
    """Write the report of a run anew and return its path.

    Raises:
        DataError: the folder holds no run.
    """
    from tahdhib.report.write import write_report

    folder = RunFolder(Path(run_folder))
    folder.check_is_run()
    return write_report(folder)


def pairs(run_folder: Path | str) -> "PairsView":
    """What the teacher made in a run: edit rates, rules applied, refusals, candidates, cost.

    Raises:
        DataError: the folder holds no run, or its pairs are not finished.
    """
    from tahdhib.report.pairs import read_pairs

    return read_pairs(RunFolder(Path(run_folder)))


def pairs_report(run_folder: Path | str) -> Path:
    """Write what the teacher made in a run as one HTML file, and return its path.

    Raises:
        DataError: the folder holds no run, or its pairs are not finished.
    """
    from tahdhib.report.write import write_pairs

    return write_pairs(RunFolder(Path(run_folder)))


def pairs_judge(
    run_folder: Path | str,
    judge: str,
    *,
    number: int = 200,
    seed: int = 17,
    votes: Iterable[Path | str] = (),
    progress: Progress | None = None,
) -> "Ratings":
    """Have a model rate a sample of a run's changed pairs on five axes, in both orders.

    Raises:
        TahdhibError: no pair, a broken file of votes, or an endpoint that cannot be used.
    """
    from tahdhib.review.axes import Asked, rate

    folder = RunFolder(Path(run_folder))
    folder.check_is_run()
    conduct = load_conduct(load_recipe(folder.recipe, ()).conduct)
    asked = Asked(judge, number, seed, [Path(path) for path in votes])
    return rate(folder, conduct, asked, progress or Silence())


def pairs_tasks(
    run_folder: Path | str, out: Path | str, *, number: int = 200, seed: int = 17
) -> int:
    """Write a sample of a run's changed pairs for people to rate on five axes; how many.

    Raises:
        DataError: the run has no changed pair.
    """
    from tahdhib.review.axes import tasks

    return tasks(RunFolder(Path(run_folder)), Path(out), number=number, seed=seed)


def estimate(
    path: str,
    *,
    text: str = "text",
    conduct: str = "default",
    sample: int = 2000,
    seed: int = 17,
    prices: Prices,
    progress: Progress | None = None,
) -> Estimate:
    """Forecast from a sample what the rules would do to the corpus at `path`, and what it costs.

    Raises:
        TahdhibError: nothing readable lies at `path`, or the conduct is unknown.
    """
    listener = progress or Silence()
    peeked = _peek(path, text, sample, seed, listener)
    return estimate_sample(
        peeked,
        load_conduct(conduct),
        prices,
        seed=seed,
        cores=cpu_count(),
        progress=listener,
    )


def forecast(
    recipe: Path | str,
    out: Path | str,
    *,
    pilot: int = 200,
    budget: float | None = None,
    set: Iterable[str] = (),
    limit: int | None = None,
    progress: Progress | None = None,
) -> "Forecast":
    """Have the recipe's teacher rewrite a pilot, and say what all chosen documents will cost. What
    annotate needs is done first; the pilot's answers are not bought again. Given a budget, by
    default the recipe's, it says how many documents that is enough for.

    Raises:
        TahdhibError: as `run`, or the teacher costs nothing.
    """
    from tahdhib.forecast import forecast as ask_pilot
    from tahdhib.forecast import paid

    loaded = _recipe(Path(recipe), set, limit)
    paid(loaded.annotate, load_conduct(loaded.conduct), RunFolder(Path(out)).replies)
    with at_stage(loaded, Path(out), "annotate", progress) as place:
        own = loaded.annotate.openai.budget
        return ask_pilot(place, pilot, own if budget is None else budget)


def preview(
    path: str,
    *,
    text: str = "text",
    conduct: str = "default",
    documents: int = 10,
    seed: int = 17,
    unchanged: bool = False,
    progress: Progress | None = None,
) -> list[Previewed]:
    """Rewrite a few documents of `path` by the rules and return them with their edits.

    Raises:
        TahdhibError: nothing readable lies at `path`, or the conduct is unknown.
    """
    rules, shelter = load_conduct(conduct), open_shelter(Protect())
    peeked = _peek(path, text, _PREVIEW_SAMPLE, seed, progress or Silence())
    shown: list[Previewed] = []
    for document in peeked.documents:
        result = spare(document.text, rewrite_by_rules(document.text, rules), shelter)
        if result.edits or result.drop_reason or unchanged:
            shown.append(Previewed(document.id, document.text, result.edits, result.drop_reason))
        if len(shown) == documents:
            break
    return shown


def polish(
    text: str,
    *,
    run_folder: Path | str | None = None,
    worker_folder: Path | str | None = None,
    conduct: str = "default",
) -> "Polished":
    """Rewrite one text and judge the rewrite and each of its edits: by the worker of a run under
    that run's own conduct and gate, by the trained worker in a folder under `conduct`, or by the
    rules of `conduct`.

    Raises:
        TahdhibError: both folders are named, one holds no worker, or the conduct cannot be used.
    """
    from tahdhib.config.recipe import Gate as GateSettings
    from tahdhib.config.recipe import Rewrite as RewriteSettings
    from tahdhib.polish import polish as polish_texts
    from tahdhib.stages.rewrite.choosing import open_choice
    from tahdhib.workers.table import kind_of, model_folder, open_worker

    if run_folder is not None and worker_folder is not None:
        raise RecipeError("polish: got a run and a worker; expected one of them. Leave one out.")
    if run_folder is not None:
        run = RunFolder(Path(run_folder))
        run.check_is_run()
        recipe = load_recipe(run.recipe, ())
        kind: str = recipe.worker.kind
        rules = load_conduct(recipe.conduct)
        seed, random_rate = recipe.seed, recipe.worker.random_rate
        folder: Path | None = run.stage("worker").file(model_folder(kind))
        settings, gate, protect = recipe.rewrite, recipe.gate, recipe.protect
    else:
        folder = None if worker_folder is None else Path(worker_folder)
        kind = "rules" if folder is None else kind_of(folder)
        rules = load_conduct(conduct)
        seed, random_rate = 0, 0.0
        settings, gate, protect = RewriteSettings(), GateSettings(), Protect()
    worker = open_worker(
        kind,
        conduct=rules,
        folder=folder,
        seed=seed,
        random_rate=random_rate,
        batch=settings.batch,
        threads=settings.threads,
        is_light=True,
        causal=settings.causal,
        choosing=partial(open_choice, settings.drafts, gate, rules, protect),
    )
    shelter, most = open_shelter(protect), settings.passage_characters
    return polish_texts([text], worker, rules, gate, shelter, passage_characters=most)[0]


def gate_calibrate(
    out: Path | str,
    *,
    recipe: Path | str | None = None,
    people: Iterable[str] = (),
    passages: Iterable[str] = (),
    faults: Iterable[str] = (),
    rate: float = 0.05,
    seed: int = 17,
    progress: Progress | None = None,
) -> "Calibration":
    """Choose the gate's thresholds so that of rewrites that people wrote (`people`) and of
    harmlessly edited `passages` no more than `rate` are refused, with the most `faults` found, and
    write them to `out` as the section `gate` of a recipe.

    Without files the package makes what it can; without a recipe the defaults are the start.

    Raises:
        TahdhibError: a file holds no pairs, or a fault says no kind.
    """
    from tahdhib.calibrate import Given, samples, write_fragment
    from tahdhib.config.recipe import Gate as GateSettings
    from tahdhib.gate.calibration import calibrate

    if not 0 < rate < 1:
        raise RecipeError(f"--rate: {rate:g} is no share between 0 and 1; 0.05 is usual.")
    told = _recipe(Path(recipe), (), None) if recipe else None
    given = Given(tuple(people), tuple(passages), tuple(faults))
    conduct = load_conduct(told.conduct if told else "default")
    shelter = open_shelter(told.protect if told else Protect())
    read = samples(given, conduct, shelter, seed, progress or Silence())
    found = calibrate(read, told.gate if told else GateSettings(), rate=rate, seed=seed)
    write_fragment(found, Path(out))
    return found


def worker_compare(
    candidates: Iterable[str],
    *,
    pairs: Path | str | None = None,
    clean: Iterable[str] = (),
    conduct: str = "default",
    scorer: str = "ngram",
    fluency: str | None = None,
    documents: int = 1000,
    seed: int = 17,
    repetitions: int = 2000,
    rounds: int = 5,
    seconds: float = 2.0,
    threads: int = 1,
    price_per_core_hour: float = 0.05,
    price_per_million_input: float | None = None,
    price_per_million_output: float | None = None,
    cache: Path | str = "runs/compare",
    progress: Progress | None = None,
) -> "WorkerComparison":
    """Compare workers on pairs that none of them learned from: what each changes, keeps and breaks,
    how fast, for what money.

    A candidate is `copy`, `random`, `lexicon` or `rules`, the folder of a trained worker, a run, or
    a recipe, whose worker is trained in `cache`; `NAME=WHAT` gives it a name. `pairs` is a run, or
    a file of pairs by people; by default those of the first run. No `rounds`: nothing is timed.

    Raises:
        TahdhibError: a candidate cannot be opened, or there is nothing to measure it on.
    """
    from tahdhib.compare.compare import Asked, compare
    from tahdhib.compare.speed import Prices as WorkerPrices
    from tahdhib.compare.table import Draws

    asked = Asked(
        candidates=list(candidates),
        pairs=None if pairs is None else Path(pairs),
        clean=list(clean),
        conduct=conduct,
        scorer=scorer,
        fluency=fluency,
        documents=documents,
        draws=Draws(seed, repetitions),
        rounds=rounds,
        seconds=seconds,
        threads=threads,
        prices=WorkerPrices(price_per_core_hour, price_per_million_input, price_per_million_output),
        cache=Path(cache),
    )
    return compare(asked, progress or Silence())


def conduct_validate(conduct: str) -> CheckedConduct:
    """Check a conduct, of the package by its name or a YAML file.

    Raises:
        RecipeError: it cannot be used; the sentence says where and why.
    """
    loaded = load_conduct(conduct)
    return CheckedConduct(loaded, remarks(loaded))


def conduct_show(conduct: str = "default") -> Conduct:
    """Read a conduct, with what it builds on resolved.

    Raises:
        RecipeError: it cannot be used.
    """
    return load_conduct(conduct)


def conduct_rule(conduct: Conduct, rule: str) -> Rule:
    """The rule with this id.

    Raises:
        RecipeError: the conduct has none.
    """
    found = conduct.rule(rule)
    if found is None:
        known = ", ".join(one.id for one in conduct.rules)
        raise RecipeError(f"{conduct.name}: has no rule {rule!r}; its rules: {known}.")
    return found


def conduct_prompt(conduct: str, language: str) -> str:
    """What a teacher that is a model is told of a conduct, in `ar` or `en`.

    Raises:
        RecipeError: the conduct cannot be used, or there is no prompt in this language.
    """
    if language not in TEMPLATES:
        raise RecipeError(
            f"there is no prompt in {language!r}; known: {', '.join(TEMPLATES)}. Name one of them."
        )
    return system_prompt(load_conduct(conduct), language)


def conduct_redo(
    run_folder: Path | str, conduct: str, *, progress: Progress | None = None
) -> tuple[str, ...]:
    """Say what a run would redo under another conduct, stage by stage; nothing is done.

    Raises:
        TahdhibError: the folder holds no run, or the conduct cannot be used.
    """
    folder = RunFolder(Path(run_folder))
    folder.check_is_run()
    load_conduct(conduct)
    recipe = load_recipe(folder.recipe, ()).model_copy(update={"conduct": conduct})
    return run_recipe(recipe, folder.root, is_dry=True, progress=progress).steps


def conduct_fingerprint(
    paths: Iterable[Path | str],
    out: Path | str,
    *,
    kind: str = "verse",
    ordinary: Iterable[Path | str] = (),
    least_words: int = 4,
    gaps: bool = True,
    credit: str = "",
) -> "Fingerprints":
    """Make fingerprints of the passages in files, and write them to `out`.

    `least_words` is the shortest span that is found; `ordinary` are files of everyday text, whose
    formulas are left out; `gaps`: one word may be missing.

    Raises:
        TahdhibError: the kind is unknown, a file cannot be read, or none holds four words.
    """
    from tahdhib.protect.fingerprint import KINDS, About, make, save
    from tahdhib.protect.passages import read_passages

    if kind not in KINDS:
        raise RecipeError(f"--kind: {kind!r} is unknown; known: {', '.join(KINDS)}.")
    sources = [Path(path) for path in paths]
    made = make(
        [passage for path in sources for passage in read_passages(path)],
        About(kind, credit, least_words),
        ordinary=(text for path in ordinary for text in read_passages(Path(path))),
        gaps=gaps,
    )
    if not len(made.hashes):
        raise DataError(
            f"{', '.join(map(str, sources))}: no four Arabic words in a row; expected passages, a "
            "line, a row or a `text` each. Name a file that has some."
        )
    save(made, Path(out))
    return made


def conduct_test(
    conduct: str | None = None,
    *,
    teacher: str = "rules",
    recipe: Path | str | None = None,
    set: Iterable[str] = (),
    out: Path | str = "runs/conduct-test",
    progress: Progress | None = None,
) -> "Exam":
    """Put every example of every rule to a teacher and mark what it makes of them.

    A teacher other than the rules is set up by the section `annotate` of `recipe`, whose conduct
    is tested unless another is named; what it answers is kept under `out` and not asked again.

    Raises:
        TahdhibError: the conduct or the recipe cannot be used, or the teacher cannot be reached.
    """
    from tahdhib.config.recipe import Annotate
    from tahdhib.teachers.exam import Exam, marked, marks_by_rule, questions
    from tahdhib.teachers.table import TEACHERS, name_of
    from tahdhib.teachers.teacher import Classroom

    if teacher not in TEACHERS:
        raise RecipeError(f"teacher: {teacher!r} is unknown; known: {', '.join(TEACHERS)}.")
    if teacher != "rules" and recipe is None:
        raise RecipeError(
            f"teacher {teacher!r}: no recipe says how to reach it. Name one with -c RECIPE; its "
            "section annotate counts."
        )
    loaded = None if recipe is None else _recipe(Path(recipe), set, None)
    settings = Annotate() if loaded is None else loaded.annotate
    settings = settings.model_copy(update={"teacher": teacher})
    rules = load_conduct(conduct or ("default" if loaded is None else loaded.conduct))
    by_matchers = teacher == "rules"
    asked = questions(rules, by_matchers=by_matchers)
    folder = RunFolder(Path(out))
    room = Classroom(rules, settings, folder.replies, people=folder.people)
    with (progress or Silence()).task("test", len(asked), "examples") as task:
        lessons = TEACHERS[teacher].teach([one.example.before for one in asked], room, task.advance)
    marks = [marked(one, lesson.taught) for one, lesson in zip(asked, lessons, strict=True)]
    by_rule = marks_by_rule(rules, marks, by_matchers=by_matchers)
    return Exam(rules, name_of(settings), by_rule)


def score_list() -> dict[str, str]:
    """Name of each scorer that a recipe may name -> what its module says of it in one line."""
    from tahdhib.score.table import described

    return described()


def score_show(scorer: str) -> Card:
    """The card of a scorer, named as in a recipe.

    Raises:
        TahdhibError: there is none of that name, or its argument is none of its own.
    """
    from tahdhib.score.table import open_card

    return open_card(scorer)


def score_run(
    scorer: str,
    path: str,
    out: Path | str,
    *,
    text: str = "text",
    whole: bool = False,
    progress: Progress | None = None,
) -> "Counts":
    """Score the texts of files and write a row for each to `out`, JSON lines or Parquet by its
    name; how many were scored. `whole` rows hold what their record holds, too: JSON lines only.

    Raises:
        TahdhibError: no scorer of that name, nothing to read, or nowhere to write.
    """
    from tahdhib.score.files import Counts, score_files, write_scores
    from tahdhib.score.table import open_scorer

    if whole and Path(out).suffix != ".jsonl":
        raise RecipeError(f"{out}: whole rows are JSON lines; expected a name that ends in .jsonl.")
    opened, sources, counts = open_scorer(scorer), find_sources([path]), Counts()
    total = sum(source.size for source in sources)
    with (progress or Silence()).task("score", total, "bytes") as task:
        rows = score_files(opened, sources, text, counts, task.advance, whole=whole)
        write_scores(rows, opened, Path(out))
    if not counts.scored:
        raise DataError(
            f"{path}: none of {counts.without_text:,} records holds text in the field {text!r}. "
            "Name the right field with --text."
        )
    return counts


def score_train(
    data: Path | str,
    out: Path | str,
    *,
    kind: str = "all",
    labels: Iterable[Path | str] = (),
    meaning: str | None = None,
    progress: Progress | None = None,
) -> "Trained":
    """Train weights of the toxicity scorer (`kind`: a, b or all) into a folder of `out`;
    `meaning`: a set whose sense of toxicity is wanted.

    Raises:
        TahdhibError: scipy or a labelled set is missing, or a file of labels is broken.
    """
    from tahdhib.score.training.train import train_weights

    paths = [Path(path) for path in labels]
    return train_weights(
        Path(data), Path(out), kind=kind, labels=paths, meaning=meaning, progress=progress
    )


def score_fluency(
    reference: Iterable[str] | None,
    out: Path | str,
    *,
    recipe: Path | str | None = None,
    text: str | None = None,
    order: int | None = None,
    progress: Progress | None = None,
) -> Card:
    """Train the built-in fluency model on reference text and write it to `out`; its card.

    What is not given comes from `audit.fluency` of the recipe, else from its defaults.

    Raises:
        TahdhibError: no reference is named, or it holds no text.
    """
    from tahdhib.score.fluency.builtin import Fluency
    from tahdhib.score.fluency.model import MAX_WORDS, save, train
    from tahdhib.score.fluency.reference import reference_texts

    told = _recipe(Path(recipe), (), None).audit.fluency if recipe else FluencySettings()
    paths = list(reference or told.reference)
    if not paths:
        raise RecipeError(
            "no reference text is named. Name it with --reference PATH, or in audit.fluency of a "
            "recipe with -c RECIPE."
        )
    sources = find_sources(paths)
    listener = progress or Silence()
    with listener.task("reference", sum(source.size for source in sources), "bytes") as task:
        texts = reference_texts(sources, text or told.text, task.advance)
        names = tuple(PurePath(source.path).name for source in sources)
        model = train(texts, reference=names, order=order or told.order)
    if model.origin.words >= MAX_WORDS:
        listener.say(
            f"reading stopped at {model.origin.words:,} words, in the order of the files' names; "
            "what lies after that was not learned. Name less of each kind of text."
        )
    save(model, Path(out))
    return Fluency.of(model).card


def tokens(
    paths: Iterable[str],
    out: Path | str,
    *,
    tokenizer: Path | str | None = None,
    size: int = 32_000,
    text: str = "text",
    group: str = "language",
    end: str | None = None,
    progress: Progress | None = None,
) -> "Packed":
    """Pack the texts of files into a folder of tokens in `out`, or go on where it stopped.

    Without a `tokenizer` a byte-level BPE of `size` tokens is trained on the same texts.

    Raises:
        TahdhibError: the files hold no text, or the vocabulary lacks the end token.
    """
    from tahdhib.train.tokens import END, Names, Texts, open_tokenizer, pack, vocabulary_of

    corpus = Texts(find_sources(paths, "the paths"), Names(text, group, end or END))
    if tokenizer is None:
        vocabulary = vocabulary_of([corpus], size, Path(out))
    else:
        vocabulary = open_tokenizer(Path(tokenizer))
    return pack(corpus, vocabulary, Path(out), progress=progress)


def pretrain(
    recipe: Path | str,
    out: Path | str,
    *,
    set: Iterable[str] = (),
    progress: Progress | None = None,
) -> "Pretrained":
    """Train a causal language model into the folder `out`, or go on where it stopped.

    Raises:
        TahdhibError: a corpus, model or vocabulary cannot be used, or the disk is full.
    """
    from tahdhib.train.pretrain import pretrain

    return pretrain(load_pretrain(Path(recipe), set), Path(out), progress=progress)


def pretrain_forecast(recipe: Path | str, *, set: Iterable[str] = ()) -> "TrainingForecast":
    """What a training will take: parameters, tokens, operations, memory and disk, reckoned from its
    recipe. No corpus is read and no hub asked; what is not known says so.

    Raises:
        TahdhibError: the recipe cannot be used, or reads more of a corpus than it holds.
    """
    from tahdhib.train.forecast import forecast

    loaded = load_pretrain(Path(recipe), set)
    return TrainingForecast(loaded, forecast(loaded))


def tune(
    recipe: Path | str,
    out: Path | str,
    *,
    set: Iterable[str] = (),
    progress: Progress | None = None,
) -> "Tuned":
    """Teach a causal language model to answer, into the folder `out`, or go on where it stopped.

    Raises:
        TahdhibError: the model or its conversations cannot be used, the preflight refuses what
            would be learned, or the disk is full.
    """
    from tahdhib.train.tune import tune

    return tune(load_tune(Path(recipe), set), Path(out), progress=progress)


def evaluate(
    model: Path | str,
    tasks: Iterable[str],
    data: Path | str,
    out: Path | str,
    *,
    free: "Free | None" = None,
    corpus: Iterable[str] = (),
    text: str = "text",
    limit: int | None = None,
    seed: int = 17,
    threads: int = 1,
    progress: Progress | None = None,
) -> "Evaluated":
    """Score a model on named variants of benchmarks, whose files lie below `data`, into `out`;
    and by what it writes freely, where `free` says how. Items that stand in `corpus`, in the field
    `text` of its files, are told apart.

    `model` is a folder that `save_pretrained` wrote or a name on the hub. Running again with the
    same folder goes on where it stopped; other tasks are added to the results in it.

    Raises:
        TahdhibError: a task is unknown, a file missing, or the model cannot be used.
    """
    from tahdhib.evaluate.evaluate import Wanted
    from tahdhib.evaluate.evaluate import evaluate as score
    from tahdhib.evaluate.tasks import chosen

    wanted = Wanted(chosen(list(tasks)), str(data), limit, seed, threads, free, tuple(corpus), text)
    return score(str(model), wanted, Path(out), progress or Silence())


def publish_model(
    model: Path | str,
    out: Path | str,
    *,
    results: Iterable[Path | str] = (),
    licence: str | None = None,
    source_licences: Iterable[str] = (),
    languages: Iterable[str] = (),
    name: str | None = None,
    upload: str | None = None,
    private: bool = False,
) -> "Published":
    """Make of a folder of `pretrain` or `tune` one that is ready for a hub, in `out`, with a card:
    hashes of its sources, licences, and the results of evaluations. `source_licences` are
    statements `LINK=ID`. `upload` is a repository OWNER/NAME that it also goes to.

    Raises:
        TahdhibError: the model is not finished, a licence is unknown or forbids it, results are of
            another model, or the hub refuses.
    """
    from tahdhib.hub.licences import stated
    from tahdhib.hub.publish import Stated
    from tahdhib.hub.publish import publish_model as publish
    from tahdhib.hub.upload import upload as upload_to_hub

    told = Stated(
        name, licence, stated(source_licences), tuple(languages), tuple(map(Path, results))
    )
    found = publish(Path(model), Path(out), told)
    if upload is not None:
        found = replace(found, address=upload_to_hub(found.folder, upload, private=private))
    return found


def answer(
    model: Path | str,
    prompts: str,
    out: Path | str,
    *,
    field: str = "prompt",
    limit: int | None = None,
    tokens: int = 512,
    threads: int = 1,
    progress: Progress | None = None,
) -> "Written":
    """Have a model answer the prompts of a file, greedily, into `answers.jsonl` in `out`, for
    `judge`. Running again goes on where it stopped.

    Raises:
        TahdhibError: the file holds no prompt, or the model cannot be used.
    """
    from tahdhib.evaluate.greedy import Asked
    from tahdhib.evaluate.greedy import answer as write

    asked = Asked(prompts, field, limit, tokens, threads)
    return write(str(model), asked, Path(out), progress or Silence())


def judge(
    first: Path | str,
    second: Path | str,
    axis: str,
    judge: str,
    *,
    out: Path | str | None = None,
    progress: Progress | None = None,
) -> "Judged":
    """Have a model judge the answers of two files pair by pair, in both orders: one behind an
    endpoint, or as `local:FOLDER` one in this process.

    Raises:
        TahdhibError: the axis is unknown, a file holds no answers, or the judge cannot be used.
    """
    from tahdhib.evaluate.duel import judged
    from tahdhib.score.adapters.duel import AXES

    if axis not in AXES:
        raise RecipeError(f"--axis {axis}: is unknown; known: {', '.join(AXES)}. Name one of them.")
    place = None if out is None else Path(out)
    return judged(str(first), str(second), axis, judge, place, progress or Silence())


def compare(folders: Iterable[Path | str]) -> "list[Comparison]":
    """Compare evaluations with the first of them, paired by item; never across variants.

    Raises:
        DataError: a folder holds no evaluation, or none share a task.
    """
    from tahdhib.evaluate.compare import compare as compared

    return compared([Path(folder) for folder in folders])


def show(
    run_folder: Path | str,
    *,
    stage: str | None = None,
    id: str | None = None,
    number: int = 20,
) -> list[str]:
    """Say in lines what lies in a run: the ledger, a stage's drops, or one document's way.

    Raises:
        DataError: the folder holds no run, or no such stage or document.
    """
    from tahdhib.report.show import document_lines, drop_lines, ledger_lines

    folder = RunFolder(Path(run_folder))
    folder.check_is_run()
    if id is not None:
        return list(document_lines(folder, id))
    if stage is not None:
        return list(drop_lines(folder, stage, number))
    return list(ledger_lines(folder))


def pilot(
    source: Path | str,
    *,
    scorers: Iterable[str] = ("ngram",),
    preservation: Iterable[str] = ("preservation",),
    documents: int = 8000,
    seed: int = 17,
    repetitions: int = 2000,
    fields: tuple[str, str] = ("source", "rewrite"),
    progress: Progress | None = None,
) -> "Pilot":
    """The native-alignment paper's pilot table for a run, or for files of pairs.

    Raises:
        TahdhibError: no pair lies there, or a scorer is unknown.
    """
    from tahdhib.pilot import Settings
    from tahdhib.pilot import pilot as measure

    settings = Settings(tuple(scorers), tuple(preservation), documents, seed, repetitions, fields)
    return measure(Path(source), settings, progress or Silence())


def review_sample(
    run_folder: Path | str,
    out: Path | str,
    *,
    number: int = 200,
    seed: int = 17,
    progress: Progress | None = None,
) -> "Sampled":
    """Write a blind sample of a run's rewrites for people to judge, and its key into the run.

    Raises:
        DataError: nothing was rewritten.
    """
    from tahdhib.review.sample import sample

    folder = RunFolder(Path(run_folder))
    return sample(folder, Path(out), number=number, seed=seed, progress=progress or Silence())


def review_read(
    run_folder: Path | str, answers: Iterable[Path | str], *, partial: bool = False
) -> Path:
    """Read people's answers back into the run, and return the file with the result.

    Raises:
        DataError: an answer is unknown, missing or given twice; the message says where.
    """
    from tahdhib.review.read import read_answers

    paths = [Path(path) for path in answers]
    return read_answers(RunFolder(Path(run_folder)), paths, partial=partial)


def _peek(path: str, text: str, count: int, seed: int, progress: Progress) -> Peek:
    sources = find_sources([path])
    settings = Ingest(paths=(path,), text=text)
    total = min(sum(source.size for source in sources), _PEEK_BYTES)
    with progress.task("sample", total, "bytes") as task:
        peeked = peek(
            sources,
            settings,
            count=count,
            seed=seed,
            budget_bytes=_PEEK_BYTES,
            on_bytes=task.advance,
        )
    if not peeked.documents:
        raise DataError(
            f"{path}: none of {peeked.records:,} records holds text in the field {text!r}. "
            "Name the right field with --text."
        )
    return peeked


def _recipe(path: Path, overrides: Iterable[str], limit: int | None) -> Recipe:
    loaded = load_recipe(path, overrides)
    return loaded if limit is None else loaded.model_copy(update={"limit": limit})


def _run(
    recipe: Recipe,
    out: Path,
    *,
    until: str | None,
    dry_run: bool,
    command: str,
    progress: Progress | None,
) -> RunResult:
    result = run_recipe(
        recipe, out, until=until, is_dry=dry_run, command=command, progress=progress
    )
    if until is None and not dry_run:
        report(out)
    return result


def _command(
    verb: str, recipe: Path | str, out: Path | str, overrides: Iterable[str], limit: int | None
) -> str:
    words = ["tahdhib", verb, "-c", str(recipe), "--out", str(out), *_settings(overrides)]
    return shlex.join(words + (["--limit", str(limit)] if limit is not None else []))


def _settings(overrides: Iterable[str]) -> list[str]:
    return [word for override in overrides for word in ("--set", override)]
