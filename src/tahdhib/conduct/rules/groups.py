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

_NAMES_EN = (
    "muslim", "moslem", "jew", "christian", "hindu", "buddhist", "atheist", "infidel", "arab",
    "asian", "african", "mexican", "gyps", "black", "white", "brown", "gay", "trans", "disabled",
    "migrant", "refugee", "foreigner", "asylum", "wom", "female", "lesbian", "homosexual",
    "cripple",
)  # fmt: skip
_ANY_SPELLING = str.maketrans({"ا": "[اأإآ]", "ه": "[هة]", "ي": "[يى]"})
_NAMES_AR = re.compile(f"ل{GROUP}".translate(_ANY_SPELLING))
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
_ENDS = re.compile(r"[.!?؟\n؛;]")
_FAR = 120


class Frame(NamedTuple):
    """A way of speaking against a group: one of its cues stands in every text that has it."""

    cues: Sequence[str]
    pattern: re.Pattern[str]


def frame(cues: str, pattern: str) -> Frame:
    """A frame of cues and a pattern, all in plain spelling, the cues in lower case."""
    return Frame(tuple(cues.split("|")), re.compile(pattern, re.IGNORECASE | re.MULTILINE))


def spoken_against(text: str, frames: Sequence[Frame]) -> Iterator[Change]:
    """Yield the stretch of each frame in `text` that the text itself says, as if it were to go."""
    plain = _plain_if_suspect(text)
    lower = plain.lower()
    for cues, pattern in frames if plain else ():
        for match in pattern.finditer(plain) if any(cue in lower for cue in cues) else ():
            change = Change(*match.span(), "")
            if not _is_told(plain, match.start()) and unless_quoted(text, change):
                yield change


@lru_cache(maxsize=2)  # two rules ask about the same text, one after the other
def _plain_if_suspect(text: str) -> str:
    """The text in plain spelling, letter for letter; nothing where it names no group."""
    lower = text.lower()
    if _NAMES_AR.search(text) or any(name in lower for name in _NAMES_EN):
        return text.translate(_PLAIN)
    return ""


def _is_told(plain: str, start: int) -> bool:
    """Whether the sentence says, before `start`, that this is what somebody says or what is not."""
    return bool(_TOLD.search(_ENDS.split(plain[max(0, start - _FAR) : start])[-1]))
