"""The licence chain of a model: what each of its sources asks, and whether the model may leave.

Whether weights are a derivative of the texts that they were made from is not settled, and not
settled here. What is checked is what a publisher has to know in any case: that every source states
a licence, that none forbids derivatives, and that the model's own does not allow what a source of
it reserves.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from tahdhib.errors import RecipeError

Terms = Literal["free", "alike", "non-commercial", "same", "forbidden"]
"""`free`: at most credit is asked for; `alike`: derivatives under the same licence; `same`: a
model's licence that goes with every model made of it."""

OWN = "own"
"""What a publisher says of texts whose rights are the publisher's."""

_FREE = [OWN, "public-domain", "apache-2.0", "mit", "isc", "unlicense", "pddl", "odc-by", "cdla"]
_FREE += ["bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-2.0", "cc-by-3.0", "cc-by-4.0"]
_ALIKE = ["cc-by-sa-3.0", "cc-by-sa-4.0", "gfdl", "odbl"]
_NON_COMMERCIAL = ["cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0"]
_FORBIDDEN = ["cc-by-nd-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0", "all-rights-reserved"]
_SAME = ["llama2", "llama3", "llama3.1", "llama3.2", "llama3.3", "gemma", "openrail"]

TERMS: dict[str, Terms] = {
    **dict.fromkeys(_FREE, "free"),
    **dict.fromkeys(_ALIKE, "alike"),
    **dict.fromkeys(_NON_COMMERCIAL, "non-commercial"),
    **dict.fromkeys(_SAME, "same"),
    **dict.fromkeys(_FORBIDDEN, "forbidden"),
}
"""Licences that are known, by their names on hubs, with what they ask."""


class Link(NamedTuple):
    """A source of a model: its name in the chain, what it is, its licences, and who states them."""

    name: str
    says: str
    licences: Sequence[str]
    by: str


def parts(licence: str) -> tuple[str, ...]:
    """The licences of a statement such as `CC-BY-4.0 AND MIT`, as hubs write them."""
    return tuple(part.strip().lower() for part in licence.replace(" and ", " AND ").split(" AND "))


def check(links: Iterable[Link], model: str | None) -> str:
    """The licence of the model: `model`, or the one that all its sources have.

    Raises:
        RecipeError: a source's licence is unknown or forbids derivatives, or the model's would
            allow what a source reserves; every fault is told.
    """
    links = list(links)
    own = model and model.lower()
    faults = [fault for link in links for fault in _faults(link, own)]
    unknown = [link.name for link in links if not link.licences or {*link.licences} - {*TERMS}]
    if unknown:
        faults.append(
            f"State one with --source-licence {unknown[0]}=ID; known: {', '.join(sorted(TERMS))} "
            f"({OWN}: rights of your own)."
        )
    if faults:
        raise RecipeError("not published: " + "\n".join(faults))
    named = {licence for link in links for licence in link.licences}
    if own is None and (len(named) != 1 or named == {OWN}):
        raise RecipeError(
            f"not published: the sources are under {', '.join(sorted(named))}, and nothing says "
            "what the model is under. State it with --licence."
        )
    return own or named.pop()


def _faults(link: Link, own: str | None) -> Iterable[str]:
    unknown = [licence for licence in link.licences if licence not in TERMS]
    if unknown or not link.licences:
        seen = ", ".join(map(repr, unknown)) or "none"
        yield f"{link.name} ({link.says}): its licence is unknown; stated by {link.by}: {seen}."
    for licence in link.licences:
        terms = TERMS.get(licence)
        if terms == "forbidden":
            yield (
                f"{link.name} ({link.says}): {licence} forbids to pass on what is made of it. "
                "Train without it."
            )
        elif terms == "same" and own not in (None, licence):
            yield (
                f"{link.name} ({link.says}): {licence} goes with every model made of it, and "
                f"--licence says {own}. Say --licence {licence}."
            )
        elif terms == "non-commercial" and own and TERMS.get(own) != "non-commercial":
            yield (
                f"{link.name} ({link.says}): {licence} reserves commercial use, and --licence says "
                f"{own}, which does not. Name one that does, such as {licence}."
            )


def stated(licences: Iterable[str]) -> Mapping[str, str]:
    """Statements `LINK=ID` by link.

    Raises:
        RecipeError: one is none.
    """
    found: dict[str, str] = {}
    for one in licences:
        name, equals, licence = one.partition("=")
        if not (name and equals and licence):
            raise RecipeError(
                f"--source-licence {one!r}: expected LINK=ID, such as raw=cc-by-sa-4.0."
            )
        found[name] = licence
    return found
