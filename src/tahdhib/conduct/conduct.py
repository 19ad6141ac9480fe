"""A code of conduct: principles and rules as data, and the hashes that stamp what they make."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Action = Literal["keep", "fix", "recontextualise", "drop"]


@dataclass(frozen=True, slots=True)
class Example:
    """What a rule does to a text; before and after are equal where the rule must hold still."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it says in each language, how grave a breach is, and what to do about it.

    `matcher` names the deterministic matcher in `conduct/rules` that enforces it without a model;
    None where only a model or a person can. `removes` is true where whole stretches (a contact, an
    advertising line) go with the numbers and links in them, so that the gate excuses their loss.
    `cues` are words of documents that the rule is about, by language: retrieval goes by them beside
    the wording and the examples, and nobody is told them. `always`: the rule is told for every
    document also where only some are, since nothing in a text could show that it matters.
    """

    id: str
    principle: str
    action: Action
    severity: int
    wording: Mapping[str, str]
    matcher: str | None = None
    removes: bool = False
    examples: tuple[Example, ...] = ()
    provenance: str = ""
    cues: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    always: bool = False

    @property
    def hash(self) -> str:
        """Hash of what the rule asks for: all but examples, where it comes from, and
        when it is told."""
        return content_hash(
            [
                self.id,
                self.principle,
                self.action,
                self.severity,
                dict(self.wording),
                self.matcher,
                self.removes,
            ]
        )


@dataclass(frozen=True, slots=True)
class Conduct:
    """A code of conduct."""

    name: str
    version: str
    languages: tuple[str, ...]
    principles: Mapping[str, Mapping[str, str]]
    """Principle id -> wording by language."""
    rules: tuple[Rule, ...]
    hash: str

    def rule(self, rule_id: str) -> Rule | None:
        """The rule with this id, or None."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)


def to_json(conduct: Conduct) -> dict[str, Any]:
    """The conduct as a JSON value; `from_json` reads it back."""
    return asdict(conduct)


def from_json(content: Mapping[str, Any]) -> Conduct:
    """The conduct that `to_json` wrote down; it was checked when it was loaded first."""
    rules = tuple(
        Rule(
            **{
                **rule,
                "examples": tuple(Example(**example) for example in rule["examples"]),
                "cues": {language: tuple(words) for language, words in rule["cues"].items()},
            }
        )
        for rule in content["rules"]
    )
    return Conduct(**{**content, "languages": tuple(content["languages"]), "rules": rules})


def content_hash(content: object) -> str:
    """Hash of a conduct's or rule's content, independent of key order and YAML layout."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
