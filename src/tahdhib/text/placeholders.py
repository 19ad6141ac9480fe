"""One syntax for what is taken out of a text but must leave a trace: `⟦phone⟧`, `⟦email⟧`.

The white square brackets occur nowhere in ordinary prose, so that a placeholder can be found
again without a list of the kinds, and no rule mistakes one for markup.
"""

import re

from tahdhib.records import Span

OPEN = "⟦"
CLOSE = "⟧"
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_PLACEHOLDER = re.compile(rf"{OPEN}({_KIND.pattern}){CLOSE}")


def placeholder(kind: str) -> str:
    """Return the placeholder of `kind`.

    Raises:
        ValueError: `kind` is no short lower-case Latin word.
    """
    if not _KIND.fullmatch(kind):
        raise ValueError(f"placeholder kind {kind!r}: expected at most 32 of a-z, 0-9, '-' and '_'")
    return f"{OPEN}{kind}{CLOSE}"


def placeholders(text: str) -> tuple[Span, ...]:
    """Return where placeholders stand in `text`; a span's kind is the placeholder's."""
    if OPEN not in text:
        return ()
    return tuple(
        Span(match.start(), match.end(), match.group(1)) for match in _PLACEHOLDER.finditer(text)
    )


def without_placeholders(text: str) -> str:
    """Return `text` with its placeholders cut out, to judge what else is left."""
    return _PLACEHOLDER.sub("", text) if OPEN in text else text
