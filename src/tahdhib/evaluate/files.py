"""Results in the format of lm-eval, so that its readers read ours: `results.json` and one file of
samples per task; and a summary for people.

What lm-eval has no place for stands under the key `tahdhib`: which variant, items used of items
published, what was skipped or mended, intervals and scores by subject. No clock, host or path of
data stands in the files, so that the same evaluation gives the same bytes.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tahdhib.errors import DataError
from tahdhib.evaluate.item import Answer, Item
from tahdhib.evaluate.model import Model
from tahdhib.evaluate.result import Result
from tahdhib.records import Interval
from tahdhib.stats.paired import mean_f1
from tahdhib.store.shards import read_json, write_json, write_text
from tahdhib.version import VERSION

RESULTS = "results.json"
_BY_TASK = (
    "results",
    "group_subtasks",
    "configs",
    "versions",
    "n-shot",
    "higher_is_better",
    "n-samples",
    "task_hashes",
    "tahdhib",
)
_Json = dict[str, Any]


def check_folder(out: Path, model: Model) -> None:
    """Refuse a folder with the results of another model.

    Raises:
        DataError: they are of another model.
    """
    before = _before(out)
    if before and before["config"]["model_sha"] != model.hash:
        raise DataError(
            f"{out / RESULTS}: holds results of another model ({before['model_name']}, "
            f"{before['config']['model_sha'][:12]}) than {model.name} ({model.hash[:12]}). Name "
            "another --out."
        )


class Sheet(NamedTuple):
    """What is written of one task: its name, an entry for each part of `results.json` that goes by
    tasks, and a row per item."""

    name: str
    entries: dict[str, Any]
    rows: Iterable[dict[str, Any]]


def sheet_of(result: Result) -> Sheet:
    """What is written of a variant of a benchmark."""
    return Sheet(result.name, _entries(result), samples(result))


def write_results(out: Path, model: Model, sheets: Sequence[Sheet]) -> Path:
    """Write or complete the files of a folder; results of other tasks in it stay. Their path."""
    whole = _before(out) or {name: {} for name in _BY_TASK}
    for sheet in sheets:
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in sheet.rows)
        write_text(out / f"samples_{sheet.name}.jsonl", _printable("".join(lines)))
        for name, value in sheet.entries.items():
            whole[name][sheet.name] = value
    whole |= _about(model)
    write_json(out / RESULTS, whole)
    write_text(out / "summary.md", summary(whole))
    return out / RESULTS


def samples(result: Result) -> Iterable[_Json]:
    """One row per item, as lm-eval logs it, with the item's id and subject."""
    rows = zip(result.items.found, result.answers, result.choices, strict=True)
    for place, (item, answer, choice) in enumerate(rows):
        right, taken = item.choices[item.right], None if choice is None else item.choices[choice]
        doc = dict(item.row)
        checked = result.checked[place] if result.checked else {}
        yield {
            "doc_id": place,
            "doc": doc,
            "target": right,
            "arguments": _arguments(item, result),
            "resps": _responses(answer),
            "filtered_resps": [taken],
            "filter": "none",
            "metrics": ["acc", *checked],
            "doc_hash": sha(json.dumps(doc, ensure_ascii=False, indent=2)),
            "prompt_hash": sha(item.prompt),
            "target_hash": sha(right),
            "acc": float(choice == item.right),
            **checked,
            "id": item.id,
            "subject": item.subject,
            "cut": answer.cut,
            "in_corpus": result.in_corpus[place] if result.in_corpus else None,
        }


def summary(whole: _Json) -> str:
    """The results as a page: variant, items used of items published, scores with intervals."""
    lines = [f"# {whole['model_name']}", "", f"Model {whole['config']['model_sha']}."]
    for name, about in sorted(whole["tahdhib"].items()):
        score, used = about["score"], about["used"]
        lines += [
            "",
            f"## {name}",
            "",
            f"{about['title']}.",
            "",
            f"{about['metric']} **{score['estimate']:.4f}** ({_bounds(score)}, n = {used:,})"
            f"{_chance(about)}.",
        ]
        lines += [f"- {line}" for line in about["remarks"]]
        if not about["subjects"]:
            continue
        lines += ["", "| subject | n | accuracy | 95 % |", "|---|---:|---:|---|"]
        for subject, one in about["subjects"].items():
            interval = f"{one['low']:.3f} to {one['high']:.3f}"
            name = subject.replace("|", "\\|")
            lines.append(f"| {name} | {one['n']:,} | {one['estimate']:.3f} | {interval} |")
    return _printable("\n".join(lines) + "\n")


def remarks(result: Result) -> list[str]:
    """What a reader has to know of a result, a clause each."""
    items = result.items
    said = [f"rows skipped: {why} ({count:,})" for why, count in sorted(items.skipped.items())]
    said += [f"items mended: {why} ({count:,})" for why, count in sorted(items.mended.items())]
    said += [
        f"{name} {one.estimate:.4f} ({_bounds(interval_json(one))}, n = {one.n:,})"
        for name, one in result.more.items()
    ]
    if result.cut:
        said.append(f"{result.cut:,} prompts longer than the model reads lost their start")
    if result.unread:
        said.append(f"{result.unread:,} answers without a choice, which count as wrong")
    if result.in_corpus:
        found, rest = result.among(True), result.among(False)
        short = result.in_corpus.count(None)
        said.append(
            f"{found.n:,} of {found.n + rest.n:,} items stand in the corpus: accuracy "
            f"{found.estimate:.3f} ({found.low:.3f} to {found.high:.3f}) on these, "
            f"{rest.estimate:.3f} ({rest.low:.3f} to {rest.high:.3f}) on the others; {short:,} are "
            "too short to be looked for"
        )
    if items.shots:
        few, many = min(items.shots.values()), max(items.shots.values())
        said.append(f"{few} to {many} worked examples a subject" if few < many else f"{few} shots")
    return said


