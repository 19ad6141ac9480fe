"""What a tool found held against the truth, and all tools in one table."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import zstandard

from tahdhib.match.components import components
from tahdhib.stats.intervals import wilson

BINS = ((0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0))
_TOP = 1.01  # the last bin holds 1.0 too
_NEAR_THE_THRESHOLD = 0.02

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Truth:
    """What truth.py found. Documents are numbers; `same` maps each to the first with its words."""

    number_of: dict[str, int]
    same: list[int]
    jaccard: dict[Pair, float]
    pages: frozenset[int]
    bytes: int

    @classmethod
    def read(cls, corpus: Path) -> "Truth":
        documents = pq.read_table(corpus / "truth" / "documents.parquet")
        ids = documents["id"].to_pylist()
        number_of = {name: number for number, name in enumerate(ids)}
        pairs = pq.read_table(corpus / "truth" / "pairs.parquet")
        left, right = (
            [number_of[name] for name in pairs[side].to_pylist()] for side in ("left", "right")
        )
        jaccard = dict(
            zip(
                (_pair(one, other) for one, other in zip(left, right, strict=True)),
                pairs["jaccard"].to_pylist(),
                strict=True,
            )
        )
        kinds = {row["id"]: row for row in _records(corpus / "kinds.jsonl.zst")}
        on_site = {name for name, row in kinds.items() if row["kind"] in ("page", "twin")}
        on_site |= {name for name, row in kinds.items() if row["base"] in on_site}
        return cls(
            number_of,
            [number_of[name] for name in documents["same"].to_pylist()],
            jaccard,
            frozenset(number_of[name] for name in on_site),
            sum(
                len(record["text"].encode())
                for file in sorted((corpus / "documents").iterdir())
                for record in _records(file)
            ),
        )

    def similarity(self, one: int, other: int) -> float:
        """Jaccard of two documents; 0 for whatever lies below what was listed."""
        one, other = self.same[one], self.same[other]
        return 1.0 if one == other else self.jaccard.get(_pair(one, other), 0.0)


class Share(NamedTuple):
    """So many of so many."""

    hits: int
    of: int

    def __str__(self) -> str:
        if not self.of:
            return "-"
        found = wilson(self.hits, self.of)
        return f"{found.estimate:.4f} [{found.low:.4f}, {found.high:.4f}] n={self.of}"


@dataclass(frozen=True, slots=True)
class Found:
    """What a tool says: each document's cluster, who of them was kept, the pairs it stands by."""

    cluster: dict[int, int]
    is_kept: dict[int, bool]
    edges: list[Pair] | None

    @classmethod
    def read(cls, out: Path, truth: Truth) -> "Found":
        table = pq.read_table(out / "clusters.parquet")
        numbers = [truth.number_of[name] for name in table["id"].to_pylist()]
        roots = [truth.number_of[name] for name in table["cluster"].to_pylist()]
        edges = None
        if (out / "edges.parquet").exists():
            pairs = pq.read_table(out / "edges.parquet")
            sides = [
                [truth.number_of[name] for name in pairs[side].to_pylist()]
                for side in ("left", "right")
            ]
            edges = list(zip(*sides, strict=True))
        return cls(
            dict(zip(numbers, roots, strict=True)),
            dict(zip(numbers, table["is_kept"].to_pylist(), strict=True)),
            edges,
        )

    def joins(self, one: int, other: int) -> bool:
        """Whether both lie in one cluster."""
        root = self.cluster.get(one)
        return root is not None and root == self.cluster.get(other)


def quality(truth: Truth, found: Found, threshold: float) -> dict[str, Any]:
    """Recall and precision of one tool."""
    recall = {
        f"{low}-{high}": _recall(truth, found, low, high if high < 1 else _TOP)
        for low, high in BINS
    }
    copies = [(number, first) for number, first in enumerate(truth.same) if number != first]
    twins = [pair for pair, j in truth.jaccard.items() if j >= threshold and _in(pair, truth.pages)]
    return {
        "recall": recall | {"copies": _joined(found, copies)},
        "recall_from_.7": _recall(truth, found, 0.7, _TOP),
        "recall_from_.8": _recall(truth, found, 0.8, _TOP),
        "recall_on_sites": _joined(found, twins),
        **_edges(truth, found, threshold),
        **_clusters(truth, found, threshold),
    }


def _recall(truth: Truth, found: Found, low: float, high: float) -> Share:
    return _joined(found, [pair for pair, j in truth.jaccard.items() if low <= j < high])


def _joined(found: Found, pairs: list[Pair]) -> Share:
    return Share(sum(found.joins(*pair) for pair in pairs), len(pairs))


def _edges(truth: Truth, found: Found, threshold: float) -> dict[str, Any]:
    if found.edges is None:
        return {}
    similar = np.array([truth.similarity(*edge) for edge in found.edges])
    slack = threshold - _NEAR_THE_THRESHOLD
    return {
        "edge_precision": Share(int((similar >= threshold).sum()), len(similar)),
        "edge_precision_within_.02": Share(int((similar >= slack).sum()), len(similar)),
    }


