"""Pairs that a model of two layers learns in seconds, and what it takes to train one."""

from pathlib import Path
from typing import Any

from tahdhib.conduct.conduct import Conduct
from tahdhib.config.recipe import CausalRewriting
from tahdhib.config.recipe import CausalWorker as Settings
from tahdhib.text.edits import diff
from tahdhib.workers.causal.train import Trained, train
from tahdhib.workers.causal.worker import CausalWorker
from tahdhib.workers.edit.examples import TrainingPair

TINY = {"vocabulary": 400, "layers": 2, "hidden": 64, "heads": 2}


def pairs() -> list[TrainingPair]:
    """A stretched word that is mended, and texts that stay as they are."""
    found = []
    for number in range(12):
        source, rewrite = f"كتاب {number} جمييييل عن النيل", f"كتاب {number} جميل عن النيل"
        edits = diff(source, rewrite, "rules")
        found.append(TrainingPair(f"book {number}", source, (rewrite,), edits, "rules"))
        text = f"مقالة {number} عن البحر"
        found.append(TrainingPair(f"article {number}", text, (text,), (), "rules"))
    return found


def settings(**changes: Any) -> Settings:
    learning = {"output": "diff", "epochs": 20, "batch": 8, "learning_rate": 5e-3}
    return Settings.model_validate({**learning, "base": TINY, "max_length": 256, **changes})


def taught(folder: Path, conduct: Conduct, **changes: Any) -> Trained:
    return train(pairs(), settings(**changes), folder, conduct=conduct, seed=17)


def opened(folder: Path, conduct: Conduct, **changes: Any) -> CausalWorker:
    told = CausalRewriting.model_validate(changes)
    return CausalWorker.open(folder, conduct=conduct, settings=told)
