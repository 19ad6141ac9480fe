"""Worker: train what rewrites the corpus, from the pairs.

The model folder appears whole or not at all. Whoever is killed while training starts it again:
the same pairs give the same weights, so nothing is lost but the time.
"""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tahdhib.errors import DataError, MissingExtraError
from tahdhib.records import Edit
from tahdhib.stages.contract import Workplace, documents_of
from tahdhib.stages.worker.origin import languages, licences
from tahdhib.store.ledger import Ledger, count_rows
from tahdhib.store.shards import read_json, read_rows
from tahdhib.version import VERSION
from tahdhib.workers.card import RECORD, write_card
from tahdhib.workers.edit.examples import TrainingPair, pairs_hash

MODEL = "model"
_UNFINISHED = "model-unfinished"  # a folder, so not one of the store's temporaries, which are files
_EXTRA_PACKAGES = ("torch", "safetensors")


def work(place: Workplace) -> Ledger:
    """Write the folder `model` with its card, if one of the recipe's workers learns."""
    shards = place.run.stage("annotate").shards("pairs")
    if "edit" not in place.recipe.rungs:
        kind = ", ".join(place.recipe.rungs)
        count = count_rows(shards)
        return Ledger(
            "worker", "pairs", count, count, notes={"kind": kind, "training": "none needed"}
        )
    pairs = [_pair(row) for shard in shards for row in read_rows(shard)]
    if not any(rewrite != pair.source for pair in pairs for rewrite in pair.rewrites):
        raise DataError(
            f"{place.run.stage('annotate').root}: {len(pairs)} pairs and no edit in any of them, "
            "so there is nothing for the edit worker to learn. Raise annotate.sample, add "
            "annotate.human_pairs, or run with --set worker.kind=rules."
        )
    folder = place.here.file(MODEL)
    if not folder.exists():
        _train(place, pairs, folder)
    return _account(len(pairs), read_json(folder / RECORD))


def _train(place: Workplace, pairs: list[TrainingPair], folder: Path) -> None:
    if any(find_spec(package) is None for package in _EXTRA_PACKAGES):
        raise MissingExtraError("the edit worker", "train")
    # Only here: the base install has no torch, and the other kinds of worker need none.
    from tahdhib.workers.edit.card import KIND, record
    from tahdhib.workers.edit.model import save_tagger
    from tahdhib.workers.edit.train import train

    recipe = place.recipe
    unfinished = place.here.file(_UNFINISHED)
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    trained = train(
        pairs,
        recipe.worker.edit,
        seed=recipe.seed,
        threads=recipe.worker.threads,
        progress=place.progress,
    )
    save_tagger(unfinished, trained.tagger)
    write_card(unfinished, record(trained, recipe.worker.edit, _origin(place, pairs)), KIND)
    _sync(unfinished)
    os.replace(unfinished, folder)


def _origin(place: Workplace, pairs: list[TrainingPair]) -> dict[str, Any]:
    """What a worker's record says of where it comes from, whatever its kind."""
    documents = documents_of(place.run, place.recipe).shards("documents")
    rows = (row for shard in documents for row in read_rows(shard, ["id", "metadata"]))
    return {
        "version": VERSION,
        "pairs_hash": pairs_hash(pairs),
        "licences": licences(pairs, rows, place.recipe.annotate.human_pairs),
        "languages": languages(pairs, place.recipe.seed),
        "conduct": {"name": place.conduct.name, "version": place.conduct.version},
        "conduct_hash": place.conduct.hash,
        "seed": place.recipe.seed,
        "threads": place.recipe.worker.threads,
    }


def _sync(folder: Path) -> None:
    """Force the files to disk before the rename, which would otherwise outlive them in a crash."""
    for path in sorted(folder.iterdir()):
        with path.open("rb") as handle:
            os.fsync(handle.fileno())


def _pair(row: dict[str, Any]) -> TrainingPair:
    return TrainingPair(
        id=row["id"],
        source=row["source"],
        rewrites=tuple(row["rewrites"]),
        edits=tuple(Edit(**edit) for edit in row["edits"]),
        teacher=row["teacher"],
    )


def _account(came_in: int, card: dict[str, Any]) -> Ledger:
    """The ledger, from the card: so a rerun over a finished model gives the same one."""
    notes: dict[str, int | float | str] = {
        "kind": "edit",
        "trained_on": card["pairs"]["train"],
        "tuned_on": card["pairs"]["tune"],
        "held_out": card["pairs"]["held_out"],
        "lost_operations": card["lost_operations"],
        **{f"keep_bias_{name}": bias for name, bias in card["keep_bias"].items()},
    }
    for teacher, figures in card["held_out"].items():
        for measure in ("precision", "recall"):
            if figures[measure]:
                notes[f"{teacher}_{measure}"] = round(figures[measure]["estimate"], 4)
                notes[f"{teacher}_{measure}_low"] = round(figures[measure]["low"], 4)
                notes[f"{teacher}_{measure}_high"] = round(figures[measure]["high"], 4)
                notes[f"{teacher}_{measure}_n"] = figures[measure]["n"]
    drops = dict(card["drops"])
    return Ledger("worker", "pairs", came_in, came_in - sum(drops.values()), drops, notes)
