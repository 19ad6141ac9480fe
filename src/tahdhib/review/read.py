"""Read back what people answered: checked line by line, unblinded, weighted back to the run."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from tahdhib.errors import DataError
from tahdhib.records import Interval, Json
from tahdhib.review.questions import QUESTIONS, Question
from tahdhib.review.sample import find_key
from tahdhib.stats.agreement import krippendorff
from tahdhib.stats.intervals import stratified_share
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import write_json

_REPETITIONS = 2000
_FAULTS_SAID = 5


class Answered(NamedTuple):
    """One line of one person; `where` is its file and line."""

    where: str
    task: str
    annotator: str
    answers: Mapping[str, str]


def read_answers(run: RunFolder, paths: Sequence[Path], *, partial: bool = False) -> Path:
    """Read answer files, write `audit/human.json`, and return its path.

    Args:
        run: the run whose tasks were answered.
        paths: files as `tahdhib review sample` wrote them, with answers filled in.
        partial: lines without any answer are left out; otherwise they are faults.

    Raises:
        DataError: a file cannot be read, a task is unknown or answered twice by one person, an
            answer is missing or no label; the message names file and line of each.
    """
    run.check_is_run()
    if not run.stage("audit").is_finished():
        raise DataError(
            f"{run.root}: audit has not finished, so there is no place for what people say. Run "
            "the audit first."
        )
    faults: list[str] = []
    lines = [line for path in paths for line in _lines(path, faults)]
    key = find_key(run, {str(content.get("task")) for _, _, content in lines})
    answers = _checked(lines, key["tasks"], partial, faults)
    if not answers and not faults:
        faults.append(f"{', '.join(map(str, paths))}: no line has an answer")
    if faults:
        rest = len(faults) - _FAULTS_SAID
        more = [f"and {rest} more"] if rest > 0 else []
        raise DataError("\n".join([*faults[:_FAULTS_SAID], *more]))
    target = run.stage("audit").file("human.json")
    write_json(target, _result(answers, key))
    return target


def _lines(path: Path, faults: list[str]) -> Iterator[tuple[str, str, dict[str, Json]]]:
    """Place, name of the file, and content of each line that is a task."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path}: cannot be read ({error}); expected answers as JSON lines."
        ) from None
    for number, line in enumerate(text.split("\n"), start=1):
        where = f"{path}:{number}"
        if not line.strip():
            continue
        try:
            content = json.loads(line)
        except ValueError as error:
            faults.append(f"{where}: is not JSON ({error}); expected one task as an object")
            continue
        if isinstance(content, dict) and "instructions" in content:
            continue
        if not isinstance(content, dict) or "task" not in content:
            faults.append(f"{where}: has no field 'task'; expected a task as it was handed out")
            continue
        yield where, path.stem, content


def _checked(
    lines: Sequence[tuple[str, str, Mapping[str, Json]]],
    tasks: Mapping[str, Any],
    partial: bool,
    faults: list[str],
) -> list[Answered]:
    found: list[Answered] = []
    seen: dict[tuple[str, str], str] = {}
    for where, file, content in lines:
        task = str(content["task"])
        annotator = str(content.get("annotator") or "").strip() or file
        given = content.get("answers")
        given = given if isinstance(given, dict) else {}
        if partial and all(value in (None, "") for value in given.values()):
            continue
        if task not in tasks:
            faults.append(f"{where}: task {task!r} is unknown; expected one of this run's tasks")
            continue
        if (task, annotator) in seen:
            faults.append(
                f"{where}: {annotator!r} answers task {task!r} again, first at "
                f"{seen[task, annotator]}; expected one answer. Take one of them out"
            )
            continue
        seen[task, annotator] = where
        problems = [said for q in QUESTIONS if (said := _problem(q, given.get(q.name)))]
        unknown = sorted(given.keys() - {question.name for question in QUESTIONS})
        problems += [f"question {name!r} is unknown" for name in unknown]
        faults += [f"{where}: {problem}" for problem in problems]
        if not problems:
            labels = {q.name: str(given[q.name]).strip().lower() for q in QUESTIONS}
            found.append(Answered(where, task, annotator, labels))
    return found


def _problem(question: Question, label: Json) -> str:
    known = ", ".join(question.labels)
    if label in (None, ""):
        return f"{question.name} has no answer; expected one of {known}"
    if not isinstance(label, str) or label.strip().lower() not in question.labels:
        return f"{question.name} is {label!r}, which is no label; expected one of {known}"
    return ""


def _result(answers: Sequence[Answered], key: Mapping[str, Any]) -> dict[str, Any]:
    tasks = {answer.task for answer in answers}
    return {
        "tasks": len(tasks),
        "annotators": sorted({answer.annotator for answer in answers}),
        "answers": len(answers),
        "seed": key["seed"],
        "questions": [_question(question, answers, key) for question in QUESTIONS],
    }


def _question(
    question: Question, answers: Sequence[Answered], key: Mapping[str, Any]
) -> dict[str, Any]:
    given: dict[str, list[str]] = {}
    for answer in answers:
        entry = key["tasks"][answer.task]
        label = _unblinded(question, answer.answers[question.name], entry["rewrite"])
        given.setdefault(answer.task, []).append(label)
    labels = [_unblinded(question, label, "b") for label in question.labels]
    agreement = krippendorff(list(given.values()), seed=key["seed"], repetitions=_REPETITIONS)
    return {
        "name": question.name,
        "words": question.meaning,
        "answered": sum(map(len, given.values())),
        "rates": [{"label": label, "rate": asdict(_rate(label, given, key))} for label in labels],
        "agreement": agreement and asdict(agreement),
        "twice": sum(len(own) > 1 for own in given.values()),
    }


def _unblinded(question: Question, label: str, rewrite: str) -> str:
    """A side as `rewrite` or `source`; other labels as they are."""
    if not question.is_sided or label not in ("a", "b"):
        return label
    return "rewrite" if label == rewrite else "source"


def _rate(label: str, given: Mapping[str, Sequence[str]], key: Mapping[str, Any]) -> Interval:
    """How often a label was given, several answers to a task counting as one together."""
    by_stratum: dict[str, list[float]] = {}
    for task, own in given.items():
        stratum = key["tasks"][task]["stratum"]
        by_stratum.setdefault(stratum, []).append(own.count(label) / len(own))
    return stratified_share(
        [
            (float(key["strata"][stratum]), sum(shares) / len(shares), len(shares))
            for stratum, shares in sorted(by_stratum.items())
        ]
    )
