"""Protected spans that their own marks give away: verses in brackets, quotations, code, poetry.

Each finder takes a text and yields `(start, end)` in no particular order; finds may overlap. What
has no end within reach of its beginning is no span: a stray bracket protects nothing.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from tahdhib.score.preservation.number_words import number_words, unit_words
from tahdhib.score.preservation.plain import plain

Place = tuple[int, int]

_BOUNDED = (
    '(?:«[^«»\n]{8,600}»|“[^“”\n]{8,600}”|"[^"\n]{8,600}"|[({][^(){}\n]{8,600}[)}]'
    "|﴿[^﴿﴾]{1,4000}﴾|\\[[^\\[\\]\n]{8,600}\\])"
)
"""Words between marks that open and close: what an introduction or a reference belongs to."""
_SIGN = "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0671"
_VOWEL = "\u064b-\u0652\u0670"
_ARABIC = "\u0620-\u0652\u0654-\u065f\u0670-\u06d3\u06d5-\u06ed"

# Verses and hadith

_ORNATE = re.compile("[﴾﴿][^﴾﴿]{1,4000}[﴾﴿]")
_SPOKEN = re.compile(f"[{_VOWEL}{_SIGN}]")
_CHUNK = re.compile(r"\S+")
_SIGNED_WORDS, _SIGNS = 4, 2
_HAS_SIGN = re.compile(f"[{_SIGN}]")
_GOD_SAYS = re.compile(
    r"(?:قال|يقول|قوله|بقوله|لقوله)\s+(?:الله\s+)?(?:سبحانه\s+و)?"
    r"(?:تعالى|عز\s+وجل|جل\s+وعلا|جل\s+شأنه|سبحانه)"
    rf"[^«“\"({{﴿\[\n]{{0,30}}(?P<said>{_BOUNDED})"
)
_REFERENCE = re.compile(
    rf"(?:(?P<said>{_BOUNDED})\s{{0,2}}[\[(]|\[|\((?=سورة))\s?(?:سورة\s+)?[{_ARABIC}]{{2,12}}"
    rf"(?:\s[{_ARABIC}]{{2,12}})?\s?[:،/-]\s?(?:(?:ال)?[آا]ي(?:ة|ات)\s)?"
    r"\d{1,3}(?:\s?[-–،,]\s?\d{1,3}){0,4}\s?[\])]"
)
_PROPHET_SAYS = re.compile(
    r"(?:قال|يقول|قوله|بقوله|لقوله|قول)\s+(?:رسول\s+الله|النبي|الرسول|نبينا|المصطفى)?\s*"
    r"(?:الكريم\s+)?(?:محمد\s+)?[-–(]?\s?(?:صلى\s+الله\s+عليه\s+(?:وآله\s+)?وسلم|ﷺ|عليه\s+الصلاة\s+والسلام)"
    rf"[^«“\"({{\[\n]{{0,30}}(?P<said>{_BOUNDED})"
)


def verses(text: str) -> Iterator[Place]:
    """Verses by ﴿﴾, by the signs that only the Qur'an has, by an introduction or a reference."""
    for match in _ORNATE.finditer(text):
        yield match.span()
    if _HAS_SIGN.search(text):
        yield from _signed(text)
    if "تعالى" in text or "سبحانه" in text or "عز" in text or "جل" in text:
        for match in _GOD_SAYS.finditer(text):
            yield match.span("said")
    for match in _REFERENCE.finditer(text):
        yield match.span()


def _signed(text: str) -> Iterator[Place]:
    """Runs of words with vowel signs, some of which are the Qur'an's own."""
    run: list[re.Match[str]] = []
    for chunk in _CHUNK.finditer(text):
        if not _SPOKEN.search(chunk.group()):
            yield from _run(run)
            run = []
        else:
            run.append(chunk)
    yield from _run(run)


def _run(words: list[re.Match[str]]) -> Iterator[Place]:
    signs = sum(len(_HAS_SIGN.findall(word.group())) for word in words)
    if len(words) >= _SIGNED_WORDS and signs >= _SIGNS:
        yield words[0].start(), words[-1].end()


def hadith(text: str) -> Iterator[Place]:
    """What stands between marks after words that say it is the Prophet's."""
    for match in _PROPHET_SAYS.finditer(text):
        yield match.span("said")


# Quotations and poetry

