"""Pairs rated on five axes, by a language model and by people, and how far they agree.

`tasks` writes pairs for people, `rate` has a model rate the same pairs and reads the votes back.
People see which text is the rewrite: they rate how well it was rewritten, and are no witness of
whether rewriting helps (`review sample` is blind).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pyarrow.parquet as pq

from tahdhib.conduct.conduct import Conduct
from tahdhib.errors import DataError
from tahdhib.progress import Progress
from tahdhib.records import Interval
from tahdhib.score.adapters.axes import AXES, HIGHEST, LOWEST, ORDERS, AxesJudge
from tahdhib.stats.agreement import krippendorff_of_numbers
from tahdhib.stats.draw import draw
from tahdhib.stats.intervals import Difference, bootstrap_mean, paired_difference
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import write_json, write_text

_REPETITIONS = 2000
_BATCH_ROWS = 128
_FAULTS_SAID = 5


class _Asked(TypedDict):
    seed: int
    repetitions: int


class PairShown(NamedTuple):
    """A changed pair."""

    id: str
    source: str
    rewrite: str


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis over the rated pairs. `by_order`: what the second order adds to the first;
    `people`: their mean rating; `agreement` of the model with their mean, `among_people` of them
    with each other, `apart`: how much higher the model rates."""

    name: str
    rating: Interval
    by_order: Difference
    people: Interval | None
    agreement: Interval | None
    among_people: Interval | None
    apart: Difference | None


@dataclass(frozen=True, slots=True)
class Ratings:
    """What a model said of `pairs` pairs of `total`; `unrated` got no usable answer in both
    orders. `voters` people gave `votes`."""

    model: str
    pairs: int
    total: int
    unrated: int
    seed: int
    voters: int
    votes: int
    axes: tuple[Axis, ...]


def tasks(run: RunFolder, out: Path, *, number: int, seed: int) -> int:
    """Write pairs for people to rate, and how; how many.

    Raises:
        DataError: the run has no changed pair.
    """
    pairs, _ = drawn_pairs(run, number, seed)
    lines: list[dict[str, Any]] = [
        {
            "instructions": f"Rate each rewrite from {LOWEST} (very bad) to {HIGHEST} (faultless) "
            "on each axis: write a number in place of each null, and your name into annotator.",
            "axes": AXES,
        }
    ]
    empty = dict.fromkeys(AXES)
    lines += [
        {"id": i, "source": s, "rewrite": r, "ratings": empty, "annotator": ""} for i, s, r in pairs
    ]
    write_text(out, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return len(pairs)


class Asked(NamedTuple):
    """Which model rates how many pairs, drawn by which seed, and the files with people's votes."""

    judge: str
    number: int
    seed: int
    votes: Sequence[Path] = ()


def rate(run: RunFolder, conduct: Conduct, asked: Asked, progress: Progress) -> Ratings:
    """Have a model rate a draw of the run's changed pairs, hold it against people's
    votes, and keep the result beside the pairs.

    Raises:
        TahdhibError: no pair, a broken file of votes, or an endpoint that cannot be used.
    """
    seed = asked.seed
    pairs, total = drawn_pairs(run, asked.number, seed)
    by_people = _votes(asked.votes, {pair.id for pair in pairs})
    judge = AxesJudge(asked.judge, conduct, progress)
    rated = judge.rate([one.source for one in pairs], [one.rewrite for one in pairs])
    both = {
        pair.id: [answer for answer in answers if answer is not None]
        for pair, answers in zip(pairs, rated, strict=True)
        if None not in answers
    }
    found = Ratings(
        model=judge.model,
        pairs=len(both),
        total=total,
        unrated=len(pairs) - len(both),
        seed=seed,
        voters=len({name for own in by_people.values() for name in own}),
        votes=sum(map(len, by_people.values())),
        axes=tuple(_axis(axis, both, by_people, seed) for axis in AXES),
    )
    write_json(run.stage("annotate").file("ratings.json"), asdict(found))
    return found


def drawn_pairs(run: RunFolder, number: int, seed: int) -> tuple[list[PairShown], int]:
    """A draw of the run's changed pairs in the order of their ids, and of how many.

    Raises:
        DataError: there is none.
    """
    run.check_is_run()
    names = [row["id"] for row in _changed(run, ["id"])]
    if not names:
        raise DataError(
            f"{run.root}: holds no pair that changes anything, so there is nothing to rate. Run "
            "`tahdhib annotate` first."
        )
    chosen = draw(names, purpose="axes", seed=seed, count=number)
    found = [
        PairShown(row["id"], row["source"], row["rewrites"][0])
        for row in _changed(run, ["id", "source", "rewrites"], chosen.holds)
    ]
    return sorted(found), len(names)


def _changed(run: RunFolder, columns: list[str], holds: Any = None) -> Iterator[dict[str, Any]]:
    """Rows of pairs with an edit, only those that `holds` holds where it is given."""
    for shard in run.stage("annotate").shards("pairs"):
        with pq.ParquetFile(shard) as file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=[*columns, "edits"]):
                for row in batch.to_pylist():
                    if row["edits"] and (holds is None or holds(row["id"])):
                        yield row


