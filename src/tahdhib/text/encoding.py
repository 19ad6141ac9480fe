"""Repair what encodings and copying break, and nothing else.

NFC, never NFKC: the latter expands ﷺ and ﷽ into words. All bidi controls go: text is kept in
logical order, they only steer its display, and to a model they are noise between letters.
U+FFFD stays, since what it stands for is lost; a rule of the conduct decides about it.
"""

import re
import unicodedata
from collections.abc import Iterator

import ftfy
from ftfy.badness import badness

from tahdhib.text.mojibake import unscramble_arabic

# NEL, vertical tab, form feed and the Unicode separators end a line; taking them out would glue
# two words together.
_END_CHARACTERS = "\r\x0b\x0c\x85\u2028\u2029"
_NOISE_CHARACTERS = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # C0 and C1 controls except tab and newlines
    "\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff"
)
_JOINER_CHARACTERS = "\u200c\u200d"
_LINE_ENDS = re.compile(f"\r\n|[{_END_CHARACTERS}]")
_NOISE = re.compile(f"[{_NOISE_CHARACTERS}]+")
_JOINERS = re.compile(f"[{_JOINER_CHARACTERS}]+")
_ODD = re.compile(f"[{_NOISE_CHARACTERS}{_JOINER_CHARACTERS}{_END_CHARACTERS}]")
# What most documents consist of, none of which any step below touches but the last: one look at
# such a text is enough, and most of the time that reading a corpus takes is saved. The letters from
# À to ÿ are so where an ASCII character follows, before which none is the lead byte of anything;
# the letters that with one of them would look like a word of scrambled Arabic (ª Š Ž š Ÿ) are left
# out.
_PLAIN_CLASS = (
    "[\t\n -~\xa0-\xa6\xa8\xa9\xab\xac\xae-\xbf\u0100-\u015f\u0162-\u0177\u0179-\u017c\u017f"
    "\u0370-\u04ff\u0600-\u061b\u061d-\u06ff\u2010-\u201d\u2020-\u2027\u20ac\u2122\u2190-\u22ff"
    "\u2500-\u27bf\ufe70-\ufefc\U0001f300-\U0001faff]*+"
)
_PLAIN = re.compile(
    f"{_PLAIN_CLASS}(?:(?:[\xc0-\xff](?=[!-~\n])|[\xe0-\xff](?= [!-~])){_PLAIN_CLASS})*+"
)
# A lead byte of UTF-8 and a continuation byte, both as windows-1252 or Latin-1 shows them: no
# UTF-8 mojibake is without one, and looking for it is much cheaper than asking ftfy. The byte A0
# may have become a plain space, which ftfy mends after these bytes only.
_TAIL = (
    "\x80-\xbf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152"
    "\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178"
)
# The lead byte stands first: a pattern that begins with one class is searched much faster.
_MOJIBAKE = re.compile(
    f"[\xc2-\xf4](?:[{_TAIL}]|(?<=[\xc2\xc3\xc5\xce\xd0\xd9]) |(?<=[\xe0-\xf4]) [{_TAIL}])"
)
_ARABIC = re.compile("[\u0600-\u06ff]")
_MAX_PASSES = 6
_VIRAMA = 9  # canonical combining class


def repair(text: str) -> str:
    """Return `text` as NFC without mojibake, controls and stray invisible characters.

    Idempotent: what one repair uncovers (a joiner that loses its neighbour, mojibake of
    mojibake) is repaired in the same call.
    """
    for _ in range(_MAX_PASSES):
        repaired = unicodedata.normalize("NFC", text) if _PLAIN.fullmatch(text) else _once(text)
        if repaired == text:
            break
        text = repaired
    return text


def _once(text: str) -> str:
    if text.isascii() and not _ODD.search(text):
        return text
    text = unscramble_arabic(text)
    if _MOJIBAKE.search(text):
        text = "".join(map(_unscrambled, text.splitlines(keepends=True)))
    if _ODD.search(text):
        text = _LINE_ENDS.sub("\n", text)
        text = _NOISE.sub("", text)
        text = _JOINERS.sub(_kept_joiner, text)
    return unicodedata.normalize("NFC", text)


def invisible(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, new) of each stretch of controls and joiners that `repair` changes."""
    for match in _NOISE.finditer(text):
        yield match.start(), match.end(), ""
    for match in _LINE_ENDS.finditer(text):
        yield match.start(), match.end(), "\n"
    for match in _JOINERS.finditer(text):
        kept = _kept_joiner(match)
        if kept != match.group():
            yield match.start(), match.end(), kept


def _unscrambled(line: str) -> str:
    """Return the line as it was before it was read in a wrong encoding, where that is certain.

    ftfy looks at the line, not at the document: one broken headline does not put the rest at
    risk. Its answer is taken only if it looks better and loses no Arabic letter.
    """
    if not _MOJIBAKE.search(line) or badness(line) == 0:
        return line
    fixed: str = ftfy.fix_encoding(line)
    is_better = badness(fixed) < badness(line) and fixed.count("\ufffd") <= line.count("\ufffd")
    keeps_arabic = len(_ARABIC.findall(fixed)) >= len(_ARABIC.findall(line))
    return fixed if is_better and keeps_arabic else line


def _kept_joiner(match: re.Match[str]) -> str:
    """Keep one joiner inside a word or an emoji sequence, or after a virama (Indic chillus)."""
    text = match.string
    before = text[match.start() - 1] if match.start() else " "
    after = text[match.end()] if match.end() < len(text) else " "
    if unicodedata.combining(before) == _VIRAMA or (_is_wordy(before) and _is_wordy(after)):
        return match.group()[0]
    if "\u200d" in match.group() and _is_pictorial(before) and _is_pictorial(after):
        return "\u200d"
    return ""


def _is_wordy(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM" and character != "\ufe0f"  # tatweel is Lm


def _is_pictorial(character: str) -> bool:
    return character == "\ufe0f" or unicodedata.category(character) in ("So", "Sk")
