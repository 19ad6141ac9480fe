"""Personal data in a text: mail addresses, phone numbers, IP addresses, IBANs, national ids.

In any digits, after Arabic, English and some Persian words. A number that many things could be is
taken for personal data only if a checksum or a word before it says so: in the news most numbers are
prices, dates and counts. What one kind finds does not depend on which others are asked for.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache

from tahdhib.records import Edit, Span
from tahdhib.text.edits import apply, compose
from tahdhib.text.personal_account import find_accounts
from tahdhib.text.personal_address import find_addresses
from tahdhib.text.personal_identity import find_identities
from tahdhib.text.personal_mail import find_mails
from tahdhib.text.personal_phone import find_phones
from tahdhib.text.placeholders import placeholder

_FINDERS: dict[str, Callable[[str], Iterator[tuple[int, int]]]] = {
    "email": find_mails,
    "iban": find_accounts,
    "ip": find_addresses,
    "national_id": find_identities,
    "phone": find_phones,
}
"""By kind, the surest first: where two kinds want one stretch, the earlier one has it."""

KINDS = tuple(_FINDERS)


def find_personal(text: str, kinds: Collection[str] = KINDS) -> tuple[Span, ...]:
    """Return where personal data of `kinds` stand: ascending, disjoint, `kind` one of `KINDS`.

    Raises:
        ValueError: a kind that is none.
    """
    taken: list[tuple[int, int, str]] = []
    for kind in _up_to_last(frozenset(kinds)):
        taken = _with(taken, sorted(_FINDERS[kind](text)), kind)
    return tuple(Span(start, end, kind) for start, end, kind in taken if kind in kinds)


def mask_personal(text: str, kinds: Collection[str] = KINDS) -> tuple[str, tuple[Edit, ...]]:
    """Return `text` with personal data of `kinds` as placeholders, and the edits that do it.

    An edit's `by` is `clean:` and the kind. Masking the result again changes nothing.

    Raises:
        ValueError: a kind that is none.
    """
    masked, edits = text, _masks(text, kinds)
    more = edits
    while more:  # what was masked may have stood in the way of a number beside it
        masked = apply(masked, more)
        more = _masks(masked, kinds)
        edits = compose(edits, more)
    return masked, edits


def _masks(text: str, kinds: Collection[str]) -> tuple[Edit, ...]:
    return tuple(
        Edit(span.start, span.end, placeholder(span.kind), f"clean:{span.kind}")
        for span in find_personal(text, kinds)
    )


@lru_cache
def _up_to_last(kinds: frozenset[str]) -> tuple[str, ...]:
    """`KINDS` up to the last of `kinds`: those after it have no say in what is found."""
    unknown = sorted(kinds - set(KINDS))
    if unknown:
        raise ValueError(f"kinds of personal data {unknown}: expected some of {', '.join(KINDS)}")
    return KINDS[: max((KINDS.index(kind) + 1 for kind in kinds), default=0)]


def _with(
    taken: list[tuple[int, int, str]], found: list[tuple[int, int]], kind: str
) -> list[tuple[int, int, str]]:
    """`taken` and those of `found` that touch nothing of it, nor each other, in order."""
    if not found:
        return taken
    free: list[tuple[int, int, str]] = []
    reached = 0
    for start, end in found:
        place = bisect_left(taken, (start,))
        is_free = (place == 0 or taken[place - 1][1] <= start) and (
            place == len(taken) or end <= taken[place][0]
        )
        if is_free and start >= reached:
            free.append((start, end, kind))
            reached = end
    return sorted(taken + free) if free else taken
