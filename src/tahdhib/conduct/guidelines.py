"""Which rules of a conduct matter for a document: what a model is told of, instead of everything.

Guide-Align (arXiv 2403.11838) retrieves guidelines for an input by a trained encoder. Here a rule
is a short text (its wordings, examples and cues) and each sentence of the document the query of a
BM25 search (Robertson and Zaragoza 2009, formula 3.15), over stems of folded words; the best
sentence counts, since a breach is a matter of one. A rule whose matcher finds something comes
before all that none found. Rules that keep (severity 3) are told always: they say what a rewrite
may not do, whatever the document is about; so are those that the conduct marks as `always`.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tahdhib.conduct.conduct import Conduct, Rule
from tahdhib.conduct.rules.table import MATCHERS
from tahdhib.text.fold import Folding, fold
from tahdhib.text.segment import sentences

_ALWAYS_FROM = 3
"""Severity from which a rule that keeps is told for every document."""
_K1, _B = 1.2, 0.75
"""BM25's usual saturation and length normalisation."""
_FOLDING = Folding(rung="aggressive")
_WORDS = re.compile(r"\w+")
_PREFIXES = ("وال", "بال", "فال", "كال", "لل", "ال", "و", "ب", "ل", "ف", "ك")
_SUFFIXES = ("ات", "ون", "ين", "ها", "هم", "نا", "يه", "ه", "ي")
_ENGLISH_ENDINGS = ("ings", "ing", "ed", "es", "s")
_SHORTEST_STEM = 3
_QUERY_CHARACTERS = 20_000
"""So much of a document is read for words: what it is about shows before that."""


_EMPTY = frozenset(
    fold(
        "من في على عن إلى الى ما لا أن ان إن كان كانت هو هي هذا هذه ذلك التي الذي الذين كل أي أو "
        "او مع بين قد لم لن ثم حيث بعد قبل عند كما غير بها به له لها فيه فيها منه منها هم وهو وهي "
        "the a an of to in on for and or not no is are was were be been it its that this these "
        "those with as by from at into than then who whom which what where when how he she they "
        "them his her their you your we our i me my do does did has have had will would can could "
        "may such so if but only any all more most one",
        _FOLDING,
    ).split()
)
"""Words that stand in any text, whatever it is about."""


class Guidelines:
    """The rules of one conduct, indexed once; a function of the conduct and of `count` alone."""

    def __init__(self, conduct: Conduct, count: int) -> None:
        self._count = count
        self._always = [rule for rule in conduct.rules if _is_always_told(rule)]
        self._rules = [rule for rule in conduct.rules if not _is_always_told(rule)]
        self._ids = [rule.id for rule in conduct.rules]
        documents = [Counter(_terms_of(rule)) for rule in self._rules]
        lengths = [sum(document.values()) for document in documents]
        mean = sum(lengths) / len(lengths) if lengths else 1.0
        holders = Counter(term for document in documents for term in document)
        self._weights: dict[str, list[tuple[int, float]]] = {}
        for place, (document, length) in enumerate(zip(documents, lengths, strict=True)):
            for term, frequency in document.items():
                idf = math.log(1 + (len(documents) - holders[term] + 0.5) / (holders[term] + 0.5))
                norm = frequency + _K1 * (1 - _B + _B * length / (mean or 1.0))
                weight = idf * frequency * (_K1 + 1) / norm
                self._weights.setdefault(term, []).append((place, weight))

    def told(self, text: str) -> tuple[str, ...]:
        """The ids of the rules to tell for `text`, in the conduct's order: those that keep, and the
        `count` that matter most."""
        chosen = {rule.id for rule in self._always} | set(self.ranked(text)[: self._count])
        return tuple(rule_id for rule_id in self._ids if rule_id in chosen)

    def ranked(self, text: str) -> list[str]:
        """All rules but those that are always told, those that matter most for `text` first.

        Ties go by severity, then by the order of the conduct.
        """
        scores = [0.0] * len(self._rules)
        beginning = text[:_QUERY_CHARACTERS]
        for sentence in sentences(beginning):
            found: dict[int, float] = {}
            for term in set(_stems(beginning[sentence.start : sentence.end])):
                for place, weight in self._weights.get(term, ()):
                    found[place] = found.get(place, 0.0) + weight
            for place, score in found.items():
                scores[place] = max(scores[place], score * self._rules[place].severity)
        order = sorted(
            range(len(self._rules)),
            key=lambda place: (
                not _finds(self._rules[place], text),
                -scores[place],
                -self._rules[place].severity,
                place,
            ),
        )
        return [self._rules[place].id for place in order]


def _is_always_told(rule: Rule) -> bool:
    return rule.always or (rule.action == "keep" and rule.severity >= _ALWAYS_FROM)


def _finds(rule: Rule, text: str) -> bool:
    return rule.matcher is not None and any(True for _ in MATCHERS[rule.matcher](text))


def _terms_of(rule: Rule) -> Iterator[str]:
    yield from _stems(" ".join(rule.wording.values()))
    for words in rule.cues.values():
        yield from _stems(" ".join(words))
    for example in rule.examples:
        if example.before != example.after:
            yield from _stems(example.before)


def _stems(text: str) -> Iterable[str]:
    return (_stem(word) for word in _WORDS.findall(fold(text, _FOLDING)) if word not in _EMPTY)


@lru_cache(1 << 16)
def _stem(word: str) -> str:
    """A word without what is commonly put before and after it: rough, and the same on both sides
    of the search."""
    if word.isascii():
        return _cut(word, (), _ENGLISH_ENDINGS)
    return _cut(word, _PREFIXES, _SUFFIXES)


def _cut(word: str, prefixes: tuple[str, ...], suffixes: tuple[str, ...]) -> str:
    for prefix in prefixes:
        if word.startswith(prefix) and len(word) - len(prefix) >= _SHORTEST_STEM:
            word = word[len(prefix) :]
            break
    for suffix in suffixes:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            return word[: -len(suffix)]
    return word
