"""Where pairs come from: the languages they are in, the licences their sources state."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tahdhib.demo import PAIRS_LICENCES
from tahdhib.score.language import language
from tahdhib.stats.draw import rank
from tahdhib.workers.edit.examples import PEOPLE, TrainingPair

UNKNOWN = "unknown"

LICENCES = ("licence", "license")
"""Fields of a document's metadata that state it."""
_READ = 500
"""Pairs whose language is looked at."""
_LEAST_SHARE = 0.02
_LONGEST_NAME = 80


def languages(pairs: Sequence[TrainingPair], seed: int) -> dict[str, float]:
    """Share of a sample of the pairs by the language of their source; what hardly any is in is left
    out."""
    drawn = sorted(pairs, key=lambda pair: rank("languages of pairs", seed, pair.id))[:_READ]
    counts = Counter(language(pair.source).code for pair in drawn)
    return {
        code: round(count / len(drawn), 3)
        for code, count in sorted(counts.items())
        if count >= _LEAST_SHARE * len(drawn) and code != "und"
    }


def licences(
    pairs: Sequence[TrainingPair], documents: Iterable[Mapping[str, Any]], sets: Sequence[str]
) -> dict[str, int]:
    """Pairs by what the metadata of their `documents` (columns of DOCUMENTS) states as licence.

    Of what people wrote that of the package's own `sets` is known, if the recipe names them.
    """
    known = {
        f"{PEOPLE}:{name}": licence
        for name, licence in PAIRS_LICENCES.items()
        if f"builtin:{name}" in sets
    }
    stated = {pair.id: known.get(pair.id.rpartition(":")[0], UNKNOWN) for pair in pairs}
    for row in documents:
        if row["id"] in stated:
            metadata = json.loads(row["metadata"])
            found = next((metadata[name] for name in LICENCES if metadata.get(name)), UNKNOWN)
            stated[row["id"]] = str(found)[:_LONGEST_NAME]
    return dict(sorted(Counter(stated.values()).items()))
