"""What a trained worker says about itself, as JSON beside its weights."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tahdhib.config.recipe import EditWorker as EditSettings
from tahdhib.records import Interval
from tahdhib.workers.edit.examples import TrainingPair
from tahdhib.workers.edit.measure import Figures
from tahdhib.workers.edit.train import Trained


def card(
    trained: Trained, settings: EditSettings, origin: Mapping[str, str | int]
) -> dict[str, Any]:
    """The card: no clock and no host, so that a worker trained again has the same one. `origin`
    is what the caller knows: hashes, seed, threads."""
    return {
        "kind": "edit",
        **origin,
        "settings": settings.model_dump(mode="json"),
        "keep_bias": dict(trained.tagger.keep_bias),
        "lean": trained.tagger.lean,
        "parameters": sum(weights.numel() for weights in trained.tagger.model.parameters()),
        "pairs": dict(trained.parts),
        "drops": dict(trained.drops),
        "label_counts": dict(trained.label_counts),
        "lost_operations": trained.lost_operations,
        "held_out": {teacher: _json(one) for teacher, one in trained.held_out.items()},
    }


def pairs_hash(pairs: Sequence[TrainingPair]) -> str:
    """Hash of all pairs, whatever their order."""
    rows = sorted(
        json.dumps([pair.id, pair.source, pair.rewrites, pair.teacher], ensure_ascii=False)
        for pair in pairs
    )
    return hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()


def _json(one: Figures) -> dict[str, Any]:
    return {
        "pairs": one.pairs,
        "edits": one.tally._asdict(),
        "precision": _interval(one.precision),
        "recall": _interval(one.recall),
    }


def _interval(interval: Interval | None) -> dict[str, Any] | None:
    return asdict(interval) if interval else None
