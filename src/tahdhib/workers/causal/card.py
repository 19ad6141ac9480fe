"""What a trained causal worker says about itself, as a record beside its weights."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tahdhib.config.recipe import CausalWorker as CausalSettings
from tahdhib.records import Interval
from tahdhib.train.base_model import base_of
from tahdhib.workers.card import Kind, Way
from tahdhib.workers.causal.answer import NAME
from tahdhib.workers.causal.fit import peak
from tahdhib.workers.causal.folder import PILOT
from tahdhib.workers.causal.train import Trained
from tahdhib.workers.edit.card import figures_as_json

KIND = Kind(
    says=(
        "It reads a text under a code of conduct and writes what is to stand in its place: the "
        "whole text, the edits that lead to it, or that nothing is to be changed."
    ),
    task="text-generation",
    tags=("causal-worker", "text-editing"),
    ways=(
        Way(
            "With Tahdhib: the text, each edit with who is behind it, and what the gate says.",
            "bash",
            'tahdhib polish "…" --worker FOLDER',
        ),
        Way(
            "From Python, many texts at once.",
            "python",
            "from pathlib import Path\n"
            "from tahdhib.conduct.load import load_conduct\n"
            "from tahdhib.config.recipe import CausalRewriting\n"
            "from tahdhib.records import Document\n"
            "from tahdhib.workers.causal.worker import CausalWorker\n\n"
            "worker = CausalWorker.open(\n"
            '    Path("FOLDER"), conduct=load_conduct("default"), settings=CausalRewriting()\n'
            ")\n"
            'print(worker.rewrite([Document("1", "…")])[0].text)',
        ),
        Way(
            "Behind a server, which a recipe then names in `rewrite.causal` (engine: endpoint).",
            "bash",
            "vllm serve FOLDER    # or: transformers serve FOLDER",
        ),
    ),
    limits=(
        "It writes every word anew, so it can change any of them. What it wrote is compared with "
        "its source, and where its answer cannot be read the source stays.",
        "It answers what it was taught to be asked; `causal_worker.json` says how that is.",
    ),
)


def record(trained: Trained, settings: CausalSettings, origin: Mapping[str, Any]) -> dict[str, Any]:
    """What `workers.card` reads: no clock and no host, so that a worker trained again has the same
    one. `origin` is what the caller knows: hashes, licences, languages, seed, threads."""
    measured = trained.measured
    held_out = {who: figures_as_json(one) for who, one in measured.by_teacher.items()}
    held_out["all"] |= {
        "exact": _interval(measured.exact),
        "unreadable": _interval(measured.unreadable),
    }
    settled = settings.model_dump(mode="json")
    base = base_of(settings.model, settings.revision or "main") if settings.model else None
    return {
        "kind": NAME,
        **origin,
        **({"base": base._asdict()} if base else {}),
        "settings": settled | {"model": base.name} if base else settled,
        "instruction": trained.asked.instruction,
        "learning_rate": peak(settings),
        "parameters": trained.parameters,
        "pairs": dict(trained.parts),
        "lessons": trained.lessons,
        "drops": dict(trained.drops),
        "tokens": trained.tokens,
        "learned_tokens": trained.learned_tokens,
        "steps": trained.steps,
        "held_out": held_out,
        PILOT: {**trained.pilot._asdict(), "per_step": _interval(trained.pilot.per_step)}
        | {"lookup": trained.pilot.lookup},
    }


def _interval(interval: Interval | None) -> dict[str, Any] | None:
    return asdict(interval) if interval else None
