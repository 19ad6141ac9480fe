"""Train the causal worker from pairs, and measure it on pairs it never saw.

trained = train(pairs, CausalWorker(), folder, conduct=conduct, seed=17)
worker = tahdhib.workers.causal.worker.CausalWorker.open(folder, conduct=conduct, …)
worker.rewrite(documents)
"""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.protocol import Unusable
from tahdhib.config.recipe import CausalRewriting
from tahdhib.config.recipe import CausalWorker as CausalSettings
from tahdhib.errors import DataError, MissingExtraError, RecipeError
from tahdhib.llm.speaker import ends as ends_of
from tahdhib.processes.threads import at_threads
from tahdhib.progress import Progress, Silence
from tahdhib.records import Document, Interval, Rewrite
from tahdhib.stats.draw import rank
from tahdhib.stats.intervals import wilson
from tahdhib.train.preflight import Sample
from tahdhib.train.template import PLAIN
from tahdhib.workers.causal.answer import Instruction
from tahdhib.workers.causal.fit import fit
from tahdhib.workers.causal.folder import ADAPTER, Asked, save_asked
from tahdhib.workers.causal.lessons import Lesson, lessons, parted
from tahdhib.workers.causal.lookup import Pilot, pilot
from tahdhib.workers.causal.rehearsal import rehearsal
from tahdhib.workers.causal.samples import Writer, check_samples
from tahdhib.workers.causal.start import Base, from_nothing
from tahdhib.workers.causal.worker import CausalWorker
from tahdhib.workers.edit.examples import TrainingPair
from tahdhib.workers.edit.measure import Figures, Tally, figures, tally

_SCRATCH = "scratch"


class Measured(NamedTuple):
    """What the worker makes of held-out pairs."""

    by_teacher: Mapping[str, Figures]  # and "all"
    exact: Interval | None  # as one of the references
    unreadable: Interval | None  # no answer that can be read


class Trained(NamedTuple):
    """All that the worker's card says."""

    asked: Asked
    lessons: int
    parts: Mapping[str, int]  # pairs
    drops: Mapping[str, int]  # pairs
    parameters: int
    tokens: int  # read in one pass
    learned_tokens: int
    steps: int
    measured: Measured
    pilot: Pilot


def train(  # noqa: PLR0913 - a library's door: what it may be told, by name
    pairs: Sequence[TrainingPair],
    settings: CausalSettings,
    folder: Path,
    *,
    conduct: Conduct,
    seed: int,
    threads: int = 1,
    progress: Progress | None = None,
) -> Trained:
    """Train on `pairs`, whose order does not matter, and write the worker into `folder`. What a
    killed training left there must be one of the same pairs and settings: it is gone on with.

    Raises:
        DataError: there is nothing to learn.
        MissingExtraError: TRL or PEFT is not installed.
        RecipeError: the model cannot be loaded, or the preflight refuses what it would learn from.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _extras():
        import transformers

        transformers.utils.logging.disable_progress_bar()  # beside ours
    parts = parted(pairs, seed, settings.held_out)
    found = lessons(parts.train, settings.unchanged_share, seed)
    if not any(lesson.changes for lesson in found):
        raise DataError(
            f"{len(pairs)} pairs: none of the {len(parts.train)} to train on has an edit, so there "
            "is nothing for the causal worker to learn. Raise annotate.sample, or add "
            "annotate.human_pairs."
        )
    how = Asked(settings.output, _instruction(settings))
    with _settled(seed, threads), _extras():
        base = _base(settings, found)
        writer = Writer(base.tokenizer, conduct, how.instruction, how.output)
        taught, samples = _fitting(found, writer, settings.max_length)
        ends = _ends(base, settings)
        check_samples(taught, samples, writer, ends)
        adapter = folder / ADAPTER if settings.model and settings.method == "lora" else None
        fitted = fit(
            base,
            samples,
            _rehearsed(settings, taught, writer, seed),
            writer,
            settings,
            seed=seed,
            ends=ends,
            scratch=folder / _SCRATCH,
            adapter=adapter,
            progress=progress or Silence(),
        )
        _save(folder, fitted.model, base.tokenizer, ends, how)
    asked = _drawn(parts.held_out, settings.measured, seed)
    here = CausalWorker.open(folder, conduct=conduct, settings=CausalRewriting(), threads=threads)
    made = here.answers([Document(pair.id, pair.source) for pair in asked])
    return Trained(
        asked=how,
        parts={"train": len(parts.train), "held_out": len(parts.held_out)},
        drops=_drops(parts.drops, found, taught),
        lessons=len(taught),
        parameters=sum(weights.numel() for weights in fitted.model.parameters()),
        tokens=sum(len(sample.input_ids) for sample in samples),
        learned_tokens=sum(len(sample.learned) for sample in samples),
        steps=fitted.steps,
        measured=_measure(asked, made),
        pilot=pilot(_told(writer, asked, made), seed=seed),
    )


def _instruction(settings: CausalSettings) -> Instruction:
    if settings.instruction == "auto":
        return "conduct" if settings.model else "brief"
    return settings.instruction


@contextmanager
def _settled(seed: int, threads: int) -> Iterator[None]:
    """Fix threads and torch's random state, and put them back afterwards."""
    with at_threads(threads), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