def _entries(result: Result) -> _Json:
    variant, n = result.variant, result.used
    share = result.accuracy.estimate
    error = math.sqrt(share * (1 - share) / (n - 1)) if n > 1 else 0.0
    numbers: _Json = {"alias": result.title, "acc,none": share, "acc_stderr,none": error}
    numbers["acc_by_subject,none"] = result.by_subject
    if result.by_category is not None:
        numbers["acc_by_category,none"] = result.by_category
    if variant.metric == "f1":
        numbers["f1,none"] = result.score.estimate
    numbers |= {f"{name},none": one.estimate for name, one in result.more.items()}
    metrics = sorted({key.partition(",")[0] for key in numbers if "," in key} - {"acc_stderr"})
    hashes = "".join(sha(item.prompt) for item in result.items.found)
    return {
        "results": numbers,
        "group_subtasks": [],
        "configs": {
            "task": result.name,
            "output_type": variant.ask,
            "metric_list": [{"metric": name, "higher_is_better": True} for name in metrics],
            "metadata": {"version": variant.version},
        },
        "versions": variant.version,
        "n-shot": max(result.items.shots.values(), default=0),
        "higher_is_better": dict.fromkeys(metrics, True),
        "n-samples": {"original": variant.published, "effective": n},
        "task_hashes": sha(hashes),
        "tahdhib": {
            "variant": variant.name,
            "benchmark": variant.benchmark,
            "title": result.title,
            "is_whole": result.is_whole,
            "used": n,
            "published": variant.published,
            "metric": "macro-F1" if variant.metric == "f1" else "accuracy",
            "score": interval_json(result.score),
            "more": {name: interval_json(one) for name, one in result.more.items()},
            **({} if result.checked else _by_guesses(result)),
            "skipped": dict(sorted(result.items.skipped.items())),
            "mended": dict(sorted(result.items.mended.items())),
            "shots": dict(sorted(result.items.shots.items())),
            "cut": result.cut,
            "unread": result.unread,
            "in_corpus": _in_corpus(result),
            "remarks": remarks(result),
            "subjects": {name: interval_json(one) for name, one in result.subjects.items()},
        },
    }


def _about(model: Model) -> _Json:
    return {
        "config": {
            "model": "hf",
            "model_args": f"pretrained={model.name}",
            "model_num_parameters": model.parameters,
            "model_dtype": "torch.float32",
            "model_sha": model.hash,
            "device": model.device,
            "window": model.window,
        },
        "model_source": "hf",
        "model_name": model.name,
        "model_name_sanitized": model.name.replace("/", "__"),
        "tahdhib_version": VERSION,
    }


def _in_corpus(result: Result) -> _Json | None:
    if not result.in_corpus:
        return None
    return {
        "found": interval_json(result.among(True)),
        "others": interval_json(result.among(False)),
        "too_short": result.in_corpus.count(None),
    }


def _bounds(score: _Json) -> str:
    if score["low"] == score["high"]:
        return "no interval: all items are alike"
    rough = f", rough: {score['rough']}" if score["rough"] else ""
    return f"{score['low']:.4f} to {score['high']:.4f}, 95 %{rough}"


def _chance(about: _Json) -> str:
    if "by_chance" not in about:
        return ""
    constant = about["by_one_answer"]
    return f"; {about['by_chance']:.4f} by chance, {constant:.4f} by always the same answer"


def _by_guesses(result: Result) -> _Json:
    return {"by_chance": _by_chance(result), "by_one_answer": _by_one_answer(result)}


def _by_chance(result: Result) -> float:
    """The score that is expected of a guess: each choice alike, or a coin for a mean F1."""
    chances = [1 / len(item.choices) for item in result.items.found]
    return sum(chances) / len(chances)


def _by_one_answer(result: Result) -> float:
    """The score of whoever always takes the same place, the best of them."""
    truth = [item.right for item in result.items.found]
    places = range(max(len(item.choices) for item in result.items.found))
    if result.variant.metric == "f1":
        return max(mean_f1(truth, [place] * len(truth), len(places)) for place in places)
    return max(truth.count(place) for place in places) / len(truth)


def _arguments(item: Item, result: Result) -> _Json:
    if result.variant.ask == "generation":
        settings = {"do_sample": False, "max_gen_toks": result.variant.new_tokens}
        return {"gen_args_0": {"arg_0": item.prompt, "arg_1": settings}}
    return {
        f"gen_args_{at}": {"arg_0": item.prompt, "arg_1": choice}
        for at, choice in enumerate(item.choices)
    }


def _responses(answer: Answer) -> list[list[Any]]:
    return [[score] for score in answer.scores] if answer.scores else [[answer.text]]


def _before(out: Path) -> _Json | None:
    path = out / RESULTS
    if not path.exists():
        return None
    try:
        found: _Json = read_json(path)
        if found["config"]["model_sha"] and all(name in found for name in _BY_TASK):
            return found
    except (ValueError, KeyError, TypeError):
        pass
    raise DataError(
        f"{path}: is not a file of results that `tahdhib evaluate` wrote. Name another --out."
    )


def interval_json(one: Interval) -> dict[str, Any]:
    """An interval as it stands in files."""
    return {
        "estimate": one.estimate,
        "low": one.low,
        "high": one.high,
        "n": one.n,
        "rough": one.rough,
    }


def sha(text: str) -> str:
    """The hash that lm-eval names contents by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _printable(text: str) -> str:
    """The same with half characters replaced, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
