"""What the candidates are measured on: pairs that none of them learned from, and texts that are to
stay as they are."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tahdhib.compare.candidates import Candidate
from tahdhib.config.recipe import Ingest
from tahdhib.errors import DataError
from tahdhib.readers import find_sources
from tahdhib.records import Document, Edit
from tahdhib.stages.annotate.stage import read_human_pairs
from tahdhib.stages.ingest.peek import peek
from tahdhib.stats.draw import draw
from tahdhib.store.run_folder import RunFolder
from tahdhib.store.shards import read_rows
from tahdhib.text.segment import words
from tahdhib.workers.edit.examples import LONGEST_SOURCE, PEOPLE, TrainingPair

_READ_BYTES = 1 << 30


class Bench(NamedTuple):
    """`pairs` are measured, `unseen` of them there were before the draw; `others` are pairs that
    are not measured, `clean` texts from elsewhere that are to stay."""

    pairs: tuple[TrainingPair, ...]
    unseen: int
    others: tuple[TrainingPair, ...]
    clean: tuple[Document, ...]

    @property
    def documents(self) -> list[Document]:
        """The sources of the measured pairs, then the clean texts."""
        return [*(Document(pair.id, pair.source) for pair in self.pairs), *self.clean]


def pairs_of_run(run: RunFolder) -> list[TrainingPair]:
    """The pairs that a run's worker learned from, was tuned on, or never saw.

    Raises:
        DataError: the run has none yet.
    """
    run.check_is_run()
    annotate = run.stage("annotate")
    if not annotate.is_finished():
        raise DataError(f"{run.root}: its pairs are not finished. Run the same command to go on.")
    rows = (row for shard in annotate.shards("pairs") for row in read_rows(shard))
    return [
        TrainingPair(
            id=row["id"],
            source=row["source"],
            rewrites=tuple(row["rewrites"]),
            edits=tuple(Edit(**edit) for edit in row["edits"]),
            teacher=row["teacher"],
        )
        for row in rows
    ]


def pairs_of_file(path: Path) -> list[TrainingPair]:
    """Pairs that people wrote, as `annotate.human_pairs` reads them.

    Raises:
        DataError: the file is missing or broken, or a line is no pair.
    """
    name = path.name.partition(".")[0]
    return [
        TrainingPair(pair.id(name), pair.source, pair.rewrites, (), PEOPLE)
        for _, pair in read_human_pairs(path)
    ]


def clean_texts(paths: Iterable[str], count: int, seed: int) -> list[Document]:
    """At most `count` texts of files (field `text`), drawn by `seed`, under ids of their own.

    Raises:
        DataError: a path leads to nothing that is read.
    """
    asked = list(paths)
    if not asked:
        return []
    drawn = peek(
        find_sources(asked, "--clean"),
        Ingest(paths=tuple(asked)),
        count=count,
        seed=seed,
        budget_bytes=_READ_BYTES,
        on_bytes=lambda _: None,
    )
    texts = sorted({one.text for one in drawn.documents})
    return [Document(f"clean:{place}", text) for place, text in enumerate(texts)]


def bench(
    pairs: Sequence[TrainingPair],
    clean: Sequence[Document],
    candidates: Sequence[Candidate],
    *,
    is_taught: bool,
    count: int,
    seed: int,
) -> Bench:
    """Draw at most `count` pairs to measure on. `is_taught`: candidates may have learned from the
    pairs, so that only those count which every one of them held out.

    Raises:
        DataError: no pair is left.
    """
    known = {pair.id: pair for pair in pairs if _is_measured(pair)}
    unseen = [
        name for name in known if not is_taught or all(one.never_saw(name) for one in candidates)
    ]
    if not unseen:
        raise DataError(
            f"pairs: of {len(known):,} none was held out from all candidates, so none is a fair "
            "measure. Compare workers of one seed, or name other pairs with --pairs FILE.jsonl."
        )
    chosen = draw(unseen, purpose="compare", seed=seed, count=count)
    measured = [known[name] for name in sorted(unseen) if chosen.holds(name)]
    others = [known[name] for name in sorted(known.keys() - {pair.id for pair in measured})]
    return Bench(tuple(measured), len(unseen), tuple(others), tuple(clean))


def _is_measured(pair: TrainingPair) -> bool:
    return len(pair.source) <= LONGEST_SOURCE and bool(words(pair.source))
