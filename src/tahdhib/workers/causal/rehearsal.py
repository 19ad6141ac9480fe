"""What a model from nothing practises on: words of its texts in disorder, to be copied.

A rewrite copies most of its source, and a model learns to copy late where it can guess what comes;
here it cannot.
"""

import random
from collections.abc import Iterable

from tahdhib.text.segment import words

_FEWEST, _MOST = 3, 24
"""Words of a text."""


def rehearsal(texts: Iterable[str], count: int, seed: int) -> list[str]:
    """So many texts of words drawn from those of `texts`, each as likely as any other."""
    known = sorted({word.text for text in texts for word in words(text)})
    dice = random.Random(f"causal rehearsal:{seed}")
    return [" ".join(dice.choices(known, k=dice.randint(_FEWEST, _MOST))) for _ in range(count)]
