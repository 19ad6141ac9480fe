"""Arabic that was read in a wrong encoding: windows-1256 as windows-1252 or Latin-1, and UTF-8 as
windows-1256. (UTF-8 as windows-1252, which every language knows, is left to ftfy.)

Windows-1256 keeps the letters à â ç è é ê ë î ï ô ù û ü where windows-1252 has them, and puts the
Arabic letters on the places of the other accented ones. So an Arabic word becomes one that is all
accents and no plain letter (`ÇáÓáÇã`), which no language that is written in Latin letters has, and
of the few letters that are most of Arabic.
"""

import re

_BYTES = range(0x80, 0x100)
_LEFT_ALONE = {0x85, 0xA0}  # NEL may be a line end, and a hard space is one in both


def _as_1252(byte: int) -> set[str]:
    """The characters that `byte` may have become: in windows-1252 and in Latin-1."""
    return {bytes([byte]).decode("latin-1"), bytes([byte]).decode("cp1252", "ignore")} - {""}


_TO_1256 = {
    character: new
    for byte in _BYTES
    if byte not in _LEFT_ALONE
    for character in _as_1252(byte)
    if (new := bytes([byte]).decode("cp1256")) != character
}
_TABLE = str.maketrans(_TO_1256)
_ARABIC = re.compile("[\u0620-\u064a\u0679-\u06d3]")
_MARK = re.compile("[\u064b-\u0652]")

_LETTERS = "".join(wrong for wrong, right in _TO_1256.items() if _ARABIC.match(right))
_MARKS = "".join(wrong for wrong, right in _TO_1256.items() if _MARK.match(right))
_C1 = "".join(character for character in _LETTERS if character < "\xa0")
# No text of some letters is without an alef or lam. To look for a constant costs next to nothing,
# so that healthy text is not held up.
_ALEF_LAM_AS_1252 = ("Ç", "á")
_ALEF_LAM_AS_1256 = ("ط§", "ظ„")
_SUSPICIOUS = re.compile(f"[{_LETTERS}]{{2}}")
_WORD = re.compile(rf"(?:[^\W\d_]|[{_C1}\u02dc])+")
_WHOLE_WORD = re.compile(f"[{_LETTERS}][{_LETTERS}{_MARKS}]*")
_INNER_RUN = re.compile(f"[{_LETTERS}{_MARKS}]{{3,}}")
_FREQUENT = frozenset("المنهوي")

_SURE_LETTERS = 5
"""So many letters in words of two and more tell a line by itself; less does next to such a line."""
_MIN_FREQUENT = 0.3
"""Least share of the frequent letters among them: more than half of Arabic, and in no other
alphabet that is read in the same wrong way, since most of these places are lower case in one and
most of the other Arabic letters upper case."""
_MAX_OTHER = 0.5
"""Most words that mix those letters with plain ones (`Café`, `það`), per scrambled word."""


def _shown(first: int, last: int) -> str:
    """A class of the characters that windows-1256 shows for the bytes from `first` to `last`."""
    return f"[{re.escape(bytes(range(first, last + 1)).decode('cp1256'))}]"


_TAIL = _shown(0x80, 0xBF)
# Three Arabic letters in UTF-8 are lead and tail in turn, which no word in windows-1256 is.
_SURE_UTF8 = re.compile(f"(?:{_shown(0xD8, 0xDB)}{_TAIL}){{3}}")
_UTF8 = re.compile(
    f"{_shown(0xC2, 0xDF)}{_TAIL}|{_shown(0xE0, 0xEF)}{_TAIL}{{2}}|{_shown(0xF0, 0xF4)}{_TAIL}{{3}}"
)


def unscramble_arabic(text: str) -> str:
    """Return `text` with its scrambled Arabic lines repaired, where that is certain.

    Characters that the wrong reading lost (`?`) stay lost.
    """
    if any(letter in text for letter in _ALEF_LAM_AS_1256):
        text = "".join(
            _UTF8.sub(_from_utf8, line) if _SURE_UTF8.search(line) else line
            for line in text.splitlines(keepends=True)
        )
    if not any(letter in text for letter in _ALEF_LAM_AS_1252) or not _SUSPICIOUS.search(text):
        return text
    lines = text.splitlines(keepends=True)
    if max(map(_scrambled_letters, lines)) < _SURE_LETTERS:
        return text
    return "".join(
        _WORD.sub(_translated, line).translate(_SIGNS)
        if _scrambled_letters(line, min_frequent=0)
        else line
        for line in lines
    )


def is_scrambled(text: str) -> bool:
    """Whether most of `text`'s words are Arabic in windows-1256 that was read as windows-1252."""
    words = _WORD.findall(text)
    whole = sum(len(word) for word in words if _WHOLE_WORD.fullmatch(word))
    return _scrambled_letters(text) >= _SURE_LETTERS and 2 * whole > sum(
        len(word) for word in words if not word.isascii()
    )


_SIGNS = str.maketrans(
    {wrong: right for wrong, right in _TO_1256.items() if wrong in "¡º¿" or wrong < "\xa0"}
)


def _scrambled_letters(line: str, min_frequent: float = _MIN_FREQUENT) -> int:
    """Letters of the line's scrambled words of two and more letters; 0 where it has none, or
    where they do not look like Arabic, of which a line next to a sure one says too little."""
    if not _SUSPICIOUS.search(line):
        return 0
    whole: list[str] = []
    other = 0
    for word in _WORD.findall(line):
        if _WHOLE_WORD.fullmatch(word):
            if len(word) > 1:
                whole.append(word)
        elif not word.isascii() and _has_letter(word):
            other += 1
    letters = [right for right in "".join(whole).translate(_TABLE) if _ARABIC.match(right)]
    frequent = sum(letter in _FREQUENT for letter in letters)
    is_arabic = frequent >= min_frequent * len(letters) and other <= _MAX_OTHER * len(whole)
    return len(letters) if is_arabic else 0


def _has_letter(word: str) -> bool:
    return any(character in _LETTERS for character in word)


def _translated(match: re.Match[str]) -> str:
    """The word as it was; of one with plain letters in it only what can be nothing else."""
    word = match.group()
    if any(character.isascii() for character in word):
        return _INNER_RUN.sub(lambda run: run.group().translate(_TABLE), word)
    return word.translate(_TABLE)


def _from_utf8(match: re.Match[str]) -> str:
    try:
        return match.group().encode("cp1256").decode("utf-8")
    except UnicodeError:
        return match.group()
