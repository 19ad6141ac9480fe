"""From documents with their rewrites to measured rows: what every scorer says of both sides."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tahdhib.match.bands import Bands, band_keys
from tahdhib.match.boilerplate import site_of
from tahdhib.match.minhash import signatures
from tahdhib.records import Edit
from tahdhib.score.dialect import UNDETERMINED, dialects
from tahdhib.score.language import language
from tahdhib.score.length import count_letters
from tahdhib.score.overlap import chrf
from tahdhib.score.topics import Topics, topics_of
from tahdhib.score.vocabulary import Vocabulary, distinct, words_of
from tahdhib.stages.audit.arms import Arms
from tahdhib.stages.audit.columns import DISTINCT, SIDES, Column, Columns, Row, pair_scorer, scorer
from tahdhib.text.fold import match_form

BANDS = Bands(12, 5)
"""Documents of similarity .8 are found to be near-duplicates at .99, of .7 at .89, of .3 at .03."""
SHINGLE_WORDS = 5
_KEY_CHARACTERS = 20_000
_ARABIC = "ar"


@dataclass(frozen=True, slots=True)
class Measuring:
    """What is measured, over which topics, and which metadata fields make clusters."""

    columns: Columns
    topics: Topics
    sites: tuple[str, ...]
    has_keys: bool

    def rows(
        self, documents: Sequence[Row], arms: Sequence[Arms], vocabulary: Vocabulary
    ) -> list[Row]:
        """Measure some documents of the rewrite stage; their words are counted in `vocabulary`."""
        before, after = [arm.before for arm in arms], [arm.after for arm in arms]
        scores = {**self._scores(arms), **self._kept(documents, before, after)}
        words = [_both(arm) for arm in arms]
        for pair in words:
            vocabulary.add(*pair)
        languages = [language(text).code for text in before]
        found = _dialects([*before, *after], [*languages, *languages])
        kinds = {"before": found[: len(arms)], "after": found[len(arms) :]}
        topics = {
            side: topics_of(self.topics, [pair[number] for pair in words])
            for number, side in enumerate(SIDES)
        }
        keys = near_duplicate_keys(before).tolist() if self.has_keys else [[] for _ in before]
        return [
            {
                "id": row["id"],
                "language": languages[at],
                "state": row["state"],
                "worker": row["worker"],
                "rules": _rules(row),
                **_places(row, self.columns.fields, self.sites),
                **{f"{side}_dialect": kinds[side][at] for side in SIDES},
                **{f"{side}_topic": int(topics[side][at]) for side in SIDES},
                "before_length": count_letters(before[at]).total,
                "after_length": count_letters(after[at]).total,
                **{name: float(values[at]) for name, values in scores.items()},
                **_distinct(words[at]),
                "overlap": chrf(before[at], after[at]) if row["state"] == "rewritten" else 100.0,
                "keys": keys[at],
            }
            for at, row in enumerate(documents)
        ]

    def _scores(self, arms: Sequence[Arms]) -> dict[str, NDArray[np.float64]]:
        found: dict[str, NDArray[np.float64]] = {}
        main = self.columns.main
        for spec, columns in _by_scorer((*self.columns.witness, *self.columns.others)).items():
            used = Arms._fields if spec == main.scorer else SIDES
            texts = [getattr(one, arm) for arm in used for one in arms]
            tables = np.split(_once(texts, scorer(spec).score), len(used))
            for arm, table in zip(used, tables, strict=True):
                for number, column in enumerate(columns):
                    if arm in SIDES or column == main:
                        found[f"{arm}_{column.name}"] = table[:, number]
        return found

    def _kept(
        self, documents: Sequence[Row], before: Sequence[str], after: Sequence[str]
    ) -> dict[str, NDArray[np.float64]]:
        changed = [at for at, row in enumerate(documents) if row["state"] == "rewritten"]
        found = {f"kept_{c.name}": np.ones(len(documents)) for c in self.columns.kept}
        if changed:
            pairs = [before[at] for at in changed], [after[at] for at in changed]
            for spec, columns in _by_scorer(self.columns.kept).items():
                table = pair_scorer(spec).compare(*pairs)
                for number, column in enumerate(columns):
                    found[f"kept_{column.name}"][changed] = table[:, number]
        return found


def near_duplicate_keys(texts: Sequence[str]) -> NDArray[np.uint64]:
    """Keys (N, B): texts that share one in its column are likely near-duplicates."""
    if not texts:
        return np.zeros((0, BANDS.number), np.uint64)
    forms = [match_form(text[:_KEY_CHARACTERS]) for text in texts]
    return band_keys(signatures(forms, hashes=BANDS.hashes, words=SHINGLE_WORDS), BANDS)


def to_edits(row: Mapping[str, Any]) -> tuple[Edit, ...]:
    """The edits of a row of the rewrite stage."""
    return tuple(Edit(**edit) for edit in row["edits"] or [])


def _once(
    texts: Sequence[str], score: Callable[[Sequence[str]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Scores (N, K) of texts that are often the same: each is read once."""
    places: dict[str, int] = {}
    at = [places.setdefault(text, len(places)) for text in texts]
    return score(list(places))[at]


def _by_scorer(columns: Sequence[Column]) -> dict[str, list[Column]]:
    found: dict[str, list[Column]] = {}
    for column in columns:
        found.setdefault(column.scorer, []).append(column)
    return found


def _both(arm: Arms) -> tuple[list[str], list[str]]:
    """The words of both sides; one list where nothing was changed."""
    before = words_of(arm.before)
    return before, before if arm.after == arm.before else words_of(arm.after)


def _dialects(texts: Sequence[str], languages: Sequence[str]) -> list[str]:
    """The dialect of Arabic texts; of others it would mean nothing."""
    arabic = [at for at, code in enumerate(languages) if code == _ARABIC]
    found = [UNDETERMINED] * len(texts)
    distinct_texts = list(dict.fromkeys(texts[at] for at in arabic))
    code = dict(zip(distinct_texts, (kind.code for kind in dialects(distinct_texts)), strict=True))
    for at in arabic:
        found[at] = code[texts[at]]
    return found


def _rules(row: Row) -> list[str]:
    """Who is behind a rewritten document's edits."""
    return sorted({edit["by"] for edit in row["edits"] or []})


def _places(row: Row, fields: Sequence[str], sites: Sequence[str]) -> Row:
    metadata = json.loads(row["metadata"] or "{}")
    return {
        **{f"by_{name}": site_of(metadata, name) for name in fields},
        "sites": [f"{name}:{site_of(metadata, name)}" for name in sites if metadata.get(name)],
    }


def _distinct(words: tuple[list[str], list[str]]) -> Row:
    before, after = words
    found = {f"before_distinct_{order}": distinct(before, order) for order in DISTINCT}
    for order in DISTINCT:
        is_same = before is after
        old = found[f"before_distinct_{order}"]
        found[f"after_distinct_{order}"] = old if is_same else distinct(after, order)
    return found
