"""How much two multisets have in common, as one number."""

from collections import Counter
from typing import TypeVar

_Fact = TypeVar("_Fact")


def shared(before: Counter[_Fact], after: Counter[_Fact]) -> float:
    """Dice share 2 |A ∩ B| / (|A| + |B|) of two multisets, 0..1; 1 where both are empty."""
    total = before.total() + after.total()
    return 2 * (before & after).total() / total if total else 1.0
