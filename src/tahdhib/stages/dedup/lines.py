"""Which lines of a corpus are boilerplate: counted by bucket, added up, and put to the vote.

A line that stands in enough documents of its site is *repeated*. That does not make it
boilerplate: an article that a site holds under a dozen addresses repeats all its lines. So of the
documents in which a repeated line stands only those vote for it that have something else to say,
in lines that are not repeated.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tahdhib.match.boilerplate import NO_KEY, BoilerplateLines, LineKeys
from tahdhib.stages.dedup.forms import Lines
from tahdhib.stages.dedup.tables import LINES, SITES

VOTER_LEFT = 0.15
"""Share of a document's folded characters in lines that are not repeated, for it to vote.

Two documents that share all their repeated lines, with so much else in each, are at most .74 alike
as a whole: near-duplicates of more than that never make boilerplate of each other.
"""


class Votes(NamedTuple):
    """For each line that any document votes for, by key: how many do, and the first of them."""

    keys: LineKeys
    documents: NDArray[np.int64]
    first: NDArray[np.int64]


class LineCount:
    """The lines and sites of one bucket, counted part by part."""

    def __init__(self) -> None:
        self._sites: Counter[str] = Counter()
        self._keys = [np.empty(0, np.uint64)]
        self._owners = [np.empty(0, np.uint64)]

    def add(self, sites: Sequence[str], lines: Lines) -> None:
        """Count documents of `sites` with their `lines`, each line once per document."""
        self._sites.update(sites)
        documents, keys = _distinct(lines.owners, lines.keys)
        documents, keys = documents[keys != NO_KEY], keys[keys != NO_KEY]
        numbers = np.array([_number(site) for site in sites], np.uint64)
        self._keys.append(keys)
        self._owners.append(numbers[documents])

    @property
    def lines(self) -> pa.Table:
        """The table LINES."""
        owners = np.concatenate(self._owners)
        keys, first, counts = np.unique(
            np.concatenate(self._keys), return_index=True, return_counts=True
        )
        return pa.table([keys, owners[first], counts], schema=LINES)

    @property
    def sites(self) -> pa.Table:
        """The table SITES."""
        names = sorted(self._sites)
        columns = [[_number(name) for name in names], names, [self._sites[n] for n in names]]
        return pa.table(columns, schema=SITES)


@lru_cache(1 << 16)
def _number(site: str) -> int:
    digest = hashlib.blake2b(site.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _distinct(documents: NDArray[np.int64], keys: LineKeys) -> tuple[NDArray[np.int64], LineKeys]:
    """Pairs of document and key, each once, by key and document."""
    order = np.lexsort((documents, keys))
    documents, keys = documents[order], keys[order]
    is_new = np.ones(len(keys), np.bool_)
    is_new[1:] = (keys[1:] != keys[:-1]) | (documents[1:] != documents[:-1])
    return documents[is_new], keys[is_new]


def add_up_sites(counted: Iterable[pa.Table]) -> pa.Table:
    """The sites of all buckets, by number."""
    tables = pa.concat_tables([SITES.empty_table(), *counted])
    added = tables.group_by("site").aggregate([("name", "min"), ("documents", "sum")])
    columns = [added["site"], added["name_min"], added["documents_sum"]]
    return pa.table(columns, schema=SITES).sort_by("site")


def repeated_lines(
    counted: Sequence[pa.Table], sites: pa.Table, min_documents: int, min_share: float
) -> pa.Table:
    """The lines of REPEATED among all that were counted in one range of keys."""
    keys = np.concatenate([table["key"].to_numpy() for table in counted])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))[: len(keys)])
    counts = np.concatenate([table["documents"].to_numpy() for table in counted])[order]
    totals = np.add.reduceat(counts, starts) if len(starts) else counts
    starts = starts[totals >= min_documents]  # few: what is below is repeated on no site
    totals = totals[totals >= min_documents]
    whose = np.concatenate([table["site"].to_numpy() for table in counted])[order[starts]]
    rows = np.searchsorted(sites["site"].to_numpy(), whose)
    shares = np.ceil(min_share * sites["documents"].to_numpy()).astype(np.int64)
    wanted = np.maximum(shares, min_documents)[rows]
    is_repeated = totals >= wanted
    return pa.table(
        {
            "key": keys[starts][is_repeated],
            "site": sites["name"].take(pa.array(rows[is_repeated])),
            "least": wanted[is_repeated],
        }
    )


def votes(lines: Lines, repeated: BoilerplateLines) -> Votes:
    """Have the documents of a bucket vote for the repeated lines that stand in them."""
    is_repeated = repeated.holds(lines.keys)
    is_voter = lines.can_spare(is_repeated, repeated)
    owners = lines.owners
    is_vote = is_repeated & is_voter[owners]
    voters, keys = _distinct(owners[is_vote], lines.keys[is_vote])
    distinct, first, counts = np.unique(keys, return_index=True, return_counts=True)
    return Votes(distinct, counts, voters[first])
