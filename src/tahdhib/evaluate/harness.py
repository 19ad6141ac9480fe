"""ArabicMMLU by lm-eval itself: its own task, prompts and scoring, over local rows.

lm-eval's task is included as its package has it; only where the rows come from is replaced. Its 40
subtasks differ in nothing but their rows, and its score of the group weights them by size, so one
task over all rows gives the same number. A prompt that is not the one that this project knows is an
error: another version of lm-eval would be another variant.
"""

import json
import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tahdhib.errors import DataError, MissingExtraError
from tahdhib.evaluate.item import Answer, Item

_TASK = "arabicmmlu_rows"
_TEMPLATE = "arabicmmlu/_default_arabicmmlu_template_yaml"


def harness(model: Any, tokenizer: Any) -> Callable[[Sequence[Item]], list[Answer]]:
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
    template = Path(lm_eval.__file__).parent / "tasks" / _TEMPLATE
    return lambda items: _answers(speaker, template, items)


def _answers(speaker: Any, template: Path, items: Sequence[Item]) -> list[Answer]:
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager

    with TemporaryDirectory() as folder:
        rows = Path(folder, "rows.jsonl")
        lines = (json.dumps(dict(item.row), ensure_ascii=False) for item in items)
        rows.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        files = {"test": str(rows), "dev": str(rows)}
        task = {
            "include": str(template),
            "task": _TASK,
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": files, "cache_dir": folder},
        }
        Path(folder, "task.yaml").write_text(json.dumps(task), encoding="utf-8")
        found = simple_evaluate(
            model=speaker,
            tasks=[_TASK],
            num_fewshot=0,
            bootstrap_iters=0,
            task_manager=TaskManager(include_path=folder, include_defaults=False),
        )
    assert found is not None  # it is only on the other processes of several
    samples = sorted(found["samples"][_TASK], key=lambda sample: sample["doc_id"])
    for item, sample in zip(items, samples, strict=True):
        seen = [(prompt, choice.strip()) for prompt, choice in sample["arguments"]]
        if seen != [(item.prompt, choice) for choice in item.choices]:
            raise DataError(
                f"lm-eval asks item {item.id} otherwise than this variant says: {seen[0][0]!r}. "
                "Install the version of constraints.txt."
            )
    return [
        Answer(scores=tuple(float(score) for score, _ in sample["filtered_resps"]))
        for sample in samples
    ]