_QUOTED_WORDS = 4
_QUOTATION = re.compile("«[^«»\n]{12,1500}»|“[^“”\n]{12,1500}”")
_STRAIGHT = re.compile('"[^"\n]*"')
_QUOTED_CHARACTERS = range(14, 1503)
_HEMISTICHS = re.compile(
    rf"^[^\S\n]*(?P<first>[{_ARABIC}][{_ARABIC} ،!؟?:.«»\"]{{8,60}}?)"
    r"(?:[^\S\n]{3,}|\t+|[^\S\n]*(?:\*{1,5}|\.{3,}|…+|/{1,3}|#{1,3}|={1,3}|%~%)[^\S\n]*)"
    rf"(?P<second>[{_ARABIC}][{_ARABIC} ،!؟?:.«»\"]{{8,60}})[^\S\n]*$",
    re.MULTILINE,
)
_HEMISTICH_WORDS = range(2, 10)


def quotations(text: str) -> Iterator[Place]:
    """Four words or more in « » or “ ”, or in " " where a line has an even number of them."""
    found = list(_QUOTATION.finditer(text))
    if '"' in text:
        start = 0
        for line in text.split("\n"):
            if line.count('"') % 2 == 0:
                pairs = _STRAIGHT.finditer(text, start, start + len(line))
                found += (one for one in pairs if len(one.group()) in _QUOTED_CHARACTERS)
            start += len(line) + 1
    for match in found:
        if len(match.group().split()) >= _QUOTED_WORDS:
            yield match.span()


def poetry(text: str) -> Iterator[Place]:
    """Two lines or more in a row that are each two halves of about one length with a wide gap, or
    a mark that poems are set with, between them."""
    if "\n" not in text:
        return
    verses = [match for match in _HEMISTICHS.finditer(text) if _is_verse(match)]
    group: list[re.Match[str]] = []
    for verse in verses:
        if group and text[group[-1].end() : verse.start()].strip():
            yield from _poem(group)
            group = []
        group.append(verse)
    yield from _poem(group)


def _is_verse(match: re.Match[str]) -> bool:
    first, second = match["first"].split(), match["second"].split()
    letters = sorted((len("".join(first)), len("".join(second))))
    return (
        len(first) in _HEMISTICH_WORDS
        and len(second) in _HEMISTICH_WORDS
        and letters[1] <= 2 * letters[0]
    )


def _poem(verses: list[re.Match[str]]) -> Iterator[Place]:
    if len(verses) > 1:
        yield verses[0].start("first"), verses[-1].end("second")


# Code, formulas, quantities

_CODE = re.compile(
    r"```.{1,8000}?```|<(?P<tag>pre|code)\b[^>]{0,200}>.{1,8000}?</(?P=tag)>|`[^`\n]{1,200}`",
    re.DOTALL,
)
_FORMULA = re.compile(
    r"\$\$[^$]{1,2000}\$\$|\\\[.{1,2000}?\\\]|\\\([^\n]{1,500}?\\\)"
    r"|\\begin\{(?P<what>\w{1,20}\*?)\}.{1,4000}?\\end\{(?P=what)\}"
    r"|<math\b[^>]{0,200}>.{1,4000}?</math>"
    r"|(?<![\w$\\])\$(?=[^$\n]{0,200}[\\^_=])[^\s$](?:[^$\n]{0,198}[^\s$])?\$(?!\w)",
    re.DOTALL,
)
_FIGURE = re.compile(r"(?:[$€£]\s?)?\d+(?:[.,٫٬،]\d+)*(?:\s?[%٪]|\s?[$€£°]C?)?")
_NEXT = re.compile(r"[ \t-]{0,2}(?:من )?([^\W\d_]+)")
_SCALES = 3


def code(text: str) -> Iterator[Place]:
    """Fenced blocks, `pre` and `code` of HTML, and what stands between back ticks."""
    if "`" in text or "</" in text:
        yield from (match.span() for match in _CODE.finditer(text))


def formulas(text: str) -> Iterator[Place]:
    """TeX between its marks, and MathML."""
    if "$" in text or "\\" in text or "</math" in text:
        yield from (match.span() for match in _FORMULA.finditer(text))


def quantities(text: str) -> Iterator[Place]:
    """Figures with a unit, a percent sign or a currency, and the words of number between."""
    for match in _FIGURE.finditer(text):
        if not match.group()[-1].isdecimal() or not match.group()[0].isdecimal():
            yield match.span()
            continue
        end = match.end()
        for _ in range(_SCALES + 1):
            after = _NEXT.match(text, end)
            if after is None:
                break
            word = _plain(after[1])
            if word in unit_words():
                yield match.start(), after.end()
                break
            if word not in number_words():
                break
            end = after.end()


@lru_cache(1 << 14)
def _plain(word: str) -> str:
    return plain(word)
