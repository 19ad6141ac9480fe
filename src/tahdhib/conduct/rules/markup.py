"""Markup that extraction left behind: HTML tags, wiki and markdown syntax, lines of CSS and JS.

What a reader of the page saw stays: a link keeps its label, a tag its content. Only tags that
HTML knows are tags: <nemetskiy> is a transcription, and <p> without </p> may be a letter.
"""

import re
from collections.abc import Iterator

from tahdhib.conduct.rules.change import Change
from tahdhib.conduct.rules.lines import removed_lines

_BLOCK = (
    "br|p|div|li|ul|ol|tr|table|tbody|thead|h[1-6]|hr|section|article|blockquote|center|dl|dd|dt"
)
_INLINE = (
    "a|abbr|b|big|cite|code|del|em|font|i|iframe|img|input|ins|kbd|label|link|mark|meta|noscript|"
    "nowiki|object|param|pre|q|s|samp|small|span|strike|strong|sub|sup|td|th|tt|u|var|body|head|"
    "html|title|form|button|select|option|textarea|gallery|includeonly|noinclude|onlyinclude"
)
_TAG = re.compile(rf"<(/?)({_BLOCK}|{_INLINE}|ref)\b((?:\s[^<>]{{0,600}})?)(/?)>", re.IGNORECASE)
_WHOLE = re.compile(
    r"<(script|style|ref|gallery)\b(?:\s[^<>]{0,300})?(?<!/)>[^<]{0,2000}</\1\s*>|<!--[^<>]{0,1000}-->",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"</([abipqsuABIPQSU])\s?>")
_LONE_LETTERS = frozenset("abipqsu")
_EMBED = re.compile(
    r"\[\[ ?(?:ملف|صورة|تصنيف|File|Image|Category|Media) ?:[^\[\]]{0,400}\]\]", re.IGNORECASE
)
_WIKI_LINK = re.compile(r"\[\[(?:[^\[\]|\n]{1,200}\|)?([^\[\]|\n]{1,300})\]\]")
_WIKI_MARK = re.compile(r"\[\[|\]\]")
_TEMPLATE = re.compile(r"\{\{[^{}|\n]{1,60}\|[^{}]{0,600}\}\}")
_HEADING = re.compile(r"^(={2,6})[^\S\n]*([^=\n]{1,120}?)[^\S\n]*\1[^\S\n]*$", re.MULTILINE)
_QUOTES = re.compile(r"'{3,5}")
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,200}\]\([^()\s]{1,500}\)")
_MARKDOWN_LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\((?:https?://|/|www\.)[^()\s]{0,500}\)")
_ARABIC = re.compile("[\u0620-\u064a]")
_CODE_LINE = re.compile(
    r"jQuery|googletag|adsbygoogle|_gaq\b|fbq\(|CDATA|document\.(?:write|getElement|createElement)|"
    r"function\s?\([a-z, ]{0,30}\)\s?\{|window\.[a-zA-Z]+\s?=|"
    r"\{[^{}]{0,400}(?:color|font|margin|padding|width|height|display|float|background|border)"
    r"[^{}:]{0,30}:[^{}]{0,400};"
)
_STYLE_TAIL = re.compile(
    r"[ \t](?:[#.][A-Za-z_][\w-]{0,60}[ \t]){1}[^\n{}\u0620-\u064a]{0,80}\{ ?[a-z-]{2,40} ?:"
)


def find(text: str) -> Iterator[Change]:
    """Yield the removal of markup; code lines go whole where no Arabic stands in them."""
    if "<" in text and ">" in text:
        yield from _tags(text)
    if "[[" in text or "]]" in text:
        yield from _wiki_links(text)
    if "{{" in text:
        yield from (Change(*match.span(), "") for match in _TEMPLATE.finditer(text))
    if "==" in text:
        yield from (Change(*match.span(), match.group(2)) for match in _HEADING.finditer(text))
    if "'''" in text:
        yield from (Change(*match.span(), "") for match in _QUOTES.finditer(text))
    if "](" in text:
        yield from (Change(*match.span(), "") for match in _IMAGE.finditer(text))
        yield from (
            Change(*match.span(), match.group(1)) for match in _MARKDOWN_LINK.finditer(text)
        )
    if "{" in text or "jQuery" in text or "document." in text:
        yield from removed_lines(text, _is_code, longest=20_000)
        yield from _style_tail(text)


def _is_code(line: str) -> bool:
    return bool(_CODE_LINE.search(line[:2000])) and not _ARABIC.search(line)


def _style_tail(text: str) -> Iterator[Change]:
    """A sheet of CSS that begins in the middle of a line: from there to the last closing brace."""
    match = _STYLE_TAIL.search(text)
    while match:
        line_end = text.find("\n", match.end())
        line_end = len(text) if line_end < 0 else line_end
        first_arabic = _ARABIC.search(text, match.end(), line_end)
        stop = text.rfind("}", match.end(), first_arabic.start() if first_arabic else line_end)
        if stop >= 0:
            yield Change(match.start(), stop + 1, "")
        match = _STYLE_TAIL.search(text, line_end)


def _tags(text: str) -> Iterator[Change]:
    for match in _WHOLE.finditer(text):
        yield Change(*match.span(), "")
    closed = {match.group(1).lower() for match in _CLOSING.finditer(text)}
    for match in _TAG.finditer(text):
        closing, name, attributes, selfclosing = match.groups()
        name = name.lower()
        is_lone = name in _LONE_LETTERS and not (closing or attributes or selfclosing)
        if is_lone and name not in closed:
            continue
        is_break = re.fullmatch(_BLOCK, name) and not _touches_line_end(text, match)
        yield Change(*match.span(), "\n" if is_break else "")


def _touches_line_end(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 3) : match.start()]
    after = text[match.end() : match.end() + 3]
    return before.strip(" ")[-1:] in ("", "\n", ">") or after.strip(" ")[:1] in ("", "\n")


def _wiki_links(text: str) -> Iterator[Change]:
    yield from (Change(*match.span(), "") for match in _EMBED.finditer(text))
    for match in _WIKI_LINK.finditer(text):
        if not _EMBED.match(match.group()):
            yield Change(match.start(), match.start(1), "")
            yield Change(match.end() - 2, match.end(), "")
    for match in _WIKI_MARK.finditer(text):
        yield Change(*match.span(), "")