@contextmanager
def _extras() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise MissingExtraError("the causal worker", "train") from error


def _base(settings: CausalSettings, found: Sequence[Lesson]) -> Base:
    """The model that is trained."""
    if not settings.model:
        texts = (text for lesson in found for text in (lesson.source, lesson.rewrite))
        return from_nothing(texts, settings.base, settings.max_length)
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(settings.model, revision=settings.revision)
        model: Any = AutoModelForCausalLM.from_pretrained(
            settings.model, revision=settings.revision, dtype=_dtype(settings)
        )
    except (OSError, ValueError, KeyError) as error:
        seen = " ".join(str(error).split())[:200]
        raise RecipeError(
            f"worker.causal.model: {settings.model!r} cannot be loaded ({seen}); expected a causal "
            "language model with its tokenizer: a folder that save_pretrained wrote, or a name on "
            "the hub. Name such a one, or none for a small one from nothing."
        ) from error
    if tokenizer.chat_template is None or settings.template == "plain":
        tokenizer.chat_template = PLAIN
    if tokenizer.eos_token_id is None:
        raise RecipeError(
            f"worker.causal.model: {settings.model!r} has a tokenizer without a token that ends a "
            "text, so no answer of it would come to an end. Give it one (eos_token)."
        )
    return Base(model, tokenizer)


def _dtype(settings: CausalSettings) -> str:
    if settings.dtype != "auto":
        return settings.dtype
    is_able = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return "bfloat16" if is_able else "float32"


def _ends(base: Base, settings: CausalSettings) -> frozenset[int]:
    """The tokens that end an answer."""
    if not settings.model:
        return frozenset([base.tokenizer.eos_token_id])
    return ends_of(base.tokenizer, settings.model, settings.revision)


def _fitting(
    found: Sequence[Lesson], writer: Writer, longest: int
) -> tuple[list[Lesson], list[Sample]]:
    """The lessons that are short enough, and their samples."""
    written = [(lesson, writer.sample(lesson)) for lesson in found]
    fits = [one for one in written if len(one[1].input_ids) <= longest]
    if not any(lesson.changes for lesson, _ in fits):
        least = min(len(sample.input_ids) for lesson, sample in written if lesson.changes)
        raise DataError(
            f"worker.causal.max_length is {longest}, but no pair that changes something takes less "
            f"than {least} tokens with what the model is told before it. Raise max_length, or set "
            "worker.causal.instruction=brief."
        )
    return [lesson for lesson, _ in fits], [sample for _, sample in fits]


def _rehearsed(
    settings: CausalSettings, found: Sequence[Lesson], writer: Writer, seed: int
) -> list[Sample]:
    if settings.model:
        return []
    texts = rehearsal((lesson.source for lesson in found), settings.base.rehearsal, seed)
    return [writer.copy(text) for text in texts]


def _drops(
    drops: Mapping[str, str], found: Sequence[Lesson], taught: Sequence[Lesson]
) -> dict[str, int]:
    """Pairs left out, by reason: those that teach nothing, and those too long for the model."""
    counts = Counter(drops.values())
    left = {one.id for one in found if not one.is_mended} - {one.id for one in taught}
    if left:
        counts["too_long"] += len(left)
    return dict(sorted(counts.items()))


def _save(folder: Path, model: Any, tokenizer: Any, ends: frozenset[int], how: Asked) -> None:
    shutil.rmtree(folder / _SCRATCH, ignore_errors=True)
    model.generation_config.eos_token_id = sorted(ends)
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    save_asked(folder, how)


def _drawn(pairs: Sequence[TrainingPair], most: int, seed: int) -> list[TrainingPair]:
    return sorted(pairs, key=lambda one: rank("causal measured", seed, one.id))[:most]


def _told(
    writer: Writer, pairs: Sequence[TrainingPair], made: Sequence[Rewrite | Unusable]
) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    """The prompt and the answer of each that can be read, in tokens."""
    for pair, one in zip(pairs, made, strict=True):
        if isinstance(one, Rewrite):
            sample = writer.sample(Lesson(pair.id, pair.source, one.text))
            yield sample.input_ids[: -len(sample.learned)], sample.learned


def _measure(pairs: Sequence[TrainingPair], made: Sequence[Rewrite | Unusable]) -> Measured:
    by_teacher: dict[str, list[Tally]] = {"all": []}
    exact = unreadable = 0
    for pair, one in zip(pairs, made, strict=True):
        rewrite = one.text if isinstance(one, Rewrite) else pair.source
        unreadable += not isinstance(one, Rewrite)
        exact += isinstance(one, Rewrite) and rewrite in pair.rewrites
        found = tally(pair.source, rewrite, pair.rewrites)
        by_teacher["all"].append(found)
        by_teacher.setdefault(pair.teacher, []).append(found)
    return Measured(
        {teacher: figures(members) for teacher, members in sorted(by_teacher.items())},
        wilson(exact, len(pairs)) if pairs else None,
        wilson(unreadable, len(pairs)) if pairs else None,
    )
