"""The null rewriter in the audit: under what the worker is under."""

from tahdhib.conduct.load import load_conduct
from tahdhib.config.recipe import Gate as Settings
from tahdhib.gate.gate import Gate
from tahdhib.protect.names import Names
from tahdhib.protect.shelter import Shelter
from tahdhib.records import Document
from tahdhib.stages.audit.arms import Null
from tahdhib.workers.random import RandomWorker

NAMES = ("river mill", "old harbour")
TEXT = "the river mill and the old harbour lie by the same long road " * 4
LOOSE = Settings(min_length_ratio=0.0, max_flips=99)


def left(rate: float, settings: Settings) -> str:
    shelter = Shelter(["name"], [], Names(NAMES))
    null = Null(RandomWorker(rate, seed=3), shelter, Gate(settings, load_conduct("default")))
    return null.text(Document("a", TEXT))


def test_null_leaves_protected_spans_alone() -> None:
    rewrite = left(0.1, LOOSE)
    assert rewrite != TEXT
    assert [rewrite.count(name) for name in NAMES] == [4, 4]


def test_null_passes_the_gate_or_leaves_the_source() -> None:
    assert left(0.9, Settings()) == TEXT
