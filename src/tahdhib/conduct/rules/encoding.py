"""Encoding debris that is still in the text: letters in presentation forms, HTML entities,
private-use and replacement characters, invisible leftovers, one vowel mark twice.

Ligatures that are words or phrases (ﷺ ﷲ ﷽) stay: their expansion is not what the author wrote.
"""

import html
import re
import unicodedata
from collections.abc import Iterator

from tahdhib.conduct.rules.change import Change
from tahdhib.text.encoding import invisible

# Single letters of Presentation Forms A, all of Forms B with its lam-alefs; no other ligature.
_FORMS = re.compile("[\ufb50-\ufbb1\ufbd3-\ufbe9\ufbfc-\ufbff\ufe70-\ufefc]+")
_LOST = re.compile("[\ufffd\ue000-\uf8ff\U000f0000-\U0010fffd\u2800\u3164\uffa0]+")
_ENTITY = re.compile(r"&(?:amp;)*(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_TWICE = re.compile("([\u064b-\u0652])\\1+")
_DOUBLED_MARKS = tuple(chr(code) * 2 for code in range(0x64B, 0x653))
_RARE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e"
                   "\u2060-\u206f\u2800\u3164\ud800-\uf8ff\ufb50-\ufbff\ufe70-\uffff"
                   "\U000f0000-\U0010fffd]")  # fmt: skip


def find(text: str) -> Iterator[Change]:
    """Yield what turns debris into the letter that was meant, or into nothing."""
    if not text.isascii() and _RARE.search(text):
        yield from _characters(text)
    if "&" in text:
        yield from _entities(text)
    if any(mark in text for mark in _DOUBLED_MARKS):
        for match in _TWICE.finditer(text):
            yield Change(match.start() + 1, match.end(), "")


def _characters(text: str) -> Iterator[Change]:
    for match in _FORMS.finditer(text):
        yield Change(match.start(), match.end(), "".join(map(_letter, match.group())))
    for match in _LOST.finditer(text):
        yield Change(match.start(), match.end(), "")
    yield from (Change(*change) for change in invisible(text))


def _letter(form: str) -> str:
    """The ordinary letter of a presentation form; a vowel mark comes without its carrier."""
    plain = unicodedata.normalize("NFKC", form)
    return plain[-1] if "\ufe70" <= form <= "\ufe7f" and len(plain) > 1 else plain


def _entities(text: str) -> Iterator[Change]:
    for match in _ENTITY.finditer(text):
        plain = match.group()
        for _ in range(plain.count("&amp;") + plain.count("amp;") + 1):
            plain = html.unescape(plain)
        if plain == "\xa0" or (
            plain != match.group() and plain.isprintable() and "\ufffd" not in plain
        ):
            yield Change(match.start(), match.end(), " " if plain == "\xa0" else plain)
