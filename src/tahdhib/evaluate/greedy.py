"""A model's answers to the prompts of any file, written greedily, for a judge to hold side by side.

    OUT/answers.jsonl         prompt and answer, in the order of the file
    OUT/answers.json          which model, how it was asked, what was left out
    OUT/answers/greedy.jsonl  answers as they came: a killed command goes on after them

The paper has its judged answers at temperature 0 (arXiv 2412.03253, app. B). A prompt is a user's
message in the model's chat template where it has one.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tahdhib.errors import DataError, RecipeError
from tahdhib.evaluate.evaluate import answers_to
from tahdhib.evaluate.generations import prompts_of
from tahdhib.evaluate.item import Item, Items, Variant
from tahdhib.evaluate.model import Model
from tahdhib.progress import Progress
from tahdhib.store.shards import read_json, write_json, write_text


@dataclass(frozen=True, slots=True)
class Asked:
    """The prompts of a file, in a field, how many of them at most, the longest answer in tokens,
    and threads of torch."""

    prompts: str
    field: str = "prompt"
    limit: int | None = None
    new_tokens: int = 512
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the file of answers, how many, how many of them are empty, how many
    prompts lost their start, and rows that are no prompt by reason."""

    file: Path
    answers: int
    empty: int
    cut: int
    skipped: dict[str, int]


def answer(name: str, asked: Asked, out: Path, progress: Progress) -> Written:
    """Have the model `name` answer the prompts of a file into the folder `out`.

    Raises:
        RecipeError: a setting is out of range, or the model cannot be used.
        DataError: the file holds no prompt, or the folder another model's answers.
    """
    if asked.new_tokens < 1 or (asked.limit is not None and asked.limit < 1):
        raise RecipeError(
            f"{asked.new_tokens} tokens for at most {asked.limit} prompts: expected at least one "
            "of each."
        )
    found, rows = prompts_of(asked.prompts, asked.field)
    skipped = Counter(rows)
    texts = list(dict.fromkeys(text for _, text in found))
    skipped["a prompt that stands there before"] += len(found) - len(texts)
    kept = texts[: asked.limit]
    skipped[f"beyond the first {len(kept):,}"] += len(texts) - len(kept)
    model = Model(name, threads=asked.threads)
    record = out / "answers.json"
    if record.exists() and read_json(record)["model_sha"] != model.hash:
        raise DataError(f"{record}: holds answers of another model. Name another --out.")
    variant = Variant(
        name="greedy",
        benchmark="answers",
        says="greedy, in the model's chat template where it has one",
        published=0,
        version=1,
        files=(),
        items=lambda _rows, _shots: Items(),
        ask="generation",
        new_tokens=asked.new_tokens,
        chat=True,
    )
    items = [Item(str(at), "", text, (), 0, {"prompt": text}) for at, text in enumerate(kept)]
    answers = answers_to(variant, items, model, out, progress)
    pairs = zip(kept, answers, strict=True)
    rows_out = ({"prompt": text, "answer": one.text} for text, one in pairs)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows_out)
    file = out / "answers.jsonl"
    write_text(file, lines.encode("utf-8", "replace").decode("utf-8"))
    written = Written(
        file,
        len(answers),
        sum(not one.text.strip() for one in answers),
        sum(one.cut > 0 for one in answers),
        dict(+skipped),
    )
    write_json(
        record,
        {
            "model_name": name,
            "model_sha": model.hash,
            "new_tokens": asked.new_tokens,
            "answers": written.answers,
            "empty": written.empty,
            "cut": written.cut,
            "skipped": written.skipped,
        },
    )
    return written
