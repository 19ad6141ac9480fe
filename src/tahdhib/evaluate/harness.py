"""Benchmarks by lm-eval itself: its own tasks, prompts and scoring, over local rows.

lm-eval's task is included as its package has it; only where the rows come from is replaced. The 40
subtasks of its ArabicMMLU differ in nothing but their rows, so one task over all rows gives the
same number; those of its MMLU differ in a sentence and in examples, so each is a task here. Both
groups weight subjects by size. A prompt that is not the one that this project knows is an error:
another version of lm-eval would be another variant.
"""

import json
import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tahdhib.errors import DataError, MissingExtraError
from tahdhib.evaluate.item import Answer, Item, Row, Variant


def harness(model: Any, tokenizer: Any) -> Callable[[Variant, Sequence[Item]], list[Answer]]:
    """What answers items as lm-eval does, with a model of transformers that is loaded already.

    Raises:
        MissingExtraError: lm-eval is not installed.
    """
    try:
        import lm_eval
        from lm_eval.models.huggingface import HFLM
    except ImportError as error:
        raise MissingExtraError("lm-eval's own variant of a benchmark", "eval") from error
    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    speaker = HFLM(pretrained=model, tokenizer=tokenizer, batch_size=1)
    speaker.loglikelihood = partial(speaker.loglikelihood, disable_tqdm=True)  # beside ours
    tasks = Path(lm_eval.__file__).parent / "tasks"
    return lambda variant, items: _answers(speaker, tasks / variant.template, items)


def _answers(speaker: Any, template: Path, items: Sequence[Item]) -> list[Answer]:
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager

    places: dict[str, list[int]] = {}
    for at, item in enumerate(items):
        places.setdefault(str(template).format(subject=item.subject), []).append(at)
    names = {f"rows_{number}": own for number, own in enumerate(places)}
    with TemporaryDirectory() as folder:
        for name, own in names.items():
            _write_task(Path(folder), name, own, [items[at] for at in places[own]])
        found = simple_evaluate(
            model=speaker,
            tasks=list(names),
            bootstrap_iters=0,
            task_manager=TaskManager(include_path=folder, include_defaults=False),
        )
    assert found is not None  # it is only on the other processes of several
    answers: dict[int, Answer] = {}
    for name, own in names.items():
        samples = sorted(found["samples"][name], key=lambda sample: sample["doc_id"])
        for at, sample in zip(places[own], samples, strict=True):
            _check(items[at], sample["arguments"])
            scores = tuple(float(score) for score, _ in sample["filtered_resps"])
            answers[at] = Answer(scores=scores)
    return [answers[at] for at in range(len(items))]


def _write_task(folder: Path, name: str, template: str, items: Sequence[Item]) -> None:
    """A task of lm-eval over the rows of `items`, with the examples that their prompts show."""
    examples = items[0].examples
    test = _write_rows(folder / f"{name}.jsonl", [item.row for item in items])
    dev = _write_rows(folder / f"{name}-dev.jsonl", examples) if examples else test
    task = {
        "include": template,
        "task": name,
        "dataset_path": "json",
        "dataset_name": None,
        "dataset_kwargs": {"data_files": {"test": test, "dev": dev}, "cache_dir": str(folder)},
        "num_fewshot": len(examples),
    }
    (folder / f"{name}.yaml").write_text(json.dumps(task), encoding="utf-8")


def _write_rows(path: Path, rows: Sequence[Row]) -> str:
    lines = (json.dumps(dict(row), ensure_ascii=False) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(path)


def _check(item: Item, asked: Sequence[tuple[str, str]]) -> None:
    seen = [(prompt, choice.strip()) for prompt, choice in asked]
    if seen != [(item.prompt, choice) for choice in item.choices]:
        raise DataError(
            f"lm-eval asks item {item.id} otherwise than this variant says: {seen[0][0]!r}. "
            "Install the version of constraints.txt."
        )