def _axis(
    axis: str,
    both: Mapping[str, Sequence[Mapping[str, float]]],
    people: Mapping[str, Mapping[str, Mapping[str, int]]],
    seed: int,
) -> Axis:
    by_id = {name: [one[axis] for one in answers] for name, answers in both.items()}
    means = {name: float(np.mean(values)) for name, values in by_id.items()}
    orders = np.array(list(by_id.values())).reshape(-1, len(ORDERS))
    voted = {
        name: float(np.mean([vote[axis] for vote in own.values()]))
        for name, own in sorted(people.items())
        if name in means
    }
    own, theirs = [means[name] for name in voted], list(voted.values())
    among = [[float(vote[axis]) for vote in own.values()] for own in people.values()]
    asked: _Asked = {"seed": seed, "repetitions": _REPETITIONS}
    pairs = [list(two) for two in zip(own, theirs, strict=True)]
    return Axis(
        name=axis,
        rating=_on_scale(bootstrap_mean(list(means.values()), **asked)),
        by_order=paired_difference(orders[:, 1], orders[:, 0], **asked),
        people=_on_scale(bootstrap_mean(theirs, **asked)) if voted else None,
        agreement=krippendorff_of_numbers(pairs, **asked),
        among_people=krippendorff_of_numbers(among, **asked),
        apart=paired_difference(own, theirs, **asked) if voted else None,
    )


def _on_scale(value: Interval) -> Interval:
    low, high = max(value.low, float(LOWEST)), min(value.high, float(HIGHEST))
    return replace(value, low=low, high=high)


# Votes


def _votes(paths: Sequence[Path], known: set[str]) -> dict[str, dict[str, dict[str, int]]]:
    """By pair and person the ratings that people gave.

    Raises:
        DataError: a line is no vote on one of these pairs; the message names file and line.
    """
    found: dict[str, dict[str, dict[str, int]]] = {}
    faults: list[str] = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{path}: cannot be read ({error}); expected JSON lines.") from None
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                _take(line, f"{path}:{number}", path.stem, known, found, faults)
    if faults:
        more = [f"and {len(faults) - _FAULTS_SAID} more"] if len(faults) > _FAULTS_SAID else []
        raise DataError("\n".join([*faults[:_FAULTS_SAID], *more]))
    return found


def _take(
    line: str,
    where: str,
    file: str,
    known: set[str],
    found: dict[str, dict[str, dict[str, int]]],
    faults: list[str],
) -> None:
    """Read one line into `found`, or say in `faults` why not; tasks without any rating are left
    out."""
    try:
        content = json.loads(line)
    except ValueError as error:
        faults.append(f"{where}: is not JSON ({error}); expected a rated pair as an object")
        return
    if not isinstance(content, dict) or "instructions" in content:
        return
    given = content.get("ratings")
    given = given if isinstance(given, dict) else {}
    if all(value in (None, "") for value in given.values()):
        return
    name = str(content.get("id"))
    person = str(content.get("annotator") or "").strip() or file
    if name not in known:
        faults.append(
            f"{where}: pair {name!r} is not among those drawn; expected one of the tasks of this "
            "run. Use the same -n and --seed"
        )
        return
    if person in found.get(name, {}):
        faults.append(f"{where}: {person!r} rates pair {name!r} again; expected one vote")
        return
    ratings = {axis: _number(given.get(axis)) for axis in AXES}
    missing = [axis for axis, value in ratings.items() if value is None]
    if missing:
        seen = ", ".join(f"{axis} is {given.get(axis)!r}" for axis in missing)
        faults.append(f"{where}: {seen}; expected whole numbers from {LOWEST} to {HIGHEST}")
        return
    found.setdefault(name, {})[person] = {axis: value or 0 for axis, value in ratings.items()}


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,2}", str(value).strip()):
        return None
    number = int(str(value).strip())
    return number if LOWEST <= number <= HIGHEST else None
