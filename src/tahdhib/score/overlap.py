"""chrF: how much of the character n-grams of two texts is shared."""

from collections import Counter

ORDER = 6
BETA = 2.0
"""Recall counts twice as much as precision, as in Popović 2015 and sacrebleu."""


def chrf(reference: str, hypothesis: str) -> float:
    """Score `hypothesis` by chrF against `reference`, 0..100, white space left out.

    sacrebleu's sentence score without smoothing, to 1e-6; 100 for two texts without letters.
    """
    left, right = "".join(reference.split()), "".join(hypothesis.split())
    if left == right:
        return 100.0
    precisions, recalls, orders = 0.0, 0.0, 0
    for order in range(1, ORDER + 1):
        if len(left) < order or len(right) < order:
            break
        ours, theirs = _grams(left, order), _grams(right, order)
        shared = (ours & theirs).total()
        recalls += shared / ours.total()
        precisions += shared / theirs.total()
        orders += 1
    if not precisions or not recalls:
        return 0.0
    precision, recall = precisions / orders, recalls / orders
    weight = BETA**2
    return 100 * (1 + weight) * precision * recall / (weight * precision + recall)


def _grams(text: str, order: int) -> Counter[str]:
    return Counter(text[start : start + order] for start in range(len(text) - order + 1))
