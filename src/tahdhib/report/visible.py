"""Web text made safe to look at: what would act on the page or the terminal is shown as its code.

A bidirectional override can make a text read as what it is not, and a control character can
drive a terminal. Marks that spelling needs (ZWNJ, ZWJ, LRM, RLM) stay as they are in running text.
"""

import re
import unicodedata

_ACTING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u180e\u200b\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPELLING = re.compile(r"[\u061c\u200c-\u200f]")
_SPACE = re.compile(r"[^\S\n]")
_SPACE_MARKS = {"\t": "⇥", " ": "␣"}
_LINE_ENDS = re.compile(r"\n+")


def visible(text: str) -> str:
    """`text` with every acting character replaced by its code, such as ⟨U+202E⟩."""
    return _ACTING.sub(_code, text)


def visible_change(before: str, after: str) -> tuple[str, str]:
    """Both sides of a change, so that a change of something unseen can be seen.

    Spaces are drawn where the sides differ in nothing else, spelling marks where the sides would
    look the same without them, line ends always.
    """
    draw_spaces = _solid(before) == _solid(after)
    draw_marks = _bare(before) == _bare(after)
    return _drawn(before, draw_spaces, draw_marks), _drawn(after, draw_spaces, draw_marks)


def direction(text: str) -> str:
    """`rtl` or `ltr` by most strong letters: an Arabic page that opens with a Latin name is rtl."""
    kinds = [unicodedata.bidirectional(letter) for letter in text[:2000]]
    right = sum(kind in ("R", "AL") for kind in kinds)
    return "rtl" if right > kinds.count("L") else "ltr"


def language(text: str) -> str:
    """A `lang` value for fonts and screen readers, from the script alone; `und` where unknown."""
    arabic = sum("\u0600" <= letter <= "\u06ff" for letter in text[:2000])
    latin = sum("a" <= letter.lower() <= "z" for letter in text[:2000])
    if not arabic and not latin:
        return "und"
    return "ar" if arabic > latin else "en"


def shortened(text: str, limit: int) -> str:
    """`text` cut at a word to at most `limit` characters, with an ellipsis where it was cut."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    words, space, _ = head.rpartition(" ")
    return (words if space and len(words) > limit // 2 else head).rstrip() + " …"


def _bare(text: str) -> str:
    return _SPELLING.sub("", text)


def _solid(text: str) -> str:
    return "".join(text.split())


def _drawn(text: str, draw_spaces: bool, draw_marks: bool) -> str:
    if draw_marks or not _bare(text).strip():
        text = _SPELLING.sub(_code, text)
    if draw_spaces or not text.strip():
        text = _SPACE.sub(lambda found: _SPACE_MARKS.get(found.group()) or _code(found), text)
    text = _LINE_ENDS.sub(lambda found: "⏎" * len(found.group()) + "\n", text)
    return visible(text.removesuffix("\n"))


def _code(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match.group()):04X}⟩"
