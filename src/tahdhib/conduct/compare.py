"""What differs between two conducts, rule by rule, and word by word where a rule was reworded."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from tahdhib.conduct.conduct import Conduct, Rule

Piece = tuple[Literal["same", "old", "new"], str]
"""A stretch of words, and whether both have it, only the old or only the new."""

_FIELDS = ("action", "severity", "principle", "matcher", "removes")
_SILENT = ("examples", "cues", "always", "provenance")
"""What no teacher is told and no matcher reads: at most it decides when a rule is told."""
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Reworded:
    """A wording in one language, before and after, as pieces that rebuild both."""

    language: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one rule or principle.

    `fields` are the settings that changed, old and new; `silent` what changed without telling
    anyone anything new (examples, cues, provenance).
    """

    id: str
    kind: Literal["added", "removed", "changed"]
    reworded: tuple[Reworded, ...] = ()
    fields: Mapping[str, tuple[object, object]] | None = None
    silent: tuple[str, ...] = ()

    def in_words(self) -> str:
        """`mask-contacts reworded (ar), severity 2 → 3`."""
        said: list[str] = []
        if self.kind != "changed":
            said.append(self.kind)
        if self.reworded:
            said.append(f"reworded ({', '.join(one.language for one in self.reworded)})")
        said += [f"{name} {_shown(old)} → {_shown(new)}" for name, (old, new) in self._settings()]
        if self.silent and not said:
            said.append(f"{', '.join(self.silent)} changed, nothing that is told")
        return f"{self.id} {', '.join(said)}"

    def _settings(self) -> Iterator[tuple[str, tuple[object, object]]]:
        yield from (self.fields or {}).items()


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs; `is_reordered`: the rules that both have stand in another order."""

    rules: tuple[Difference, ...]
    principles: tuple[Difference, ...]
    is_reordered: bool

    def in_words(self) -> str:
        """Everything in one line, for the plan of a run."""
        said = [f"principle {one.in_words()}" for one in self.principles]
        said += [f"rule {one.in_words()}" for one in self.rules]
        if self.is_reordered:
            said.append("rules in another order")
        return "; ".join(said) or "nothing that is told or done"


def compare(old: Conduct, new: Conduct) -> Comparison:
    """What `new` says otherwise than `old`, in the order of `new`, removed rules last."""
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    rules = [_rule_difference(before.get(rule.id), rule) for rule in new.rules]
    rules += [Difference(rule.id, "removed") for rule in old.rules if rule.id not in after]
    shared = [rule.id for rule in old.rules if rule.id in after]
    return Comparison(
        tuple(one for one in rules if one is not None),
        tuple(_principle_differences(old.principles, new.principles)),
        shared != [rule.id for rule in new.rules if rule.id in before],
    )


def word_pieces(old: str, new: str) -> tuple[Piece, ...]:
    """The words of both texts as stretches that both have, or one."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    pieces: list[Piece] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for operation, i, j, k, m in matcher.get_opcodes():
        if operation == "equal":
            pieces.append(("same", "".join(before[i:j])))
            continue
        if i < j:
            pieces.append(("old", "".join(before[i:j])))
        if k < m:
            pieces.append(("new", "".join(after[k:m])))
    return tuple(pieces)


def _rule_difference(old: Rule | None, new: Rule) -> Difference | None:
    if old is None:
        return Difference(new.id, "added")
    found = Difference(
        new.id,
        "changed",
        _rewordings(old.wording, new.wording),
        {
            name: (getattr(old, name), getattr(new, name))
            for name in _FIELDS
            if getattr(old, name) != getattr(new, name)
        },
        tuple(name for name in _SILENT if getattr(old, name) != getattr(new, name)),
    )
    return found if found.reworded or found.fields or found.silent else None


def _principle_differences(
    old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]
) -> Iterator[Difference]:
    for identity, wording in new.items():
        if identity not in old:
            yield Difference(identity, "added")
        elif reworded := _rewordings(old[identity], wording):
            yield Difference(identity, "changed", reworded)
    yield from (Difference(identity, "removed") for identity in old if identity not in new)


def _rewordings(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Reworded, ...]:
    return tuple(
        Reworded(language, word_pieces(old.get(language, ""), new.get(language, "")))
        for language in dict.fromkeys((*old, *new))
        if old.get(language) != new.get(language)
    )


def _shown(value: object) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
