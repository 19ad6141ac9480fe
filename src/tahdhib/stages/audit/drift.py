"""What a rewrite does to a corpus as a whole: dialects, topics and vocabulary, before and after.

A rewriter may leave every document well and still make the corpus another one: dialect turned into
the standard language, a topic thinned out, words gone.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tahdhib.records import Interval
from tahdhib.score.dialect import CODES, UNDETERMINED
from tahdhib.score.topics import NONE
from tahdhib.score.vocabulary import Vocabulary
from tahdhib.stages.audit.groups import Clusters
from tahdhib.stages.audit.summary import Table
from tahdhib.stats.intervals import as_difference, as_interval, wilson
from tahdhib.stats.means import Mean, means
from tahdhib.stats.shares import total_variation

WORDS_SHOWN = 20
_STANDARD = "msa"


@dataclass(frozen=True, slots=True)
class Drift:
    """Makes the section `drift` of `audit/summary.json`."""

    seed: int
    repetitions: int

    def section(
        self,
        table: Table,
        clusters: Clusters,
        vocabulary: Vocabulary,
        topics: Sequence[str],
    ) -> dict[str, Any]:
        """Dialects of the documents that are Arabic on both sides, topics, and words."""
        names = clusters.of(np.ones(len(clusters.coarse), dtype=bool))
        return {
            "dialects": self._dialects(table, names),
            "topics": self._spread(
                table["before_topic"], table["after_topic"], names, _numbered(topics)
            ),
            "vocabulary": _vocabulary(vocabulary),
        }

    def _dialects(self, table: Table, clusters: NDArray[Any]) -> dict[str, Any]:
        before, after = table["before_dialect"], table["after_dialect"]
        is_read = (before != UNDETERMINED) & (after != UNDETERMINED)
        old, new = before[is_read], after[is_read]
        moves = Counter((a, b) for a, b in zip(old, new, strict=True) if a != b)
        is_dialect = old != _STANDARD
        turned = int((new[is_dialect] == _STANDARD).sum())
        return {
            **self._spread(old, new, clusters[is_read], {code: code for code in CODES}),
            "moves": [
                {"from": a, "to": b, "n": n} for (a, b), n in sorted(moves.items(), key=_commonest)
            ],
            "to_standard": asdict(wilson(turned, int(is_dialect.sum()))),
        }

    def _spread(
        self, before: Any, after: Any, clusters: NDArray[Any], names: dict[Any, str]
    ) -> dict[str, Any]:
        """The share of each kind on both sides, and how far the sides lie apart."""
        own = clusters.tolist()
        n = len(own)
        sides = [(np.asarray(before) == key, np.asarray(after) == key) for key in names]
        columns = [column for old, new in sides for column in (old, new, new.astype(int) - old)]
        table = np.stack(columns, axis=1).astype(np.float64) if columns else np.zeros((n, 0))
        found = means(
            table,
            seed=self.seed,
            repetitions=self.repetitions,
            clusters=own,
            changes=range(2, table.shape[1], 3),
        )
        shares = [
            {
                "name": name,
                "before": asdict(_share(found[3 * row], n)),
                "after": asdict(_share(found[3 * row + 1], n)),
                "change": asdict(as_difference(found[3 * row + 2], n).interval),
            }
            for row, name in enumerate(names.values())
        ]
        distance = total_variation(
            _codes(before, names),
            _codes(after, names),
            seed=self.seed,
            repetitions=self.repetitions,
            clusters=own,
        )
        moved = int((np.asarray(before) != np.asarray(after)).sum())
        return {
            "n": n,
            "shares": shares,
            "distance": asdict(distance),
            "moved": asdict(wilson(moved, n)),
        }


def _share(found: Mean, n: int) -> Interval:
    """A share with its bounds in 0..1; of none or all, what so many rows can tell."""
    if found.value in (0.0, 1.0):
        return wilson(round(found.value * n), n)
    return as_interval(found._replace(low=max(0.0, found.low), high=min(1.0, found.high)), n)


def _vocabulary(found: Vocabulary) -> dict[str, Any]:
    gone, come = found.moved(WORDS_SHOWN)
    kinds = found.kinds()
    either = kinds.before + kinds.after - kinds.both
    return {
        "words": {"before": kinds.before_words, "after": kinds.after_words},
        "kinds": {"before": round(kinds.before), "after": round(kinds.after)},
        "overlap": kinds.both / either if either else 1.0,
        "lost": [word._asdict() for word in gone],
        "gained": [word._asdict() for word in come],
    }


def _numbered(topics: Sequence[str]) -> dict[Any, str]:
    return {**dict(enumerate(topics)), NONE: "no words to tell by"}


def _codes(values: Any, names: dict[Any, str]) -> list[int]:
    numbers = {key: number for number, key in enumerate(names)}
    return [numbers.get(value, len(numbers)) for value in np.asarray(values).tolist()]


def _commonest(move: tuple[tuple[str, str], int]) -> tuple[int, tuple[str, str]]:
    return -move[1], move[0]
