"""What is changed in a document that stays: its site's lines go, personal data is masked."""

from collections.abc import Collection
from typing import NamedTuple

from tahdhib.match.boilerplate import BoilerplateLines, boilerplate_spans
from tahdhib.records import Edit
from tahdhib.text.edits import apply, compose, removals
from tahdhib.text.personal import mask_personal

BOILERPLATE = "clean:boilerplate"


class Tidied(NamedTuple):
    """A text after edits, and these edits of what it was before."""

    text: str
    edits: tuple[Edit, ...]


def without_boilerplate(text: str, site: str, known: BoilerplateLines | None) -> Tidied:
    """Take the lines that belong to the document's site out; None knows no such lines."""
    if known is None:
        return Tidied(text, ())
    edits = removals(boilerplate_spans(text, site, known), BOILERPLATE)
    return Tidied(apply(text, edits), edits) if edits else Tidied(text, ())


def without_personal_data(tidied: Tidied, kinds: Collection[str]) -> Tidied:
    """Put placeholders for personal data of `kinds`; the edits are still those of the source."""
    if not kinds:
        return tidied
    text, edits = mask_personal(tidied.text, kinds)
    return Tidied(text, compose(tidied.edits, edits)) if edits else tidied


def place_in_source(place: int, edits: Collection[Edit], *, is_end: bool = False) -> int:
    """Where `place` of an edited text lies in its source; an end stays left of what was cut out.

    `edits` only remove.
    """
    for edit in edits:
        if edit.start > place or (edit.start == place and is_end):
            break
        place += edit.end - edit.start
    return place
