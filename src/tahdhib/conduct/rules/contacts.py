"""Ways to reach a person: phone numbers and mail addresses become placeholders.

Public handles (@name) stay: news attributes what was said by them.
"""

from collections.abc import Iterator

from tahdhib.conduct.rules.change import Change
from tahdhib.text.personal import find_personal
from tahdhib.text.placeholders import placeholder

_KINDS = ("email", "phone")


def find(text: str) -> Iterator[Change]:
    """Yield a placeholder for each phone number and mail address."""
    for span in find_personal(text, _KINDS):
        yield Change(span.start, span.end, placeholder(span.kind))
