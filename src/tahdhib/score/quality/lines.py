"""The lines of a text: how they end, how long they are, and which of them C4 would keep."""

import re
from typing import NamedTuple

from tahdhib.text.segment import sentences

SHORT_LINE = 30
"""FineWeb's short line, in characters."""

TERMINAL = (
    *".!?؟۔।॥։።፧។៕။",
    *"。！？．｡‼⁇⁈⁉‽؞܀܁܂",
)
"""Marks that end a sentence, in any script; the ellipsis, which breaks one off, is none."""
_CLOSING = "\"'”’»)]}›」』）] \t"
_ELLIPSES = ("...", "…")
_BULLETS = ("•", "-", "●", "▪", "◦", "‣", "*", "–")
_C4_WORDS = 3
_C4_LONG_WORD = 1000
_POLICIES = (
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
    "سياسة الخصوصية",
    "شروط الاستخدام",
    "ملفات تعريف الارتباط",
)
_CODE_OR_POLICY = re.compile("javascript|جافا ?سكريبت|" + "|".join(_POLICIES))


class Lines(NamedTuple):
    """Of the lines that are not blank: how many there are, and how many of each sort.

    `c4` would be kept by C4, and hold `c4_sentences`.
    """

    lines: list[str]
    punctuated: int
    short: int
    bullets: int
    ellipses: int
    javascript: int
    policies: int
    c4: int
    c4_sentences: int


def lines_of(text: str) -> Lines:
    """Look at each line of `text` once."""
    lines = [line for line in text.split("\n") if line and not line.isspace()]
    folded = text.lower()
    is_plain = not _CODE_OR_POLICY.search(folded)
    punctuated = short = bullets = ellipses = javascript = policies = 0
    kept: list[str] = []
    for line in lines:
        bare = line.strip()
        short += len(line) <= SHORT_LINE
        bullets += bare.startswith(_BULLETS)
        is_broken = bare.endswith(_ELLIPSES)
        ellipses += is_broken
        is_ended = bare.rstrip(_CLOSING).endswith(TERMINAL)
        punctuated += is_ended
        is_code, is_policy = (False, False) if is_plain else _code_or_policy(bare.lower())
        javascript += is_code
        policies += is_policy
        if is_ended and not (is_broken or is_code or is_policy) and _has_words(bare):
            kept.append(bare)
    return Lines(
        lines=lines,
        punctuated=punctuated,
        short=short,
        bullets=bullets,
        ellipses=ellipses,
        javascript=javascript,
        policies=policies,
        c4=len(kept),
        c4_sentences=len(sentences("\n".join(kept))),
    )


def _code_or_policy(line: str) -> tuple[bool, bool]:
    is_code = "javascript" in line or "جافا سكريبت" in line or "جافاسكريبت" in line
    return is_code, any(policy in line for policy in _POLICIES)


def _has_words(line: str) -> bool:
    """Whether C4 would take the line for text: three words, none endless."""
    words = line.split(None, _C4_WORDS - 1)
    if len(words) < _C4_WORDS:
        return False
    return len(line) <= _C4_LONG_WORD or max(map(len, line.split())) <= _C4_LONG_WORD
