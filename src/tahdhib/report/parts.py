"""What the report shows, as plain data: no markup, no disk, nothing left to compute."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tahdhib.records import Interval
from tahdhib.report.diff import Excerpt
from tahdhib.report.trained import Models

FLOW = ("ingest", "dedup", "clean", "rewrite", "publish")
"""The stages that documents pass through; the others look on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader asks first, answered in sentences."""

    topic: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How often a code was given, and the code in words."""

    code: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage of the ledger; without an account where the run stopped before its end."""

    name: str
    words: str
    unit: str = ""
    came_in: int = 0
    went_out: int = 0
    drops: tuple[Count, ...] = ()
    notes: Mapping[str, int | float | str] = field(default_factory=dict)
    is_finished: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of web text with how it is to be set."""

    text: str
    direction: str
    language: str


@dataclass(frozen=True, slots=True)
class Doer:
    """A rule, or a worker acting without one, and how often it acted."""

    id: str
    is_rule: bool
    edits: int
    documents: int
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """A reason code, in words, and what the check saw."""

    code: str
    words: str
    detail: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A document before and after, cut down to its changes."""

    id: str
    direction: str
    language: str
    excerpt: Excerpt
    is_sensitive: bool
    whys: tuple[Why, ...] = ()
    toxicity: tuple[float, float] | None = None
    """What the witness says of it, before and after."""


@dataclass(frozen=True, slots=True)
class RefusalGroup:
    """Rewrites that the gate refused for one reason."""

    code: str
    words: str
    count: int
    samples: tuple[Sample, ...]
    measured: str = ""
    """How often its check refuses what should pass, where `gate calibrate` measured that."""


@dataclass(frozen=True, slots=True)
class DropSample:
    """A document that left, what was said of it, and the one that it lost to."""

    id: str
    passage: Passage
    detail: str
    other: str


@dataclass(frozen=True, slots=True)
class DropGroup:
    """What one stage dropped for one reason."""

    stage: str
    code: str
    words: str
    count: int
    samples: tuple[DropSample, ...]


@dataclass(frozen=True, slots=True)
class QuarantineSample:
    """A record that never became a document."""

    file: str
    line: int
    detail: str
    passage: Passage


@dataclass(frozen=True, slots=True)
class QuarantineGroup:
    """Records in quarantine for one reason."""

    code: str
    words: str
    count: int
    samples: tuple[QuarantineSample, ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Documents per bin, before and after; `edges` has one more entry than the counts."""

    edges: tuple[float, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Against:
    """The worker's change less a null rewriter's: the claim that the audit makes."""

    arm: str
    difference: Interval
    is_found: bool
    smallest: float


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure on one group of documents, before and after."""

    measure: str
    unit: str
    group: str
    words: str
    n: int
    before: Interval | None
    after: Interval | None
    arms: Mapping[str, Interval]
    against: tuple[Against, ...]
    histogram: Histogram | None
    is_evidence: bool = True
    family: str = ""
    """`preservation` for what a rewrite kept; empty for what is measured on both sides."""
    tells: str = ""
    changed: Interval | None = None
    """Share of rewrites that did not keep all, for a measure of preservation."""
    counts: tuple[int, ...] = ()
    """Rewrites by how much they kept, in equal steps from 0 to 1."""

    @property
    def kind(self) -> str:
        """What its documents have in common: `all`, `language`, `source`, `rule` …"""
        return self.group.partition("=")[0]

    @property
    def change(self) -> Interval | None:
        """The worker's mean change."""
        return self.arms.get("worker")


@dataclass(frozen=True, slots=True)
class WitnessSet:
    """How well the witness tells harmful from harmless text on one set of a language."""

    language: str
    words: str
    dataset: str
    is_natural: bool
    auroc: Interval


@dataclass(frozen=True, slots=True)
class KindShare:
    """The share of documents of one kind, before and after."""

    name: str
    before: Interval
    after: Interval
    change: Interval


@dataclass(frozen=True, slots=True)
class Spread:
    """How documents spread over kinds; `distance` is the total variation, `moved` the share of
    documents whose kind changed."""

    n: int
    shares: tuple[KindShare, ...]
    distance: Interval
    moved: Interval


@dataclass(frozen=True, slots=True)
class Word:
    """A word that goes or comes, and how often it stands on either side."""

    word: str
    direction: str
    language: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Drift:
    """What the rewrite does to the corpus as a whole."""

    dialects: Spread
    to_standard: Interval
    """Share of dialect documents that read as standard Arabic afterwards."""
    moves: tuple[tuple[str, str, int], ...]
    topics: Spread
    words: tuple[int, int]
    kinds: tuple[int, int]
    overlap: float
    lost: tuple[Word, ...]
    gained: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Domain:
    """How much of a sample is unlike the texts on which the witness was measured."""

    unlike: float
    n: int
    is_far: bool


@dataclass(frozen=True, slots=True)
class HumanQuestion:
    """What people said to one question: rates by answer, and how far they agree."""

    name: str
    words: str
    answered: int
    rates: tuple[tuple[str, Interval], ...]
    agreement: Interval | None
    twice: int
    """Tasks that more than one person answered."""


@dataclass(frozen=True, slots=True)
class Human:
    """The audit by people, read back."""

    tasks: int
    annotators: int
    answers: int
    questions: tuple[HumanQuestion, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """What the witness measured, and on what it was measured itself."""

    witness: str
    n: int
    seed: int
    repetitions: int
    sets: tuple[WitnessSet, ...]
    no_evidence: tuple[str, ...]
    """Languages of the corpus for which the witness is no evidence."""
    measures: tuple[Measure, ...]
    score: str = "toxicity"
    """The witness's score that the answers go by."""
    clusters: tuple[int, int] = (0, 0)
    """How many clusters the intervals go over, and the documents of the largest."""
    cluster_by: tuple[str, ...] = ()
    drift: Drift | None = None
    domain: Domain | None = None
    human: Human | None = None

    def of_kind(self, *kinds: str) -> tuple[Measure, ...]:
        """Measures on both sides of groups of these kinds."""
        return tuple(one for one in self.measures if one.kind in kinds and not one.family)

    @property
    def kept(self) -> tuple[Measure, ...]:
        """Measures of preservation over all rewritten documents."""
        return tuple(one for one in self.measures if one.family and one.kind == "all")


@dataclass(frozen=True, slots=True)
class CardFigure:
    """A worker's precision and recall on held-out pairs of one kind."""

    group: str
    words: str
    precision: Interval | None
    recall: Interval | None


@dataclass(frozen=True, slots=True)
class Card:
    """What the worker says of itself."""

    kind: str
    words: str
    figures: tuple[CardFigure, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule of the conduct and how often it acted."""

    id: str
    wording: Mapping[str, str]
    action: str
    severity: int
    edits: int
    documents: int
    dropped: int

    @property
    def has_acted(self) -> bool:
        """Whether it changed or dropped anything."""
        return bool(self.edits or self.dropped)


@dataclass(frozen=True, slots=True)
class Speed:
    """How a stage went on this machine."""

    stage: str
    units: int
    unit: str
    seconds: float
    peak_memory_bytes: int


@dataclass(frozen=True, slots=True)
class End:
    """How so many documents ended, and who decided."""

    state: str
    rung: str
    count: int


@dataclass(frozen=True, slots=True)
class Changed:
    """What the worker did to the corpus."""

    documents: int
    rewritten: int
    untouched: int
    kept: int
    dropped: int
    source_characters: int
    text_characters: int
    touched_characters: int
    doers: tuple[Doer, ...]
    samples: tuple[Sample, ...]
    ends: tuple[End, ...] = ()
    """By state and by the rung of the ladder that decided, the most documents first."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What the gate refused."""

    count: int
    groups: tuple[RefusalGroup, ...]


@dataclass(frozen=True, slots=True)
class Making:
    """How the run was made: all that is needed to make it again."""

    code_version: str
    conduct: str
    conduct_hash: str
    recipe_hash: str
    seed: str
    inputs: tuple[tuple[str, str, str], ...]
    """Path, size and hash of each input file."""
    inputs_left_out: int
    command: str
    recipe: str
    machine: tuple[tuple[str, str], ...]
    speeds: tuple[Speed, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """A whole report."""

    name: str
    worker: str
    answers: tuple[Answer, ...]
    cautions: tuple[str, ...]
    """Sentences that a reader must not miss: an unfinished run, a witness that is no evidence."""
    stages: tuple[StageLine, ...]
    changed: Changed | None
    refused: Refused | None
    audit: Audit | None
    card: Card | None
    rules: tuple[RuleLine, ...]
    drops: tuple[DropGroup, ...]
    quarantine: tuple[QuarantineGroup, ...]
    making: Making
    models: Models | None = None

    def stage(self, name: str) -> StageLine | None:
        """The line of a stage, or None."""
        return next((line for line in self.stages if line.name == name), None)

    @property
    def flow(self) -> tuple[StageLine, ...]:
        """The stages that documents pass through, as far as the run came."""
        return tuple(line for line in self.stages if line.is_finished and line.name in FLOW)
