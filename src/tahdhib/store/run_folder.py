"""Where everything of a run lies. No other module joins paths inside a run folder.

RUN/recipe.yaml            the resolved recipe
RUN/manifest.json          code version, hashes, seeds: what the run is
RUN/performance.json       seconds and memory per stage: how it went, on which machine
RUN/<stage>/plan.json      fingerprint of all that the stage's result depends on
RUN/<stage>/<table>/bucket-00042.parquet
RUN/<stage>/ledger.json    written last: the stage is finished
RUN/earlier/<stage>/       a result under another conduct, while a stage takes over what stays of it
RUN/publish/corpus/        what leaves the run
RUN/people/                tasks that people were handed, with instructions
RUN/training/<model>/      models trained on its corpus, where the user put them there
RUN/evaluation/<model>/    what `tahdhib evaluate` measured of them
RUN/report.html
RUN/pairs.html             what the teacher made, where it was asked for
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tahdhib.errors import DataError
from tahdhib.store.ledger import Ledger, read_ledger, write_ledger
from tahdhib.store.shards import read_json, remove_temporaries, write_json


@dataclass(frozen=True, slots=True)
class StageFolder:
    """One stage's part of a run folder."""

    root: Path

    @property
    def plan(self) -> Path:
        return self.root / "plan.json"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.json"

    def file(self, name: str) -> Path:
        """A single file or folder of the stage that is no table (a model, a summary)."""
        return self.root / name

    def shard(self, table: str, bucket: int) -> Path:
        """Path of one bucket's shard of `table`."""
        return self.root / table / f"bucket-{bucket:05d}.parquet"

    def shards(self, table: str) -> list[Path]:
        """The shards of `table` that exist, in order."""
        return sorted((self.root / table).glob("bucket-*.parquet"))

    def is_finished(self, fingerprint: str | None = None) -> bool:
        """Whether the stage is done, and (if given) for exactly this fingerprint."""
        return self.ledger.exists() and fingerprint in (None, self.fingerprint())

    def fingerprint(self) -> str | None:
        """The fingerprint that the folder's content belongs to, or None."""
        return str(read_json(self.plan)["fingerprint"]) if self.plan.exists() else None

    def begin(
        self, fingerprint: str, parts: dict[str, str], keep_at: "StageFolder | None" = None
    ) -> None:
        """Make the folder ready for work under `fingerprint`: content of another one goes, or moves
        to `keep_at`, in one step, where rows of it may stay."""
        if self.fingerprint() != fingerprint:
            if keep_at is not None and self.fingerprint() is not None:
                keep_at.remove()
                keep_at.root.parent.mkdir(parents=True, exist_ok=True)
                self.root.rename(keep_at.root)
            self.remove()
            write_json(self.plan, {"fingerprint": fingerprint, "parts": parts})
        remove_temporaries(self.root)

    def remove(self) -> None:
        """Remove the folder, and first of all what says that it holds a result."""
        if self.root.exists():
            self.ledger.unlink(missing_ok=True)
            self.plan.unlink(missing_ok=True)
            shutil.rmtree(self.root)

    def finish(self, ledger: Ledger) -> None:
        """Write the ledger, which marks the stage as finished."""
        write_ledger(self.ledger, ledger)

    def account(self) -> Ledger:
        """The ledger of a finished stage."""
        return read_ledger(self.ledger)


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run on disk."""

    root: Path

    @property
    def recipe(self) -> Path:
        return self.root / "recipe.yaml"

    @property
    def manifest(self) -> Path:
        return self.root / "manifest.json"

    @property
    def performance(self) -> Path:
        return self.root / "performance.json"

    @property
    def report(self) -> Path:
        return self.root / "report.html"

    @property
    def pairs_report(self) -> Path:
        return self.root / "pairs.html"

    @property
    def corpus(self) -> Path:
        """The published files."""
        return self.stage("publish").file("corpus")

    @property
    def review(self) -> Path:
        """Keys of the tasks that people were given: outside the stages, so that no redo loses
        them."""
        return self.root / "review"

    @property
    def people(self) -> Path:
        """Tasks that people were handed, and which: outside the stages, as `review`."""
        return self.root / "people"

    @property
    def replies(self) -> Path:
        """Cache of paid replies: outside the stages, so that no redo loses it."""
        return self.root / "replies"

    @property
    def training(self) -> Path:
        """Models, each in a folder of its own: no stage's, and the report shows them."""
        return self.root / "training"

    @property
    def evaluation(self) -> Path:
        """What was measured of models, likewise."""
        return self.root / "evaluation"

    def stage(self, name: str) -> StageFolder:
        return StageFolder(self.root / name)

    def earlier(self, name: str) -> StageFolder:
        """Where a stage finds what it made under another conduct, until it is done."""
        return StageFolder(self.root / "earlier" / name)

    def check_is_run(self) -> None:
        """Raise DataError unless this folder holds a run."""
        if not self.manifest.exists():
            raise DataError(
                f"{self.root}: is no run folder (it has no manifest.json). Give the folder that "
                "'tahdhib run --out DIR' wrote."
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for one process; the lock goes with the process, however it ends.

        Raises:
            DataError: another process works in this folder, or it cannot be written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            handle = (self.root / ".lock").open("w")
        except OSError as error:
            raise DataError(
                f"{self.root}: cannot be used as a run folder: {error.strerror}. "
                "Choose another one with --out."
            ) from error
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DataError(
                    f"{self.root}: another process is working in this run folder. Wait for it, "
                    "or choose another folder with --out."
                ) from None
            yield
