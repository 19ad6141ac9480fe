"""The nouns of the project as frozen records. Nothing here imports anything of ours.

Offsets are Python string indices (code points) into the document's own text; `end` is
exclusive. An edit with `start == end` inserts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = Any
"""A JSON value: str, int, float, bool, None, list or dict of the same."""

State = Literal["untouched", "rewritten", "kept"]
"""Where a document stands after `rewrite`: its worker changed nothing, the gate let the
rewrite replace it, or the gate refused and the source was kept."""


@dataclass(frozen=True, slots=True)
class Document:
    """One text with its id and whatever the source said about it."""

    id: str
    text: str
    metadata: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch `[start, end)` of a text and why it was marked."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `text[start:end]` by `new`; `by` is the rule id or the worker behind it."""

    start: int
    end: int
    new: str
    by: str


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What a worker or teacher made of a document: its edits of the source, and the result.

    `drop_reason` is set when the conduct says that the document must go as a whole. `acting` are
    the ids of the rules that found something in the text, be it only on the way: they tell how the
    rewrite came about, and are no part of what it is.
    """

    text: str
    edits: tuple[Edit, ...]
    drop_reason: str | None = None
    acting: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Pair:
    """A document's text and a teacher's rewrite of it, the unit that workers learn from."""

    id: str
    source: str
    rewrite: str
    edits: tuple[Edit, ...]
    teacher: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the gate refused: a code of the gate's table, and what it saw."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's answer; accepted exactly when no check gave a reason."""

    reasons: tuple[Reason, ...] = ()

    @property
    def accepted(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its bounds; `level` is the coverage that the bounds aim at.

    `rough`: why the bounds cannot be relied on to hold the truth that often, as a clause ("too few
    clusters with a change …"); empty where they can. `tahdhib.stats.rough` decides.
    """

    estimate: float
    low: float
    high: float
    n: int
    level: float = 0.95
    rough: str = ""
