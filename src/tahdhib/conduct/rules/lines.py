"""Lines that go as a whole: cut a text into lines once, and merge neighbours that go together."""

import re
from collections.abc import Callable, Iterator

from tahdhib.conduct.rules.change import Change

_GAP = re.compile(r"\n+")


def removed_lines(text: str, is_debris: Callable[[str], bool], *, longest: int) -> Iterator[Change]:
    """Yield the removal of each stretch of lines for which `is_debris(stripped line)` holds.

    Blank lines between two such lines go with them. Of the white space around a stretch one side
    is left, so that the lines before and after it stay apart and no hole is left. Longer lines
    than `longest` characters are prose and are not asked about.
    """
    start: int | None = None
    reach = position = 0
    for line in text.split("\n"):
        end = position + len(line)
        bare = line.strip()
        if bare:
            if len(bare) <= longest and is_debris(bare):
                start = position if start is None else start
                reach = end
            elif start is not None:
                yield _removal(text, start, reach)
                start = None
        position = end + 1
    if start is not None:
        yield _removal(text, start, reach)


def _removal(text: str, start: int, end: int) -> Change:
    after = _GAP.match(text, end)
    if after and after.end() < len(text):
        return Change(start, after.end(), "")
    before = start
    while before and text[before - 1] == "\n":
        before -= 1
    return Change(before, end, "")
