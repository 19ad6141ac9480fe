"""Mail addresses, also those that are spelled out to hide them: `name (at) example dot org`.

Handles (`@name`, `@name@server`), remotes of version control (`git@host:path`) and names of files
(`icon@2x.png`) are none.
"""

import re
from collections.abc import Iterator

from tahdhib.text.personal_digits import DIGITS, words_since

_LONGEST_LOCAL = 64
_LOCAL_CLASS = rf"A-Za-z{DIGITS}._%+'-"
_LOCAL = re.compile(rf"[A-Za-z{DIGITS}][{_LOCAL_CLASS}]*\Z")
_LABEL = r"[A-Za-z0-9-]{1,63}"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{0,4}}\.[A-Za-z]{{2,12}}(?![A-Za-z0-9])")
_FILE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|css|js|json|html?|php|zip|pdf)\Z", re.IGNORECASE)
_PROVIDER = re.compile(
    r"(?:g?mail|googlemail|hotmail|outlook|live|msn|yahoo|ymail|icloud|aol|windowslive)\.",
    re.IGNORECASE,
)
"""Behind `@handle` such a domain means that a line break between handle and address got lost."""
_REMOTE = re.compile(r":(?=[A-Za-z0-9~])[^\s:]*/")
_BRACKETED_AT = re.compile(r"[\[({] ?(?:at|@|آت) ?[\])}]", re.IGNORECASE)
_HIDDEN = re.compile(
    rf"(?<![{_LOCAL_CLASS}])[A-Za-z0-9][{_LOCAL_CLASS}]{{0,63}} ?"
    rf"{_BRACKETED_AT.pattern} ?"
    rf"{_LABEL}(?: ?[\[({{] ?(?:dot|\.|نقطة) ?[\])}}] ?{_LABEL}| dot {_LABEL}|\.{_LABEL}){{1,4}}"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    rf"(?<![{_LOCAL_CLASS}])(?!(?:us|me|him|her|them|it|here|found|look|visit|online)\b)"
    rf"[A-Za-z0-9][{_LOCAL_CLASS}]{{0,63}} at {_LABEL}(?: dot {_LABEL}){{0,3}}"
    r" dot (?:com|net|org|edu|gov|info|biz|io|[a-z]{2})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"(?<!⟦)(?:mail|contact|write to|بريد|[إا]يميل|راسل|مراسل|للاشتراك|للتواصل|للاستفسار)",
    re.IGNORECASE,
)
_CUE_REACH = 40


def find_mails(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each mail address; they may overlap."""
    at = text.find("@")
    while at >= 0:
        if found := _around(text, at):
            yield found
        at = text.find("@", at + 1)
    if _BRACKETED_AT.search(text):
        yield from (match.span() for match in _HIDDEN.finditer(text))
    if " dot " in text:
        for match in _SPELLED.finditer(text):
            if words_since(_CUE, text, match.start(), _CUE_REACH) is not None:
                yield match.span()


def _around(text: str, at: int) -> tuple[int, int] | None:
    """Bounds of the address whose @ stands at `at`."""
    space_after = text.startswith(" ", at + 1)
    space_before = text.startswith(" ", at - 1) if at else False
    domain = _DOMAIN.match(text, at + 1 + space_after)
    if domain is None or _FILE.search(domain.group()) or _REMOTE.match(text, domain.end()):
        return None
    end = at - space_before
    local = _LOCAL.search(text[max(0, end - _LONGEST_LOCAL) : end])
    if local is None:
        return None
    start = end - len(local.group())
    is_handle = start > 0 and text[start - 1] == "@"
    if is_handle and not _PROVIDER.match(domain.group()):
        return None
    if space_before and words_since(_CUE, text, start, _CUE_REACH) is None:
        return None
    return start, domain.end()
