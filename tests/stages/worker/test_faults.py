from collections.abc import Sequence

from tahdhib.conduct.conduct import Conduct
from tahdhib.config.recipe import Gate as Settings
from tahdhib.gate.gate import Gate
from tahdhib.records import Document, Rewrite
from tahdhib.stages.worker.faults import faults
from tahdhib.text.edits import diff
from tahdhib.workers.edit.examples import TrainingPair

MADE = {
    "إحنا مش عايزين نروح دلوقتي": "نحن لا نريد أن نذهب الآن",  # a dialect becomes the standard
    "The bridge  is old": "The bridge is old",
    "Nothing is wrong here": "Nothing is wrong here",
    "It has 12 rooms": "It has 13 rooms",
}


class Told:
    """Makes of a source what it was told."""

    name = hash = "told"

    def rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        return [
            Rewrite(MADE[one.text], diff(one.text, MADE[one.text], self.name)) for one in documents
        ]


def test_a_dialect_made_standard_counts_and_so_does_all_that_the_gate_refuses(
    conduct: Conduct,
) -> None:
    pairs = [TrainingPair(str(n), text, (text,), (), "rules") for n, text in enumerate(MADE)]
    found = faults(Told(), pairs, Gate(Settings(), conduct))
    assert (found["rewrites"], found["refused"], found["dialect"]) == (3, 2, 1)
    assert found["numbers"] == 1


def test_where_nothing_is_wrong_dialect_is_still_counted(conduct: Conduct) -> None:
    pair = TrainingPair("1", "Nothing is wrong here", ("Nothing is wrong here",), (), "rules")
    assert faults(Told(), [pair], Gate(Settings(), conduct)) == {
        "rewrites": 0,
        "refused": 0,
        "dialect": 0,
    }
