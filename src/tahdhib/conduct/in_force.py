"""Which rules are in force for a document, and the hash that stamps a row made under them.

A row depends on what its teacher was told, and on the rules with a matcher that found something in
its text: they rewrite it, and the gate goes by what they remove. Two rows of one text with equal
stamps are equal, whatever else the conducts say that they were made under.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from tahdhib.conduct.conduct import Conduct, content_hash
from tahdhib.conduct.guidelines import Guidelines
from tahdhib.conduct.rewrite import rewrite
from tahdhib.conduct.told import language_of, worded


@dataclass(frozen=True, slots=True)
class Told:
    """What a model is told for one document: a conduct of the rules that it is shown, whose hash
    is that of the words it reads, and the language of these words."""

    conduct: Conduct
    language: str

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the rules that it is told."""
        return tuple(rule.id for rule in self.conduct.rules)


class Telling:
    """What models are told under one conduct; with `guidelines` only so many rules each. `seen` is
    what a model sees of a text, where that is not all of it."""

    def __init__(
        self, conduct: Conduct, guidelines: int | None, seen: Callable[[str], str] = str
    ) -> None:
        self._conduct = conduct
        self._seen = seen
        self._guidelines = None if guidelines is None else Guidelines(conduct, guidelines)
        self._all = tuple(rule.id for rule in conduct.rules)
        self._part = lru_cache(maxsize=1024)(self._part_of)

    def of(self, text: str) -> Told:
        """What a model is told for `text`."""
        text = self._seen(text)
        rules = self._all if self._guidelines is None else self._guidelines.told(text)
        return self._part(rules, language_of(text))

    def _part_of(self, ids: tuple[str, ...], language: str) -> Told:
        rules = tuple(rule for rule in self._conduct.rules if rule.id in set(ids))
        principles = [worded(words, language) for words in self._conduct.principles.values()]
        told = [[rule.id, rule.action, worded(rule.wording, language)] for rule in rules]
        mark = content_hash([language, principles, told])
        return Told(replace(self._conduct, rules=rules, hash=mark), language)


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules in force for one document: those that a model was told, those that acted."""

    told: tuple[str, ...]
    acting: tuple[str, ...]
    hash: str


def in_force(conduct: Conduct, acting: tuple[str, ...], told: Told | None) -> InForce:
    """The stamp of a row; `told` is None where no model was asked."""
    mark = content_hash([None if told is None else told.conduct.hash, deeds(conduct, acting)])
    return InForce(() if told is None else told.rules, acting, mark)


def everything(conduct: Conduct) -> str:
    """The stamp of a row that depends on the conduct as a whole: that of a learned worker, which
    has learned from pairs under all of it."""
    principles = {name: dict(words) for name, words in conduct.principles.items()}
    return content_hash([principles, [rule.hash for rule in conduct.rules]])


def deeds(conduct: Conduct, ids: tuple[str, ...]) -> list[list[object]]:
    """What these rules of the conduct do by their matchers: nothing else of them decides a rewrite
    without a model, their wording least of all."""
    rules = [rule for rule in conduct.rules if rule.id in ids]
    return [[rule.id, rule.action, rule.matcher, rule.removes] for rule in rules]


def acting_on(text: str, conduct: Conduct) -> tuple[str, ...]:
    """The rules with a matcher that find something in `text`, be it only on the way."""
    return rewrite(text, conduct).acting