def _clusters(truth: Truth, found: Found, threshold: float) -> dict[str, Any]:
    """Dropped documents by what they are to the kept one of their cluster.

    `alike`: similar enough to it; `chained`: not, but true pairs lead from one to the other;
    `wrong`: neither, so that a text is lost.
    """
    links = [pair for pair, j in truth.jaccard.items() if j >= threshold]
    root_of = components(links)
    roots = [root_of.get(first, first) for first in truth.same]
    kept = {found.cluster[number]: number for number, stays in found.is_kept.items() if stays}
    fate: Counter[str] = Counter()
    lost_pages = 0
    for number, stays in found.is_kept.items():
        if stays:
            continue
        stays_for = kept[found.cluster[number]]
        if truth.similarity(number, stays_for) >= threshold:
            fate["alike"] += 1
        elif roots[number] == roots[stays_for]:
            fate["chained"] += 1
        else:
            fate["wrong"] += 1
            lost_pages += number in truth.pages
    dropped = sum(fate.values())
    surplus = len(roots) - len(set(roots))
    return {
        "dropped": dropped,
        "alike": fate["alike"],
        "chained": fate["chained"],
        "wrong": fate["wrong"],
        "wrong_on_sites": lost_pages,
        "pages_on_sites": len(truth.pages),
        "cluster_precision": Share(fate["alike"], dropped),
        "cluster_precision_with_chains": Share(fate["alike"] + fate["chained"], dropped),
        "surplus_dropped": Share(fate["alike"] + fate["chained"], surplus),
        **_largest(truth, found, threshold),
    }


def _largest(truth: Truth, found: Found, threshold: float) -> dict[str, int]:
    """The largest cluster, and the most different texts that one kept document stands for without
    being like them: a chain."""
    members: dict[int, list[int]] = {}
    for number, root in found.cluster.items():
        members.setdefault(root, []).append(number)
    longest = 0
    for cluster in members.values():
        kept = next(number for number in cluster if found.is_kept[number])
        unlike = {
            truth.same[number] for number in cluster if truth.similarity(number, kept) < threshold
        }
        longest = max(longest, len(unlike))
    return {"largest_cluster": max(map(len, members.values()), default=0), "largest_chain": longest}


def markdown(rows: Iterable[dict[str, Any]]) -> str:
    """The tables of a run: cost, recall, precision."""
    rows = list(rows)
    parts = (
        _table(_cost_columns(row) for row in rows),
        _table(_recall_columns(row) for row in rows),
        _table(_precision_columns(row) for row in rows),
    )
    alone = (
        f"{row['tool']}, {stage} alone: {seconds:.1f} s, {row['documents'] / seconds:,.0f} a second"
        for row in rows
        for stage, seconds in row["stages"].items()
    )
    return "\n".join((*parts, *alone)) + "\n"


def goals(results: list[list[dict[str, Any]]]) -> str:
    """What was aimed at for Tahdhib, and what came of it; rows of one corpus after another."""
    lines = []
    ours = [row for rows in results for row in rows if row["tool"] == "tahdhib"]
    for row, rows in zip(ours, results, strict=False):
        name = f"{row['documents']:,} documents"
        for peer in rows:
            if peer["tool"] == "datatrove":
                times = peer["seconds"] / row["seconds"], peer["cpu_seconds"] / row["cpu_seconds"]
                text = f"{times[0]:.2f} times datatrove, {times[1]:.2f} by CPU seconds"
                lines.append(f"{name}: {text} (aim: 3)")
        lines.append(f"{name}: recall from .8 {row['recall_from_.8']} (aim: .95)")
        lines.append(f"{name}: recall from .7 {row['recall_from_.7']} (aim: .80)")
        lines.append(f"{name}: edge precision {row['edge_precision']} (aim: .99)")
        lines.append(
            f"{name}: peak memory {row['peak_bytes'] / 1e9:.2f} GB (aim at 1,000,000: 2.5)"
        )
    for small, large in pairwise(ours):
        ratio = large["seconds"] / small["seconds"]
        sizes = f"{large['documents']:,} documents took {ratio:.2f} times the time of"
        lines.append(f"{sizes} {small['documents']:,} (aim: 6)")
    return "".join(f"- {line}\n" for line in lines)


def _cost_columns(row: dict[str, Any]) -> dict[str, str]:
    seconds, cpu = row["seconds"], row["cpu_seconds"]
    return {
        "tool": row["tool"],
        "documents/s": f"{row['documents'] / seconds:,.0f}",
        "MB/s": f"{row['bytes'] / seconds / 1e6:.1f}",
        "s": f"{seconds:.1f}",
        "CPU s": f"{cpu:.1f}",
        "documents per CPU s": f"{row['documents'] / cpu:,.0f}",
        "peak MB": f"{row['peak_bytes'] / 1e6:,.0f}",
        "load before": f"{row['load']:.1f}",
        "cores busy with others": f"{row['others']:.2f}",
    }


def _recall_columns(row: dict[str, Any]) -> dict[str, str]:
    bins = {f"J {name}": str(share) for name, share in row["recall"].items()}
    return {
        "tool (recall)": row["tool"],
        **bins,
        "J ≥ .7": str(row["recall_from_.7"]),
        "J ≥ .8": str(row["recall_from_.8"]),
        "on sites, from the threshold": str(row["recall_on_sites"]),
    }


def _precision_columns(row: dict[str, Any]) -> dict[str, str]:
    return {
        "tool (precision)": row["tool"],
        "edges": str(row.get("edge_precision", "-")),
        "edges, .02 below": str(row.get("edge_precision_within_.02", "-")),
        "dropped, alike": str(row["cluster_precision"]),
        "or chained": str(row["cluster_precision_with_chains"]),
        "wrongly dropped": f"{row['wrong']:,}",
        "of them site pages": f"{row['wrong_on_sites']:,} of {row['pages_on_sites']:,}",
        "surplus gone": str(row["surplus_dropped"]),
        "largest cluster": str(row["largest_cluster"]),
        "largest chain": str(row["largest_chain"]),
    }


def _table(rows: Iterable[dict[str, str]]) -> str:
    rows = list(rows)
    head = list(rows[0])
    lines = [head, ["---"] * len(head), *(list(row.values()) for row in rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def _in(pair: Pair, numbers: frozenset[int]) -> bool:
    return pair[0] in numbers and pair[1] in numbers


def _records(path: Path) -> Iterator[dict[str, str]]:
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
