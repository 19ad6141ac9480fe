"""From the bytes of a web page to its main text, in whatever encoding and state the page is.

The text is what trafilatura extracts, and of the readers' comments below it what is not about
commenting ("Leave a comment"): see benchmarks/extraction.py.
"""

import codecs
import logging
import re
from functools import cache
from types import ModuleType
from typing import NamedTuple

from tahdhib.readers.record import Fault
from tahdhib.text.mojibake import is_scrambled


class Page(NamedTuple):
    """A page's main text, and what it states about itself."""

    text: str
    title: str | None
    url: str | None
    date: str | None


_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I)
_DECLARED_WITHIN = 4096
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
"""Encodings that pages declare, and the ones in which browsers read them (WHATWG)."""
_NOT_OF_PAGES = ("utf-16", "utf-32", "utf-7", "idna", "punycode", "unicode", "raw-unicode")
"""Python's encodings that no page is in which declares them in plain letters."""
_MOST_LOST = 0.01
"""Largest share of characters that may not fit a guessed encoding."""
_GUESSED_BYTES = 1 << 16

_TAG = re.compile(r"<[a-zA-Z!][^<>]*>")
_COMMENTS = re.compile(r"""\b(?:class|id)\s*=\s*["']?[^"'>]*(?:comment|disqus)""", re.I)
_ABOUT_COMMENTING = re.compile(r"comment|coment[aá]r|kommentar|تعليق", re.I)
_MIN_COMMENT_WORDS = 4
_DATES = {"original_date": True, "extensive_search": False, "max_date": "2100-01-01"}
"""For trafilatura: only what the page states, whatever today is."""


def page_of(raw: bytes, charset: str | None = None, url: str | None = None) -> Page | Fault:
    """The page in `raw`; `charset` is what the server said, `url` where the page was found."""
    html = decoded(raw, charset)
    if html is None:
        return Fault("no_main_text", "the bytes are no text")
    return extracted(html, url)


def extracted(html: str, url: str | None = None) -> Page | Fault:
    """The main text of `html`, which may be a fragment of a page."""
    if not _TAG.search(html):
        return Fault("no_main_text", "no tag in it: this is no HTML")
    if "<html" not in html[:2000].lower():
        html = f"<html><body>{html}</body></html>"
    try:
        extract = _trafilatura().bare_extraction
        found = extract(
            html,
            url=url,
            include_comments=False,
            with_metadata=True,
            date_extraction_params=dict(_DATES),
        )
        # With comments asked for, their furniture would stand in the main text of some pages.
        below = extract(html, fast=True) if found and _COMMENTS.search(html) else None
    except Exception as error:  # noqa: BLE001  a page may break a parser in any way, but no run
        return Fault("no_main_text", f"the parser gives up: {type(error).__name__}: {error}")
    text = _with_comments(found.text or "", below.comments or "" if below else "") if found else ""
    if not text:
        return Fault("no_main_text", "nothing but navigation, markup or scripts")
    return Page(text, found.title, found.url, found.date)


def decoded(raw: bytes, charset: str | None = None) -> str | None:
    """The characters of a page; None where `raw` is no text.

    A byte order mark decides, then whether the bytes are UTF-8, then what server and page declare,
    unless that gives Arabic in windows-1256 read as windows-1252; then a guess.
    """
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    if b"\0" in raw:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    found = _DECLARED.search(raw[:_DECLARED_WITHIN])
    for declared in (charset, found.group(1).decode("ascii") if found else None):
        encoding_named = _encoding(declared)
        if encoding_named == "cp1252" and is_scrambled(_visible(raw)):
            return raw.decode("cp1256")
        if encoding_named is not None:
            return raw.decode(encoding_named, "replace")
    return _guessed(raw)


def _encoding(declared: str | None) -> str | None:
    """Python's name of a declared encoding; None where there is none that a page can be in."""
    try:
        name = codecs.lookup(declared or "").name
        "".encode(name)
    except (LookupError, ValueError):
        return None
    return None if name.startswith(_NOT_OF_PAGES) else _SUPERSETS.get(name, name)


def _visible(raw: bytes) -> str:
    """What the page shows, read as windows-1252."""
    return _TAG.sub(" ", raw[: 4 * _GUESSED_BYTES].decode("cp1252", "replace"))


def _guessed(raw: bytes) -> str | None:
    text = raw.decode("utf-8", "replace")
    if text.count("\ufffd") <= _MOST_LOST * len(text) and _is_mostly_utf8(text):
        return text
    if is_scrambled(_visible(raw)):
        return raw.decode("cp1256")
    from charset_normalizer import from_bytes

    best = from_bytes(raw[:_GUESSED_BYTES]).best()
    return None if best is None else raw.decode(best.encoding, "replace")


def _is_mostly_utf8(text: str) -> bool:
    lost = text.count("\ufffd")
    return sum(character > "\x7f" for character in text) >= 10 * lost


def _with_comments(body: str, comments: str) -> str:
    kept = [line for line in comments.split("\n") if _is_comment(line)]
    return "\n".join(part for part in (body.strip(), *kept) if part)


def _is_comment(line: str) -> bool:
    return len(line.split()) >= _MIN_COMMENT_WORDS and not _ABOUT_COMMENTING.search(line)


@cache
def _trafilatura() -> ModuleType:
    """The package, imported where it is used and told not to speak for itself on stderr."""
    import trafilatura

    for name in ("trafilatura", "htmldate", "courlan", "justext"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    return trafilatura
