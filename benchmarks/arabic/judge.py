"""What clusters make of a corpus: variants found, and texts lost to one on another subject."""

from collections.abc import Mapping
from typing import NamedTuple

from arabic.corpus import Corpus


class Part(NamedTuple):
    """So many of so many."""

    count: int
    of: int


class Verdict(NamedTuple):
    """Variants found with their originals, by kind; texts falsely lost, by where they are from."""

    found: Mapping[str, Part]
    lost: Mapping[str, Part]


def judge(corpus: Corpus, kept: Mapping[str, str]) -> Verdict:
    """`kept` tells of every dropped text which one stays for it.

    A dropped text is lost where the one that stays is on another subject, by whatever chain the
    two hang together. Texts on one subject, which ought to merge, are in no denominator of recall.
    """
    found = {
        kind: Part(
            sum(
                kept.get(variant, variant) == kept.get(original, original)
                for variant, original in corpus.originals.items()
                if corpus.kinds[variant] == kind
            ),
            sum(other == kind for other in corpus.kinds.values()),
        )
        for kind in dict.fromkeys(corpus.kinds.values())
    }
    news = {*corpus.originals, *corpus.originals.values()}
    groups = {
        "stubs": corpus.stubs,
        "wikipedia": corpus.texts.keys() - news,
        "news": news,
    }
    lost = {name for name, other in kept.items() if corpus.subjects[name] != corpus.subjects[other]}
    return Verdict(
        found, {group: Part(len(lost & members), len(members)) for group, members in groups.items()}
    )
