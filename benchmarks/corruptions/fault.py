"""What a planted fault is, and the small tools that plant it.

A fault is a function of a text, the language it is in, a source of chance, and other texts of the
same corpus; it gives the text with exactly one thing gone wrong, or None where the text offers no
place for it. Nothing here imports anything of Tahdhib.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence

Fault = Callable[[str, str, random.Random, Sequence[str]], str | None]
"""(text, language `ar` or `en`, chance, other texts) -> faulty text, or None."""

_SENTENCE = re.compile(r"[^.!?؟\n]+(?:[.!?؟]+(?=\s|$)|\n|$|[.!?؟])")


def sentence_spans(text: str, least_words: int = 4) -> list[tuple[int, int]]:
    """Offsets of the sentences of at least so many words."""
    spans = [match.span() for match in _SENTENCE.finditer(text)]
    return [(low, high) for low, high in spans if len(text[low:high].split()) >= least_words]


def replace(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def swap_word(
    text: str,
    table: Mapping[str, Sequence[str]],
    rng: random.Random,
    clitics: str = "",
) -> str | None:
    """One word that the table knows, at random, for one of its others; its clitics stay.

    Words are matched whole and, in Latin script, in any letter case.
    """
    before = f"(?<![\\w])(?P<clitic>[{clitics}]?)" if clitics else "(?<![\\w'’])(?P<clitic>)"
    words = "|".join(sorted(map(re.escape, table), key=len, reverse=True))
    found = list(re.finditer(rf"{before}(?P<word>{words})(?![\w'’])", text, re.IGNORECASE))
    if not found:
        return None
    match = rng.choice(found)
    old = match["word"]
    new = rng.choice({word.lower(): others for word, others in table.items()}[old.lower()])
    if old[:1].isascii():
        new = (new[:1].upper() if old[:1].isupper() else new[:1].lower()) + new[1:]
    return replace(text, match.start("word"), match.end("word"), new)


def others_of(*groups: Sequence[str]) -> dict[str, list[str]]:
    """Each word -> the others of its group."""
    return {word: [one for one in group if one != word] for group in groups for word in group}
