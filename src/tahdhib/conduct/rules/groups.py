"""Groups of people, and the frames in which a text speaks against all of one.

A name of a group alone means nothing: it takes a frame around it. The lists are short on purpose;
a nation, a town or a party is none of them, since news speaks of these all day. Whoever writes that
somebody says so, asks it or denies it has told it already; and a short quotation is somebody's.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from tahdhib.conduct.rules.change import Change
from tahdhib.conduct.rules.insults import unless_quoted

ENGLISH = (
    r"(?:(?:the )?(?:muslims?|moslems?|jews?|christians?|hindus?|buddhists?|atheists?|infidels?|"
    r"arabs?|asians?|africans?|mexicans?|gyps(?:y|ies)|blacks|whites|"
    r"(?:black|white|brown|gay|trans|disabled|jewish|muslim|asian|arab) (?:people|folks?|wom[ae]n)|"
    r"immigrants?|migrants?|refugees?|foreigners?|asylum[- ]seekers?|women|females|"
    r"gays|lesbians|homosexuals?|transsexuals?|cripples)(?! (?:club|bar|family|home|house|team)))"
)
"""A group, in lower case."""
GROUP = (
    r"(?:مسلمين|مسلمون|يهود|نصاري|نصارا|مسيحيين|مسيحيون|اقباط|هندوس|بوذيين|ملحدين|ملاحده|كفار|شيعه|"
    r"روافض|رافضه|نواصب|صوفيه|دروز|علويين|سود|زنوج|افارقه|اسيويين|عرب|اكراد|امازيغ|غجر|بدو|مهاجرين|"
    r"مهاجرون|لاجئين|لاجئون|اجانب|وافدين|مجنسين|نساء|نسوان|حريم|مثليين|مثلين|مثليون|شواذ|"
    r"متحولين(?: جنسيا)?|معاقين|معاقون|معوقين)"
)
ARABIC = rf"ال{GROUP}"
"""A group with its article, in plain spelling."""

_ANY_SPELLING = str.maketrans({"ا": "[اأإآ]", "ه": "[هة]", "ي": "[يى]"})
_NAMES_AR = re.compile(f"ل{GROUP}".translate(_ANY_SPELLING))
_NAMES_EN = (
    "muslim", "moslem", "jew", "christian", "hindu", "buddhist", "atheist", "infidel", "arab",
    "asian", "african", "mexican", "gyps", "black", "white", "brown", "gay", "trans", "disabled",
    "migrant", "refugee", "foreigner", "asylum", "wom", "female", "lesbian", "homosexual",
    "cripple",
)  # fmt: skip
_LATIN = re.compile("[A-Za-z]{3}")
_PLAIN = str.maketrans("أإآٱىة", "اااايه")
_TOLD = re.compile(
    r"\b(?:sa(?:y|ys|id|ying)|claim\w*|believ\w+|thinks?|thought|accus\w+|argu\w+|alleg\w+|"
    r"den(?:y|ies|ied)|refus\w+|threat\w*|call(?:s|ed|ing)? (?:for|on)|according|not|"
    r"\w+n['’]t|cannot|no|none|nobody|never|"
    r"wrong|why|whether|if|who|would)\b|"
    r"(?<!\w)[وف]?(?:قال|قالت|قالوا|يقول|تقول|يقولون|قائلا|قائلين|زعم|يزعم|يزعمون|ادعي|يدعي|يري|يعتقد|"
    r"يعتقدون|تصدق|اتهم|يتهم|دعا|دعت|يدعو|يدعون|دعوات|دعوه|نفي|نفت|ليس|ليسوا|ليست|لم|لن|لا|مش|ما|هل|"
    r"لماذا|ليه|مثل|اللي|الذين|ضد|رفض|يرفض|حرم|حرام|نهي|بحسب|وفق|هدد|تهديد|محدش|مفيش)(?!\w)",
    re.IGNORECASE,
)
_ENDS = ".!?؟\n؛;"
_LONGEST_HALF = 300


class Frame(NamedTuple):
    """A way of speaking against a group: one of its cues stands in every text that has it."""

    cues: Sequence[str]
    pattern: re.Pattern[str]


def frame(cues: str, pattern: str) -> Frame:
    """A frame of cues and a pattern, all in plain spelling, the cues in lower case."""
    return Frame(tuple(cues.split("|")), re.compile(pattern, re.IGNORECASE))


def spoken_against(text: str, frames: Sequence[Frame]) -> Iterator[Change]:
    """Yield the stretch of each frame in `text` that the text itself says, as if it were to go."""
    for start, end in _naming(text):
        plain = text[start:end].translate(_PLAIN)  # letter for letter
        lower = plain.lower()
        for cues, pattern in frames:
            for match in pattern.finditer(plain) if any(cue in lower for cue in cues) else ():
                change = Change(start + match.start(), start + match.end(), "")
                if not _TOLD.search(plain, 0, match.start()) and unless_quoted(text, change):
                    yield change


@lru_cache(maxsize=2)  # two rules ask about the same text, one after the other
def _naming(text: str) -> tuple[tuple[int, int], ...]:
    """Where the sentences stand that name a group."""
    places = [match.start() for match in _NAMES_AR.finditer(text)]
    lower = text.lower() if _LATIN.search(text) else ""
    for name in _NAMES_EN if len(lower) == len(text) else ():
        places += _places(lower, name)
    found: list[tuple[int, int]] = []
    for place in sorted(places):
        if not found or place >= found[-1][1]:
            found.append(_sentence(text, place))
    return tuple(found)


def _places(text: str, name: str) -> Iterator[int]:
    place = text.find(name)
    while place >= 0:
        yield place
        place = text.find(name, place + 1)


def _sentence(text: str, place: int) -> tuple[int, int]:
    """The stretch around `place` up to the next mark on both sides, or a few hundred letters."""
    low, high = max(0, place - _LONGEST_HALF), min(len(text), place + _LONGEST_HALF)
    start = max(text.rfind(mark, low, place) for mark in _ENDS) + 1
    ends = [text.find(mark, place, high) for mark in _ENDS]
    return max(low, start), min((end for end in ends if end >= 0), default=high)
