"""Workers by the name that a recipe calls them by; each is imported when it is opened, so that
naming one costs nothing and torch is loaded only for a worker that needs it."""

from collections.abc import Callable
from pathlib import Path

from tahdhib.conduct.conduct import Conduct
from tahdhib.config.recipe import CausalRewriting
from tahdhib.errors import DataError, RecipeError
from tahdhib.store.shards import read_json
from tahdhib.workers.card import RECORD
from tahdhib.workers.edit.drafts import Choice
from tahdhib.workers.worker import Worker

KINDS = ("edit", "causal", "rules", "copy", "random")
LEARNING = ("edit", "causal")
"""Kinds that are trained on pairs."""
GENERATING = ("causal",)
"""Kinds that write text anew, and so can say a thing otherwise; all others only edit."""


def model_folder(kind: str) -> str:
    """The folder of the stage `worker` that holds what a worker of `kind` has learned."""
    return "model" if kind == "edit" else f"model-{kind}"


def kind_of(folder: Path) -> str:
    """The kind of the trained worker in `folder`, as its record tells.

    Raises:
        DataError: there is no worker in it.
    """
    if not (folder / RECORD).is_file():
        raise DataError(
            f"{folder}: holds no trained worker (it has no {RECORD}). Name the folder worker/model "
            "of a run, or a copy of one."
        )
    return str(read_json(folder / RECORD)["kind"])


def open_worker(  # noqa: PLR0913 - what all kinds together need, named at every call
    kind: str,
    *,
    conduct: Conduct,
    folder: Path | None,
    seed: int,
    random_rate: float,
    batch: int,
    threads: int,
    is_light: bool = False,
    causal: CausalRewriting | None = None,
    replies: Path | None = None,
    choosing: Callable[[], Choice | None] = lambda: None,
) -> Worker:
    """Return the worker of `kind`; `folder` holds the weights of one that was trained. For a text
    or two `is_light` spares the time that torch takes to load, where the worker can do without.
    `causal` says where a causal worker runs, `replies` where an endpoint's are kept; `choosing`
    opens what an edit worker chooses between its drafts by.

    Raises:
        RecipeError: the kind is unknown, or its weights are not there.
    """
    match kind:
        case "rules":
            from tahdhib.workers.rules import RulesWorker

            return RulesWorker(conduct)
        case "copy":
            from tahdhib.workers.copy import CopyWorker

            return CopyWorker()
        case "random":
            from tahdhib.workers.random import RandomWorker

            return RandomWorker(random_rate, seed)
        case "causal":
            from tahdhib.workers.causal.worker import CausalWorker

            return CausalWorker.open(
                _trained(kind, folder),
                conduct=conduct,
                settings=causal or CausalRewriting(),
                threads=threads,
                replies=replies,
            )
        case "edit":
            from tahdhib.workers.edit.worker import EditWorker

            trained, choice = _trained(kind, folder), choosing()
            if is_light:
                return EditWorker.open_light(trained, batch=batch, choice=choice)
            return EditWorker.open(trained, batch=batch, threads=threads, choice=choice)
    raise RecipeError(f"worker.kind: {kind!r} is unknown. Known: {', '.join(KINDS)}.")


def _trained(kind: str, folder: Path | None) -> Path:
    if folder is None:
        raise RecipeError(
            f"worker.kind: {kind!r} learns from pairs, and no folder with its weights was "
            "given. Train it first (tahdhib worker), or set worker.kind=rules."
        )
    return folder
