"""A model on benchmarks: items read, answers asked for and kept, scores written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tahdhib.errors import RecipeError
from tahdhib.evaluate.answers import answered, key_of
from tahdhib.evaluate.contaminated import with_corpus
from tahdhib.evaluate.files import check_folder, sheet_of, write_results
from tahdhib.evaluate.generations import Free, Generations, generations_of, prepare
from tahdhib.evaluate.generations import sheet_of as sheet_of_generations
from tahdhib.evaluate.item import Answer, Item, Items, Variant
from tahdhib.evaluate.model import Model
from tahdhib.evaluate.result import Result, result_of
from tahdhib.evaluate.rows import check_pinned, read_items
from tahdhib.progress import Progress
from tahdhib.stats.draw import draw


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured.

    Args:
        variants: of benchmarks.
        data: the place of their files.
        limit: at most so many items of each variant, which `seed` draws, and prompts.
        seed: of the draw.
        threads: of torch.
        free: what the model is to write by itself.
        corpus: files of its training, in which the items are looked for.
        text: the field of these files.
    """

    variants: Sequence[Variant]
    data: str
    limit: int | None = None
    seed: int = 17
    threads: int = 1
    free: Free | None = None
    corpus: Sequence[str] = ()
    text: str = "text"


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The results of one command, with the file that holds them."""

    results: tuple[Result, ...]
    generations: Generations | None
    file: Path


def evaluate(name: str, wanted: Wanted, out: Path, progress: Progress) -> Evaluated:
    """Score the model `name`; answers and results go to the folder `out`.

    Every benchmark's files are read before the model is loaded, so that a missing one costs
    nothing. Answers are kept in `out`, and none is asked for twice.

    Raises:
        TahdhibError: a file is missing or is not what it should be, or the model cannot be used.
    """
    check_pinned(wanted.data)
    prepared = prepare(wanted.free, wanted.limit) if wanted.free else None
    read = [(one, read_items(one, wanted.data)) for one in wanted.variants]
    drawn = [(one, _drawn(items, one, wanted)) for one, items in read]
    model = Model(name, threads=wanted.threads)
    check_folder(out, model)
    if wanted.free and wanted.free.lead:
        model.check_lead(wanted.free.lead)
    results = [
        result_of(one, items, answers_to(one, items.found, model, out, progress))
        for one, items in drawn
    ]
    if wanted.corpus:
        results = with_corpus(results, wanted.corpus, wanted.text, progress)
    sheets = [sheet_of(one) for one in results]
    generations = None
    if prepared:
        variant = prepared.free.variant()
        answers = answers_to(variant, prepared.items, model, out, progress)
        generations = generations_of(prepared, answers)
        sheets.append(sheet_of_generations(generations))
    return Evaluated(tuple(results), generations, write_results(out, model, sheets))


def _drawn(items: Items, variant: Variant, wanted: Wanted) -> Items:
    limit = wanted.limit
    if limit is None or limit >= len(items.found):
        return items
    if limit < 1:
        raise RecipeError(f"--limit {limit}: expected at least 1.")
    ids = (item.id for item in items.found)
    purpose = f"evaluate {variant.benchmark}"
    chosen = draw(ids, purpose=purpose, seed=wanted.seed, count=limit)
    kept = [item for item in items.found if chosen.holds(item.id)]
    left = Counter({f"not drawn, at most {limit:,} wanted": len(items.found) - len(kept)})
    return replace(items, found=kept, skipped=items.skipped + left)


def answers_to(
    variant: Variant, found: Sequence[Item], model: Model, out: Path, progress: Progress
) -> list[Answer]:
    """The model's answers to items, those in `out` and new ones."""
    answers: dict[int, Answer] = {}
    keys = [key_of(model.hash, variant, item) for item in found]
    chunks = answered(
        out / "answers" / f"{variant.name}.jsonl",
        keys,
        model.tokens(found),
        lambda places: model.answers(variant, [found[at] for at in places]),
    )
    kept = 0
    with progress.task(variant.name, len(found), "items") as task:
        for places, chunk, is_old in chunks:
            answers |= dict(zip(places, chunk, strict=True))
            kept += len(places) * is_old
            task.advance(len(places))
    if kept:
        progress.say(f"{variant.name}: {kept:,} of {len(found):,} items were answered before")
    return [answers[at] for at in range(len(found))]
