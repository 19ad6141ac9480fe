"""Models that were trained on a run's corpus: how it went, what they score, how they compare.

They lie in the run folder where the user put them there: `training/NAME` as `tahdhib pretrain` and
`tahdhib tune` write them, `evaluation/NAME` as `tahdhib evaluate` does. Names are in order, and the
first evaluation is what the others are held against.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tahdhib.errors import DataError
from tahdhib.evaluate.compare import Comparison, compare
from tahdhib.evaluate.files import RESULTS
from tahdhib.records import Interval
from tahdhib.report.visible import visible
from tahdhib.report.words import share_interval
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import read_json, read_rows

_METHODS = {
    "pretrain": "pre-trained",
    "sft": "tuned on answers (SFT)",
    "dpo": "tuned on preferences (DPO)",
}


Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on held-out text or answers, before the first step and after the last."""

    name: str
    documents: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Training:
    """One training: the loss of each step, and what it did to held-out text. `unit` is that of
    what was measured."""

    name: str
    method: str
    facts: str
    losses: tuple[float, ...]
    unit: str
    measured: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """What each model scores on one variant of a benchmark, or on what it wrote freely."""

    task: str
    title: str
    metric: str
    models: tuple[tuple[str, Interval], ...]
    remarks: tuple[str, ...]
    """What is said of all of them alike."""


@dataclass(frozen=True, slots=True)
class Models:
    """All that the report tells of models. `not_compared` says why there is no comparison."""

    trainings: tuple[Training, ...]
    scores: tuple[Scores, ...]
    comparisons: tuple[Comparison, ...]
    not_compared: str


def read_models(run: RunFolder) -> Models | None:
    """The models of a run; None where there are none.

    Raises:
        DataError: a folder of a model is not as its verb leaves it.
    """
    trainings = tuple(
        _readable(read, folder, verb)
        for folder in _inside(run.training)
        for verb, (record, read) in _TRAININGS.items()
        if (folder / record).exists()
    )
    evaluations = [one for one in _inside(run.evaluation) if (one / RESULTS).exists()]
    if not trainings and not evaluations:
        return None
    scored = {one.name: _readable(_tasks, one, "evaluate") for one in evaluations}
    comparisons, why = _compared(evaluations)
    return Models(trainings, _scores(scored), comparisons, why)


def _readable(read: Callable[[Path], Told], folder: Path, verb: str) -> Told:
    """What `read` finds in a folder that the user put into the run.

    Raises:
        DataError: it is not as `verb` writes it.
    """
    try:
        return read(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{folder}: is not as `tahdhib {verb}` leaves it ({error!r}). Take it out of the run, "
            "or make it again."
        ) from error


def _inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _pretrained(folder: Path) -> Training:
    record, rows = read_json(folder / "pretrain.json"), read_rows(folder / "bits.parquet")
    corpora = " · ".join(
        f"{name}: {one['documents']:,} documents" for name, one in record["corpora"].items()
    )
    first = {
        (row["corpus"], row["group"]): row["bits_per_byte"] for row in rows if row["step"] == 0
    }
    measured = [
        Measured(
            visible(f"{row['corpus']}: {row['group']}"),
            row["documents"],
            first[row["corpus"], row["group"]],
            row["bits_per_byte"],
        )
        for row in record["bits_per_byte"]
    ]
    return Training(
        name=visible(folder.name),
        method=_METHODS["pretrain"],
        facts=visible(
            f"{record['parameters']:,} parameters · {record['steps']:,} steps · "
            f"{record['tokens']:,} tokens · {corpora}"
        ),
        losses=_losses(folder),
        unit="bits per byte of held-out text",
        measured=tuple(measured),
    )


def _tuned(folder: Path) -> Training:
    record = read_json(folder / "tune.json")
    held_out = record["held_out"]
    facts = f"{record['data']['trained_on']:,} records · {record['steps']:,} steps"
    if gained := held_out.get("chosen_gained_more"):
        share = Interval(gained["share"], gained["low"], gained["high"], held_out["records"])
        facts += f" · the better answer gained more in {share_interval(share)} of {share.n:,}"
    return Training(
        name=visible(folder.name),
        method=_METHODS[record["method"]],
        facts=facts,
        losses=_losses(folder),
        unit="held-out records",
        measured=tuple(
            Measured(name.replace("_", " "), held_out["records"], found["first"], found["last"])
            for name, found in held_out.items()
            if name in ("nats_per_token", "loss")
        ),
    )


def _losses(folder: Path) -> tuple[float, ...]:
    return tuple(row["loss"] for row in read_rows(folder / "curve.parquet", ["loss"]))


_TRAININGS = {"pretrain": ("pretrain.json", _pretrained), "tune": ("tune.json", _tuned)}


def _tasks(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """What was measured of a model, by task; each with the fields that are told."""
    return [
        (name, {field: about[field] for field in ("title", "metric", "score", "remarks")})
        for name, about in sorted(read_json(folder / RESULTS)["tahdhib"].items())
    ]


def _scores(scored: Mapping[str, list[tuple[str, dict[str, Any]]]]) -> tuple[Scores, ...]:
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for model, tasks in scored.items():
        for name, about in tasks:
            found.setdefault(name, []).append((model, about))
    return tuple(
        Scores(
            task=visible(name),
            title=visible(models[0][1]["title"]),
            metric=models[0][1]["metric"],
            models=tuple((visible(model), Interval(**about["score"])) for model, about in models),
            remarks=tuple(
                visible(line)
                for line in models[0][1]["remarks"]
                if all(line in about["remarks"] for _, about in models)
            ),
        )
        for name, models in found.items()
    )


def _compared(evaluations: list[Path]) -> tuple[tuple[Comparison, ...], str]:
    if len(evaluations) < 2:
        return (), "One evaluation alone: there is nothing to compare it with."
    try:
        return tuple(compare(evaluations)), ""
    except DataError as error:
        return (), visible(str(error))
