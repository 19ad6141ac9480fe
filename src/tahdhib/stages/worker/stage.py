"""Worker: train what rewrites the corpus, from the pairs.

The folder of a worker appears whole or not at all. Whoever is killed while training starts it
again, or goes on from the last state on disk: the same pairs give the same weights, so nothing is
lost but the time.
"""

import os
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tahdhib.config import Recipe
from tahdhib.errors import DataError, MissingExtraError
from tahdhib.gate.gate import Gate
from tahdhib.records import Edit
from tahdhib.score.table import files_of, open_scorer
from tahdhib.stages.contract import Workplace, documents_of
from tahdhib.stages.worker.faults import faults
from tahdhib.stages.worker.origin import languages, licences
from tahdhib.stages.worker.select import NOT_SELECTED, not_selected, select
from tahdhib.store.ledger import Ledger, count_rows
from tahdhib.store.shards import force_to_disk, read_json, read_rows
from tahdhib.version import VERSION
from tahdhib.workers.card import RECORD, write_card
from tahdhib.workers.edit.examples import TrainingPair, drop_reason, pairs_hash, part_of
from tahdhib.workers.table import LEARNING, model_folder

_EXTRA_PACKAGES = {
    "edit": ("torch", "safetensors"),
    "causal": ("torch", "transformers", "trl", "peft"),
}

Train = Callable[[Workplace, list[TrainingPair], Path], None]
"""Trains a worker on pairs and fills its folder."""


def work(place: Workplace) -> Ledger:
    """Write the folder of each of the recipe's workers that learns, with its card."""
    shards = place.run.stage("annotate").shards("pairs")
    kinds = [kind for kind in place.recipe.rungs if kind in LEARNING]
    if not kinds:
        count = count_rows(shards)
        notes = {"kind": ", ".join(place.recipe.rungs), "training": "none needed"}
        return Ledger("worker", "pairs", count, count, notes=dict(notes))
    pairs = [_pair(row) for shard in shards for row in read_rows(shard)]
    if not any(rewrite != pair.source for pair in pairs for rewrite in pair.rewrites):
        raise DataError(
            f"{place.run.stage('annotate').root}: {len(pairs)} pairs and no edit in any of them, "
            f"so there is nothing for the {kinds[0]} worker to learn. Raise annotate.sample, add "
            "annotate.human_pairs, or run with --set worker.kind=rules."
        )
    waiting = [kind for kind in kinds if not place.here.file(model_folder(kind)).exists()]
    selected = _selected(pairs, place.recipe) if waiting else []
    for kind in waiting:
        _train(place, selected, kind)
    records = [read_json(place.here.file(model_folder(kind)) / RECORD) for kind in kinds]
    return _account(len(pairs), records, not_selected(len(pairs), place.recipe.worker.select))


def reads(recipe: Recipe) -> list[str]:
    """The files of the score by which pairs are selected, and of the edit worker's base where it
    lies in a folder here; as paths."""
    score, base = recipe.worker.select.score, recipe.worker.edit.base
    files = files_of(score) if score else []
    if base is not None and "edit" in recipe.rungs and Path(base).is_dir():
        files += [str(path) for path in sorted(Path(base).iterdir()) if path.is_file()]
    return files


def _selected(pairs: list[TrainingPair], recipe: Recipe) -> list[TrainingPair]:
    settings = recipe.worker.select
    scorer = open_scorer(settings.score) if settings.score else None
    return select(pairs, settings, scorer, recipe.seed)


def _train(place: Workplace, pairs: list[TrainingPair], kind: str) -> None:
    if any(find_spec(package) is None for package in _EXTRA_PACKAGES[kind]):
        raise MissingExtraError(f"the {kind} worker", "train")
    folder = place.here.file(model_folder(kind))
    # A folder, so not one of the store's temporaries, which are files.
    unfinished = folder.with_name(f"{folder.name}-unfinished")
    train: Train = _train_edit if kind == "edit" else _train_causal
    train(place, pairs, unfinished)
    force_to_disk(unfinished)
    os.replace(unfinished, folder)


