"""The pilot table of the native-alignment paper (arXiv 2412.03253, section 3), with what it lacks.

The paper drew 8,000 documents and gave the mean scores of a moderation service before and after,
and the perplexity of Llama-3-8B; neither n beside each figure nor intervals, and nothing on what
was kept. This gives the same rows from whatever scorers are named, each with n, intervals over
clusters of near-duplicates, the change in percent, and what the rewrites kept.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tahdhib.errors import DataError
from tahdhib.progress import Progress, Task
from tahdhib.readers import find_sources
from tahdhib.readers.read import read_records
from tahdhib.readers.record import Fault
from tahdhib.records import Interval
from tahdhib.score.language import language
from tahdhib.score.table import open_pair_scorer, open_scorer
from tahdhib.stages.audit.groups import clusters
from tahdhib.stages.audit.measure import near_duplicate_keys
from tahdhib.stats.draw import Draw, draw
from tahdhib.stats.intervals import Difference, as_difference, as_interval, wilson
from tahdhib.stats.means import means
from tahdhib.store.run_folder import RunFolder

CATEGORIES = {
    "sexual": "sexual",
    "hateful": "hate",
    "hate": "hate",
    "offensive": "harassment",
    "harassment": "harassment",
    "violent": "violence",
    "violence": "violence",
    "perplexity": "perplexity",
}
"""A scorer's own name for a score -> the row of the paper's table that it is nearest to."""
PAPER = {"sexual": -0.3182, "hate": -0.2687, "harassment": -0.2082, "violence": -0.1654}
"""Relative changes that the paper reports."""
_ORDER = (*PAPER, "perplexity")
_BATCH = 64
_MAX_RECORD = 16_000_000
_CHECKED_LANGUAGES = 200


class Row(NamedTuple):
    """One score before and after.

    `relative`: the change as a share of the mean before; None where that mean is 0. `paper`: the
    relative change in the paper's table, where it has the row.
    """

    name: str
    scorer: str
    unit: str
    before: Interval
    after: Interval
    change: Difference
    relative: Interval | None
    paper: float | None


class Kept(NamedTuple):
    """What rewrites kept: the mean over changed documents, and the share that lost something."""

    name: str
    mean: Interval
    lost: Interval


@dataclass(frozen=True, slots=True)
class Pilot:
    """The table: `n` documents of `total`, `changed` of them rewritten."""

    n: int
    total: int
    changed: Interval
    clusters: int
    seed: int
    repetitions: int
    rows: tuple[Row, ...]
    kept: tuple[Kept, ...]
    warnings: tuple[str, ...]


class Settings(NamedTuple):
    """What is measured, on how many documents, and the fields of files that hold the texts."""

    scorers: Sequence[str]
    preservation: Sequence[str]
    documents: int
    seed: int
    repetitions: int
    fields: tuple[str, str]


def pilot(source: Path, settings: Settings, progress: Progress) -> Pilot:
    """Measure a run, or files of pairs.

    Raises:
        TahdhibError: no pair lies there, or a scorer is unknown.
    """
    pairs = _Pairs(source, settings.fields, progress)
    names = list(pairs.names())
    if not names:
        raise DataError(
            f"{source}: holds no pair; expected a run that has rewritten, or records with the "
            f"fields {settings.fields[0]!r} and {settings.fields[1]!r}. Name them with --before "
            "and --after."
        )
    chosen = draw(names, purpose="pilot", seed=settings.seed, count=settings.documents)
    texts = pairs.texts(chosen)
    before, after = [old for old, _ in texts], [new for _, new in texts]
    own = clusters([[] for _ in texts], near_duplicate_keys(before)).fine.tolist()
    figures = _Figures(own, settings.seed, settings.repetitions)
    rows, warnings = _rows(before, after, settings, figures, progress)
    is_new = np.array([old != new for old, new in texts])
    return Pilot(
        n=len(texts),
        total=len(names),
        changed=wilson(int(is_new.sum()), len(texts)),
        clusters=len(set(own)),
        seed=settings.seed,
        repetitions=settings.repetitions,
        rows=tuple(sorted(rows, key=_place)),
        kept=tuple(_kept(before, after, is_new, settings, figures)),
        warnings=tuple(warnings),
    )


class _Pairs:
    """The pairs of a run or of files: their names, and the texts of some of them."""

    def __init__(self, source: Path, fields: tuple[str, str], progress: Progress) -> None:
        self._source, self._fields, self._progress = source, fields, progress
        run = RunFolder(source)
        self._run = run if run.manifest.exists() else None
        if self._run is not None and not self._run.stage("rewrite").is_finished():
            raise DataError(
                f"{source}: rewrite has not finished. Run the same command again to go on."
            )

    def names(self) -> Iterator[str]:
        if self._run is not None:
            for shard in self._run.stage("rewrite").shards("documents"):
                yield from pq.read_table(shard, columns=["id"])["id"].to_pylist()
            return
        with self._progress.task("pilot: read", 0, "pairs") as task:
            for name, _, _ in self._records(task):
                yield name

    def texts(self, chosen: Draw) -> list[tuple[str, str]]:
        """The chosen pairs, by their names."""
        found: dict[str, tuple[str, str]] = {}
        with self._progress.task("pilot: texts", 0, "pairs") as task:
            rows = self._records(task) if self._run is None else self._documents(task)
            for name, old, new in rows:
                if chosen.holds(name):
                    found[name] = (old, new)
        return [found[name] for name in sorted(found)]

    def _documents(self, task: Task) -> Iterator[tuple[str, str, str]]:
        assert self._run is not None
        for shard in self._run.stage("rewrite").shards("documents"):
            with pq.ParquetFile(shard) as file:
                columns = ["id", "source", "text"]
                for batch in file.iter_batches(batch_size=_BATCH, columns=columns):
                    task.advance(batch.num_rows)
                    for row in batch.to_pylist():
                        yield row["id"], row["source"], row["text"]

    def _records(self, task: Task) -> Iterator[tuple[str, str, str]]:
        old, new = self._fields
        for source in find_sources([str(self._source)]):
            for record in read_records(source, max_record_bytes=_MAX_RECORD, on_bytes=_ignore):
                task.advance()
                content = record.content
                if isinstance(content, Fault):
                    continue
                pair = content.get(old), content.get(new)
                if isinstance(pair[0], str) and isinstance(pair[1], str):
                    yield f"{source.path}:{record.place}", pair[0], pair[1]


def _ignore(_count: int) -> None:
    pass


class _Figures:
    """Intervals over one set of clusters."""

    def __init__(self, own: Sequence[int], seed: int, repetitions: int) -> None:
        self._own = np.asarray(own)
        self._seed, self._repetitions = seed, repetitions

    def of(
        self,
        columns: Sequence[NDArray[Any]],
        rows: NDArray[np.bool_] | None = None,
        changes: Collection[int] = (),
    ) -> Any:
        """Means of columns, over the clusters of `rows` (all by default); `changes` are the numbers
        of those held against zero."""
        own = self._own if rows is None else self._own[rows]
        return means(
            np.stack(columns, axis=1),
            seed=self._seed,
            repetitions=self._repetitions,
            clusters=own.tolist(),
            changes=changes,
        )


def _rows(
    before: Sequence[str],
    after: Sequence[str],
    settings: Settings,
    figures: _Figures,
    progress: Progress,
) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    warnings: list[str] = []
    spoken = {language(text).code for text in before[:_CHECKED_LANGUAGES]} - {"und"}
    main = max(
        spoken, key=[language(t).code for t in before[:_CHECKED_LANGUAGES]].count, default=""
    )
    with progress.task("pilot: scores", 2 * len(before) * len(settings.scorers), "texts") as task:
        for spec in settings.scorers:
            scorer = open_scorer(spec)
            old, new = (_scored(scorer.score, texts, task) for texts in (before, after))
            for at, score in enumerate(scorer.card.scores):
                rows.append(_row(score.name, spec, score.unit, (old[:, at], new[:, at]), figures))
                said = scorer.card.warning(main, score.name) if score.unit == "probability" else ""
                warnings += [said] if said else []
    return rows, warnings


def _scored(score: Any, texts: Sequence[str], task: Task) -> NDArray[np.float64]:
    parts = []
    for start in range(0, len(texts), _BATCH):
        part = texts[start : start + _BATCH]
        parts.append(score(part))
        task.advance(len(part))
    return np.concatenate(parts)


def _row(
    name: str,
    scorer: str,
    unit: str,
    sides: tuple[NDArray[np.float64], NDArray[np.float64]],
    figures: _Figures,
) -> Row:
    before, after = sides
    n, base = len(before), float(before.mean())
    relative = float(after.mean()) / base - 1 if base else 0.0
    # Of a ratio of two means, what each document adds to it (the delta method).
    part = (after - (1 + relative) * before) / base if base else np.zeros(n)
    old, new, change, ratio = figures.of([before, after, after - before, part], changes=(2,))
    row = CATEGORIES.get(name, name)
    return Row(
        name=row if row == name else f"{row} ({name})",
        scorer=scorer,
        unit=unit,
        before=as_interval(old, n),
        after=as_interval(new, n),
        change=as_difference(change, n),
        relative=Interval(
            relative, relative + ratio.low, relative + ratio.high, n, rough=change.rough
        )
        if base
        else None,
        paper=PAPER.get(row),
    )


def _kept(
    before: Sequence[str],
    after: Sequence[str],
    is_new: NDArray[np.bool_],
    settings: Settings,
    figures: _Figures,
) -> Iterable[Kept]:
    if not is_new.any():
        return
    places: list[int] = np.flatnonzero(is_new).tolist()
    for spec in settings.preservation:
        scorer = open_pair_scorer(spec)
        table = scorer.compare([before[at] for at in places], [after[at] for at in places])
        found = figures.of(list(table.T), is_new)
        for score, values, mean in zip(scorer.card.scores, table.T, found, strict=True):
            lost = int((values < 1 - 1e-9).sum())
            if values.min() >= 0 and values.max() <= 1:
                mean = mean._replace(low=max(0.0, mean.low), high=min(1.0, mean.high))
            yield Kept(score.name, as_interval(mean, len(values)), wilson(lost, len(values)))


def _place(row: Row) -> tuple[int, str]:
    name = row.name.partition(" (")[0]
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), row.name)
