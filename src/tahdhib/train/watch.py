"""What every trainer of ours has: measures while it goes, checkpoints that say when they are whole,
and a full disk told in a sentence."""

import errno
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from tahdhib.errors import DataError
from tahdhib.store.shards import force_to_disk, write_json

WHOLE = "whole.json"
"""The last file of a checkpoint; one without it was cut off."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_IN_WORDS = re.compile("No space left|File too large|quota|iostream error|unexpected pos")


@dataclass(frozen=True, slots=True)
class Watch:
    """What is done while the model is trained: `measure` after the steps `measured_after`, and
    `on_step` after each, with its step and loss."""

    measure: Callable[[Any], dict[str, float]]
    measured_after: frozenset[int]
    on_step: Callable[[int, float], None]


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that is whole."""
    return max(_checkpoints(folder), key=_step_of, default=None)


def last_step(folder: Path) -> int:
    """The step of the newest checkpoint that is whole; 0 where there is none."""
    last = last_checkpoint(folder)
    return 0 if last is None else _step_of(last)


def _checkpoints(folder: Path) -> list[Path]:
    return [path.parent for path in folder.glob(f"checkpoint-*/{WHOLE}")]


def remove_cut_off(folder: Path) -> None:
    """Remove the checkpoints that a kill left half-written."""
    for path in folder.glob("checkpoint-*"):
        if not (path / WHOLE).exists():
            shutil.rmtree(path)


def _step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.removeprefix("checkpoint-"))


class Watched:
    """For a trainer of transformers to inherit before its own class: measures of ours, and
    checkpoints that say when they are whole."""

    watch: Watch
    keep: int

    def evaluate(self: Any, *_: Any, **__: Any) -> dict[str, float]:
        found: dict[str, float] = self.watch.measure(self.model)
        self.log(found)
        # The method that this one replaces would tell the trainer so.
        self.control.should_evaluate = False
        return found

    def _save_checkpoint(self: Any, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)  # type: ignore[misc]  # the trainer's
        folder = Path(self.args.output_dir)
        place = folder / f"checkpoint-{self.state.global_step}"
        self.accelerator.wait_for_everyone()
        if self.is_world_process_zero():
            force_to_disk(place)
            write_json(place / WHOLE, {"step": self.state.global_step})
            whole = sorted(_checkpoints(folder), key=_step_of)
            for old in whole[: -self.keep]:
                (old / WHOLE).unlink()
                shutil.rmtree(old)


class Watching(TrainerCallback):  # type: ignore[misc]
    """Steps as they are made."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def on_train_begin(self, args: Any, state: Any, control: Any, **of: Any) -> None:
        if state.global_step == 0 and 0 in self._watch.measured_after:
            state.log_history.append({**self._watch.measure(of["model"]), "step": 0})

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        control.should_evaluate = state.global_step in self._watch.measured_after
        return control

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        if not logs or "loss" not in logs:
            return
        loss = float(logs["loss"])
        if loss != loss or loss in (float("inf"), float("-inf")):
            raise DataError(
                f"step {state.global_step}: the loss is {loss}. Begin again in another folder with "
                "a lower training.learning_rate, or a longer training.warmup."
            )
        self._watch.on_step(state.global_step, loss)


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """A disk that is full, as a sentence; torch and safetensors say it each in their own way."""
    try:
        yield
    except Exception as error:
        number = error.errno if isinstance(error, OSError) else None
        is_full = number in _FULL or bool(_FULL_IN_WORDS.search(str(error)))
        if not is_full:
            raise
        raise DataError(
            f"{folder}: could not be written ({' '.join(str(error).split())[:200]}). "
            "Make room; the same command goes on from the checkpoint before."
        ) from error