def _train_edit(place: Workplace, pairs: list[TrainingPair], folder: Path) -> None:
    # Only here: the base install has no torch, and the other kinds of worker need none.
    from tahdhib.workers.edit.card import kind_of, record
    from tahdhib.workers.edit.model import save_tagger
    from tahdhib.workers.edit.train import train
    from tahdhib.workers.edit.worker import EditWorker

    recipe = place.recipe
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    trained = train(
        pairs,
        recipe.worker.edit,
        seed=recipe.seed,
        threads=recipe.worker.threads,
        progress=place.progress,
    )
    save_tagger(folder, trained.tagger)
    worker = EditWorker(trained.tagger, model_hash="", batch=recipe.rewrite.batch)
    unseen = [
        pair
        for pair in pairs
        if drop_reason(pair) is None
        and part_of(pair.id, recipe.seed, recipe.worker.edit.held_out) == "held_out"
    ]
    told = record(trained, recipe.worker.edit, _origin(place, pairs))
    told["faults"] = faults(worker, unseen, Gate(recipe.gate, place.conduct))
    write_card(folder, told, kind_of(told))


def _train_causal(place: Workplace, pairs: list[TrainingPair], folder: Path) -> None:
    from tahdhib.workers.causal.card import KIND, record
    from tahdhib.workers.causal.train import train

    recipe = place.recipe
    trained = train(
        pairs,
        recipe.worker.causal,
        folder,
        conduct=place.conduct,
        seed=recipe.seed,
        threads=recipe.worker.threads,
        progress=place.progress,
    )
    write_card(folder, record(trained, recipe.worker.causal, _origin(place, pairs)), KIND)


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


def _pair(row: dict[str, Any]) -> TrainingPair:
    return TrainingPair(
        id=row["id"],
        source=row["source"],
        rewrites=tuple(row["rewrites"]),
        edits=tuple(Edit(**edit) for edit in row["edits"]),
        teacher=row["teacher"],
    )


def _account(came_in: int, records: list[dict[str, Any]], unselected: int) -> Ledger:
    """The ledger, from the records: so a rerun over finished models gives the same one. Pairs are
    dropped as the first worker drops them; what another one does is noted under its name."""
    first, *others = map(_notes, records)
    notes = {"kind": ", ".join(record["kind"] for record in records), **first}
    for record, more in zip(records[1:], others, strict=True):
        more |= {f"dropped_{reason}": count for reason, count in record["drops"].items()}
        notes |= {f"{record['kind']}_{name}": value for name, value in more.items()}
    drops = dict(records[0]["drops"]) | ({NOT_SELECTED: unselected} if unselected else {})
    return Ledger("worker", "pairs", came_in, came_in - sum(drops.values()), drops, notes)


def _notes(record: dict[str, Any]) -> dict[str, int | float | str]:
    own = ("lost_operations", "lessons", "steps")
    parts = {"train": "trained_on", "tune": "tuned_on", "held_out": "held_out"}
    notes: dict[str, int | float | str] = {
        **{parts[part]: count for part, count in record["pairs"].items()},
        **{name: record[name] for name in own if name in record},
        **{f"keep_bias_{name}": bias for name, bias in record.get("keep_bias", {}).items()},
        **{f"faults_{name}": count for name, count in record.get("faults", {}).items()},
    }
    for teacher, figures in record["held_out"].items():
        for measure in ("precision", "recall"):
            if figures[measure]:
                notes[f"{teacher}_{measure}"] = round(figures[measure]["estimate"], 4)
                notes[f"{teacher}_{measure}_low"] = round(figures[measure]["low"], 4)
                notes[f"{teacher}_{measure}_high"] = round(figures[measure]["high"], 4)
                notes[f"{teacher}_{measure}_n"] = figures[measure]["n"]
    return notes
