import dataclasses

import pytest

from tahdhib.conduct.load import load_conduct
from tahdhib.errors import RecipeError
from tahdhib.records import Document
from tahdhib.workers.rules import RulesWorker
from tahdhib.workers.table import open_worker
from tahdhib.workers.worker import Worker

CONDUCT = load_conduct("default")


def opened(kind: str) -> Worker:
    return open_worker(
        kind, conduct=CONDUCT, folder=None, seed=17, random_rate=0.1, batch=8, threads=1
    )


def test_rules_worker_rewrites_each_document() -> None:
    documents = [Document("1", "نص سليم."), Document("2", "نص , فيه خلل !!")]
    clean, repaired = opened("rules").rewrite(documents)
    assert (clean.text, clean.edits) == ("نص سليم.", ())
    assert repaired.text == "نص، فيه خلل!"


def test_hash_covers_the_conduct() -> None:
    other = dataclasses.replace(CONDUCT, hash="other")
    assert RulesWorker(CONDUCT).hash == RulesWorker(CONDUCT).hash != RulesWorker(other).hash


def test_known_kinds_open_and_others_are_refused() -> None:
    assert [opened(kind).name for kind in ("rules", "copy", "random")] == [
        "rules",
        "copy",
        "random",
    ]
    with pytest.raises(RecipeError, match="no folder with its weights"):
        opened("edit")
    with pytest.raises(RecipeError, match="Known: edit, causal, rules, copy, random"):
        opened("ruls")
