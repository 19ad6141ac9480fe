"""Numbers as people write them: three sets of digits, and words before them that say what they are.

Every finder of `tahdhib.text.personal` reads numbers through here, so that ٠٥٠ and 050 are one.
"""

import re
from collections.abc import Iterator

from tahdhib.text.placeholders import CLOSE

DIGITS = "0-9٠-٩۰-۹"
"""ASCII, Arabic-Indic and Persian digits, for use inside a character class."""

WORD = rf"A-Za-z_\u00c0-\u024f{DIGITS}"
"""What a number cannot be glued to, for use inside a character class. Arabic letters are not in it:
they run into numbers, as the و of و0501234567 does."""

_WESTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_GROUP = re.compile(rf"[{DIGITS}]+")
_WORD_OR_SIGN = re.compile(r"[^\s\d.,()+/-]")
_SENTENCE_END = re.compile(r"[.!؟?\n]\s")


def western(text: str) -> str:
    """`text` with every digit as 0-9; as long as before."""
    return text.translate(_WESTERN)


def groups(number: str) -> list[str]:
    """The runs of digits of `number`."""
    return _GROUP.findall(number)


def prefixes(number: str, fewest: int) -> Iterator[tuple[str, str]]:
    """Yield `number` and its digits, then without the last group of digits, and so on.

    It ends where fewer than `fewest` digits are left; none of it has characters after the last one.
    """
    found = list(_GROUP.finditer(number))
    digits = "".join([match.group() for match in found])
    for match in reversed(found):
        if len(digits) < fewest:
            return
        yield number[: match.end()], digits
        digits = digits[: len(digits) - len(match.group())]


def second_group(number: str) -> int:
    """Where the second run of digits of `number` begins; its length where there is none."""
    found = iter(_GROUP.finditer(number))
    next(found, None)
    second = next(found, None)
    return second.start() if second else len(number)


def words_since(cue: re.Pattern[str], text: str, start: int, reach: int) -> str | None:
    """What stands between the last `cue` before `start` and `start` itself.

    None if there is no cue within `reach` characters, or a sentence ends after it. A placeholder
    ends the search: what is masked once would else be a cue, and a second pass find more.
    """
    before = text[max(0, start - reach) : start]
    before = before[before.rfind(CLOSE) + 1 :]
    if not _WORD_OR_SIGN.search(before):
        return None
    cues = list(cue.finditer(before))
    if not cues:
        return None
    since = before[cues[-1].end() :]
    return None if _SENTENCE_END.search(since, 1) else since
