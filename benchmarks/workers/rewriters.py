"""The rewriters that a worker is held against, and what it learns from."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from tahdhib.gate.gate import Gate
from tahdhib.records import Document, Rewrite
from tahdhib.score.toxicity.ngram import NgramToxicity
from tahdhib.teachers.deletion import Deletion, without_words
from tahdhib.text.fold import Folding, fold
from tahdhib.text.segment import words
from tahdhib.workers.edit.drafts import Chooser, choose
from tahdhib.workers.worker import Worker

FOLDING = Folding(rung="aggressive")
MOST_DELETED = 4
"""Words that a scorer may take out of a text before it gives up."""
_LEAST_COUNT = 3
_PRIOR = 500.0


class Lexicon:
    """Deletes every term of a list, with the space beside it."""

    name = hash = "lexicon"

    def __init__(self, terms: Iterable[str]) -> None:
        cut = {tuple(forms(term)) for term in terms}
        self.terms = cut - {()}
        self._longest = max(map(len, self.terms), default=0)

    def rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        return [without_words(document.text, self._found(document.text)) for document in documents]

    def _found(self, text: str) -> set[int]:
        """Places among the words of `text` that belong to a term."""
        read = [folded(word.text) for word in words(text)]
        found: set[int] = set()
        for at in range(len(read)):
            for size in range(1, self._longest + 1):
                if tuple(read[at : at + size]) in self.terms and at + size <= len(read):
                    found.update(range(at, at + size))
        return found


class Several:
    """Of the rewrites of several workers the first good one, as an edit worker chooses between its
    drafts."""

    name = hash = "several"

    def __init__(self, workers: Sequence[Worker], chooser: Chooser) -> None:
        self._workers, self._chooser = workers, chooser

    def rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        made = [worker.rewrite(documents) for worker in self._workers]
        texts = [document.text for document in documents]
        return choose(texts, [partial(list.__getitem__, some) for some in made], self._chooser)


class ScorerDeletion:
    """Deletes, word by word, what a scorer minds most, until it minds no more; where it always
    does, as much as it may."""

    name = hash = "scorer"

    def __init__(self, scorer: NgramToxicity, threshold: float) -> None:
        self._scorer, self._threshold = scorer, threshold

    def rewrite(self, documents: Sequence[Document]) -> list[Rewrite]:
        return [self.one(document.text) for document in documents]

    def one(self, text: str) -> Rewrite:
        gone: set[int] = set()
        done = Rewrite(text, ())
        cut = words(text)
        score = float(self._scorer.score([text])[0, 0])
        while score >= self._threshold and len(gone) < min(MOST_DELETED, len(cut) - 1):
            left = [at for at in range(len(cut)) if at not in gone]
            trials = [without_words(text, gone | {at}) for at in left]
            scores = self._scorer.score([trial.text for trial in trials])[:, 0]
            best = int(scores.argmin())
            if scores[best] >= score:
                break
            gone.add(left[best])
            done, score = trials[best], float(scores[best])
        return done


@lru_cache(maxsize=400_000)
def folded(word: str) -> str:
    return fold(word, FOLDING).strip()


def forms(text: str) -> list[str]:
    return [form for word in words(text) if (form := folded(word.text))]


def published(language: str, data: Path) -> list[str]:
    """LDNOOBW, the conservative half of HurtLex and, in English, Surge's profanities."""
    folder = data / "lexicons"
    terms = (folder / f"ldnoobw/{language}.txt").read_text("utf-8").splitlines()
    with (folder / f"hurtlex/hurtlex_{language.upper()}.tsv").open(encoding="utf-8") as stream:
        rows = csv.DictReader(stream, delimiter="\t")
        terms += [row["lemma"] for row in rows if row["level"] == "conservative"]
    if language == "en":
        with (folder / "surge_profanity_en.csv").open(encoding="utf-8", newline="") as stream:
            terms += [row["text"] for row in csv.DictReader(stream)]
    return terms


def marked(toxic: Iterable[str], other: Iterable[str]) -> dict[str, float]:
    """Word -> how many standard errors its log-odds lie above those of other texts (Monroe et al.
    2008, with all texts as the prior)."""
    one, two = (
        Counter(form for text in texts for form in set(forms(text))) for texts in (toxic, other)
    )
    both = one + two
    total_one, total_two, total = one.total(), two.total(), both.total()
    found = {}
    for word, count in both.items():
        if count < _LEAST_COUNT:
            continue
        prior = _PRIOR * count / total
        a, b = one[word] + prior, two[word] + prior
        odds = np.log(a / (total_one + _PRIOR - a)) - np.log(b / (total_two + _PRIOR - b))
        found[word] = float(odds / np.sqrt(1 / a + 1 / b))
    return found


def mined(
    marks: dict[str, float], value: Callable[[Lexicon], float], steps: Sequence[float]
) -> list[Lexicon]:
    """The lexica of words marked at least so much: the one of most `value`, then those that lie
    next to it among `steps`, the nearer ones first and of two the larger."""
    trials = [Lexicon(word for word, mark in marks.items() if mark >= step) for step in steps]
    best = max(range(len(trials)), key=lambda place: value(trials[place]))
    return sorted(trials, key=lambda one: (abs(trials.index(one) - best), trials.index(one)))


def silver(
    texts: Iterable[str], teacher: Deletion, gate: Gate, most: int
) -> list[tuple[str, Rewrite]]:
    """Texts with what a scorer's deletion makes of them, where it works and the gate accepts."""
    found: list[tuple[str, Rewrite]] = []
    for text in texts:
        done = teacher.rewrite(text)
        if done and gate.verdict(text, done).accepted:
            found.append((text, done))
        if len(found) == most:
            break
    return found
