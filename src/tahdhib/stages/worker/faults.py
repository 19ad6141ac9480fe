"""What is wrong with a trained worker's rewrites of pairs that it never saw, by the gate.

That an edit is not its teacher's is no fault yet: there are many ways to say a thing. To turn
dialect into the standard language is one, and so is everything else that the gate refuses.
"""

from collections import Counter
from collections.abc import Sequence

from tahdhib.gate.gate import Gate
from tahdhib.records import Document
from tahdhib.workers.edit.examples import TrainingPair
from tahdhib.workers.worker import Worker


def faults(worker: Worker, pairs: Sequence[TrainingPair], gate: Gate) -> dict[str, int]:
    """Of its rewrites of the pairs' sources: how many change something (`rewrites`), how many of
    those the gate refuses (`refused`), and for each reason how many; `dialect` is always there."""
    documents = [Document(pair.id, pair.source) for pair in pairs]
    rewrites = [one for one in zip(pairs, worker.rewrite(documents), strict=True) if one[1].edits]
    verdicts = [gate.verdict(pair.source, rewrite) for pair, rewrite in rewrites]
    codes = Counter(code for one in verdicts for code in {reason.code for reason in one.reasons})
    refused = sum(not one.accepted for one in verdicts)
    return {
        "rewrites": len(rewrites),
        "refused": refused,
        "dialect": codes["dialect"],
        **dict(sorted(codes.items())),
    }
