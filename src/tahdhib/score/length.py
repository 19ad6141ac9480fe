"""How long a text is, and in which scripts: counts of letters and digits.

White space, marks, vowel signs and tatweel count nothing, and of a letter that is drawn out only
two are counted, so that tidying a text does not shorten it.
"""

import sys
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SCRIPTS = ("arabic", "latin", "other")
_OTHER, _DIGIT = 3, 4
_RANGES = ((0x600, 0x77F, 1), (0x8A0, 0x8FF, 1), (0xFB50, 0xFDFF, 1), (0xFE70, 0xFEFF, 1))
_LATIN = ((0x41, 0x24F, 2), (0x1E00, 0x1EFF, 2))
_TATWEEL = 0x640


class Letters(NamedTuple):
    """Letters of a text by script, and its digits."""

    arabic: int
    latin: int
    other: int
    digits: int

    @property
    def letters(self) -> int:
        return self.arabic + self.latin + self.other

    @property
    def total(self) -> int:
        return self.letters + self.digits

    @property
    def script(self) -> str | None:
        """The script of most letters; None without letters, the earlier of `SCRIPTS` in a tie."""
        counts = self[:3]
        return SCRIPTS[counts.index(max(counts))] if self.letters else None


def count_letters(text: str) -> Letters:
    """Count the letters and digits of `text`."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = _kinds()[codes]
    kept = kinds > 0
    codes, kinds = codes[kept], kinds[kept]
    if len(codes) > 2:
        drawn_out = (codes[2:] == codes[1:-1]) & (codes[2:] == codes[:-2]) & (kinds[2:] != _DIGIT)
        kinds = kinds[2:][~drawn_out] if drawn_out.any() else kinds[2:]
        counts = np.bincount(kinds, minlength=5)
        counts += np.bincount(_kinds()[codes[:2]], minlength=5)
    else:
        counts = np.bincount(kinds, minlength=5)
    return Letters(int(counts[1]), int(counts[2]), int(counts[_OTHER]), int(counts[_DIGIT]))


@cache
def _kinds() -> NDArray[np.uint8]:
    """Code point -> 0 nothing, 1-3 a letter of `SCRIPTS`, 4 a digit."""
    kinds = np.zeros(sys.maxunicode + 1, dtype=np.uint8)
    for code in range(0x323B0):  # the end of the assigned letters
        character = chr(code)
        if character.isalpha():
            kinds[code] = _OTHER
        elif character.isdecimal():
            kinds[code] = _DIGIT
    for low, high, kind in _RANGES + _LATIN:
        stretch = kinds[low : high + 1]
        stretch[stretch == _OTHER] = kind
    kinds[_TATWEEL] = 0
    return kinds
