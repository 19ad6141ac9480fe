"""What the edit worker reads of a unit: its shape and the character n-grams of its word, hashed.

Which characters a unit is made of decides most edits (a stretched word, a mark of the other
script, an address), and n-grams say it for words that training never saw, where a vocabulary of
sub-tokens would first have to learn it. What an edit does not depend on is not read: which digit
stands somewhere, how long a run is, which letters are capitals; the shape says that there are
some. Hashing as in fastText (Bojanowski et al. 2017, section 3.2): no vocabulary to keep.
"""

import re
import zlib
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]

LONGEST_UNIT = 256
"""Characters. The worker leaves a longer unit (a base64 blob, a page without a space) as it is."""
_READ_OF_LONG_UNIT = 16
_READ_OF_WORD = 24
_READ_OF_SHAPE = 32
_LONGEST_SHAPE = 8
_LONGEST_LENGTH = 12  # told apart
_GRAMS = (2, 3, 4)
_REMEMBERED = 200_000

_TATWEEL = "\u0640"
_RUN = re.compile(r"(\D)\1{2,}")
_DIGIT = re.compile(r"\d")
_SIGNS = {
    "twice": re.compile(r"(\D)\1"),
    "thrice": re.compile(r"(\D)\1{2}"),
    "often": re.compile(r"(\D)\1{3}"),
    "forms": re.compile("[\ufb50-\ufdcf\ufe70-\ufefc]"),
    "invisible": re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"),
    "diacritics": re.compile("[\u064b-\u0652]"),
    "long number": re.compile(r"\d{7}"),
    "address": re.compile(r"https?|www|@|\.com"),
}
"""Looked for in a unit without its tatweel, which is a sign of its own."""


@lru_cache(maxsize=_REMEMBERED)
def features_of(text: str, buckets: int) -> Indices:
    """The features of a unit's text (its space included), as numbers in `[0, buckets)`."""
    spaced = len(text) > 1 and text[0] == " "
    body = text[1:] if spaced else text
    if len(body) > LONGEST_UNIT:
        body = body[:_READ_OF_LONG_UNIT]
    named = dict.fromkeys([f"space {spaced}", *_looks(body), *_grams(_plain(body))])
    return np.array([zlib.crc32(name.encode("utf-8", "surrogatepass")) for name in named]) % buckets


def _looks(body: str) -> list[str]:
    """What can be seen of a unit without reading it."""
    bare = body.replace(_TATWEEL, "")
    shape = _shape(body)
    looks = [f"sign {name}" for name, sign in _SIGNS.items() if sign.search(bare)]
    looks += ["sign tatweel"] if len(bare) < len(body) else []
    length = min(len(body), _LONGEST_LENGTH)
    return [*looks, f"shape {shape}", f"first {shape[:1]}", f"last {shape[-1:]}", f"long {length}"]


def _shape(body: str) -> str:
    """The kinds of a unit's characters, each run of a kind once: Mr4you is Xx0x."""
    kinds: list[str] = []
    for character in body[:_READ_OF_SHAPE]:
        kind = _kind(character)
        if not kinds or kinds[-1] != kind:
            kinds.append(kind)
    return "".join(kinds[:_LONGEST_SHAPE])


def _kind(character: str) -> str:
    if character.isdigit():
        return "0"
    if not character.isalpha():
        return character
    if "\u0600" <= character < "\u0700":
        return "a"
    if "\ufb50" <= character < "\uff00":
        return "f"
    if character < "\u0250":
        return "X" if character.isupper() else "x"
    return "l"


def _plain(body: str) -> str:
    bare = body.replace(_TATWEEL, "") or body
    return _DIGIT.sub("0", _RUN.sub(r"\1", bare)).lower()


def _grams(plain: str) -> list[str]:
    """The word itself and, where it has letters, its n-grams with its borders."""
    if len(plain) < min(_GRAMS) or not any(map(str.isalpha, plain)):
        return [f"word {plain}"]
    bordered = f"^{plain[:_READ_OF_WORD]}$"
    grams = [
        bordered[start : start + size]
        for size in _GRAMS
        for start in range(len(bordered) - size + 1)
    ]
    return [f"word {plain}", *grams]
