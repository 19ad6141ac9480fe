"""How much a text repeats itself, the mark of a generator that got stuck."""

import re

NGRAM_WORDS = 4
_WORD = re.compile(r"\w+")


def repetition(text: str) -> float:
    """Share of the word 4-grams that stood in the text before, 0..1; 0 below five words."""
    words = _WORD.findall(text.lower())
    total = len(words) - NGRAM_WORDS + 1
    if total < 2:
        return 0.0
    distinct = len(set(zip(*(words[start:] for start in range(NGRAM_WORDS)), strict=False)))
    return 1 - distinct / total
