"""What a run would do to a corpus and cost, from a sample: no model, nothing written.

Every speed and price that enters is named with where it comes from, so that a reader can put in
their own.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tahdhib.conduct.conduct import Conduct
from tahdhib.conduct.rewrite import rewrite
from tahdhib.progress import Progress
from tahdhib.records import Document, Interval
from tahdhib.stages.ingest.peek import Peek
from tahdhib.stats.intervals import bootstrap_mean, wilson

CHARACTERS_PER_TOKEN = 3.0
"""Characters of Arabic text per token of a current multilingual vocabulary; about 4 in English."""

EDIT_TOKENS_PER_SECOND = 200_000
"""What the default edit worker rewrites per second on two cores, the gate included, in tokens as
they are counted here: the news run of docs/log.md, rounded down."""

PAPER_TOKENS_PER_GPU_HOUR = 10e9 / (2048 * 48)
"""Rewriting in arXiv 2412.03253, App. C: 10B tokens on 2,048 GPUs in 48 hours."""

_BOOTSTRAP = 1000


@dataclass(frozen=True, slots=True)
class Prices:
    """What money is reckoned with; all in one currency."""

    machine_hour: float
    gpu_hour: float
    million_tokens_in: float
    million_tokens_out: float


@dataclass(frozen=True, slots=True)
class RuleShare:
    """The share of documents on which a rule would act."""

    rule: str
    documents: int
    share: Interval
    edits: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What rewriting the whole corpus would take with one kind of worker."""

    worker: str
    hours: float
    unit: str
    money: float
    basis: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """The forecast; `tokens` and `documents` are of the whole corpus."""

    sampled: int
    documents: float
    faults: int
    tokens: Interval
    changed: Interval
    dropped: Interval
    rules: tuple[RuleShare, ...]
    costs: tuple[Cost, ...]


def estimate(
    peeked: Peek, conduct: Conduct, prices: Prices, *, seed: int, cores: int, progress: Progress
) -> Estimate:
    """Forecast from the sample in `peeked` what `conduct`'s rules would do, and what it costs."""
    documents = peeked.documents
    counts: Counter[str] = Counter()
    edits: Counter[str] = Counter()
    changed = dropped = 0
    start = time.perf_counter()
    with progress.task("estimate: rules", len(documents), "documents") as task:
        for document in documents:
            result = rewrite(document.text, conduct)
            by = [edit.by for edit in result.edits]
            counts.update(set(by))
            edits.update(by)
            changed += bool(by)
            dropped += result.drop_reason is not None
            task.advance()
    seconds = time.perf_counter() - start
    whole = peeked.whole_records * (1 - peeked.faults / max(1, peeked.records))
    tokens = _tokens(documents, whole, seed)
    rules = tuple(
        RuleShare(rule, count, wilson(count, len(documents)), edits[rule])
        for rule, count in counts.most_common()
    )
    return Estimate(
        sampled=len(documents),
        documents=whole,
        faults=peeked.faults,
        tokens=tokens,
        changed=wilson(changed, len(documents)),
        dropped=wilson(dropped, len(documents)),
        rules=rules,
        costs=_costs(tokens.estimate, whole, seconds / max(1, len(documents)), cores, prices),
    )


def _tokens(documents: Sequence[Document], whole: float, seed: int) -> Interval:
    lengths = [len(document.text) / CHARACTERS_PER_TOKEN for document in documents]
    mean = bootstrap_mean(lengths, seed=seed, repetitions=_BOOTSTRAP)
    return replace(
        mean, estimate=mean.estimate * whole, low=mean.low * whole, high=mean.high * whole
    )


def _costs(
    tokens: float, documents: float, rule_seconds: float, cores: int, prices: Prices
) -> tuple[Cost, ...]:
    rules = documents * rule_seconds / cores / 3600
    edit = tokens / EDIT_TOKENS_PER_SECOND / 3600
    causal = tokens / PAPER_TOKENS_PER_GPU_HOUR
    calls = tokens / 1e6 * (prices.million_tokens_in + prices.million_tokens_out)
    machine = f"{cores}-core hours"
    return (
        Cost("rules", rules, machine, rules * prices.machine_hour, "measured now on the sample"),
        Cost(
            "edit",
            edit,
            "2-core hours",
            edit * prices.machine_hour,
            f"{EDIT_TOKENS_PER_SECOND:,} tokens/s on two cores (docs/log.md)",
        ),
        Cost(
            "causal, as in the paper",
            causal,
            "GPU hours",
            causal * prices.gpu_hour,
            f"{PAPER_TOKENS_PER_GPU_HOUR:,.0f} tokens per GPU hour (2412.03253, App. C)",
        ),
        Cost(
            "teacher on every document", 0.0, "–", calls, "tokens in and out at the stated prices"
        ),
    )
