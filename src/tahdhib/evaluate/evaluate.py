"""A model on benchmarks: items read, answers asked for and kept, scores written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tahdhib.errors import RecipeError
from tahdhib.evaluate.answers import answered, key_of
from tahdhib.evaluate.files import check_folder, write_results
from tahdhib.evaluate.item import Answer, Items, Variant
from tahdhib.evaluate.model import Model
from tahdhib.evaluate.result import Result, result_of
from tahdhib.evaluate.rows import check_pinned, read_items
from tahdhib.progress import Progress
from tahdhib.stats.draw import draw


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured: variants, the place of their files, and of each at most `limit`
    items that `seed` draws; `threads` are torch's."""

    variants: Sequence[Variant]
    data: str
    limit: int | None = None
    seed: int = 17
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The results of one command, with the file that holds them."""

    results: tuple[Result, ...]
    file: Path


def evaluate(name: str, wanted: Wanted, out: Path, progress: Progress) -> Evaluated:
    """Score the model `name`; answers and results go to the folder `out`.

    Every benchmark's files are read before the model is loaded, so that a missing one costs
    nothing. Answers are kept in `out`, and none is asked for twice.

    Raises:
        TahdhibError: a file is missing or is not what it should be, or the model cannot be used.
    """
    check_pinned(wanted.data)
    read = [(one, read_items(one, wanted.data)) for one in wanted.variants]
    drawn = [(one, _drawn(items, one, wanted)) for one, items in read]
    model = Model(name, threads=wanted.threads)
    check_folder(out, model)
    results = [_result(one, items, model, out, progress) for one, items in drawn]
    return Evaluated(tuple(results), write_results(out, model, results))


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


def _result(variant: Variant, items: Items, model: Model, out: Path, progress: Progress) -> Result:
    found = items.found
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
    return result_of(variant, items, [answers[at] for at in range(len(found))])
