"""Evaluations of several models against the first, paired by item; never across variants.

Of each variant that both have, the items that both were asked with the same prompt are paired. The
test is McNemar's (for a mean F1 or a toxicity, exchanging answers at random), Holm's correction
goes over all tests of the command, and the interval that takes subjects as clusters says what to
expect of other subjects of the kind. Where nothing was found, the smallest difference that would
have been is told.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tahdhib.errors import DataError
from tahdhib.evaluate.files import RESULTS
from tahdhib.records import Interval
from tahdhib.stats.intervals import Difference, paired_difference, wilson
from tahdhib.stats.paired import f1_difference, holm, mcnemar, mean_f1, sign_flips
from tahdhib.store.shards import read_json

LEVEL = 0.05
REPETITIONS = 10_000
SEED = 17


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject of a task: accuracy of both, their difference, p among the task's subjects."""

    name: str
    base: Interval
    other: Interval
    difference: Difference
    p: float


@dataclass(frozen=True, slots=True)
class Task:
    """A variant that two evaluations share. `difference` is that of the metric over items,
    `over_subjects` that of the accuracy with subjects as clusters; differences are the other's
    less the first's. `p` counts among all tests of the comparison.

    `only_base` and `only_other` are items that one alone has right; `alone` are items that only
    one of the two was asked.
    """

    name: str
    title: str
    metric: str
    base: float
    other: float
    n: int
    alone: int
    only_base: int
    only_other: int
    difference: Difference
    over_subjects: Difference
    p: float
    subjects: tuple[Subject, ...]

    @property
    def is_found(self) -> bool:
        """Whether the models differ, at the level that holds over all tests."""
        return self.p < LEVEL

    def words(self) -> str:
        """The finding as a sentence."""
        found = self.difference.interval
        if self.is_found:
            return (
                f"{found.estimate:+.4f} ({found.low:+.4f} to {found.high:+.4f}, n = {self.n:,}) "
                f"was found, p = {self.p:.2g}"
            )
        least = self.difference.detectable
        if least == 0:
            return f"no difference was found; all {self.n:,} items are answered alike"
        return (
            f"no difference was found (p = {self.p:.2g}); one of {least:.4f} or more would have "
            f"been (n = {self.n:,}, one test alone)"
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """One evaluation beside the first: the tasks that both have, and why others were left out."""

    base: str
    other: str
    tasks: tuple[Task, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Evaluation:
    name: str
    folder: Path
    about: Mapping[str, Mapping[str, Any]]
    versions: Mapping[str, int]


def compare(folders: Sequence[Path]) -> list[Comparison]:
    """Compare the evaluations in `folders` with the first of them.

    Raises:
        DataError: a folder holds no evaluation, fewer than two are named, or none share a task.
    """
    if len(folders) < 2:
        raise DataError(f"{len(folders)} evaluation named; expected two or more to compare.")
    base, *others = (_open(folder) for folder in folders)
    found = [_comparison(base, other) for other in others]
    if not any(one.tasks for one in found):
        why = "; ".join(line for one in found for line in one.left_out)
        raise DataError(f"{base.folder}: shares no task with any of the others ({why}).")
    adjusted = iter(holm([task.p for one in found for task in one.tasks]))
    return [
        Comparison(
            one.base,
            one.other,
            tuple(replace(task, p=next(adjusted)) for task in one.tasks),
            one.left_out,
        )
        for one in found
    ]


def page(found: Sequence[Comparison]) -> str:
    """The comparison as a page of Markdown, with every subject."""
    lines = ["# Comparison", "", "Paired by item; p by Holm over all tasks below."]
    for one in found:
        lines += ["", f"## {one.other} against {one.base}"]
        lines += [f"- {line}" for line in one.left_out]
        for task in one.tasks:
            lines += ["", f"### {task.name}", "", f"{task.title}.", ""]
            lines.append(f"{task.metric} {task.base:.4f} and {task.other:.4f}: {task.words()}.")
            if not task.subjects:
                continue
            lines.append(
                f"Right in one alone: {task.only_base:,} and {task.only_other:,}. With subjects as "
                f"clusters: {task.over_subjects.words('of accuracy')}."
            )
            lines += ["", "| subject | n | first | other | difference, 95 % | p |"]
            lines.append("|---|---:|---:|---:|---|---:|")
            for each in task.subjects:
                change = each.difference.interval
                lines.append(
                    f"| {each.name} | {each.base.n:,} | {each.base.estimate:.3f} | "
                    f"{each.other.estimate:.3f} | {change.estimate:+.3f} ({change.low:+.3f} to "
                    f"{change.high:+.3f}) | {each.p:.2g} |"
                )
    return "\n".join(lines) + "\n"


def _open(folder: Path) -> _Evaluation:
    path = folder / RESULTS
    try:
        whole = read_json(path)
        name = f"{whole['model_name']} ({folder})"
        return _Evaluation(name, folder, whole["tahdhib"], whole["versions"])
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(
            f"{folder}: holds no {RESULTS} of `tahdhib evaluate`. Name a folder that it wrote to."
        ) from None


def _comparison(base: _Evaluation, other: _Evaluation) -> Comparison:
    tasks, left_out = [], []
    by_variant = {about["variant"]: name for name, about in other.about.items()}
    for name, about in sorted(base.about.items()):
        variant = about["variant"]
        twin = by_variant.get(variant)
        if twin is None:
            left_out.append(_why_alone(about, other))
        elif base.versions[name] != other.versions[twin]:
            left_out.append(
                f"{variant}: version {base.versions[name]} against {other.versions[twin]}; "
                "different prompts or rules are not compared"
            )
        else:
            pairs = _pairs(base, name, other, twin)
            if pairs:
                tasks.append(_task(variant, about, other.about[twin], pairs))
            else:
                left_out.append(f"{variant}: no item was asked of both with the same prompt")
    known = {about["variant"] for about in base.about.values()}
    left_out += [
        _why_alone(about, base) for about in other.about.values() if about["variant"] not in known
    ]
    return Comparison(base.name, other.name, tuple(tasks), tuple(left_out))


def _why_alone(about: Mapping[str, Any], other: _Evaluation) -> str:
    same = sorted(
        each["variant"] for each in other.about.values() if each["benchmark"] == about["benchmark"]
    )
    why = f"; its {', '.join(same)} is another variant" if same else ""
    return f"{about['variant']}: not in {other.folder}{why}"


def _pairs(
    base: _Evaluation, name: str, other: _Evaluation, twin: str
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    theirs = {row["id"]: row for row in _samples(other.folder, twin)}
    pairs = [(row, theirs.get(row["id"])) for row in _samples(base.folder, name)]
    return [
        (mine, their)
        for mine, their in pairs
        if their is not None
        and (mine["prompt_hash"], mine["target"]) == (their["prompt_hash"], their["target"])
    ]


def _samples(folder: Path, name: str) -> list[dict[str, Any]]:
    path = folder / f"samples_{name}.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines if line]
        for row in rows:
            row["id"], row["prompt_hash"], row["target"], row["filtered_resps"][0], row["subject"]
        return rows
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        raise DataError(
            f"{path}: is missing or is not what `tahdhib evaluate` wrote. Run it again."
        ) from None


def _task(
    variant: str,
    about: Mapping[str, Any],
    theirs: Mapping[str, Any],
    pairs: Sequence[tuple[dict[str, Any], dict[str, Any]]],
) -> Task:
    if about["metric"] == "toxicity":
        return _toxicity(variant, about, theirs, pairs)
    a = [float(mine["acc"]) for mine, _ in pairs]
    b = [float(their["acc"]) for _, their in pairs]
    subjects = [str(mine["subject"]) for mine, _ in pairs]
    only_base = sum(one > two for one, two in zip(a, b, strict=True))
    only_other = sum(one < two for one, two in zip(a, b, strict=True))
    first, second = sum(a) / len(a), sum(b) / len(b)
    difference = paired_difference(b, a, seed=SEED, repetitions=2000)
    p = mcnemar(only_base, only_other)
    if about["metric"] == "macro-F1":
        first, second, difference, p = _f1(pairs)
    return Task(
        name=variant,
        title=_title(about, len(pairs)),
        metric=about["metric"],
        base=first,
        other=second,
        n=len(pairs),
        alone=about["used"] + theirs["used"] - 2 * len(pairs),
        only_base=only_base,
        only_other=only_other,
        difference=difference,
        over_subjects=paired_difference(b, a, seed=SEED, repetitions=2000, clusters=subjects),
        p=p,
        subjects=_by_subject(subjects, a, b),
    )


def _toxicity(
    variant: str,
    about: Mapping[str, Any],
    theirs: Mapping[str, Any],
    pairs: Sequence[tuple[dict[str, Any], dict[str, Any]]],
) -> Task:
    """A task whose value is a mean over prompts, with nothing right or wrong about it."""
    a, b = ([float(row["toxicity"]) for row in side] for side in zip(*pairs, strict=True))
    difference = paired_difference(b, a, seed=SEED, repetitions=2000)
    return Task(
        name=variant,
        title=f"{len(pairs):,} prompts",
        metric=about["metric"],
        base=sum(a) / len(a),
        other=sum(b) / len(b),
        n=len(pairs),
        alone=about["used"] + theirs["used"] - 2 * len(pairs),
        only_base=0,
        only_other=0,
        difference=difference,
        over_subjects=difference,
        p=sign_flips(
            [two - one for one, two in zip(a, b, strict=True)], seed=SEED, repetitions=REPETITIONS
        ),
        subjects=(),
    )


def _title(about: Mapping[str, Any], n: int) -> str:
    whole = about["benchmark"] if n == about["published"] else f"a part of {about['benchmark']}"
    return f"{whole} ({n:,} of {about['published']:,} items published)"


def _f1(
    pairs: Sequence[tuple[dict[str, Any], dict[str, Any]]],
) -> tuple[float, float, Difference, float]:
    words = sorted({mine["target"] for mine, _ in pairs})
    number = {word: place for place, word in enumerate(words)}
    truth = [number[mine["target"]] for mine, _ in pairs]
    said = [
        [number.get(row["filtered_resps"][0], len(words)) for row in side]
        for side in zip(*pairs, strict=True)
    ]
    count = len(words)
    tested = f1_difference(
        truth, said[1], said[0], classes=count, seed=SEED, repetitions=REPETITIONS
    )
    first, second = (mean_f1(truth, one, count) for one in said)
    return first, second, tested.difference, tested.p


def _by_subject(
    subjects: Sequence[str], a: Sequence[float], b: Sequence[float]
) -> tuple[Subject, ...]:
    by: dict[str, list[tuple[float, float]]] = {}
    for name, one, two in zip(subjects, a, b, strict=True):
        by.setdefault(name, []).append((one, two))
    raw = [
        mcnemar(sum(one > two for one, two in by[name]), sum(one < two for one, two in by[name]))
        for name in sorted(by)
    ]
    found = []
    for name, p in zip(sorted(by), holm(raw), strict=True):
        ours, theirs = ([pair[at] for pair in by[name]] for at in (0, 1))
        n = len(ours)
        found.append(
            Subject(
                name=name,
                base=wilson(int(sum(ours)), n),
                other=wilson(int(sum(theirs)), n),
                difference=paired_difference(theirs, ours, seed=SEED, repetitions=2000),
                p=p,
            )
        )
    return tuple(found)
